//! The fake Discord also serves discord.py, a client that shares no code with the bot; skipped, with
//! a notice, if there is no `python3` with that package.

use std::io::{Write, stderr};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::support::discord::member::Place;
use crate::support::discord::{FakeDiscord, Member, TOKEN};
use crate::support::knowledge::project;

/// Environment variable that names another Python than `python3`.
const PYTHON: &str = "DISCORD_TEST_PYTHON";

#[tokio::test(flavor = "multi_thread")]
async fn an_independent_client_is_served() {
    let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
    let has_package = Command::new(&python)
        .args(["-c", "import discord"])
        .stderr(Stdio::null())
        .status();
    if !has_package.is_ok_and(|status| status.success()) {
        let missing = format!(
            "`{python}` has no discord.py: `pip install` it, or set {PYTHON} to another Python"
        );
        assert!(std::env::var_os("CI").is_none(), "{missing}");
        // Written past the capture of output, so that the test does not look passed.
        let _ = writeln!(stderr(), "skipped: tests/discord_client.py: {missing}");
        return;
    }
    let fake = FakeDiscord::start().await;
    let mut command = Command::new(python);
    command
        .arg(project("tests/discord_client.py"))
        .args([&fake.url(), TOKEN])
        .env("NO_PROXY", "127.0.0.1");
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let child = child.expect("python starts");
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output());
    let talk = tokio::time::timeout(Duration::from_secs(60), talk(&fake)).await;
    let ended = ended.await.expect("a thread").expect("python ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let is_well = talk.is_ok() && ended.status.success();
    assert!(is_well, "{}\n{:#?}", text(&ended.stderr), fake.take_wrong());
    assert!(
        text(&ended.stdout).contains("done"),
        "{}",
        text(&ended.stderr)
    );
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
