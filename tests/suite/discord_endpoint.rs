//! The interactions endpoint: only signed requests are served; and no token is ever logged.

use std::time::{Duration, Instant};

use madoguchi::channels::discord::{InvalidOptions, Options, Service, start};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::support::bot::{
    LoadMemory, QUESTION, assert_not_logged, run_load, serve, stop_after_answer,
};
use crate::support::client;
use crate::support::discord::bot::{TestBot, endpoint_options};
use crate::support::discord::transport::{Transport, public_key_hex, send, signed};
use crate::support::discord::{FakeDiscord, Fault, Member, TOKEN};
use crate::support::knowledge::{now, shipped};

/// Posts a body with optional headers of a signature.
async fn post(
    url: &str,
    signature: Option<&str>,
    timestamp: Option<&str>,
    body: Vec<u8>,
) -> StatusCode {
    let mut request = client()
        .post(url)
        .header("content-type", "application/json");
    if let Some(signature) = signature {
        request = request.header("X-Signature-Ed25519", signature);
    }
    if let Some(timestamp) = timestamp {
        request = request.header("X-Signature-Timestamp", timestamp);
    }
    let response = request.body(body).send().await;
    response.expect("a response").status()
}

#[tokio::test]
async fn only_signed_recent_new_requests_are_served() {
    let bot = TestBot::start_endpoint().await;
    let url = bot.url();
    let command = bot.fake.question(&Member::new(7), QUESTION);
    let body = || bot.fake.prepare(command.clone()).to_string();
    let at = u64::try_from(now().as_second()).unwrap();
    let valid = signed(&body(), at);
    let stale = signed(&body(), at - 301);
    let future = signed(&body(), at + 301);
    let early = signed(&body(), at - 299);
    let huge = signed(&"x".repeat(1024 * 1024), at);
    let unreadable = signed("{}", at);
    let other = signed(&body(), at + 1);
    let upper = (valid.0.to_uppercase(), valid.1.clone(), valid.2.clone());
    let flipped = (valid.0.clone(), other.1.clone(), valid.2.clone());
    let swapped = (valid.0.clone(), valid.1.clone(), other.2.clone());
    let truncated = (valid.0[..126].to_owned(), valid.1.clone(), valid.2.clone());
    let short = (
        other.0.clone(),
        other.1.clone(),
        other.2[..other.2.len() - 1].to_owned(),
    );
    let text = (other.0.clone(), "now".to_owned(), other.2.clone());
    let nonsense = ("zz".repeat(64), other.1.clone(), other.2.clone());
    let zero = ("00".repeat(64), other.1.clone(), other.2.clone());
    for (name, (signature, timestamp, body), expected) in [
        ("valid", &valid, 200),
        ("replayed", &valid, 401),
        ("replayed in capitals", &upper, 401),
        ("another time", &flipped, 401),
        ("another body", &swapped, 401),
        ("truncated signature", &truncated, 401),
        ("truncated body", &short, 401),
        ("no time", &text, 401),
        ("no digits", &nonsense, 401),
        ("zeros", &zero, 401),
        ("stale", &stale, 401),
        ("from the future", &future, 401),
        ("early enough", &early, 200),
        ("huge", &huge, 413),
        ("unreadable", &unreadable, 400),
        ("valid again", &other, 200),
    ] {
        let body = body.clone().into_bytes();
        let status = post(url, Some(signature), Some(timestamp), body).await;
        assert_eq!(status.as_u16(), expected, "{name}");
    }
    let third = signed(&body(), at);
    let bytes = || third.2.clone().into_bytes();
    for (signature, timestamp) in [
        (None, None),
        (Some(&*third.0), None),
        (None, Some(&*third.1)),
        (Some(""), Some("")),
    ] {
        assert_eq!(post(url, signature, timestamp, bytes()).await, 401);
    }
    // A rejected request does not count as a repetition.
    assert_eq!(
        post(url, Some(&third.0), Some(&third.1), bytes()).await,
        200
    );
    bot.assert_counted(r#"outcome="answered"} 4"#);
}

/// Anybody can send a body without a valid signature, and leave it unfinished.
#[tokio::test]
async fn unsigned_bodies_are_bounded_in_number() {
    let bot = TestBot::start_endpoint().await;
    let at = u64::try_from(now().as_second()).unwrap();
    let address = bot.url().strip_prefix("http://").unwrap();
    let (address, path) = address.split_once('/').unwrap();
    let signature = "00".repeat(64);
    let head = format!(
        "POST /{path} HTTP/1.1\r\nhost: a\r\nx-signature-ed25519: {signature}\r\nx-signature-timestamp: {at}\r\ncontent-length: 200000\r\n\r\n"
    );
    let mut unfinished = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        unfinished.push(stream);
    }
    // An interaction of the usual length is not affected.
    let command = bot.fake.question(&Member::new(7), QUESTION);
    let body = bot.fake.prepare(command).to_string();
    let (signature, timestamp, body) = signed(&body, at);
    let body = body.into_bytes();
    let status = post(bot.url(), Some(&signature), Some(&timestamp), body).await;
    assert_eq!(status, 200);
    let mut refused = 0;
    for stream in &mut unfinished {
        let mut response = [0; 12];
        stream.read_exact(&mut response).await.unwrap();
        refused += usize::from(&response == b"HTTP/1.1 503");
    }
    assert!(refused > 0, "200 bodies were received at once");
}

#[test]
fn five_thousand_interactions_a_thousand_at_once_are_answered_or_refused() {
    let name =
        "discord_endpoint::five_thousand_interactions_a_thousand_at_once_are_answered_or_refused";
    run_load(name, load());
}

async fn load() {
    const AT_ONCE: u64 = 1_000;
    const ROUNDS: u64 = 5;
    /// Time for which Discord waits. A build for tests is about ten times slower, and shares the machine
    /// with other tests.
    const TIME_LIMIT: Duration = Duration::from_secs(3);
    let bot = TestBot::start_endpoint().await;
    let at = u64::try_from(now().as_second()).unwrap();
    let client = client();
    let mut memory = LoadMemory::new();
    let (mut refused, mut slowest) = (0, Duration::ZERO);
    for round in 0..ROUNDS {
        let requests = (0..AT_ONCE).map(|number| {
            let mut payload = bot.fake.question(&Member::new(number), QUESTION);
            payload["id"] = json!((round * AT_ONCE + number + 1).to_string());
            payload["application_id"] = json!("2");
            payload["token"] = json!("x");
            payload["version"] = json!(1);
            let (signature, timestamp, body) = signed(&payload.to_string(), at);
            let request = client.post(bot.url()).body(body);
            let request = request.header("X-Signature-Ed25519", signature);
            request.header("X-Signature-Timestamp", timestamp)
        });
        let requests: Vec<_> = requests.collect();
        let answers: Vec<_> = requests
            .into_iter()
            .map(|request| {
                tokio::spawn(async move {
                    let start = Instant::now();
                    let response = request.send().await.expect("a response");
                    let status = response.status();
                    let body = response.text().await.expect("a body");
                    (status, body, start.elapsed())
                })
            })
            .collect();
        for answer in answers {
            let (status, body, took) = answer.await.unwrap();
            slowest = slowest.max(took);
            if status == StatusCode::SERVICE_UNAVAILABLE {
                refused += 1;
                continue;
            }
            assert_eq!(status, StatusCode::OK, "{body}");
            let answer: Value = serde_json::from_str(&body).unwrap();
            assert_eq!(answer["type"], 4, "{body}");
            assert!(body.contains("selas-cancel-paid-membership"), "{body}");
        }
        memory.end_round();
    }
    let figures = format!(
        "5,000 signed interactions, 1,000 at once ({refused} refused, the slowest {slowest:.0?})"
    );
    memory.check(&figures, 5_000);
    if !cfg!(debug_assertions) {
        assert!(slowest < TIME_LIMIT, "{figures}");
        assert!(refused < 500, "{figures}");
    }
}

#[tokio::test]
async fn a_ping_is_answered_without_a_gateway() {
    let bot = TestBot::start_endpoint().await;
    let url = bot.url();
    let ping = json!({
        "id": "1", "application_id": "2", "type": 1, "token": "x", "version": 1, "user": null,
    });
    let at = u64::try_from(now().as_second()).unwrap();
    let (status, _, body) = send(url, &ping.to_string(), at).await;
    assert_eq!(status, 200, "{body}");
    let answer: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(answer["type"], 1);
    let fake = bot.stop().await;
    assert!(fake.identifies().is_empty());
    assert!(fake.calls("GET /gateway").is_empty());
    // The token serves to register the commands.
    assert_eq!(fake.commands_puts().len(), 1);
}

#[tokio::test]
async fn a_shutdown_waits_for_follow_ups() {
    let bot = TestBot::start_endpoint().await;
    let who = Member::new(7);
    let answer = bot.ask(&who, QUESTION).await;
    bot.fake.fail_next("POST /webhooks", Fault::TooMany(0.5));
    let pressed = bot.press(&who, &answer.message, "n:0:").await;
    let fake = bot.stop().await;
    assert_eq!(fake.follow_ups(&pressed.interaction).len(), 1);
}

#[tokio::test]
async fn a_rejected_token_does_not_affect_the_endpoint() {
    let fake = FakeDiscord::start().await;
    fake.set_token("another.token.altogether");
    let bot = TestBot::start_at(fake, shipped(), endpoint_options());
    let bot = bot.serve().await;
    let answer = bot.ask(&Member::new(7), QUESTION).await;
    assert!(answer.message.to_string().contains("解約"));
    let fake = bot.stop().await;
    assert!(fake.commands_puts().is_empty());
}

#[tokio::test]
async fn missing_and_invalid_options_are_rejected() {
    for (options, expected) in [
        (Options::default(), InvalidOptions::Nothing),
        (
            Options {
                public_key: Some("f".repeat(63)),
                ..Options::default()
            },
            InvalidOptions::PublicKey,
        ),
    ] {
        let service = Service {
            assistant: std::sync::Arc::new(arc_swap::ArcSwap::new(shipped().clone())),
            metrics: std::sync::Arc::default(),
            records: madoguchi::records::Recorder::off(),
        };
        let stop = CancellationToken::new();
        assert_eq!(start(service, options, stop).err(), Some(expected));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_binary_answers_and_logs_neither_token_nor_question() {
    for (level, is_endpoint) in [("", false), ("trace", false), ("", true), ("trace", true)] {
        let fake = FakeDiscord::start().await;
        for path in ["GET /oauth2", "PUT /applications"] {
            fake.fail_next(path, Fault::Dropped);
        }
        let (api_url, public_key) = (fake.url(), public_key_hex());
        let mut settings = vec![
            ("MADOGUCHI_DISCORD_TOKEN", TOKEN),
            ("MADOGUCHI_DISCORD_API_URL", &api_url),
            ("RUST_LOG", level),
        ];
        if is_endpoint {
            settings.push(("MADOGUCHI_DISCORD_PUBLIC_KEY", &public_key));
        }
        let serving = serve(&settings, "Discord bot ready").await;
        fake.registered().await;
        let who = Member::new(7);
        let ask = fake.question(&who, QUESTION);
        let transport = if is_endpoint {
            Transport::endpoint(serving.address())
        } else {
            fake.ready(1).await;
            // Unreadable events with a member's words must not be logged either.
            for name in ["MESSAGE_CREATE", "INTERACTION_CREATE"] {
                let event = json!({ "content": QUESTION, "type": QUESTION, "id": [TOKEN] });
                fake.send_event(name, &event);
            }
            fake.fail_next("POST /interactions", Fault::Dropped);
            fake.fail_next("POST /channels", Fault::Dropped);
            Transport::Gateway
        };
        let answer = transport.interact(&fake, ask).await;
        fake.fail_next("POST /webhooks", Fault::Dropped);
        let press = fake.press(&who, &answer.message, "n:0:");
        let pressed = transport.interact(&fake, press).await;
        fake.follow_up(&pressed.interaction).await;
        if !is_endpoint {
            let message = fake.dm(&who, QUESTION);
            fake.reply_to(&message).await;
            fake.drop_sockets();
            let message = fake.dm(&who, QUESTION);
            fake.reply_to(&message).await;
        }
        let log = stop_after_answer(serving, "discord").await;
        assert!(log.contains("Discord bot stopped"), "{log}");
        let (_, secret) = TOKEN.split_once('.').unwrap();
        let text = if level.is_empty() { QUESTION } else { TOKEN };
        assert_not_logged(&log, &[secret, "Interaction-Secret", text]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_the_endpoint_serves_and_the_missing_token_is_logged() {
    let fake = FakeDiscord::start().await;
    let settings = [
        ("MADOGUCHI_DISCORD_PUBLIC_KEY", &*public_key_hex()),
        ("MADOGUCHI_DISCORD_API_URL", &*fake.url()),
    ];
    let message = "Discord commands not registered: no token";
    let mut serving = serve(&settings, message).await;
    let logged = serving.log_line(message);
    let hint = logged["hint"].as_str().unwrap();
    assert!(hint.contains("MADOGUCHI_DISCORD_TOKEN"), "{hint}");
    let transport = Transport::endpoint(serving.address());
    let ask = fake.question(&Member::new(7), QUESTION);
    let answer = transport.interact(&fake, ask).await;
    assert!(answer.message.to_string().contains("解約"));
    assert!(fake.calls("GET /").is_empty() && fake.calls("PUT /").is_empty());
}
