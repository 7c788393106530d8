//! The fake Discord works with discord.py, too.

use std::time::Duration;

use serde_json::json;

use crate::support::discord::member::Place;
use crate::support::discord::{FakeDiscord, Member, TOKEN};
use crate::support::python;

/// The Python package, its module, and the variable that names another Python.
const CLIENT: (&str, &str, &str) = ("discord.py", "discord", "DISCORD_TEST_PYTHON");

#[tokio::test(flavor = "multi_thread")]
async fn the_fake_discord_serves_an_independent_client() {
    let fake = FakeDiscord::start().await;
    let script = "tests/discord_client.py";
    let Some(child) = python::start(script, CLIENT, [&fake.url(), TOKEN]) else {
        return;
    };
    let ended = tokio::spawn(python::finish(child));
    let talk = tokio::time::timeout(Duration::from_secs(60), talk(&fake)).await;
    let ended = ended.await.expect("a task");
    assert!(talk.is_ok(), "{ended:?}\n{:#?}", fake.take_wrong());
    assert_eq!(ended, Ok(()), "{:#?}", fake.take_wrong());
    // The client makes calls that Discord refuses, on purpose.
    let wrong = fake.take_wrong();
    assert_eq!(wrong.len(), 10, "{wrong:#?}");
}

/// The actions of members while the client runs, which checks the events that it receives.
async fn talk(fake: &FakeDiscord) {
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
