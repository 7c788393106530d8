//! Every update is answered, whatever happens to the process and to Telegram: kills, stops, rate limits,
//! faults, floods.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use madoguchi::channels::telegram::{Limits, Options, Webhook};
use serde_json::{Value, json};

use crate::support;
use crate::support::bot::QUESTION;
use crate::support::knowledge::{project, shipped};
use crate::support::process::Serving;
use crate::support::telegram::bot::{FAST, TestBot};
use crate::support::telegram::storm::Random;
use crate::support::telegram::{FakeTelegram, Fault, TOKEN, chat_of, user_of};

/// The variable with the number of updates of the long test.
const VARIABLE: &str = "MADOGUCHI_TEST_UPDATES";

/// The number of updates without the variable: as many as are answered in some seconds at 30 a second.
const UPDATES: usize = 150;

/// The number of updates that arrive together, on average.
const BURST: u64 = 20;

const SECRET: &str = "0123456789abcdef-webhook";

fn webhook() -> Webhook {
    Webhook {
        url: "https://faq.example.jp/telegram/hook".parse().unwrap(),
        secret: SECRET.to_owned(),
    }
}

fn question(fake: &FakeTelegram, chat: i64) -> Value {
    json!({ "message": {
        "message_id": fake.message_id(), "date": 1_795_000_000, "text": QUESTION,
        "from": user_of(chat), "chat": chat_of(chat),
    }})
}

#[tokio::test]
async fn a_message_is_sent_after_any_number_of_rate_limits() {
    let bot = TestBot::start().await;
    for _ in 0..6 {
        bot.fake.fail("sendmessage", Some(7), Fault::TooMany(1));
    }
    bot.ask(7, QUESTION).await;
    assert_eq!(bot.sent_to(7).len(), 1);
}

#[tokio::test]
async fn an_update_that_a_stop_leaves_unanswered_is_answered_after_the_next_start() {
    let bot = TestBot::start().await;
    bot.ask(8, QUESTION).await;
    bot.fake.fail("sendmessage", Some(7), Fault::TooMany(3_600));
    let held = bot.send(7, QUESTION);
    bot.fake.wait("sendmessage", 2).await;
    let fake = bot.stop().await;
    assert!(fake.confirmed() < held);
    let bot = TestBot::start_at(fake, shipped(), FAST, None);
    bot.next(7, 0).await;
    let fake = bot.stop().await;
    assert_eq!(fake.confirmed(), held);
    assert_eq!(fake.sent()[&7], 1);
    assert_eq!(fake.sent()[&8], 1);
}

#[tokio::test]
async fn a_flood_in_one_chat_is_stored_and_survives_a_stop() {
    const FLOOD: u32 = 60;
    let folder = tempfile::tempdir().unwrap();
    let options = |limits| Options {
        limits,
        delayed_folder: Some(folder.path().join("delayed")),
        ..Options::new(TOKEN)
    };
    let slow = Limits {
        chat_per_second: 4,
        ..FAST
    };
    let bot = TestBot::start_as(FakeTelegram::start().await, shipped(), options(slow));
    for _ in 0..FLOOD {
        bot.send(7, QUESTION);
    }
    bot.next(7, 0).await;
    let start = Instant::now();
    bot.ask(8, QUESTION).await;
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    let fake = bot.stop().await;
    let before = fake.sent()[&7];
    assert!(before < FLOOD, "{before}");
    let stored = stored(&folder.path().join("delayed"));
    assert!(stored.len() > 10, "{stored:?}");

    let bot = TestBot::start_as(fake, shipped(), options(FAST));
    let is_done = || (bot.fake.sent()[&7] >= FLOOD).then_some(());
    bot.fake.until("all answers", is_done).await;
    bot.ask(8, QUESTION).await;
    let fake = bot.stop().await;
    assert_eq!(fake.sent()[&7], FLOOD);
    let left = self::stored(&folder.path().join("delayed"));
    assert!(left.is_empty(), "{left:?}");
}

/// Returns the ids of the updates in the folder of delayed updates.
fn stored(folder: &Path) -> Vec<u64> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    names
        .filter_map(|name| name.strip_suffix(".update")?.parse().ok())
        .collect()
}

#[tokio::test]
async fn the_webhook_refuses_an_update_that_waits_and_answers_it_once() {
    let fake = FakeTelegram::start().await;
    let mut bot = TestBot::start_at(fake, shipped(), FAST, Some(webhook()));
    let router = bot.bot.running.router().expect("a route");
    bot.fake.set_hook(support::serve(router).await);
    bot.fake.until("the webhook", || bot.fake.webhook()).await;
    bot.fake.fail("sendmessage", Some(7), Fault::TooMany(4));
    let waiting = bot.send(7, QUESTION);
    bot.fake.wait("sendmessage", 1).await;
    // The connection is free for others.
    bot.ask(8, QUESTION).await;
    assert!(bot.fake.unconfirmed().contains(&waiting));
    bot.next(7, 0).await;
    let is_confirmed = || (!bot.fake.unconfirmed().contains(&waiting)).then_some(());
    bot.fake.until("the confirmation", is_confirmed).await;
    let fake = bot.stop().await;
    assert_eq!(fake.sent()[&7], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_update_is_answered_in_spite_of_kills_rate_limits_and_faults_while_polling() {
    survive(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_update_is_answered_in_spite_of_kills_rate_limits_and_faults_with_a_webhook() {
    survive(true).await;
}

/// The real service, which is stopped and started again.
struct Service {
    fake: FakeTelegram,
    index: tempfile::TempDir,
    serving: Option<Serving>,
    is_webhook: bool,
    /// The chat of each update.
    chats: HashMap<u64, i64>,
    /// How many updates of each chat may be answered twice.
    may_repeat: HashMap<i64, u32>,
}

impl Service {
    async fn start(&mut self) {
        let (url, index) = (self.fake.url(), self.index.path().to_owned());
        let is_webhook = self.is_webhook;
        let serving = tokio::task::spawn_blocking(move || {
            let hook = webhook();
            let mut environment = vec![
                ("MADOGUCHI_TELEGRAM_TOKEN", TOKEN),
                ("MADOGUCHI_TELEGRAM_API_URL", &*url),
            ];
            if is_webhook {
                environment.push(("MADOGUCHI_TELEGRAM_WEBHOOK_URL", hook.url.as_str()));
                environment.push(("MADOGUCHI_TELEGRAM_WEBHOOK_SECRET", SECRET));
            }
            let address = "127.0.0.1:0".parse().unwrap();
            Serving::start_again(address, &project("knowledge"), &index, &environment)
        });
        let serving = serving.await.unwrap();
        self.fake.set_hook(serving.address());
        self.serving = Some(serving);
    }

    /// Ends the process with a signal, and notes which updates may be answered again.
    async fn end(&mut self, signal: &'static str) {
        let mut serving = self.serving.take().unwrap();
        let ended = tokio::task::spawn_blocking(move || {
            serving.signal(signal);
            serving.wait();
        });
        ended.await.unwrap();
        // What the process has sent may still be on its way.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let mut left = self.fake.unconfirmed();
        left.extend(stored(&self.index.path().join("telegram-delayed")));
        for update in left {
            *self.may_repeat.entry(self.chats[&update]).or_default() += 1;
        }
    }
}

async fn survive(is_webhook: bool) {
    let updates = std::env::var(VARIABLE).map_or(UPDATES, |count| count.parse().unwrap());
    let start = Instant::now();
    let mut service = Service {
        fake: FakeTelegram::start().await,
        index: tempfile::tempdir().unwrap(),
        serving: None,
        is_webhook,
        chats: HashMap::new(),
        may_repeat: HashMap::new(),
    };
    service.fake.forget_calls();
    service.start().await;
    if is_webhook {
        let fake = &service.fake;
        fake.until("the webhook", || fake.webhook()).await;
    }
    let seed = u64::try_from(updates).unwrap() + u64::from(is_webhook);
    service.fake.begin_storm(seed);
    let mut random = Random::new(seed);
    let mut expected: HashMap<i64, u32> = HashMap::new();
    let chats = u64::try_from(updates).unwrap() / 2 + 1;
    let (mut sent, mut kills, mut stops) = (0, 0, 0);
    for round in 0.. {
        for _ in 0..random.below(2 * BURST) + 1 {
            let chat = i64::try_from(random.below(chats)).unwrap() + 1;
            let update = service.fake.push(question(&service.fake, chat));
            service.chats.insert(update, chat);
            *expected.entry(chat).or_default() += 1;
            sent += 1;
        }
        if sent >= updates {
            break;
        }
        tokio::time::sleep(Duration::from_millis(random.below(1_000))).await;
        match round % 4 {
            0 => {
                service.end("KILL").await;
                service.start().await;
                kills += 1;
            }
            1 => {
                let seconds = 1 + random.below(3);
                service.fake.limit_all(Duration::from_secs(seconds));
            }
            2 => {
                service.end("TERM").await;
                service.start().await;
                stops += 1;
            }
            _ => {}
        }
    }
    let faults = service.fake.end_storm();
    let timeout = Duration::from_secs(60 + u64::try_from(updates).unwrap() / 15);
    let end = Instant::now() + timeout;
    let missing = |fake: &FakeTelegram| {
        let answers = fake.sent();
        let count = |chat: &i64| answers.get(chat).copied().unwrap_or_default();
        let missing = expected
            .iter()
            .map(|(chat, asked)| asked.saturating_sub(count(chat)));
        missing.sum::<u32>()
    };
    while missing(&service.fake) > 0 && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let unanswered = missing(&service.fake);
    // Any second answers would come now.
    tokio::time::sleep(Duration::from_secs(1)).await;
    service.end("TERM").await;
    let answers = service.fake.sent();
    let repeated = |chat: &i64| {
        let answers = answers.get(chat).copied().unwrap_or_default();
        answers.saturating_sub(expected[chat])
    };
    let twice: u32 = expected.keys().map(repeated).sum();
    let allowed: u32 = service.may_repeat.values().sum();
    let figures = format!(
        "{sent} updates, {kills} kills, {stops} stops, {faults} faults in {:.0?}: {unanswered} \
         unanswered, {twice} answered twice of {allowed} that were unconfirmed at an end",
        start.elapsed()
    );
    eprintln!("{figures}");
    let refused = service.fake.take_violations();
    assert_eq!(unanswered, 0, "{figures}; {refused:?}");
    for chat in expected.keys() {
        let allowed = service.may_repeat.get(chat).copied().unwrap_or_default();
        assert!(repeated(chat) <= allowed, "chat {chat}: {figures}");
    }
}
