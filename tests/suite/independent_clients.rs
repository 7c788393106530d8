//! Independent clients in Python use the fakes of Telegram, Discord and LINE, to check them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::bot::QUESTION;
use crate::support::discord::member::Place;
use crate::support::discord::{self, FakeDiscord, Member};
use crate::support::line::{self, FakeLine};
use crate::support::python::{self, Client};
use crate::support::telegram::{self, FakeTelegram, chat_of, user_of};

const TELEGRAM: Client = Client {
    script: "tests/telegram_client.py",
    package: "python-telegram-bot",
    module: "telegram.ext",
    python_variable: "TELEGRAM_TEST_PYTHON",
};

const DISCORD: Client = Client {
    script: "tests/discord_client.py",
    package: "discord.py",
    module: "discord",
    python_variable: "DISCORD_TEST_PYTHON",
};

const LINE: Client = Client {
    script: "tests/line_client.py",
    package: "line-bot-sdk",
    module: "linebot.v3.messaging",
    python_variable: "LINE_TEST_PYTHON",
};

#[tokio::test(flavor = "multi_thread")]
async fn line_and_its_bot_send_what_its_own_sdk_reads() {
    let bot = line::bot::TestBot::start().await;
    let fake = &bot.fake;
    let mut messages: Vec<Value> = Vec::new();
    for text in [
        QUESTION,
        "会員",
        "死にたい",
        "領収書がほしい、SELASの",
        "一覧",
        "窓口",
        "使い方",
    ] {
        messages.extend(bot.ask("U7", text).await.messages);
    }
    let other = FakeLine::start().await;
    let group = json!({"type": "group", "groupId": "C1", "userId": "U7"});
    let follow = json!({"follow": {"isUnblocked": false}});
    let events = [
        fake.text("U7", QUESTION),
        bot.file("U7", "image"),
        bot.file("U7", "video"),
        bot.file("U7", "audio"),
        bot.file("U7", "file"),
        bot.file("U7", "location"),
        bot.file("U7", "sticker"),
        bot.in_group(
            "U7",
            json!({"text": "@窓口 会費", "mention": {"mentionees": [
                {"index": 0, "length": 3, "type": "user", "isSelf": true},
            ]}}),
        ),
        fake.postback("U7", "y:a@1"),
        fake.event("follow", line::member("U7"), follow),
        fake.event("join", group, json!({})),
    ];
    let requests = events.map(|event| {
        let body = json!({"destination": "U00", "events": [event]}).to_string();
        let signature = line::signature(body.as_bytes());
        json!({"body": body, "signature": signature})
    });
    let tokens = [(); 2].map(|()| other.text("U7", QUESTION)["replyToken"].clone());
    let given = json!({
        "secret": line::SECRET, "token": line::TOKEN, "requests": requests, "messages": messages,
        "tokens": tokens,
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("given.json");
    std::fs::write(&file, given.to_string()).unwrap();
    let Some(child) = LINE.start([&other.url(), file.to_str().unwrap()]) else {
        return;
    };
    assert_eq!(
        python::finish(child).await,
        Ok(()),
        "{:#?}",
        other.take_violations()
    );
    // The client makes these calls to be refused.
    let violations = other.take_violations();
    assert_eq!(violations.len(), 5, "{violations:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn telegram_serves_an_independent_client() {
    let fake = FakeTelegram::start().await;
    let Some(child) = TELEGRAM.start([&fake.url(), telegram::TOKEN]) else {
        return;
    };
    let user = user_of(7);
    let message = json!({
        "message_id": 900, "date": 1_795_000_000, "from": user, "chat": chat_of(7),
        "text": "解約したい",
    });
    // The updates wait until the client fetches them.
    fake.push(json!({ "message": message }));
    fake.push(json!({ "callback_query": {
        "id": "p", "from": user, "message": message, "chat_instance": "1", "data": "e:a",
    }}));
    fake.push(json!({ "inline_query": {"id": "q", "from": user, "query": "a", "offset": ""} }));
    assert_eq!(python::finish(child).await, Ok(()));
    // The client makes these calls to be refused.
    let violations = fake.take_violations();
    assert_eq!(violations.len(), 6, "{violations:#?}");
    assert!(fake.confirmed() >= 1_003);
}

#[tokio::test(flavor = "multi_thread")]
async fn discord_serves_an_independent_client() {
    let fake = FakeDiscord::start().await;
    let Some(child) = DISCORD.start([&fake.url(), discord::TOKEN]) else {
        return;
    };
    let ended = tokio::spawn(python::finish(child));
    let actions = tokio::time::timeout(Duration::from_secs(60), act_as_members(&fake)).await;
    let ended = ended.await.expect("a task");
    assert!(actions.is_ok(), "{ended:?}\n{:#?}", fake.take_violations());
    assert_eq!(ended, Ok(()), "{:#?}", fake.take_violations());
    // The client makes these calls to be refused.
    let violations = fake.take_violations();
    assert_eq!(violations.len(), 10, "{violations:#?}");
}

/// Acts as members while the client runs, which checks the received events.
async fn act_as_members(fake: &FakeDiscord) {
    let who = Member::new(7);
    let commands = fake.registered().await;
    assert_eq!(commands.len(), 2);
    fake.ready(1).await;
    let typed = fake.autocomplete(&who, "ask", "question", "解約");
    let choices = fake.ask(typed).await;
    assert_eq!(choices.body["choices"][0]["value"], "e:a");

    let asked = fake.command(&who, "ask", &json!({"question": "解約したい"}));
    let answer = fake.ask(asked).await;
    assert!(answer.is_ephemeral());
    let pressed = fake.press(&who, &answer.message, "役に立った");
    let changed = fake.ask(pressed).await;
    assert_eq!(changed.kind, 7);
    assert_eq!(changed.message["content"], "ありがとう");
    let pressed = fake.press(&who, &changed.message, "modal:");
    let modal = fake.ask(pressed).await;
    let sent = fake
        .ask(fake.submit(&who, &modal, &[("件名", "会費")]))
        .await;
    assert_eq!(sent.message["content"], "会費/下書き");

    let group = who.clone().at(Place::Group);
    let found = fake.context_command(&group, "Find the answer", "会費はいくら");
    let found = fake.interact(found);
    fake.until("a deferral and an edit", || {
        let original = fake.original(&found)?;
        (original["content"] == "会費はいくら" && original["flags"] == 64).then_some(())
    })
    .await;
    let chosen = fake.select(&who, &fake.original(&found).unwrap(), "menu", &["二"]);
    assert_eq!(fake.ask(chosen).await.body["content"], "b");

    let dm = fake.dm(&who, "こんにちは");
    assert_eq!(fake.reply_to(&dm).await["content"], "DM: こんにちは");
    // Events during a lost connection follow after the RESUME, in order.
    fake.drop_sockets();
    fake.guild_message(&who, "だれか");
    let mention = fake.mention(&who, "会費");
    let reply = fake.reply_to(&mention).await;
    let edited = || {
        let now = fake.message(reply["id"].as_str()?)?;
        (now["content"] == "会費").then_some(())
    };
    fake.until("an edit", edited).await;
    assert_eq!(fake.identifies().len(), 1);
    assert!(
        fake.resumes()
            .iter()
            .all(|resume| resume.is_ok && resume.is_at_resume_url)
    );
    fake.reconnect();
    let again = || fake.resumes().len() >= 2;
    fake.until_true("a second RESUME", again).await;
    fake.ready(1).await;
    let last = fake.dm(&who, "さようなら");
    fake.reply_to(&last).await;
    fake.invalid_session(false);
    fake.allow_identify();
    let again = || fake.identifies().len() >= 2;
    fake.until_true("a second IDENTIFY", again).await;
    fake.ready(1).await;
    fake.dm(&who, "終わり");
}
