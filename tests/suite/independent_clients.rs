//! Independent clients in Python use the fakes of Telegram and Discord, to check them.

use std::time::Duration;

use serde_json::json;

use crate::support::discord::member::Place;
use crate::support::discord::{self, FakeDiscord, Member};
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
