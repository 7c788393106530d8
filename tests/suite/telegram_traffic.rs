//! The connection between the bot and Telegram: network errors, rate limits, floods, duplicates,
//! shutdown, the webhook; and no token in the log.

use std::time::{Duration, Instant};

use madoguchi::channels::telegram::{Limits, Webhook};
use serde_json::json;

use crate::support::bot::{
    LoadMemory, QUESTION, assert_not_logged, run_load, serve, stop_after_answer,
};
use crate::support::knowledge::{project, shipped};
use crate::support::process::Serving;
use crate::support::telegram::bot::{FAST, TestBot};
use crate::support::telegram::{FakeTelegram, Fault, TOKEN, chat_of, user_of};
use crate::support::{self, client};

#[tokio::test]
async fn calls_are_retried_after_a_lost_connection_or_an_error_of_a_proxy() {
    let fake = FakeTelegram::start().await;
    fake.fail("getme", None, Fault::Dropped);
    fake.fail("getupdates", None, Fault::Dropped);
    let bot = TestBot::start_at(fake, shipped(), FAST, None);
    for (chat, fault) in [(7, Fault::Dropped), (8, Fault::BadGateway)] {
        bot.fake.fail("sendmessage", None, fault);
        bot.ask(chat, QUESTION).await;
        assert_eq!(bot.sent_to(chat).len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_rate_limit_of_telegram_delays_only_its_chat() {
    let bot = TestBot::start().await;
    bot.fake.fail("sendmessage", Some(7), Fault::TooMany(2));
    bot.send(7, QUESTION);
    bot.fake.wait("sendmessage", 1).await;
    let start = Instant::now();
    bot.ask(8, QUESTION).await;
    assert!(
        start.elapsed() < Duration::from_millis(1_500),
        "{:?}",
        start.elapsed()
    );
    let answer = bot.next(7, 0).await;
    let calls = bot.fake.calls("sendmessage");
    let refused = calls.iter().find(|call| !call.is_ok).expect("the refusal");
    let waited = answer.at.duration_since(refused.at);
    assert!(waited >= Duration::from_millis(1_950), "{waited:?}");
    // Meanwhile the chat shows that the bot is typing.
    let typing = bot.fake.calls("sendchataction");
    assert!(typing.iter().any(|call| call.chat() == 7), "{typing:?}");
    assert!(
        typing
            .iter()
            .all(|call| call.chat() != 8 && call.body["action"] == "typing")
    );
}

#[tokio::test]
async fn a_rate_limit_of_telegram_delays_polling() {
    let fake = FakeTelegram::start().await;
    fake.fail("getupdates", None, Fault::TooMany(2));
    let bot = TestBot::start_at(fake, shipped(), FAST, None);
    let answer = bot.ask(7, QUESTION).await;
    // The call before polling.
    let before = bot.fake.calls("deletewebhook").remove(0);
    let waited = answer.at.duration_since(before.at);
    assert!(waited >= Duration::from_secs(2), "{waited:?}");
}

#[tokio::test]
async fn rate_limited_command_registration_delays_neither_polling_nor_a_shutdown() {
    let fake = FakeTelegram::start().await;
    fake.fail("setmycommands", None, Fault::TooMany(100));
    let bot = TestBot::start_at(fake, shipped(), FAST, None);
    bot.fake.wait("setmycommands", 1).await;
    let start = Instant::now();
    bot.ask(7, QUESTION).await;
    let fake = bot.stop().await;
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(fake.calls("setmycommands").len(), 1);
}

#[tokio::test]
async fn a_flood_in_one_chat_delays_no_other_chat_and_no_press() {
    let limits = Limits {
        chat_per_second: 1,
        ..FAST
    };
    let bot = TestBot::start_with(shipped(), limits).await;
    let answer = bot.ask(7, QUESTION).await;
    for _ in 0..300 {
        bot.send(7, QUESTION);
    }
    let press = bot.press(7, 7, &answer, &answer.press("y:"));
    let start = Instant::now();
    bot.notice(&press).await;
    bot.ask(8, QUESTION).await;
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    let sent = bot.sent_to(7);
    assert!(sent.len() < 20, "{}", sent.len());
    for pair in sent.windows(2) {
        assert!(pair[1].at.duration_since(pair[0].at) >= Duration::from_millis(900));
    }
}

#[tokio::test]
async fn updates_that_are_delivered_twice_are_answered_once() {
    let bot = TestBot::start().await;
    for _ in 0..3 {
        bot.fake.fail("getupdates", None, Fault::Twice);
    }
    for chat in 1..=30 {
        bot.send(chat, QUESTION);
    }
    bot.ask(99, QUESTION).await;
    for chat in 1..=30 {
        bot.next(chat, 0).await;
        assert_eq!(bot.sent_to(chat).len(), 1, "chat {chat}");
    }
}

#[tokio::test]
async fn fetched_updates_are_answered_and_confirmed_before_shutdown() {
    let bot = TestBot::start().await;
    bot.ask(1, QUESTION).await;
    for chat in 10..30 {
        bot.fake.fail(
            "sendmessage",
            Some(chat),
            Fault::Slow(Duration::from_millis(400)),
        );
    }
    let mut last = 0;
    for chat in 10..30 {
        last = bot.send(chat, QUESTION);
    }
    // The typing status shows that they are fetched and not answered yet.
    bot.fake.wait("sendchataction", 20).await;
    let fake = bot.stop().await;
    let sent = fake.sent();
    for chat in 10..30 {
        assert_eq!(sent.get(&chat), Some(&1), "chat {chat}");
    }
    assert_eq!(fake.confirmed(), last);
    // The next start does not answer them again.
    let bot = TestBot::start_at(fake, shipped(), FAST, None);
    bot.ask(1, QUESTION).await;
    assert_eq!(bot.fake.sent()[&10], 1);
}

#[test]
fn ten_thousand_updates_of_a_thousand_chats_are_each_answered_once() {
    let name = "telegram_traffic::ten_thousand_updates_of_a_thousand_chats_are_each_answered_once";
    run_load(name, load());
}

async fn load() {
    const CHATS: i64 = 1_000;
    let bot = TestBot::start().await;
    bot.fake.forget_calls();
    let questions = [
        "解約したい",
        "会費はいくら",
        "通訳は必要？",
        "こんにちは",
        "領収書がほしい",
    ];
    let mut memory = LoadMemory::new();
    for round in 1..=LoadMemory::ROUNDS {
        for chat in 1..=CHATS {
            let question = questions[usize::try_from(chat).unwrap() % questions.len()];
            bot.send(chat, question);
        }
        let sent = || bot.fake.sent().into_values().map(i64::from).sum::<i64>();
        let expected = CHATS * i64::try_from(round).unwrap();
        let is_done = || (sent() >= expected).then_some(());
        bot.fake.until("all answers", is_done).await;
        memory.end_round();
    }
    let fake = bot.stop().await;
    let sent = fake.sent();
    for chat in 1..=CHATS {
        assert_eq!(sent.get(&chat), Some(&10), "chat {chat}");
    }
    memory.check("10,000 updates of 1,000 chats", 10_000);
}

#[tokio::test]
async fn the_webhook_accepts_updates_with_the_secret_only() {
    const SECRET: &str = "0123456789abcdef-webhook";
    let fake = FakeTelegram::start().await;
    let webhook = Webhook {
        url: "https://faq.example.jp/telegram/hook".parse().unwrap(),
        secret: SECRET.to_owned(),
    };
    let mut bot = TestBot::start_at(fake, shipped(), FAST, Some(webhook));
    let router = bot.bot.running.router().expect("a route");
    let address = support::serve(router).await;
    bot.fake.set_hook(address);
    let (url, secret) = bot.fake.until("the webhook", || bot.fake.webhook()).await;
    assert_eq!(url, "https://faq.example.jp/telegram/hook");
    assert_eq!(secret, SECRET);
    bot.ask(7, QUESTION).await;

    let url = format!("http://{address}/telegram/hook");
    let update = json!({"update_id": 5, "message": bot.message("ja", 8, 8, QUESTION)});
    let post = async |secret: Option<&str>, body: Vec<u8>| {
        let mut request = client().post(&url).body(body);
        if let Some(secret) = secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
            request = request.header("content-type", "application/json");
        }
        request.send().await.unwrap().status().as_u16()
    };
    let update = update.to_string().into_bytes();
    let long = vec![b' '; 2 * 1024 * 1024];
    for (secret, body, expected) in [
        (Some(""), &update, 401),
        (Some("0123456789abcdef"), &update, 401),
        (Some("0123456789abcdef-webhooK"), &update, 401),
        (None, &update, 401),
        (Some(SECRET), &long, 413),
        (Some(SECRET), &b"{}".to_vec(), 200),
        (Some(SECRET), &update, 200),
        (Some(SECRET), &update, 200),
    ] {
        assert_eq!(post(secret, body.clone()).await, expected, "{secret:?}");
    }
    bot.next(8, 0).await;
    let fake = bot.stop().await;
    assert_eq!(fake.sent()[&8], 1);
    // The webhook stays: Telegram keeps updates for the next start.
    assert!(fake.webhook().is_some());
}

/// Checks that a log contains neither the token nor `text`.
fn assert_no_leak(log: &str, text: &str) {
    let (_, secret) = TOKEN.split_once(':').unwrap();
    assert_not_logged(log, &[secret, text]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_binary_answers_and_logs_neither_token_nor_question() {
    const SECRET: &str = "webhook-secret-of-the-tests";
    for (level, is_webhook) in [("", false), ("trace", false), ("", true)] {
        let fake = FakeTelegram::start().await;
        for method in ["getme", "getupdates", "setwebhook", "sendmessage"] {
            fake.fail(method, None, Fault::Dropped);
        }
        let api_url = fake.url();
        let mut settings = vec![
            ("MADOGUCHI_TELEGRAM_TOKEN", TOKEN),
            ("MADOGUCHI_TELEGRAM_API_URL", &api_url),
            ("RUST_LOG", level),
        ];
        if is_webhook {
            let url = "https://faq.example.jp/telegram/hook";
            settings.push(("MADOGUCHI_TELEGRAM_WEBHOOK_URL", url));
            settings.push(("MADOGUCHI_TELEGRAM_WEBHOOK_SECRET", SECRET));
        }
        let serving = serve(&settings, "Telegram bot ready").await;
        fake.set_hook(serving.address());
        assert_eq!(fake.webhook().is_some(), is_webhook);
        // The text of an update of an unknown kind must not be logged either.
        fake.push(json!({ "strange": {"text": QUESTION} }));
        fake.push(json!({ "message": {"text": QUESTION} }));
        fake.push(json!({ "message": {
            "message_id": 1, "date": 1_795_000_000, "text": QUESTION,
            "from": user_of(7), "chat": chat_of(7),
        }}));
        fake.until("an answer", || fake.sent().get(&7).copied())
            .await;
        if is_webhook {
            let url = format!("http://{}/telegram/hook", serving.address());
            for _ in 0..20 {
                let forged = client().post(&url).body("{}");
                let forged = forged.header("X-Telegram-Bot-Api-Secret-Token", "wrong");
                assert_eq!(forged.send().await.unwrap().status(), 401);
            }
        }
        let log = stop_after_answer(serving, "telegram").await;
        let forged = log.matches("requests with a wrong secret refused").count();
        assert_eq!(forged, usize::from(is_webhook), "{log}");
        assert!(log.contains("Telegram bot stopped"), "{log}");
        assert_not_logged(&log, &[SECRET]);
        assert_no_leak(&log, if level.is_empty() { QUESTION } else { TOKEN });
    }
}

/// Serves until the token is rejected after `provoke`, checks that the web still answers, and
/// returns the log.
async fn rejected(fake: &FakeTelegram, provoke: impl AsyncFn()) -> String {
    const MESSAGE: &str = "Telegram bot off: token rejected";
    let url = fake.url();
    let serving = tokio::task::spawn_blocking(move || {
        let environment = [
            ("MADOGUCHI_TELEGRAM_TOKEN", TOKEN),
            ("MADOGUCHI_TELEGRAM_API_URL", &*url),
        ];
        Serving::start(&project("knowledge"), &environment)
    });
    let mut serving = serving.await.unwrap();
    provoke().await;
    let log = tokio::task::spawn_blocking(move || {
        let logged = serving.log_line(MESSAGE);
        let hint = logged["hint"].as_str().unwrap_or_default();
        assert!(hint.contains("MADOGUCHI_TELEGRAM_TOKEN"), "{logged}");
        assert_eq!(serving.ask(QUESTION)["outcome"], "answered");
        serving.stop()
    });
    let log = log.await.unwrap();
    assert_eq!(log.matches(MESSAGE).count(), 1, "{log}");
    assert!(!log.contains("call failed"), "{log}");
    assert_no_leak(&log, QUESTION);
    log
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_token_is_logged_and_the_web_keeps_running() {
    let fake = FakeTelegram::start().await;
    fake.set_token("1:another");
    let log = rejected(&fake, async || {}).await;
    assert!(!log.contains("Telegram bot ready"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_while_polling_is_logged_and_the_web_keeps_running() {
    let fake = FakeTelegram::start().await;
    let provoke = async || {
        fake.wait("setmycommands", 2).await;
        fake.wait("deletewebhook", 1).await;
        fake.set_token("1:another");
        // Ends the current poll.
        fake.push(json!({ "strange": {} }));
    };
    let log = rejected(&fake, provoke).await;
    assert!(log.contains("Telegram bot ready"), "{log}");
    assert!(!log.contains("Telegram bot stopped"), "{log}");
}
