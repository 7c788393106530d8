//! The fake Bot API works with python-telegram-bot, too.

use serde_json::json;

use crate::support::python;
use crate::support::telegram::{FakeTelegram, TOKEN, chat_of};

/// The Python package, its module, and the variable that names another Python.
const CLIENT: (&str, &str, &str) = (
    "python-telegram-bot",
    "telegram.ext",
    "TELEGRAM_TEST_PYTHON",
);

#[tokio::test(flavor = "multi_thread")]
async fn the_fake_bot_api_serves_an_independent_client() {
    let fake = FakeTelegram::start().await;
    let script = "tests/telegram_client.py";
    let Some(child) = python::start(script, CLIENT, [&fake.url(), TOKEN]) else {
        return;
    };
    let user = json!({"id": 7, "is_bot": false, "first_name": "花子", "language_code": "ja"});
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
    let wrong = fake.take_wrong();
    assert_eq!(wrong.len(), 6, "{wrong:#?}");
    assert!(fake.confirmed() >= 1_003);
}
