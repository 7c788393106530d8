//! Runs the real bot against the fake Bot API.

use std::ops::Deref;
use std::sync::Arc;

use madoguchi::answer::Assistant;
use madoguchi::channels::telegram::{Limits, Options, Webhook, start};
use serde_json::{Value, json};

use super::{BOT, BOT_ID, Call, FakeTelegram, TOKEN, chat_of, user_of};
use crate::support::bot::RunningBot;
use crate::support::knowledge::shipped;

/// Limits that no test reaches.
pub(crate) const FAST: Limits = Limits {
    chat_per_second: 1_000,
    group_per_minute: 1_000,
    overall_per_second: 100_000,
};

/// A running bot with its fake.
pub(crate) struct TestBot {
    pub(crate) fake: FakeTelegram,
    pub(crate) bot: RunningBot,
}

impl Deref for TestBot {
    type Target = RunningBot;

    fn deref(&self) -> &RunningBot {
        &self.bot
    }
}

impl TestBot {
    /// Starts with the shipped knowledge and polls.
    pub(crate) async fn start() -> Self {
        Self::start_with(shipped(), FAST).await
    }

    pub(crate) async fn start_with(assistant: &Arc<Assistant>, limits: Limits) -> Self {
        Self::start_at(FakeTelegram::start().await, assistant, limits, None)
    }

    pub(crate) fn start_at(
        fake: FakeTelegram,
        assistant: &Arc<Assistant>,
        limits: Limits,
        webhook: Option<Webhook>,
    ) -> Self {
        let options = Options {
            webhook,
            limits,
            ..Options::new(TOKEN)
        };
        Self::start_as(fake, assistant, options)
    }

    /// Starts with options except the address and the clock.
    pub(crate) fn start_as(
        fake: FakeTelegram,
        assistant: &Arc<Assistant>,
        options: Options,
    ) -> Self {
        let api_url = Some(fake.url().parse().expect("a URL"));
        let bot = RunningBot::start(assistant, |service, clock, cancellation| {
            let options = Options {
                api_url,
                clock,
                ..options
            };
            start(service, options, cancellation)
        });
        Self { fake, bot }
    }

    /// Stops the bot, and waits until it has stopped.
    pub(crate) async fn stop(self) -> FakeTelegram {
        self.bot.stop().await;
        self.fake
    }

    /// Sends a message in a private chat.
    pub(crate) fn send(&self, chat: i64, text: &str) -> u64 {
        self.send_in("ja", chat, text)
    }

    pub(crate) fn send_in(&self, language: &str, chat: i64, text: &str) -> u64 {
        self.fake
            .push(json!({ "message": self.message(language, chat, chat, text) }))
    }

    /// Sends a message and waits for the answer.
    pub(crate) async fn ask(&self, chat: i64, text: &str) -> Call {
        let before = self.sent_to(chat).len();
        self.send(chat, text);
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
            "from": user_of(user), "chat": chat_of(chat), "text": text, "entities": entities,
        });
        let from = message["from"].as_object_mut().expect("a user");
        from.remove("language_code");
        if !language.is_empty() {
            from.insert("language_code".to_owned(), json!(language));
        }
        message
    }

    /// Presses a button under the last message to a chat; returns the id of the press.
    pub(crate) fn press(&self, chat: i64, user: i64, message: &Call, data: &str) -> String {
        let id = self.fake.id_of(chat, &message.text);
        self.press_under(user, self.fake.message(chat, id), data)
    }

    pub(crate) fn press_under(&self, user: i64, message: Value, data: &str) -> String {
        let id = format!("press-{}", self.fake.message_id());
        self.fake.push(json!({ "callback_query": {
            "id": id, "chat_instance": "1", "data": data, "message": message,
            "from": user_of(user),
        }}));
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
            "from": user_of(7),
        }}));
        let call = self.fake.until("an answer to the query", || {
            let mut calls = self.fake.calls("answerinlinequery").into_iter();
            calls.find(|call| call.body["inline_query_id"] == *id)
        });
        call.await.body
    }

    /// Makes a message of the bot, as a reply to it contains it.
    pub(crate) fn own_message(&self, chat: i64) -> Value {
        json!({
            "message_id": self.fake.message_id(), "date": 1_795_000_000, "text": "はい",
            "chat": chat_of(chat),
            "from": {"id": BOT_ID, "is_bot": true, "first_name": "窓口", "username": BOT},
        })
    }
}
