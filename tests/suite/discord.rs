//! The Discord bot as a member sees it: answers, buttons, commands, forms, messages; over the
//! gateway and over the interactions endpoint.

use jiff::SignedDuration;
use madoguchi::channels::discord::Options;
use serde_json::{Value, json};

use crate::support::bot::QUESTION;
use crate::support::discord::bot::{TestBot, endpoint_options};
use crate::support::discord::member::Place;
use crate::support::discord::{BOT_ID, FakeDiscord, Member, Response};
use crate::support::knowledge::{assistant, base, shipped};

const CANCEL: &str = "有料会員の解約はどのように行えますか？";
const CANCEL_ID: &str = "selas-cancel-paid-membership";

/// Runs a test with a member over the gateway and over the interactions endpoint.
async fn both(test: impl AsyncFn(&TestBot, Member)) {
    test(&TestBot::start().await, Member::new(7)).await;
    test(&TestBot::start_endpoint().await, Member::new(7)).await;
}

/// Returns the text of a message and its embeds, with the backslashes of Markdown escapes removed.
pub(crate) fn text(message: &Value) -> String {
    let mut parts = vec![message["content"].as_str().unwrap_or_default()];
    for embed in message["embeds"].as_array().into_iter().flatten() {
        for part in [
            &embed["author"]["name"],
            &embed["title"],
            &embed["description"],
            &embed["footer"]["text"],
        ] {
            parts.extend(part.as_str());
        }
    }
    let text = parts.join("\n");
    let mut shown = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_escape = letter == '\\' && letters.peek().is_some_and(char::is_ascii_punctuation);
        shown.extend(if is_escape {
            letters.next()
        } else {
            Some(letter)
        });
    }
    shown
}

/// Returns the custom ids of a message and the values of its menus.
pub(crate) fn presses(message: &Value) -> Vec<String> {
    let mut presses = Vec::new();
    for row in message["components"].as_array().into_iter().flatten() {
        for part in row["components"].as_array().into_iter().flatten() {
            presses.extend(part["custom_id"].as_str().map(str::to_owned));
            for option in part["options"].as_array().into_iter().flatten() {
                presses.extend(option["value"].as_str().map(str::to_owned));
            }
        }
    }
    presses
}

fn has(message: &Value, press: &str) -> bool {
    presses(message).iter().any(|known| known == press)
}

/// Returns the first press with a prefix.
#[track_caller]
fn first(message: &Value, prefix: &str) -> String {
    let mut presses = presses(message).into_iter();
    let found = presses.find(|press| press.starts_with(prefix));
    found.unwrap_or_else(|| panic!("no `{prefix}` in {message}"))
}

/// Uses a command without options.
async fn command(bot: &TestBot, who: &Member, name: &str) -> Response {
    bot.interact(bot.fake.command(who, name, &json!({}))).await
}

#[track_caller]
fn assert_shows(message: &Value, words: &str) {
    let text = text(message);
    assert!(text.contains(words), "`{words}` is not in:\n{text}");
}

#[tokio::test]
async fn a_question_is_answered_privately_with_source_link_and_buttons() {
    both(async |bot, who| {
        let answer = bot.ask(&who, QUESTION).await;
        assert_eq!(answer.kind, 4);
        assert!(answer.is_ephemeral());
        let message = &answer.message;
        assert_shows(message, &format!("> {QUESTION}\n「{CANCEL}」"));
        assert_eq!(message["embeds"][0]["title"], CANCEL);
        let footer = message["embeds"][0]["footer"]["text"].as_str().unwrap();
        assert!(footer.starts_with("出典：SELAS よくあるご質問"), "{footer}");
        assert_shows(message, "https://selasjapan.jp/paid");
        for press in [
            format!("y:{CANCEL_ID}"),
            format!("n:0:{CANCEL_ID}"),
            format!("s:{CANCEL_ID}"),
            "d:selas".to_owned(),
        ] {
            assert!(has(message, &press), "{press}: {:?}", presses(message));
        }
        let related = first(message, "e:0:");
        let select = bot.fake.select(&who, message, "related", &[&related]);
        let next = bot.interact(select).await;
        assert!(next.is_ephemeral());
        let id = related.trim_start_matches("e:0:");
        assert!(has(&next.message, &format!("y:{id}")));
        // A follow-up question is understood from the question before.
        let other = Member::new(8);
        bot.ask(&other, "オンラインセミナーに参加するには").await;
        let follow_up = bot.ask(&other, "商談会だったら？").await;
        assert_shows(&follow_up.message, "オンライン商談会に参加する");
        bot.assert_counted(r#"madoguchi_answers_total{channel="discord",outcome="answered"} 4"#);
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_visible_to_all_on_request_and_in_direct_messages() {
    both(async |bot, who| {
        let options = json!({ "question": QUESTION, "public": true });
        let answer = bot.interact(bot.fake.command(&who, "ask", &options)).await;
        assert!(!answer.is_ephemeral());
        assert!(!has(&answer.message, &format!("s:{CANCEL_ID}")));
        // The response to a press is visible only to the member who pressed.
        let other = Member::new(8);
        let contact = bot.press(&other, &answer.message, "d:selas").await;
        assert!(contact.is_ephemeral());
        let alone = who.clone().at(Place::Dm);
        let answer = bot.ask(&alone, QUESTION).await;
        assert!(!answer.is_ephemeral());
        assert!(!has(&answer.message, &format!("s:{CANCEL_ID}")));
        let group = bot.ask(&who.at(Place::Group), QUESTION).await;
        assert!(group.is_ephemeral());
        assert!(!has(&group.message, &format!("s:{CANCEL_ID}")));
        // A draft is visible only to the member, too.
        let who = Member::new(9).at(Place::Group);
        let desk = bot
            .ask(
                &who,
                "SELASの領収書を ```` 発行してほしい ` *すぐに* \\ <@1>",
            )
            .await;
        let form = bot.press(&who, &desk.message, "下書きを直す").await;
        let draft = bot.interact(bot.fake.submit(&who, &form, &[])).await;
        assert!(draft.is_ephemeral());
    })
    .await;
}

#[tokio::test]
async fn choices_are_numbered_and_a_button_or_a_number_chooses() {
    both(async |bot, who| {
        let offered = bot.ask(&who, "会員").await;
        let choices = presses(&offered.message);
        let choices = choices.iter().filter(|press| press.starts_with("e:0:"));
        let choices: Vec<&String> = choices.collect();
        assert!((2..=3).contains(&choices.len()), "{choices:?}");
        assert!(has(&offered.message, "d"));
        assert_shows(&offered.message, "\n2. ");
        let chosen = bot.press(&who, &offered.message, choices[1]).await;
        let id = choices[1].trim_start_matches("e:0:");
        assert!(has(&chosen.message, &format!("y:{id}")));
        let other = Member::new(8);
        bot.ask(&other, "会員").await;
        let chosen = bot.ask(&other, "2").await;
        assert!(has(&chosen.message, &format!("y:{id}")));
    })
    .await;
}

/// Presses a button that updates its message; returns the response and the follow-up message.
async fn press_on(bot: &TestBot, who: &Member, message: &Value, what: &str) -> (Response, Value) {
    let pressed = bot.press(who, message, what).await;
    assert_eq!(pressed.kind, 7, "{}", pressed.body);
    let next = bot.fake.follow_up(&pressed.interaction).await;
    (pressed, next)
}

#[tokio::test]
async fn a_verdict_is_counted_once_and_a_second_no_leads_to_the_desk() {
    both(async |bot, who| {
        let answer = bot.ask(&who, QUESTION).await;
        let twice = bot.fake.press(&who, &answer.message, "解決した");
        let (pressed, thanks) = press_on(bot, &who, &answer.message, "解決した").await;
        assert_shows(&thanks, "ありがとうございます");
        assert!(!has(&pressed.message, &format!("y:{CANCEL_ID}")));
        assert!(!has(&pressed.message, &format!("n:0:{CANCEL_ID}")));
        assert!(has(&pressed.message, "d:selas"));
        assert_eq!(pressed.message["embeds"], answer.message["embeds"]);
        // The second press was sent before the buttons disappeared.
        assert_eq!(bot.interact(twice).await.kind, 7);

        let who = Member::new(8);
        let answer = bot.ask(&who, "有料会員になると何ができますか").await;
        let (_, others) = press_on(bot, &who, &answer.message, "解決しなかった").await;
        assert_shows(&others, "お役に立てず申し訳ありません");
        let chosen = bot.press(&who, &others, &first(&others, "e:1:")).await;
        let (_, desk) = press_on(bot, &who, &chosen.message, "n:1:").await;
        assert_shows(&desk, "窓口：SELAS 事務局");
        bot.assert_counted(r#"madoguchi_feedback_total{channel="discord",helpful="true"} 1"#);
        bot.assert_counted(r#"madoguchi_feedback_total{channel="discord",helpful="false"} 2"#);
    })
    .await;
}

#[tokio::test]
async fn buttons_work_after_a_restart_and_on_a_replica_without_memory() {
    let bot = TestBot::start().await;
    let who = Member::new(8);
    let answer = bot.ask(&who, "有料会員になると何ができますか").await;
    let (_, others) = press_on(&bot, &who, &answer.message, "解決しなかった").await;
    // Another process with the endpoint; interactions need no token.
    let restart = async |bot: TestBot| {
        let options = Options {
            token: Some(String::new()),
            ..endpoint_options()
        };
        let fake = bot.stop().await;
        TestBot::start_at(fake, shipped(), options).serve().await
    };
    let bot = restart(bot).await;
    let chosen = bot.press(&who, &others, &first(&others, "e:1:")).await;
    let bot = restart(bot).await;
    let (_, desk) = press_on(&bot, &who, &chosen.message, "n:1:").await;
    assert_shows(&desk, "窓口：SELAS 事務局");
    let bot = restart(bot).await;
    let form = bot.press(&who, &desk, "下書きを直す").await;
    assert_eq!(form.kind, 9);
    let bot = restart(bot).await;
    let submitted = bot.interact(bot.fake.submit(&who, &form, &[])).await;
    assert_shows(&submitted.message, "ご担当者様");
}

#[tokio::test]
async fn an_unknown_question_leads_to_the_desk_with_a_draft_to_edit() {
    both(async |bot, who| {
        let asked = "アリババの動画に ```字幕``` は付けられますか_?";
        let asked = format!("JETROの担当者に聞きたい: {asked}");
        let answer = bot.ask(&who, &asked).await;
        let answer = if has(&answer.message, "m:jetro") {
            answer
        } else {
            bot.ask(&who, "JETROの担当者と電話で話したい").await
        };
        assert_shows(&answer.message, "03-3582-8333");
        // The test clock is at Sunday 22 November 2026; the 23rd is a holiday.
        assert_shows(&answer.message, "11月24日");
        let form = bot.press(&who, &answer.message, "下書きを直す").await;
        assert_eq!(form.kind, 9);
        let values = form.body.to_string();
        assert!(values.contains("ご担当者様"), "{values}");
        let edited = [
            ("subject", "字幕の件"),
            ("body", "一行目\n二行目 ```x``` *y*"),
        ];
        let ready = bot.interact(bot.fake.submit(&who, &form, &edited)).await;
        assert!(ready.is_ephemeral());
        let code = ready.message["embeds"][0]["description"].as_str().unwrap();
        assert!(
            code.starts_with("```\n一行目\n二行目") && code.ends_with("*y*\n```"),
            "{code}"
        );
        assert_eq!(ready.message["embeds"][0]["author"]["name"], "字幕の件");
        assert_shows(
            &ready.message,
            "mailto:cse-pt-apply@jetro.go.jp?subject=%E5%AD%97",
        );
        assert_shows(&ready.message, "&body=%E4%B8%80%E8%A1%8C%E7%9B%AE%0D%0A");
        assert_shows(&ready.message, "03-3582-8333");
    })
    .await;
}

#[tokio::test]
async fn the_form_holds_the_draft_unchanged() {
    both(async |bot, who| {
        let asked = "SELASの領収書を ```` 発行してほしい ` *すぐに* \\ <@1>";
        let answer = bot.ask(&who, asked).await;
        let form = bot.press(&who, &answer.message, "下書きを直す").await;
        let inputs = form.body["components"].as_array().unwrap();
        let value = |index: usize| inputs[index]["components"][0]["value"].as_str().unwrap();
        assert!(value(1).contains(asked), "{}", value(1));
        assert!(value(0).starts_with("お問い合わせ："), "{}", value(0));
        assert!(
            has(&answer.message, "m:selas"),
            "{:?}",
            presses(&answer.message)
        );
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_shared_once_with_the_name_of_the_member() {
    both(async |bot, who| {
        let answer = bot.ask(&who, QUESTION).await;
        let again = bot.fake.press(&who, &answer.message, "みんなに見せる");
        let (pressed, shown) = press_on(bot, &who, &answer.message, "みんなに見せる").await;
        assert!(!has(&pressed.message, &format!("s:{CANCEL_ID}")));
        assert!(has(&pressed.message, &format!("y:{CANCEL_ID}")));
        assert_eq!(shown["flags"], 0);
        assert_shows(&shown, &format!("<@{}> さん", who.id));
        assert_eq!(shown["embeds"], answer.message["embeds"]);
        // The question of the member is not shown.
        assert!(!text(&shown).contains(QUESTION));
        assert!(!has(&shown, &format!("s:{CANCEL_ID}")));
        // The second press was sent before the button disappeared.
        let again = bot.interact(again).await;
        assert_eq!(again.kind, 7);
        // A message that is visible to all keeps its buttons for the others.
        for number in [8, 9] {
            let other = Member::new(number);
            let thanks = bot.press(&other, &shown, "y:").await;
            assert_eq!(thanks.kind, 4);
            assert_shows(&thanks.message, "ありがとうございます");
            assert!(thanks.is_ephemeral());
            assert_eq!(bot.press(&other, &shown, "y:").await.kind, 6);
        }
        bot.assert_counted(r#"madoguchi_feedback_total{channel="discord",helpful="true"} 2"#);
        assert!(bot.fake.follow_ups(&again.interaction).is_empty());
    })
    .await;
}

#[tokio::test]
async fn autocomplete_offers_entries_while_a_question_is_typed() {
    both(async |bot, who| {
        for (typed, expected) in [
            ("", CANCEL),
            ("解約", CANCEL),
            ("かいやく", CANCEL),
            ("つうや", "通訳を手配"),
        ] {
            let typing = bot.fake.autocomplete(&who, "ask", "question", typed);
            let completed = bot.interact(typing).await;
            assert_eq!(completed.kind, 8);
            let choices = completed.body["choices"].as_array().unwrap();
            let named = |choice: &&Value| choice["name"].as_str().unwrap().contains(expected);
            let found = choices.iter().find(named);
            let Some(found) = found else {
                assert!(
                    typed.is_empty() && !choices.is_empty(),
                    "{typed}: {choices:?}"
                );
                continue;
            };
            let answer = bot.ask(&who, found["value"].as_str().unwrap()).await;
            assert_shows(&answer.message, expected);
            assert!(!answer.message["content"].as_str().unwrap().starts_with('>'));
        }
        // A text without a match has no choices.
        let nothing = bot.fake.autocomplete(&who, "ask", "question", "%%%%");
        assert_eq!(bot.interact(nothing).await.body["choices"], json!([]));
        let gone = bot.ask(&who, "entry:no-such-entry").await;
        assert_shows(&gone.message, "使えなくなりました");
    })
    .await;
}

#[tokio::test]
async fn entries_are_found_by_category() {
    both(async |bot, who| {
        let topics = command(bot, &who, "topics").await;
        assert!(topics.is_ephemeral());
        let category = first(&topics.message, "c:0:");
        let select = bot
            .fake
            .select(&who, &topics.message, "topics", &[&category]);
        let opened = bot.interact(select).await;
        assert_eq!(opened.kind, 7);
        let entry = first(&opened.message, "e:0:");
        let select = bot
            .fake
            .select(&who, &opened.message, "questions", &[&entry]);
        let answer = bot.interact(select).await;
        assert_eq!(answer.kind, 4);
        let id = entry.trim_start_matches("e:0:");
        assert!(has(&answer.message, &format!("y:{id}")));
        let back = bot.press(&who, &opened.message, "t:0").await;
        assert_eq!(presses(&back.message), presses(&topics.message));
    })
    .await;
}

#[tokio::test]
async fn desks_and_help_are_shown_in_the_members_language() {
    both(async |bot, who| {
        let contact = command(bot, &who, "contact").await;
        assert!(contact.is_ephemeral());
        for words in ["窓口：SELAS 事務局", "03-3582-8333", "11月24日(火)"] {
            assert_shows(&contact.message, words);
        }
        let help = command(bot, &who, "help").await;
        assert_shows(&help.message, "`/質問`");
        for locale in ["en-US", "fr"] {
            let who = Member::new(9).with_locale(locale);
            let help = command(bot, &who, "help").await;
            assert_shows(&help.message, "`/ask` Ask a question");
            let answer = bot.ask(&who, QUESTION).await;
            assert_shows(&answer.message, "Here is the official answer");
            let (_, thanks) = press_on(bot, &who, &answer.message, "Yes, it helped").await;
            assert_shows(&thanks, "Thank you");
        }
    })
    .await;
}

#[tokio::test]
async fn the_answer_to_a_members_message_is_found_by_another_member() {
    both(async |bot, who| {
        let find = |text| bot.fake.context_command(&who, "Find the answer", text);
        let answer = bot.interact(find("有料会員ってどうやめるんだろう")).await;
        assert!(answer.is_ephemeral());
        assert_shows(&answer.message, CANCEL);
        let picture = bot.interact(find("")).await;
        assert_shows(&picture.message, "文字だけを読み取れます");
        let long = bot.interact(find(&"あ".repeat(1_900))).await;
        assert_shows(&long.message, "500文字以内");
    })
    .await;
}

#[tokio::test]
async fn unknown_buttons_get_an_explanation() {
    both(async |bot, who| {
        let answer = bot.ask(&who, QUESTION).await;
        for id in [
            "e:0:no-such-entry",
            "y:no-such-entry",
            "s:no-such",
            "v1|old",
            "e:",
            "c:0:no",
        ] {
            let part = json!({"custom_id": id, "type": 2, "id": 1});
            let old = bot
                .fake
                .use_part(&who, &answer.message, &part, &Value::Null);
            let gone = bot.interact(old).await;
            assert!(gone.is_ephemeral());
            assert_shows(&gone.message, "使えなくなりました");
        }
    })
    .await;
}

#[tokio::test]
async fn direct_messages_and_mentions_are_answered_and_nothing_else() {
    let bot = TestBot::start().await;
    let who = Member::new(7);
    let fake = &bot.fake;
    let message = fake.dm(&who, QUESTION);
    let reply = fake.reply_to(&message).await;
    assert_shows(&reply, CANCEL);
    assert!(!has(&reply, &format!("s:{CANCEL_ID}")));
    let pressed = bot
        .press(&who.clone().at(Place::Dm), &reply, "d:selas")
        .await;
    assert!(!pressed.is_ephemeral());
    let named = fake.mention(&who, QUESTION);
    let reply = fake.reply_to(&named).await;
    assert_shows(&reply, CANCEL);
    let sent = fake.calls("POST /channels").pop().expect("a message");
    assert_eq!(sent.body["message_reference"]["fail_if_not_exists"], false);
    assert_eq!(sent.body["allowed_mentions"]["replied_user"], false);
    let mut me = user(0);
    me["id"] = json!(BOT_ID.to_string());
    let old = fake.post_as(
        &who,
        &format!("<@!{BOT_ID}>\n{QUESTION}"),
        user(7),
        &[me.clone()],
    );
    assert_shows(&fake.reply_to(&old).await, CANCEL);
    let empty = fake.mention(&who, "");
    assert_shows(&fake.reply_to(&empty).await, "`/質問`");
    let english = fake.dm(&who, "how do I cancel my paid membership?");
    let english = fake.reply_to(&english).await;
    assert_shows(&english, "Here is the official answer");
    // Messages of other bots, messages to other members, and edits are ignored.
    let mut other = user(8);
    other["bot"] = json!(true);
    let ignored = [
        fake.guild_message(&who, QUESTION),
        fake.post_as(
            &who,
            &format!("<@{BOT_ID}> {QUESTION}"),
            other,
            &[me.clone()],
        ),
    ];
    fake.edit(&message, "年会費はいくらですか");
    let last = fake.dm(&who, QUESTION);
    fake.reply_to(&last).await;
    for id in &ignored {
        assert_eq!(fake.replies_to(id), 0);
    }
    assert_eq!(fake.replies_to(&message), 1);
    assert_eq!(fake.typings(), 0);
}

fn user(number: u64) -> Value {
    let id = 1_000_000_000_000_000_000 + number;
    json!({
        "id": id.to_string(), "username": "taro", "global_name": null, "discriminator": "0",
        "avatar": null, "avatar_decoration_data": null, "public_flags": 0, "bot": false,
    })
}

#[tokio::test]
async fn commands_are_registered_once_with_japanese_names_for_every_context() {
    let bot = TestBot::start().await;
    let puts = bot.fake.commands_puts();
    assert_eq!(puts.len(), 1);
    let commands = puts[0].as_array().unwrap();
    let names: Vec<(&str, &str)> = commands
        .iter()
        .map(|command| {
            let japanese = &command["name_localizations"]["ja"];
            (
                command["name"].as_str().unwrap(),
                japanese.as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("ask", "質問"),
        ("topics", "一覧"),
        ("contact", "窓口"),
        ("help", "使い方"),
        ("Find the answer", "答えを探す"),
    ];
    assert_eq!(names, expected);
    for command in commands {
        assert_eq!(command["contexts"], json!([0, 1, 2]));
        assert_eq!(command["integration_types"], json!([0, 1]));
    }
    let question = &commands[0]["options"][0];
    assert_eq!(question["name_localizations"]["ja"], "質問文");
    assert!(question["autocomplete"] == true && question["required"] == true);
    // They are not registered again.
    let fake = bot.stop().await;
    fake.allow_identify();
    let bot = TestBot::start_on(fake);
    bot.ready().await;
    assert_eq!(bot.fake.commands_puts().len(), 1);
}

#[tokio::test]
async fn markup_is_escaped_and_a_long_answer_is_split_over_messages() {
    let folder = base();
    let long = "とても長い説明です。".repeat(900);
    std::fs::write(
        folder.path().join("library/long.toml"),
        format!(
            r#"
[[entry]]
id = "nasty-entry"
category = "その他"
question = "*強調* と __下線__ と `記号` のことを教えてください"
answer = '''
&#42;&#42;太字でない&#42;&#42; &lt;@123&gt; ||伏せ字||

{long}
'''
source = {{ document = "文書", section = "節" }}
"#
        ),
    )
    .unwrap();
    let options = Options {
        public_url: Some("https://faq.example.jp".to_owned()),
        ..Options::default()
    };
    let bot = TestBot::start_at(
        FakeDiscord::start().await,
        &assistant(folder.path()),
        options,
    );
    bot.ready().await;
    let who = Member::new(7);
    let answer = bot.ask(&who, "entry:nasty-entry").await;
    let embed = &answer.message["embeds"][0];
    assert_eq!(embed["url"], "https://faq.example.jp/entries/nasty-entry");
    let title = embed["title"].as_str().unwrap();
    assert!(
        title.starts_with(r"\*強調\* と \_\_下線\_\_ と \`記号\`"),
        "{title}"
    );
    let description = embed["description"].as_str().unwrap();
    let expected = r"\*\*太字でない\*\* \<@123> \|\|伏せ字\|\|";
    assert!(description.starts_with(expected), "{description}");
    let rest = || {
        let follow_ups = bot.fake.follow_ups(&answer.interaction);
        let is_whole = follow_ups.iter().any(|page| has(page, "y:nasty-entry"));
        is_whole.then_some(follow_ups)
    };
    let rest = bot.fake.until("the rest", rest).await;
    let mut shown = text(&answer.message);
    for page in &rest {
        assert_eq!(page["flags"], 64);
        shown.push_str(&text(page));
    }
    assert_eq!(shown.matches("とても長い説明です。").count(), 900);
    assert!(!has(&answer.message, "y:nasty-entry"));
}

#[tokio::test]
async fn a_conversation_expires() {
    let bot = TestBot::start().await;
    let who = Member::new(7);
    bot.ask(&who, "オンラインセミナーに参加するには").await;
    bot.advance(SignedDuration::from_hours(1));
    let asked = bot.ask(&who, "商談会だったら？").await;
    assert!(!text(&asked.message).contains("オンラインセミナーに参加する"));
}
