//! The LINE bot: what members see and tap, in chats and in groups.

use std::fs;
use std::time::Duration;

use serde_json::json;

use crate::support::bot::QUESTION;
use crate::support::knowledge::{assistant, base};
use crate::support::line::bot::{PUBLIC_URL, TestBot, options};
use crate::support::line::page::page;
use crate::support::line::{FakeLine, Fault, Sent, member};

/// A question with three choices.
const AMBIGUOUS: &str = "会員";

/// The sentence for messages without text.
const TEXT_ONLY: &str = "文字だけを読み取れます";

#[tokio::test]
async fn an_answer_is_a_flex_message_with_its_source_and_links() {
    let bot = TestBot::start().await;
    let answer = bot.ask("U7", QUESTION).await;
    assert_eq!(answer.messages.len(), 1, "{:?}", answer.messages);
    let message = &answer.messages[0];
    assert_eq!(message["type"], "flex");
    assert!(message["altText"].as_str().unwrap().contains("有料会員"));
    answer.assert_shows("出典：SELAS よくあるご質問");
    let entry = answer.press("y:");
    let entry = entry[2..].split('@').next().unwrap().to_owned();
    let page = format!("{PUBLIC_URL}/entries/{entry}");
    assert!(answer.links().contains(&page), "{:?}", answer.links());
    let links = answer.links();
    let share = links
        .iter()
        .find(|url| url.starts_with("https://line.me/R/share?text="));
    assert!(share.is_some_and(|url| url.ends_with(&entry)), "{links:?}");
    assert_eq!(
        answer.quick_replies(),
        ["解決した", "解決しなかった", "窓口を見る"]
    );
    bot.assert_counted(r#"madoguchi_answers_total{channel="line",outcome="answered"} 1"#);
}

#[tokio::test]
async fn choices_are_rows_and_quick_replies() {
    let bot = TestBot::start().await;
    let offered = bot.ask("U7", AMBIGUOUS).await;
    let labels = offered.quick_replies();
    assert!(
        labels[0].starts_with("1. ") && labels.len() >= 3,
        "{labels:?}"
    );
    assert!(labels.contains(&"この中にはない".to_owned()), "{labels:?}");
    let choices = offered.presses();
    let first = choices
        .iter()
        .find(|data| data.starts_with("e:0:"))
        .unwrap();
    // In the message and over the keyboard.
    assert_eq!(choices.iter().filter(|data| *data == first).count(), 2);
    // Also by its number, and by a press that comes later.
    let by_number = bot.ask("U7", "1").await;
    let id = first.trim_start_matches("e:0:");
    assert!(by_number.press("y:").starts_with(&format!("y:{id}@")));
    let chosen = bot.press("U8", &offered.press("e:0:")).await;
    assert_eq!(chosen.presses(), by_number.presses());
}

#[tokio::test]
async fn a_verdict_is_counted_once_for_each_answer() {
    let bot = TestBot::start().await;
    let answer = bot.ask("U7", QUESTION).await;
    let thanks = bot.press("U7", &answer.press("y:")).await;
    thanks.assert_shows("ありがとうございます");
    // A second press of the same button has no reply.
    bot.fake
        .deliver(bot.fake.postback("U7", &answer.press("y:")));
    let again = bot.ask("U7", QUESTION).await;
    let no = bot.press("U7", &again.press("n:")).await;
    no.assert_shows("お役に立てず");
    assert_eq!(bot.fake.sent_to("U7").len(), 4);
    bot.assert_counted(r#"madoguchi_feedback_total{channel="line",helpful="true"} 1"#);
    bot.assert_counted(r#"madoguchi_feedback_total{channel="line",helpful="false"} 1"#);
}

#[tokio::test]
async fn a_button_whose_target_is_gone_gets_a_sentence() {
    let bot = TestBot::start().await;
    for data in ["e:0:no-such-entry@1", "?", "m@1", "richmenu-x"] {
        let reply = bot.press("U7", data).await;
        reply.assert_shows("このボタンは使えなくなりました");
    }
}

#[tokio::test]
async fn words_are_commands() {
    let bot = TestBot::start().await;
    let topics = bot.ask("U7", "一覧").await;
    topics.assert_shows("分類をお選びください");
    let category = bot.press("U7", &topics.press("c:0:")).await;
    assert!(
        category
            .presses()
            .iter()
            .any(|data| data.starts_with("e:0:"))
    );
    let desks = bot.ask("U7", "窓口").await;
    desks.assert_shows("SELAS 事務局");
    assert!(
        desks.links().iter().any(|link| link.starts_with("tel:+81")),
        "{:?}",
        desks.links()
    );
    let help = bot.ask("U7", "使い方").await;
    help.assert_shows("メンション");
    assert_eq!(help.quick_replies(), ["一覧", "窓口", "使い方"]);
    bot.fake.set_language("U8", Some("en-GB"));
    let help = bot.ask("U8", "help").await;
    help.assert_shows("mention me");
    assert_eq!(help.quick_replies(), ["topics", "contact", "help"]);
}

#[tokio::test]
async fn no_answer_leads_to_the_desk_with_a_draft_to_copy() {
    let bot = TestBot::start().await;
    let answer = bot.ask("U7", "領収書がほしい、SELASの").await;
    answer.assert_shows("下書き");
    let links = answer.links();
    let draft = links.iter().find(|text| text.contains("ご担当者様"));
    assert!(
        draft.is_some_and(|text| text.contains("領収書がほしい")),
        "{links:?}"
    );
}

#[tokio::test]
async fn a_new_member_is_greeted_and_a_group_gets_the_help() {
    let bot = TestBot::start().await;
    let follow = json!({"follow": {"isUnblocked": false}});
    let greeting = bot
        .answer_to("U7", bot.fake.event("follow", member("U7"), follow))
        .await;
    greeting.assert_shows("こんにちは");
    greeting.assert_shows("よくご覧になるご質問");
    assert!(
        greeting
            .presses()
            .iter()
            .any(|data| data.starts_with("e:0:"))
    );
    let group = json!({"type": "group", "groupId": "C1"});
    let joined = bot
        .answer_to("C1", bot.fake.event("join", group, json!({})))
        .await;
    joined.assert_shows("メンション");
}

#[tokio::test]
async fn messages_without_text_get_one_sentence() {
    let bot = TestBot::start().await;
    for kind in ["image", "video", "audio", "file", "location", "sticker"] {
        let reply = bot.answer_to("U7", bot.file("U7", kind)).await;
        reply.assert_shows(TEXT_ONLY);
        assert_eq!(reply.messages.len(), 1, "{kind}");
    }
    // Nothing is sent for these.
    for kind in ["unfollow", "unsend", "memberLeft"] {
        bot.fake
            .deliver(bot.fake.event(kind, member("U8"), json!({})));
    }
    bot.ask("U8", QUESTION).await;
    assert_eq!(bot.fake.sent_to("U8").len(), 1);
}

#[tokio::test]
async fn in_a_group_the_bot_answers_mentions_and_replies_to_it() {
    let bot = TestBot::start().await;
    let text = format!("@窓口 {QUESTION}");
    let mention = |is_self| json!({"mentionees": [{"index": 0, "length": 3, "type": "user", "isSelf": is_self}]});
    for ignored in [
        json!({ "text": QUESTION }),
        json!({"text": text, "mention": mention(false)}),
        json!({"text": "だれの？", "quotedMessageId": "1"}),
    ] {
        bot.fake.deliver(bot.in_group("U7", ignored));
    }
    let asked = json!({"text": text, "mention": mention(true)});
    let answer = bot.answer_to("C1", bot.in_group("U7", asked)).await;
    let entry = answer.press("y:");
    let reply = json!({"text": "窓口", "quotedMessageId": answer.ids[0]});
    let desks = bot.answer_to("C1", bot.in_group("U8", reply)).await;
    desks.assert_shows("SELAS 事務局");
    // LINE does not always send the member of a group.
    let group = json!({"type": "group", "groupId": "C1"});
    let pressed = json!({"postback": {"data": entry}});
    let thanks = bot
        .answer_to("C1", bot.fake.event("postback", group, pressed))
        .await;
    thanks.assert_shows("ありがとうございます");
    assert_eq!(bot.fake.sent_to("C1").len(), 3);
    // LINE has no loading animation in groups.
    assert!(bot.fake.loading().is_empty());
}

#[tokio::test]
async fn the_language_is_that_of_the_profile_or_else_of_the_text() {
    let bot = TestBot::start().await;
    let english = "do i have to bring my own interpreter";
    for (number, (language, text, expected)) in [
        (Some("en"), QUESTION, "Here is the official answer"),
        (Some("zh-TW"), QUESTION, "Here is the official answer"),
        (None, QUESTION, "についてのお答えです"),
        (None, english, "I found some similar questions"),
        (Some("ja-JP"), english, "近いご質問が見つかりました"),
    ]
    .into_iter()
    .enumerate()
    {
        let user = format!("U1{number}");
        bot.fake.set_language(&user, language);
        bot.ask(&user, text).await.assert_shows(expected);
    }
    let before = bot.fake.profiles_read();
    bot.ask("U7", QUESTION).await;
    bot.ask("U7", QUESTION).await;
    assert_eq!(bot.fake.profiles_read(), before + 1);
    // An answer does not fail with the profile.
    bot.fake.fail("profile/U9", Fault::Internal);
    bot.ask("U9", QUESTION)
        .await
        .assert_shows("についてのお答えです");
}

#[tokio::test]
async fn the_messages_of_a_chat_are_answered_in_order_and_slow_ones_show_an_animation() {
    let bot = TestBot::start().await;
    bot.fake
        .fail("message/reply", Fault::Slow(Duration::from_millis(900)));
    let texts = [AMBIGUOUS, "2", "窓口", "一覧"];
    let events = texts.map(|text| bot.fake.text("U7", text));
    bot.fake.post(&events).await;
    // Others do not wait.
    let start = std::time::Instant::now();
    bot.ask("U8", QUESTION).await;
    assert!(
        start.elapsed() < Duration::from_millis(800),
        "{:?}",
        start.elapsed()
    );
    bot.next("U7", 3).await;
    let sent = bot.fake.sent_to("U7");
    assert!(sent[0].quick_replies()[0].starts_with("1. "));
    sent[1].press("y:");
    sent[2].assert_shows("SELAS 事務局");
    sent[3].assert_shows("分類をお選びください");
    assert_eq!(bot.fake.loading(), ["U7"]);
}

#[tokio::test]
async fn several_requests_are_answered_in_one_reply_with_buttons_of_their_own() {
    let bot = TestBot::start().await;
    let text = "有料会員をやめたい。あと、通訳は用意しなきゃだめ？";
    let answer = bot.ask("U7", text).await;
    assert!(answer.messages.len() >= 2, "{:?}", answer.messages);
    let data = answer.data();
    let yes: Vec<&String> = data.iter().filter(|data| data.starts_with("y:")).collect();
    assert_eq!(yes.len(), 2, "{data:?}");
    for data in yes {
        bot.press("U7", data)
            .await
            .assert_shows("ありがとうございます");
    }
    bot.assert_counted(r#"madoguchi_feedback_total{channel="line",helpful="true"} 2"#);
}

/// Starts a bot over the small knowledge with one more answer.
async fn with_answer(answer: &str) -> TestBot {
    let folder = base();
    let entries = fs::read_dir(folder.path()).unwrap();
    let desks = entries.map(|entry| entry.unwrap().path());
    let desk = desks.filter(|path| path.is_dir()).min().unwrap();
    let entry = format!(
        "[[entry]]\nid = \"long\"\ncategory = \"c\"\nquestion = \"長い答えはどれですか。\"\nanswer = \"\"\"\n{answer}\n\"\"\"\nsource = {{ document = \"d\", section = \"s\" }}\n"
    );
    fs::write(desk.join("long.toml"), entry).unwrap();
    TestBot::start_as(
        FakeLine::start().await,
        &assistant(folder.path()),
        options(),
    )
    .await
}

fn ink(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[tokio::test]
async fn a_long_answer_is_sent_whole() {
    for paragraphs in [40, 250] {
        let paragraph = |number| format!("第{number}条 {}", "これは長い規約の文です。".repeat(20));
        let paragraphs: Vec<String> = (0..paragraphs).map(paragraph).collect();
        let bot = with_answer(&paragraphs.join("\n\n")).await;
        let answer = bot.press("U7", "e:0:long@1").await;
        assert!(
            (2..=5).contains(&answer.messages.len()),
            "{}",
            answer.messages.len()
        );
        let shown = ink(&answer.text());
        for paragraph in &paragraphs {
            assert!(shown.contains(&ink(paragraph)), "{paragraph}");
        }
    }
}

#[tokio::test]
async fn nasty_answers_are_accepted_by_line() {
    let row = "| &lt;b&gt;&amp;amp; | [l](https://a.example/会費?a=b c) | 😀 |\n";
    let table = format!("| a |  | c |\n|---|---|---|\n{}", row.repeat(60));
    let url = "a".repeat(1_200);
    for answer in [
        table.as_str(),
        "-\n-\n- a\n\n1.\n\n> \n\n```\n```",
        "**a** <https://b.example/> [x](https://a.example) `c`",
        &format!("[長い](https://a.example/{url})"),
        "> > > - 1\n> > >   - 2\n> > >     - 3\n> > >       - 4\n\n# h\n## h2",
    ] {
        let bot = with_answer(answer).await;
        let sent = bot.press("U7", "e:0:long@1").await;
        sent.assert_shows("長い答えはどれですか。");
        assert_eq!(sent.messages[0]["type"], "flex", "{answer}");
    }
}

/// Writes the messages to `target/tmp/line.html`, to look at them in a browser.
#[tokio::test]
async fn the_messages_can_be_drawn_for_a_phone() {
    let bot = TestBot::start().await;
    let mut turns: Vec<(String, Sent)> = Vec::new();
    let follow = json!({"follow": {"isUnblocked": false}});
    let greeting = bot
        .answer_to("U7", bot.fake.event("follow", member("U7"), follow))
        .await;
    turns.push(("（友だち追加）".to_owned(), greeting));
    for text in [
        QUESTION,
        AMBIGUOUS,
        "有料会員と無料会員の違いは？",
        "領収書がほしい、SELASの",
        "SELASの会費ってどう払うん？あと、うちの営業にもアカウント足したいんやけど",
        "一覧",
        "窓口",
        "使い方",
        "死にたい",
    ] {
        turns.push((text.to_owned(), bot.ask("U7", text).await));
    }
    let html = page(&turns);
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/line.html");
    fs::write(file, &html).unwrap();
    assert!(html.contains("有料会員") && html.contains("class=quick"));
}
