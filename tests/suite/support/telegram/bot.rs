//! Runs the real bot against the fake Bot API.

use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use madoguchi::answer::Assistant;
use madoguchi::channels::metrics::Metrics;
use madoguchi::channels::telegram::{Limits, Options, Running, Service, Webhook, start};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{BOT, BOT_ID, Call, FakeTelegram, TOKEN, chat_of};
use crate::support::app::shipped;
use crate::support::knowledge::now;

/// Limits that no test reaches.
pub(crate) const FAST: Limits = Limits {
    chat_per_second: 1_000,
    group_per_minute: 1_000,
    overall_per_second: 100_000,
};

/// A running bot.
pub(crate) struct TestBot {
    pub(crate) fake: FakeTelegram,
    pub(crate) metrics: Arc<Metrics>,
    clock: Arc<Mutex<Timestamp>>,
    pub(crate) running: Option<Running>,
    stop: CancellationToken,
}

impl TestBot {
    /// Starts with the shipped knowledge and polls.
    pub(crate) async fn start() -> Self {
        Self::start_with(shipped(), FAST, None).await
    }

    pub(crate) async fn start_with(
        assistant: Arc<Assistant>,
        limits: Limits,
        webhook: Option<Webhook>,
    ) -> Self {
        let fake = FakeTelegram::start().await;
        Self::start_at(fake, assistant, limits, webhook)
    }

    pub(crate) fn start_at(
        fake: FakeTelegram,
        assistant: Arc<Assistant>,
        limits: Limits,
        webhook: Option<Webhook>,
    ) -> Self {
        let clock = Arc::new(Mutex::new(now()));
        let metrics = Arc::new(Metrics::default());
        let service = Service {
            assistant: Arc::new(ArcSwap::new(assistant)),
            metrics: Arc::clone(&metrics),
        };
        let read = Arc::clone(&clock);
        let options = Options {
            api_url: Some(fake.url().parse().expect("a URL")),
            webhook,
            limits,
            clock: Arc::new(move || *read.lock().unwrap()),
            ..Options::new(TOKEN)
        };
        let stop = CancellationToken::new();
        let running = start(service, options, stop.clone()).expect("a bot");
        Self {
            fake,
            metrics,
            clock,
            running: Some(running),
            stop,
        }
    }

    /// Stops the bot, and waits until it has stopped.
    pub(crate) async fn stop(mut self) -> FakeTelegram {
        self.stop.cancel();
        self.running
            .take()
            .expect("a bot that runs")
            .stopped()
            .await;
        self.fake
    }

    pub(crate) fn advance(&self, duration: SignedDuration) {
        *self.clock.lock().unwrap() += duration;
    }

    /// Sends a message in a private chat.
    pub(crate) fn say(&self, chat: i64, text: &str) -> u64 {
        self.say_in("ja", chat, text)
    }

    pub(crate) fn say_in(&self, language: &str, chat: i64, text: &str) -> u64 {
        self.fake
            .push(json!({ "message": self.message(language, chat, chat, text) }))
    }

    /// Sends a message and waits for the answer.
    pub(crate) async fn ask(&self, chat: i64, text: &str) -> Call {
        let before = self.sent_to(chat).len();
        self.say(chat, text);
        self.next(chat, before).await
    }

    /// Waits for the message to a chat after `before` others.
    pub(crate) async fn next(&self, chat: i64, before: usize) -> Call {
        let sent = || self.sent_to(chat).into_iter().nth(before);
        self.fake.until("an answer", sent).await
    }

    pub(crate) fn sent_to(&self, chat: i64) -> Vec<Call> {
        let calls = self.fake.calls("sendmessage").into_iter();
        calls
            .filter(|call| call.chat() == chat && call.is_ok)
            .collect()
    }

    pub(crate) fn message(&self, language: &str, chat: i64, user: i64, text: &str) -> Value {
        let mut entities = Vec::new();
        let mention = format!("@{BOT}");
        if let Some(at) = text.find(&mention) {
            let offset = text[..at].encode_utf16().count();
            entities.push(json!({"type": "mention", "offset": offset, "length": mention.len()}));
        }
        let mut message = json!({
            "message_id": self.fake.message_id(), "date": 1_795_000_000,
            "from": {"id": user, "is_bot": false, "first_name": "花子"},
            "chat": chat_of(chat), "text": text, "entities": entities,
        });
        if !language.is_empty() {
            message["from"]["language_code"] = json!(language);
        }
        message
    }

    /// Presses a button under the last message to a chat; returns the id of the press.
    pub(crate) fn press(&self, chat: i64, user: i64, message: &Call, data: &str) -> String {
        let id = self.fake.id_of(chat, &message.text);
        self.press_under(chat, user, self.fake.message(chat, id), data)
    }

    pub(crate) fn press_under(&self, chat: i64, user: i64, message: Value, data: &str) -> String {
        let id = format!("press-{}", self.fake.message_id());
        self.fake.push(json!({ "callback_query": {
            "id": id, "chat_instance": "1", "data": data, "message": message,
            "from": {"id": user, "is_bot": false, "first_name": "花子", "language_code": "ja"},
        }}));
        let _ = chat;
        id
    }

    /// Waits for the answer to a press and returns its notice.
    pub(crate) async fn notice(&self, press: &str) -> String {
        let call = self.fake.until("an answer to the press", || {
            let mut calls = self.fake.calls("answercallbackquery").into_iter();
            calls.find(|call| call.body["callback_query_id"] == press && call.is_ok)
        });
        call.await.body["text"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Searches for entries in inline mode.
    pub(crate) async fn inline(&self, query: &str, offset: &str) -> Value {
        let id = format!("query-{}", self.fake.message_id());
        self.fake.push(json!({ "inline_query": {
            "id": id, "query": query, "offset": offset, "chat_type": "sender",
            "from": {"id": 7, "is_bot": false, "first_name": "花子", "language_code": "ja"},
        }}));
        let call = self.fake.until("an answer to the query", || {
            let mut calls = self.fake.calls("answerinlinequery").into_iter();
            calls.find(|call| call.body["inline_query_id"] == *id)
        });
        call.await.body
    }

    /// Makes a message of the bot to reply to.
    pub(crate) fn own_message(&self, chat: i64) -> Value {
        json!({
            "message_id": self.fake.message_id(), "date": 1_795_000_000, "text": "はい",
            "chat": chat_of(chat),
            "from": {"id": BOT_ID, "is_bot": true, "first_name": "窓口", "username": BOT},
        })
    }
}
