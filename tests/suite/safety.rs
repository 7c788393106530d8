//! Messages about suicide, self-harm or violence get public help lines, in every channel and with
//! every knowledge; idioms and ordinary questions do not.

use std::fs;
use std::sync::Arc;

use madoguchi::answer::{Answer, Assistant, Conversation, Outcome};
use madoguchi::knowledge::{Language, load};
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::knowledge::{TODAY, assistant, base, now, project, question, shipped};
use crate::support::process::run;
use crate::support::{discord, line, telegram};

/// Messages about suicide or self-harm.
const SUICIDE: &[&str] = &[
    "子育てがつらくて死にたい",
    "もう死にたいです",
    "死んでしまいたい",
    "死んじゃいたいよ",
    "死にたくなってきました",
    "死にたかった。でもできなかった",
    "死に た い",
    "死にたーーーい",
    "ｼﾆﾀｲ",
    "しにたい",
    "もうしにたい",
    "しにてえ",
    "死にてぇ",
    "氏にたい",
    "shinitai",
    "mou shinitai",
    "i just feel shinitai",
    "消えてしまいたい",
    "もう消えたい",
    "きえてしまいたい",
    "消えてなくなりたいと毎日思います",
    "この世から消えたい",
    "もう生きていたくない",
    "生きたくないです",
    "生きているのがつらい",
    "生きてる意味がわからない",
    "生きていても仕方ない",
    "生まれてこなければよかった",
    "自分なんていないほうがいい",
    "いなくなったほうがいいのかな",
    "死んだほうがましだ",
    "死ねばいいのかな",
    "死のうと思っています",
    "楽に死ねる方法を教えて",
    "自殺したい",
    "息子が自殺をほのめかしています",
    "命を絶つことばかり考えてしまう",
    "首を吊りたい",
    "手首を切ってしまいました",
    "手首切っちゃった",
    "リスカがやめられない",
    "睡眠薬を大量に飲みました",
    "オーバードーズした",
    "ODしてしまった",
    "自分を傷つけてしまう",
    "このまま目が覚めなければいいのに",
    "人生を終わらせたい",
    "お世話になっております。先日は説明会をありがとうございました。会費の件で連絡しましたが、実は会社が倒産しそうで、もう死んでしまいたいです。よろしくお願いいたします。",
    "I want to die",
    "i wanna die",
    "I'm going to kill myself",
    "I don't want to live anymore",
    "I feel suicidal",
    "もう無理 kill myself",
    "我不想活了",
];

/// Messages about violence.
const VIOLENCE: &[&str] = &[
    "殺してやる",
    "お前ら全員殺してやるからな",
    "ぶっ殺すぞ",
    "ころしてやる",
    "上司を殺したい",
    "包丁で刺してやる",
    "夫に殺されるかもしれない",
    "夫に殴られています",
    "i will kill you",
];

/// Ordinary questions and idioms.
const ORDINARY: &[&str] = &[
    "死ぬほど忙しいので手短にお願いします",
    "死ぬほど忙しい",
    "電池が死んだ",
    "死亡届の出し方",
    "父が死にました。手続きを教えてください",
    "親が死んだのですがいい方法はありますか",
    "金魚が死んだ",
    "会員が死んだら資格はどうなりますか",
    "殺虫剤は輸出できますか",
    "殺菌済みの商品を登録したい",
    "ゴキブリを殺したい",
    "時間を殺すゲーム",
    "セーブデータが消えた",
    "登録した商品が消えてしまいました",
    "広告が消えてほしい",
    "アカウントを消したい",
    "この広告を消してしまいたい",
    "必死に探しています",
    "必死に頼んでもだめでした",
    "死角のないカメラを出品したい",
    "死活問題です",
    "死んだふりをする動物",
    "自殺予防の講演会はいつですか",
    "自殺対策の計画を見たい",
    "生きた魚を輸出できますか",
    "生きがいのある仕事を探したい",
    "いきたくない場合は欠席できますか",
    "申し込みをしたい",
    "変更したい",
    "内容を変更死体のですが",
    "話に対して返事がない",
    "はなしにたいしてへんじがない",
    "わたしにたいする説明",
    "担当者がいないときはどうしますか",
    "担当の方がいなくなったのですが",
    "手首のサポーターを売りたい",
    "薬を飲む時間",
    "首を長くして待っています",
    "釘を刺すようで恐縮です",
    "この機能は生きていますか",
    "死にたくないので安全な運送を選びたい",
    "killing two birds with one stone",
    "when is the deadline",
    "cancel my life insurance, i want to end my life insurance",
    "how do i kill a process",
    "i am dying to know the price",
    "overseas shipping to die-cast manufacturers",
];

fn ask(assistant: &Assistant, text: &str) -> Answer {
    assistant.answer_now(&question(text), Conversation::new(now()), now())
}

/// Returns the id of the danger that an answer replies to.
fn danger(assistant: &Assistant, answer: &Answer) -> Option<&'static str> {
    let dangers = &assistant.knowledge().safety.dangers;
    let replied = dangers.iter().find(|danger| {
        let reply = assistant
            .knowledge()
            .safety
            .reply(danger, Language::Japanese);
        answer.outcome == Outcome::Safety && answer.message == reply
    });
    match replied?.id.as_str() {
        "suicide" => Some("suicide"),
        "violence" => Some("violence"),
        other => panic!("{other}"),
    }
}

#[track_caller]
fn check(assistant: &Assistant) {
    let rows = |texts: &'static [&str], expected: Option<&'static str>| {
        texts.iter().map(move |text| (*text, expected))
    };
    let rows = rows(SUICIDE, Some("suicide"))
        .chain(rows(VIOLENCE, Some("violence")))
        .chain(rows(ORDINARY, None));
    let wrong = rows.filter_map(|(text, expected)| {
        let found = danger(assistant, &ask(assistant, text));
        (found != expected).then(|| format!("`{text}`: {found:?}, expected {expected:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn dangers_are_recognised_and_ordinary_questions_are_not() {
    check(shipped());
}

#[test]
fn a_folder_without_safety_toml_has_the_shipped_one() {
    let folder = base();
    assert!(!folder.path().join("safety.toml").exists());
    check(&assistant(folder.path()));
}

#[test]
fn no_question_of_the_sets_and_no_text_of_the_knowledge_is_taken_for_a_danger() {
    let mut questions = Vec::new();
    for file in fs::read_dir(project("tests/questions")).expect("the question sets") {
        let text = fs::read_to_string(file.expect("a set").path()).expect("a text");
        let texts = text.lines().filter_map(|line| line.split('\t').next());
        questions.extend(texts.map(str::to_owned));
    }
    let knowledge = shipped().knowledge();
    let variants = knowledge.entries.iter().flat_map(|entry| &entry.variants);
    let variants = variants
        .chain(knowledge.referrals.iter().flat_map(|it| &it.variants))
        .chain(knowledge.small_talk.iter().flat_map(|it| &it.variants))
        .chain(knowledge.hand_offs.iter().flat_map(|it| &it.variants))
        .chain(knowledge.out_of_scope.iter().flat_map(|it| &it.variants));
    questions.extend(variants.flat_map(|variant| variant.texts.clone()));
    assert!(questions.len() > 1_000, "{}", questions.len());
    for text in &questions {
        assert!(!shipped().is_danger(text), "{text}");
    }
}

#[test]
fn the_reply_has_every_help_line_and_nothing_of_the_faq() {
    for (language, greeting) in [
        (Language::Japanese, "ひとりで抱えずに"),
        (Language::English, "do not carry this alone"),
    ] {
        let text = madoguchi::answer::Question {
            language,
            ..question("死にたい")
        };
        let answer = shipped().answer_now(&text, Conversation::new(now()), now());
        assert!(answer.message.contains(greeting), "{}", answer.message);
        for value in [
            "0120-279-338",
            "0120-061-338",
            "0120-783-556",
            "0570-064-556",
            "https://www.mhlw.go.jp/mamorouyokokoro/",
            "110",
            "119",
        ] {
            assert!(answer.message.contains(value), "{value}");
        }
        assert!(!answer.message.contains(['{', '}']), "{}", answer.message);
        assert!(answer.entry.is_none() && answer.suggestions.is_empty());
        assert!(answer.escalation.is_none());
    }
}

#[test]
fn the_conversation_goes_on_after_the_reply() {
    let first = ask(shipped(), "オンラインセミナーに参加するには");
    let conversation = first.conversation.clone();
    let reply = shipped().answer_now(&question("死にたい"), conversation.clone(), now());
    assert_eq!(reply.conversation, conversation);
}

#[test]
fn a_file_in_the_folder_replaces_the_shipped_one() {
    let folder = base();
    let text = r#"
        [[help_line]]
        id = "town"
        name = { ja = "町の相談", en = "The town's line" }
        value = "03-0000-0000"
        source = "https://town.example/"
        checked = 2025-01-01

        [[danger]]
        id = "alone"
        variants = ["一人ぼっちで(寂しい|さびしい)"]
        exceptions = ["寂しい財布"]
        reply = { ja = "ご連絡ください。\n{help_lines}", en = "Please call.\n{help_lines}" }
        help_lines = ["town"]
    "#;
    fs::write(folder.path().join("safety.toml"), text).expect("a file");
    let problems = load(folder.path(), TODAY).problems;
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(
        texts[0].contains("was last checked on 2025-01-01"),
        "{texts:?}"
    );
    let assistant = assistant(folder.path());
    let answer = ask(&assistant, "一人ぼっちは寂しかった");
    assert_eq!(answer.message, "ご連絡ください。\n・町の相談 03-0000-0000");
    assert_ne!(ask(&assistant, "死にたい").outcome, Outcome::Safety);
}

#[tokio::test]
async fn the_api_returns_only_a_message_and_finds_nothing_while_typing() {
    let app = TestApp::start().await;
    let answer = app.ask_question("子育てがつらくて死にたい").await;
    assert_eq!(answer["outcome"], "small_talk");
    assert!(answer["message"].as_str().unwrap().contains("0120-279-338"));
    assert_eq!(answer["entry"], json!(null));
    assert_eq!(answer["suggestions"], json!([]));
    assert_eq!(answer["escalation"], json!(null));
    for path in ["/api/v1/suggest?q=死にたい", "/api/v1/search?q=死にたい"] {
        assert_eq!(app.json(path).await["total"], 0, "{path}");
    }
    let explained = app.json("/api/v1/explain?q=死にたい").await;
    assert_eq!(explained["decision"], "safety");
    assert_eq!(explained["subjects"], json!([]));
    let metrics = app.get("/metrics").await.text().await.unwrap();
    let counted = r#"madoguchi_answers_total{channel="web",outcome="safety"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn the_help_centre_shows_the_lines_as_links_and_no_entry() {
    let app = TestApp::start().await;
    let page = app
        .get("/search?q=死にたい&lang=ja")
        .await
        .text()
        .await
        .unwrap();
    for link in [
        "<a href=\"tel:0120-279-338\">0120-279-338</a>",
        "<a href=\"tel:119\">119</a>",
        "<a href=\"https://www.mhlw.go.jp/mamorouyokokoro/\">",
    ] {
        assert!(page.contains(link), "{link} is not in:\n{page}");
    }
    assert!(!page.contains("/entries/"), "{page}");
}

#[tokio::test]
async fn telegram_shows_the_lines_without_buttons_also_for_a_long_message() {
    let bot = telegram::bot::TestBot::start().await;
    for (chat, text) in [
        (7, "もう消えてしまいたい".to_owned()),
        (8, "長い話になります。".repeat(100) + "もう死にたいです。"),
    ] {
        let answer = bot.ask(chat, &text).await;
        answer.assert_shows("0120-279-338");
        assert!(answer.buttons().is_empty(), "{:?}", answer.buttons());
    }
    let offered = bot.inline("死にたい", "").await;
    assert_eq!(offered["results"], json!([]));
    bot.assert_counted(r#"madoguchi_answers_total{channel="telegram",outcome="safety"} 2"#);
}

#[tokio::test]
async fn discord_shows_the_lines_without_buttons() {
    use discord::bot::TestBot;
    for bot in [TestBot::start().await, TestBot::start_endpoint().await] {
        let answer = bot.ask(&discord::Member::new(7), "死にたい").await;
        let text = crate::discord::text(&answer.message);
        assert!(text.contains("0120-279-338"), "{text}");
        assert!(
            text.contains("https://www.mhlw.go.jp/mamorouyokokoro/"),
            "{text}"
        );
        assert!(crate::discord::presses(&answer.message).is_empty());
    }
}

#[tokio::test]
async fn line_shows_the_lines_without_buttons() {
    let bot = line::bot::TestBot::start().await;
    let answer = bot.ask("U7", "死にたい").await;
    // A text, in which LINE links numbers and addresses.
    assert_eq!(answer.messages[0]["type"], "text");
    answer.assert_shows("0120-279-338");
    answer.assert_shows("https://www.mhlw.go.jp/mamorouyokokoro/");
    assert!(answer.actions().is_empty(), "{:?}", answer.actions());
}

#[test]
fn the_command_line_prints_the_lines() {
    let ended = run(project("knowledge"), &["ask", "死にたい"]);
    ended.assert_code(0);
    ended.assert_prints(&["・よりそいホットライン（24時間） 0120-279-338"]);
    let ended = run(project("knowledge"), &["explain", "死にたい"]);
    ended.assert_code(0);
    ended.assert_prints(&["suicide"]);
}

#[test]
fn a_broken_phrase_never_stops_the_service() {
    // The search for phrases is built from texts of any kind.
    let mut knowledge = (**shipped().knowledge()).clone();
    let odd = ["??", "　　", "a", "😢😢", "かな", "漢"].map(str::to_owned);
    knowledge.safety.dangers[0].variants[0].texts = odd.to_vec();
    let (assistant, _) = Assistant::open(Arc::new(knowledge), None, None).expect("an index");
    assert_ne!(ask(&assistant, "").outcome, Outcome::Safety);
    assert_ne!(ask(&assistant, "😢").outcome, Outcome::Safety);
}
