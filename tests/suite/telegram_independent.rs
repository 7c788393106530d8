//! The tests' Bot API speaks with python-telegram-bot too, a client that shares no code with ours;
//! left out, and said so, where there is no `python3` with that package.

use std::io::{Write, stderr};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::knowledge::project;
use crate::support::telegram::{FakeTelegram, TOKEN, chat_of};

/// Another Python than `python3`.
const PYTHON: &str = "TELEGRAM_TEST_PYTHON";

#[tokio::test(flavor = "multi_thread")]
async fn an_independent_client_is_served() {
    let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
    let has_package = Command::new(&python)
        .args(["-c", "import telegram.ext"])
        .stderr(Stdio::null())
        .status();
    if !has_package.is_ok_and(|status| status.success()) {
        let missing = format!(
            "`{python}` has no python-telegram-bot; `pip install` it, or name another Python in {PYTHON}"
        );
        assert!(std::env::var_os("CI").is_none(), "{missing}");
        // Past the capture of output, so that nobody takes it for passed.
        let _ = writeln!(stderr(), "left out: tests/telegram_client.py: {missing}");
        return;
    }
    let fake = FakeTelegram::start().await;
    let mut command = Command::new(python);
    command.arg(project("tests/telegram_client.py"));
    command
        .args([&fake.url(), TOKEN])
        .env("NO_PROXY", "127.0.0.1");
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let child = child.expect("python starts");
    let user = json!({"id": 7, "is_bot": false, "first_name": "花子", "language_code": "ja"});
    let message = json!({
        "message_id": 900, "date": 1_795_000_000, "from": user, "chat": chat_of(7),
        "text": "解約したい",
    });
    // They wait until they are fetched.
    fake.push(json!({ "message": message }));
    fake.push(json!({ "callback_query": {
        "id": "p", "from": user, "message": message, "chat_instance": "1", "data": "e:a",
    }}));
    fake.push(json!({ "inline_query": {"id": "q", "from": user, "query": "a", "offset": ""} }));
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output()).await;
    let ended = ended.expect("a thread").expect("python ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    assert!(
        text(&ended.stdout).contains("done"),
        "{}",
        text(&ended.stderr)
    );
    // The client did on purpose what Telegram refuses.
    let wrong = fake.take_wrong();
    assert_eq!(wrong.len(), 6, "{wrong:#?}");
    assert!(fake.confirmed() >= 1_003);
}
