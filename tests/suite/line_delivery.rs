//! Between LINE and the bot: signatures, redeliveries, faults, expired reply tokens, kills, stops, load.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use madoguchi::channels::line::Options;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::bot::{
    LoadMemory, QUESTION, assert_not_logged, run_load, serve, stop_after_answer,
};
use crate::support::knowledge::{project, shipped};
use crate::support::line::bot::{TestBot, options};
use crate::support::line::{FakeLine, Fault, SECRET, TOKEN, signature};
use crate::support::process::Serving;
use crate::support::telegram::storm::Random;

/// The variable with the number of events of the long tests.
const VARIABLE: &str = "MADOGUCHI_TEST_EVENTS";

/// The number of events without the variable.
const EVENTS: usize = 300;

/// The number of members who send them.
const MEMBERS: u64 = 1_000;

fn events() -> usize {
    std::env::var(VARIABLE).map_or(EVENTS, |count| count.parse().unwrap())
}

#[tokio::test]
async fn only_signed_requests_are_accepted() {
    let bot = TestBot::start().await;
    let fake = &bot.fake;
    let body = json!({"destination": "U00", "events": [fake.text("U7", QUESTION)]}).to_string();
    let right = signature(body.as_bytes());
    for wrong in [
        None,
        Some(""),
        Some("x"),
        Some(&right[1..]),
        Some(&*right.to_lowercase()),
    ] {
        let status = fake.post_raw(body.clone(), wrong).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{wrong:?}");
    }
    let changed = body.replace(QUESTION, "解約");
    let status = fake.post_raw(changed, Some(&right)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    // As the console does that verifies the address.
    for signed in [
        r#"{"destination":"U00","events":[]}"#,
        "not JSON",
        "{}",
        "[]",
        "",
    ] {
        let status = fake
            .post_raw(signed.to_owned(), Some(&signature(signed.as_bytes())))
            .await;
        assert_eq!(status, StatusCode::OK, "{signed}");
    }
    let large = "x".repeat(300_000);
    let status = fake
        .post_raw(large.clone(), Some(&signature(large.as_bytes())))
        .await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(fake.sent_to("U7").is_empty());
    assert_eq!(fake.post_raw(body, Some(&right)).await, StatusCode::OK);
    bot.next("U7", 0).await;
    bot.assert_counted(r#"madoguchi_bot_connected{channel="line"} 1"#);
}

#[tokio::test]
async fn an_event_that_is_delivered_again_is_answered_once() {
    let bot = TestBot::start().await;
    let mut event = bot.fake.text("U7", QUESTION);
    let once = event.clone();
    event["deliveryContext"]["isRedelivery"] = json!(true);
    let both = [once.clone(), event.clone()];
    let again = [event];
    let (first, second) = tokio::join!(bot.fake.post(&both), bot.fake.post(&again));
    assert_eq!([first, second], [Some(StatusCode::OK); 2]);
    assert_eq!(bot.fake.post(&[once]).await, Some(StatusCode::OK));
    bot.ask("U7", QUESTION).await;
    assert_eq!(bot.fake.sent_to("U7").len(), 2);
}

#[tokio::test]
async fn a_reply_is_sent_once_in_spite_of_faults() {
    let bot = TestBot::start().await;
    for (number, fault) in [
        Fault::TooMany,
        Fault::Internal,
        Fault::Dropped,
        Fault::Lost,
        Fault::Slow(Duration::from_millis(1_500)),
    ]
    .into_iter()
    .enumerate()
    {
        bot.fake.fail("message/reply", fault);
        bot.ask(&format!("U{number}"), QUESTION).await;
    }
    // A lost response does not make the bot send it again.
    tokio::time::sleep(Duration::from_millis(700)).await;
    let replies = bot.fake.replies();
    assert_eq!(replies.len(), 5);
    assert!(replies.values().all(|count| *count == 1), "{replies:?}");
}

#[tokio::test]
async fn messages_that_line_refuses_are_sent_as_plain_text() {
    let bot = TestBot::start().await;
    bot.fake.fail("message/reply", Fault::Malformed);
    let answer = bot.ask("U7", QUESTION).await;
    assert!(
        answer
            .messages
            .iter()
            .all(|message| message["type"] == "text")
    );
    answer.assert_shows("有料会員");
    answer.assert_shows("出典：");
    answer.assert_shows("https://faq.example.jp/entries/");
    answer.press("y:");
}

#[tokio::test]
async fn an_answer_that_is_too_late_is_pushed_only_if_that_is_allowed() {
    let fake = FakeLine::start().await;
    fake.set_reply_lifetime(Duration::ZERO);
    let bot = TestBot::start_as(fake, shipped(), options()).await;
    assert_eq!(
        bot.fake.post(&[bot.fake.text("U7", QUESTION)]).await,
        Some(StatusCode::OK)
    );
    let fake = bot.stop().await;
    assert!(fake.sent_to("U7").is_empty());

    let can_push = Options {
        can_push: true,
        ..options()
    };
    let bot = TestBot::start_as(fake, shipped(), can_push).await;
    for fault in [Fault::TooMany, Fault::Internal, Fault::Lost] {
        bot.fake.fail("message/push", fault);
    }
    let answer = bot.ask("U8", QUESTION).await;
    assert!(answer.is_push);
    bot.fake.fail("message/push", Fault::MonthlyLimit);
    assert_eq!(
        bot.fake.post(&[bot.fake.text("U9", QUESTION)]).await,
        Some(StatusCode::OK)
    );
    let fake = bot.stop().await;
    assert_eq!(fake.sent_to("U8").len(), 1);
    assert!(fake.sent_to("U9").is_empty());
}

/// Returns how many events are stored in a folder.
fn stored(folder: &Path) -> usize {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .filter(|file| file.path().extension().is_some_and(|end| end == "update"))
        .count()
}

#[tokio::test]
async fn an_event_that_is_not_answered_at_once_is_confirmed_only_when_it_is_stored() {
    let slow = Fault::Slow(Duration::from_millis(1_600));
    let bot = TestBot::start().await;
    bot.fake.fail("message/reply", slow);
    let event = bot.fake.text("U7", QUESTION);
    let refused = bot.fake.post(std::slice::from_ref(&event)).await;
    assert_eq!(refused, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(bot.fake.post(&[event]).await, Some(StatusCode::OK));
    assert_eq!(bot.fake.sent_to("U7").len(), 1);

    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("delayed");
    let with_folder = Options {
        delayed_folder: Some(folder.clone()),
        ..options()
    };
    let bot = TestBot::start_as(FakeLine::start().await, shipped(), with_folder).await;
    bot.ask("U7", QUESTION).await;
    assert_eq!(stored(&folder), 0);
    bot.fake.fail("message/reply", slow);
    let confirmed = bot.fake.post(&[bot.fake.text("U7", QUESTION)]).await;
    assert_eq!(confirmed, Some(StatusCode::OK));
    assert_eq!((stored(&folder), bot.fake.sent_to("U7").len()), (1, 1));
    bot.next("U7", 1).await;
    let is_deleted = || (stored(&folder) == 0).then_some(());
    bot.fake.until("the end of the event", is_deleted).await;
}

#[tokio::test]
async fn a_stop_waits_for_answers_and_the_next_start_sends_the_others() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("delayed");
    let with_folder = || Options {
        delayed_folder: Some(folder.clone()),
        ..options()
    };
    let bot = TestBot::start_as(FakeLine::start().await, shipped(), with_folder()).await;
    bot.fake
        .fail("message/reply", Fault::Slow(Duration::from_millis(1_500)));
    bot.fake.deliver(bot.fake.text("U7", QUESTION));
    let is_delivered = || (bot.fake.undelivered() == 0).then_some(());
    bot.fake.until("the delivery", is_delivered).await;
    let fake = bot.stop().await;
    assert_eq!(fake.sent_to("U7").len(), 1);

    let bot = TestBot::start_as(fake, shipped(), with_folder()).await;
    for _ in 0..200 {
        bot.fake.fail("message/reply", Fault::Internal);
    }
    bot.fake.deliver(bot.fake.text("U8", QUESTION));
    let is_delivered = || (bot.fake.undelivered() == 0).then_some(());
    bot.fake.until("the delivery", is_delivered).await;
    let fake = bot.stop().await;
    assert_eq!((stored(&folder), fake.sent_to("U8").len()), (1, 0));
    fake.forget_faults();
    let bot = TestBot::start_as(fake, shipped(), with_folder()).await;
    bot.next("U8", 0).await;
    let fake = bot.stop().await;
    assert_eq!((stored(&folder), fake.sent_to("U8").len()), (0, 1));
}

#[test]
fn every_event_is_answered_once_in_spite_of_redeliveries_and_faults() {
    let test = "line_delivery::every_event_is_answered_once_in_spite_of_redeliveries_and_faults";
    run_load(test, flood());
}

async fn flood() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("delayed");
    let with_folder = Options {
        delayed_folder: Some(folder.clone()),
        ..options()
    };
    let bot = TestBot::start_as(FakeLine::start().await, shipped(), with_folder).await;
    bot.fake.forget_messages();
    let events = events();
    let seed = u64::try_from(events).unwrap();
    let mut random = Random::new(seed);
    bot.fake.begin_storm(seed);
    let mut memory = LoadMemory::new();
    let questions = [
        QUESTION,
        "会員",
        "明日の天気は",
        "窓口",
        "通訳は用意しなきゃだめ？",
    ];
    let (mut sent, mut repeated) = (0, 0);
    for round in 0..LoadMemory::ROUNDS {
        while sent < events * (round + 1) / LoadMemory::ROUNDS {
            let user = format!("U{}", random.below(MEMBERS));
            let text = questions[random.below(questions.len() as u64) as usize];
            let event = bot.fake.text(&user, text);
            sent += 1;
            // LINE delivers events again whose confirmation is lost.
            if random.below(5) == 0 {
                bot.fake.deliver(event.clone());
                repeated += 1;
            }
            bot.fake.deliver(event);
            // As many as are answered meanwhile.
            while bot.fake.undelivered() > 60 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        memory.end_round();
    }
    let done = || (bot.fake.replies().len() >= events).then_some(());
    bot.fake.until("all answers", done).await;
    let faults = bot.fake.end_storm();
    let fake = bot.stop().await;
    let replies = fake.replies();
    let twice = replies.values().filter(|count| **count > 1).count();
    let left = stored(&folder);
    let load = format!(
        "{sent} events ({repeated} delivered twice) of {MEMBERS} members, {faults} faults: {} \
         unanswered, {twice} answered twice, {left} left in the folder",
        events - replies.len()
    );
    memory.check(&load, u32::try_from(sent).unwrap());
    assert_eq!((replies.len(), twice, left), (events, 0, 0), "{load}");
}

/// The real service, which is stopped and started again.
struct Service {
    fake: FakeLine,
    index: tempfile::TempDir,
    serving: Option<Serving>,
}

impl Service {
    async fn start(&mut self) {
        let (url, index) = (self.fake.url(), self.index.path().to_owned());
        let serving = tokio::task::spawn_blocking(move || {
            let environment = [
                ("MADOGUCHI_LINE_SECRET", SECRET),
                ("MADOGUCHI_LINE_TOKEN", TOKEN),
                ("MADOGUCHI_LINE_API_URL", &*url),
            ];
            let address = "127.0.0.1:0".parse().unwrap();
            Serving::start_again(address, &project("knowledge"), &index, &environment)
        });
        let serving = serving.await.unwrap();
        self.fake.set_hook(serving.address());
        self.serving = Some(serving);
    }

    async fn end(&mut self, signal: &'static str) {
        let mut serving = self.serving.take().unwrap();
        let ended = tokio::task::spawn_blocking(move || {
            serving.signal(signal);
            serving.wait();
        });
        ended.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_answered_once_in_spite_of_kills_and_stops() {
    let events = events() / 2;
    let start = Instant::now();
    let mut service = Service {
        fake: FakeLine::start().await,
        index: tempfile::tempdir().unwrap(),
        serving: None,
    };
    // A busy machine starts slowly.
    service.fake.set_reply_lifetime(Duration::from_secs(600));
    service.fake.forget_messages();
    service.start().await;
    let seed = u64::try_from(events).unwrap();
    service.fake.begin_storm(seed);
    let mut random = Random::new(seed);
    let (mut sent, mut kills, mut stops) = (0, 0, 0);
    for round in 0.. {
        for _ in 0..random.below(60) + 1 {
            let user = format!("U{}", random.below(MEMBERS));
            service.fake.deliver(service.fake.text(&user, QUESTION));
            sent += 1;
        }
        if sent >= events {
            break;
        }
        tokio::time::sleep(Duration::from_millis(random.below(600))).await;
        let is_kill = round % 2 == 0;
        service.end(if is_kill { "KILL" } else { "TERM" }).await;
        service.start().await;
        if is_kill {
            kills += 1;
        } else {
            stops += 1;
        }
    }
    let end = Instant::now() + Duration::from_secs(90 + seed / 20);
    while (service.fake.replies().len() < sent || service.fake.undelivered() > 0)
        && Instant::now() < end
    {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let faults = service.fake.end_storm();
    service.end("TERM").await;
    let replies = service.fake.replies();
    let counts: HashMap<u32, usize> = replies.values().fold(HashMap::new(), |mut counts, count| {
        *counts.entry(*count).or_default() += 1;
        counts
    });
    let figures = format!(
        "{sent} events, {kills} kills, {stops} stops, {faults} faults in {:.0?}: {} unanswered, \
         answered so often: {counts:?}",
        start.elapsed(),
        sent - replies.len()
    );
    eprintln!("{figures}");
    assert_eq!(counts, HashMap::from([(1, sent)]), "{figures}");
}

fn settings(url: &str) -> [(&str, &str); 3] {
    [
        ("MADOGUCHI_LINE_SECRET", SECRET),
        ("MADOGUCHI_LINE_TOKEN", TOKEN),
        ("MADOGUCHI_LINE_API_URL", url),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_answers_on_its_own_port_and_logs_no_words_and_no_secrets() {
    let fake = FakeLine::start().await;
    let serving = serve(&settings(&fake.url()), "LINE bot ready").await;
    fake.set_hook(serving.address());
    for fault in [Fault::Internal, Fault::Dropped, Fault::Malformed] {
        fake.fail("message/reply", fault);
    }
    fake.deliver(fake.text("U7", QUESTION));
    fake.until("an answer", || fake.sent_to("U7").pop()).await;
    let log = stop_after_answer(serving, "line").await;
    assert!(log.contains("LINE bot stopped"), "{log}");
    assert_not_logged(&log, &[SECRET, TOKEN, QUESTION, "U7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_token_is_logged_and_the_web_keeps_running() {
    let fake = FakeLine::start().await;
    fake.set_token("another");
    let serving = serve(&settings(&fake.url()), "LINE bot off: token rejected").await;
    fake.set_hook(serving.address());
    let status = fake.post(&[fake.text("U7", QUESTION)]).await;
    // LINE keeps the event until the token is corrected.
    assert_eq!(status, Some(StatusCode::SERVICE_UNAVAILABLE));
    let log = tokio::task::spawn_blocking(move || {
        let mut serving = serving;
        assert!(serving.ask(QUESTION)["entry"].is_object());
        serving.stop()
    });
    assert_not_logged(&log.await.unwrap(), &[SECRET, TOKEN]);
}
