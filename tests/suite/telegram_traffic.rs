//! The connection between the bot and Telegram: network errors, rate limits, floods, duplicates,
//! shutdown, the webhook; and no token in the log.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use madoguchi::channels::telegram::{Limits, Webhook};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::app::shipped;
use crate::support::knowledge::project;
use crate::support::process::{Serving, finish, madoguchi};
use crate::support::telegram::bot::{FAST, TestBot};
use crate::support::telegram::{FakeTelegram, Fault, TOKEN};

const QUESTION: &str = "有料会員をやめたい";

#[tokio::test]
async fn calls_are_retried_after_a_lost_connection() {
    let fake = FakeTelegram::start().await;
    fake.fail("getme", None, Fault::Dropped);
    fake.fail("getupdates", None, Fault::Dropped);
    let bot = TestBot::start_at(fake, shipped(), FAST, None);
    bot.fake.fail("sendmessage", None, Fault::Dropped);
    bot.ask(7, QUESTION).await;
    assert_eq!(bot.sent_to(7).len(), 1);
}

#[tokio::test]
async fn an_answer_is_sent_again_after_an_error_of_a_proxy() {
    let bot = TestBot::start().await;
    bot.fake.fail("sendmessage", None, Fault::BadGateway);
    bot.ask(7, QUESTION).await;
    assert_eq!(bot.sent_to(7).len(), 1);
}

#[tokio::test]
async fn a_rate_limit_of_telegram_delays_only_its_chat() {
    let bot = TestBot::start().await;
    bot.fake.fail("sendmessage", Some(7), Fault::TooMany(2));
    bot.say(7, QUESTION);
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
async fn rate_limited_commands_delay_neither_polling_nor_a_shutdown() {
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
    let bot = TestBot::start_with(shipped(), limits, None).await;
    let answer = bot.ask(7, QUESTION).await;
    for _ in 0..300 {
        bot.say(7, QUESTION);
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
        bot.say(chat, QUESTION);
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
        last = bot.say(chat, QUESTION);
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

/// Runs the load in a process of its own, so that no other test uses its memory.
#[test]
fn ten_thousand_updates_of_a_thousand_chats_are_each_answered_once() {
    const CHILD: &str = "TELEGRAM_LOAD_CHILD";
    if std::env::var_os(CHILD).is_some() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(load());
        return;
    }
    let name = "telegram_traffic::ten_thousand_updates_of_a_thousand_chats_are_each_answered_once";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, "1");
    // With one arena per thread, the freed memory that is kept would depend on the machine.
    command.env("MALLOC_ARENA_MAX", "1");
    let ended = finish(command, b"");
    eprintln!("{}", ended.stderr);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(ended.stdout.contains("1 passed"), "{}", ended.stdout);
}

async fn load() {
    const CHATS: i64 = 1_000;
    const EACH: u32 = 10;
    let bot = TestBot::start().await;
    bot.fake.forget_calls();
    let questions = [
        "解約したい",
        "会費はいくら",
        "通訳は必要？",
        "こんにちは",
        "領収書がほしい",
    ];
    let start = Instant::now();
    let (mut early, mut most) = (0, 0);
    for round in 1..=EACH {
        for chat in 1..=CHATS {
            let question = questions[usize::try_from(chat).unwrap() % questions.len()];
            bot.say(chat, question);
        }
        let expected = round * u32::try_from(CHATS).unwrap();
        let done = || (bot.fake.sent().values().sum::<u32>() >= expected).then_some(());
        bot.fake.until("all answers", done).await;
        let memory = resident_kilobytes();
        // The state of every chat and the connections exist by then.
        if round == EACH / 2 {
            early = memory;
        }
        most = most.max(memory);
    }
    let seconds = start.elapsed().as_secs_f64();
    let fake = bot.stop().await;
    let sent = fake.sent();
    for chat in 1..=CHATS {
        assert_eq!(sent.get(&chat), Some(&EACH), "chat {chat}");
    }
    eprintln!(
        "10,000 updates of 1,000 chats in {seconds:.1} s ({:.0} a second); \
         {early} kB after 5,000, {most} kB at most",
        10_000.0 / seconds
    );
    assert!(
        most < early + 15_000,
        "{early} kB after 5,000 updates, {most} kB at most"
    );
}

/// Returns the memory of this process; 0 if the system does not report it.
fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

#[tokio::test]
async fn the_webhook_accepts_updates_with_the_secret_only() {
    const SECRET: &str = "0123456789abcdef-webhook";
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let fake = FakeTelegram::start().await;
    fake.set_hook(address);
    let webhook = Webhook {
        url: "https://faq.example.jp/telegram/hook".parse().unwrap(),
        secret: SECRET.to_owned(),
    };
    let mut bot = TestBot::start_at(fake, shipped(), FAST, Some(webhook));
    let router = bot.running.as_mut().unwrap().router().expect("a route");
    tokio::spawn(async move { axum::serve(listener, router).await });
    let (url, secret) = bot.fake.until("the webhook", || bot.fake.webhook()).await;
    assert_eq!(url, "https://faq.example.jp/telegram/hook");
    assert_eq!(secret, SECRET);
    bot.ask(7, QUESTION).await;

    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{address}/telegram/hook");
    let update = json!({"update_id": 5, "message": bot.message("ja", 8, 8, QUESTION)});
    let post = |secret: &str, body: Vec<u8>| {
        let request = client
            .post(&url)
            .header("X-Telegram-Bot-Api-Secret-Token", secret);
        let request = request
            .header("content-type", "application/json")
            .body(body)
            .send();
        async { request.await.unwrap().status().as_u16() }
    };
    let body = update.to_string().into_bytes();
    for wrong in ["", "0123456789abcdef", "0123456789abcdef-webhooK"] {
        assert_eq!(post(wrong, body.clone()).await, 401);
    }
    assert_eq!(
        client
            .post(&url)
            .body(body.clone())
            .send()
            .await
            .unwrap()
            .status(),
        401
    );
    assert_eq!(post(SECRET, vec![b' '; 2 * 1024 * 1024]).await, 413);
    assert_eq!(post(SECRET, b"{}".to_vec()).await, 200);
    assert_eq!(post(SECRET, body.clone()).await, 200);
    assert_eq!(post(SECRET, body).await, 200);
    bot.next(8, 0).await;
    let fake = bot.stop().await;
    assert_eq!(fake.sent()[&8], 1);
    // The webhook stays: Telegram keeps updates for the next start.
    assert!(fake.webhook().is_some());
}

/// Stops a process and returns its log.
fn log_of(serving: &mut Serving) -> String {
    serving.signal("TERM");
    assert!(serving.wait().success());
    serving.lines.join("\n")
}

fn assert_no_leak(log: &str, words: &str) {
    let (_, secret) = TOKEN.split_once(':').unwrap();
    assert!(!log.contains(secret), "the token is in the log:\n{log}");
    assert!(!log.contains(words), "`{words}` is in the log:\n{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_binary_answers_and_logs_neither_token_nor_question() {
    const SECRET: &str = "webhook-secret-of-the-tests";
    for (level, is_webhook) in [("", false), ("trace", false), ("", true)] {
        let fake = FakeTelegram::start().await;
        for method in ["getme", "getupdates", "setwebhook", "sendmessage"] {
            fake.fail(method, None, Fault::Dropped);
        }
        let mut environment = vec![
            ("MADOGUCHI_TELEGRAM_TOKEN", TOKEN.to_owned()),
            ("MADOGUCHI_TELEGRAM_API_URL", fake.url()),
            ("RUST_LOG", level.to_owned()),
        ];
        if is_webhook {
            let url = "https://faq.example.jp/telegram/hook".to_owned();
            environment.push(("MADOGUCHI_TELEGRAM_WEBHOOK_URL", url));
            environment.push(("MADOGUCHI_TELEGRAM_WEBHOOK_SECRET", SECRET.to_owned()));
        }
        let serving = tokio::task::spawn_blocking(move || {
            let pairs = environment
                .iter()
                .map(|(key, value)| (*key, value.as_str()));
            let pairs: Vec<(&str, &str)> = pairs.collect();
            let mut serving = Serving::start(&project("knowledge"), &pairs);
            serving.hear("Telegram bot ready");
            serving
        });
        let serving = serving.await.unwrap();
        fake.set_hook(serving.address());
        assert_eq!(fake.webhook().is_some(), is_webhook);
        // The words of an update of an unknown kind must not be logged either.
        fake.push(json!({ "strange": {"text": QUESTION} }));
        fake.push(json!({ "message": {"text": QUESTION} }));
        fake.push(json!({ "message": {
            "message_id": 1, "date": 1_795_000_000, "text": QUESTION,
            "from": {"id": 7, "is_bot": false, "first_name": "花子", "language_code": "ja"},
            "chat": {"id": 7, "first_name": "花子", "type": "private"},
        }}));
        fake.until("an answer", || fake.sent().get(&7).copied())
            .await;
        let log = tokio::task::spawn_blocking(move || {
            let mut serving = serving;
            let counted = serving.metrics();
            let answered = r#"channel="telegram",outcome="answered""#;
            assert!(counted.contains(answered), "{counted}");
            log_of(&mut serving)
        });
        let log = log.await.unwrap();
        assert!(log.contains("Telegram bot stopped"), "{log}");
        assert!(!log.contains(SECRET), "{log}");
        let words = if level.is_empty() { QUESTION } else { TOKEN };
        assert_no_leak(&log, words);
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
        let logged = serving.hear(MESSAGE);
        let hint = logged["hint"].as_str().unwrap_or_default();
        assert!(hint.contains("MADOGUCHI_TELEGRAM_TOKEN"), "{logged}");
        assert_eq!(serving.ask(QUESTION)["outcome"], "answered");
        log_of(&mut serving)
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

#[test]
fn invalid_settings_are_refused_and_not_printed() {
    for (name, value, expected) in [
        (
            "MADOGUCHI_TELEGRAM_TOKEN",
            "987654321:Fake Secret",
            "BotFather",
        ),
        (
            "MADOGUCHI_TELEGRAM_WEBHOOK_SECRET",
            "0123456789abcdef",
            "MADOGUCHI_TELEGRAM_TOKEN",
        ),
    ] {
        let index = tempfile::tempdir().unwrap();
        let mut command = madoguchi(Path::new(index.path()));
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env(name, value);
        let ended = finish(command, b"");
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
        assert!(!ended.stderr.contains(value), "{}", ended.stderr);
    }
}
