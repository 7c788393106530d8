//! Storage of messages: create, edit, delete, read.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use super::components::numbered;
use super::{FakeDiscord, Inner, Refusal, bot, check, empty};

/// Message flag: a deferred response, not edited yet.
pub(super) const LOADING: u64 = 128;

/// The stored messages.
#[derive(Default)]
pub(super) struct Store {
    all: HashMap<String, StoredMessage>,
    order: VecDeque<String>,
    /// Ids of the bot's messages to channels, in order.
    pub(super) sent: VecDeque<String>,
    /// Messages by channel and enforced nonce.
    pub(super) nonces: HashMap<(String, String), Value>,
    /// The channels that the bot may write to.
    pub(super) channels: HashMap<String, Value>,
}

struct StoredMessage {
    message: Value,
    /// The only member who sees it.
    only: Option<u64>,
}

impl Store {
    pub(super) fn get(&self, id: &str) -> Option<&Value> {
        self.all.get(id).map(|kept| &kept.message)
    }

    /// Whether a member sees a message.
    pub(super) fn is_seen(&self, id: &str, member: u64) -> bool {
        let kept = self.all.get(id);
        kept.is_some_and(|kept| kept.only.is_none_or(|only| only == member))
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Value> {
        self.all.remove(id).map(|kept| kept.message)
    }

    pub(super) fn insert(&mut self, message: Value, only: Option<u64>, max: usize) {
        let id = message["id"].as_str().unwrap_or_default().to_owned();
        self.order.push_back(id.clone());
        self.all.insert(id, StoredMessage { message, only });
        while self.order.len() > max {
            let oldest = self.order.pop_front();
            oldest.and_then(|id| self.all.remove(&id));
        }
        while self.sent.len() > max {
            self.sent.pop_front();
        }
    }
}

/// The context of a new message.
pub(super) struct Origin<'a> {
    pub(super) kind: u64,
    pub(super) channel: &'a str,
    pub(super) guild: &'a Value,
    /// Additional keys, such as `interaction_metadata` or `message_reference`.
    pub(super) extra: Value,
    pub(super) only: Option<u64>,
}

/// Returns a message with all keys that Discord sends.
pub(super) fn blank(id: &str, channel: &str, author: Value, content: &str) -> Value {
    json!({
        "id": id, "type": 0, "channel_id": channel, "author": author, "content": content,
        "timestamp": "2026-11-22T03:00:00.000000+00:00", "edited_timestamp": null, "tts": false,
        "mention_everyone": false, "mentions": [], "mention_roles": [], "attachments": [],
        "embeds": [], "components": [], "pinned": false, "flags": 0,
    })
}

impl Inner {
    /// Creates a message of the bot from a checked body.
    pub(super) fn create(&mut self, body: &Value, origin: &Origin<'_>) -> Value {
        let id = self.next();
        let mut message = blank(&id, origin.channel, bot(), "");
        message["type"] = origin.kind.into();
        for (key, value) in origin.extra.as_object().into_iter().flatten() {
            message[key] = value.clone();
        }
        fill(&mut message, body);
        message["flags"] = body["flags"].as_u64().unwrap_or_default().into();
        self.messages
            .insert(message.clone(), origin.only, self.keeps);
        if origin.only.is_none() {
            // The bot receives its own messages too.
            let mut event = message.clone();
            if !origin.guild.is_null() {
                event["guild_id"] = origin.guild.clone();
            }
            self.dispatch("MESSAGE_CREATE", &event);
        }
        message
    }

    /// Edits a message of the bot.
    pub(super) fn edit(&mut self, id: &str, body: &Value) -> Result<Value, Refusal> {
        check::message(body, check::Place::Edit)?;
        let kept = self.messages.all.get_mut(id).ok_or_else(unknown_message)?;
        let mut message = kept.message.clone();
        fill(&mut message, body);
        let nothing = |key: &str| message[key].as_array().is_none_or(Vec::is_empty);
        if message["content"] == "" && nothing("embeds") && nothing("components") {
            return Err(empty());
        }
        let flags = message["flags"].as_u64().unwrap_or_default() & !LOADING;
        message["flags"] = flags.into();
        message["edited_timestamp"] = json!("2026-11-22T03:00:01.000000+00:00");
        kept.message = message.clone();
        Ok(message)
    }
}

pub(super) fn unknown_message() -> Refusal {
    Refusal::new(404, 10_008, "Unknown Message")
}

/// Copies content, embeds and components of a body to a message.
fn fill(message: &mut Value, body: &Value) {
    if let Some(content) = body.get("content") {
        message["content"] = content.as_str().unwrap_or_default().trim().into();
    }
    if let Some(embeds) = body["embeds"].as_array() {
        let kept = embeds.iter().map(|embed| {
            let mut embed = embed.clone();
            embed["type"] = json!("rich");
            trim(&mut embed);
            embed
        });
        message["embeds"] = kept.collect();
    }
    if body["components"].is_array() {
        message["components"] = numbered(body["components"].clone());
    }
}

fn trim(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.trim().to_owned(),
        Value::Array(list) => list.iter_mut().for_each(trim),
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(trim);
        }
        _ => {}
    }
}

impl FakeDiscord {
    /// The bot's current messages to channels, without deleted ones.
    pub(crate) fn messages(&self) -> Vec<Value> {
        let inner = self.shared.lock();
        let sent = inner.messages.sent.iter();
        sent.filter_map(|id| inner.messages.get(id))
            .cloned()
            .collect()
    }

    /// The current state of a message.
    pub(crate) fn message(&self, id: &str) -> Option<Value> {
        self.shared.lock().messages.get(id).cloned()
    }

    /// Waits for the bot's reply to a member's message.
    pub(crate) async fn reply_to(&self, id: &str) -> Value {
        let replies = || {
            let mut messages = self.messages().into_iter();
            messages.find(|message| message["message_reference"]["message_id"] == id)
        };
        self.until("a reply", replies).await
    }

    /// The number of replies to a member's message.
    pub(crate) fn replies_to(&self, id: &str) -> usize {
        let messages = self.messages().into_iter();
        let is_reply = |message: &Value| message["message_reference"]["message_id"] == id;
        messages.filter(is_reply).count()
    }
}
