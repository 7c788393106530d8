//! What is heard over the gateway: interactions, direct messages and mentions, each answered in a
//! task of its own.
//!
//! Invariants: in a server only commands and mentions of the bot are heard, and neither bots nor
//! webhooks anywhere; a message that comes twice is answered once. An edited message is not
//! answered anew.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::Value;
use serenity::model::application::Interaction;
use serenity::model::channel::{Message, MessageType};
use tokio::time::sleep;

use super::Bot;
use crate::channels::bot::RecentIds;

/// How long an answer may take before the channel shows that the bot is writing.
const UNNOTICED: Duration = Duration::from_millis(300);

/// How often to say again that the bot is writing; Discord shows it for ten seconds.
const STILL_TYPING: Duration = Duration::from_secs(8);

/// Messages that are remembered, so that one that comes twice is answered once.
const MOST_SEEN: usize = 20_000;

/// Hears for all shards.
pub(super) struct Ear {
    bot: Arc<Bot>,
    /// The application's name, for the log.
    name: String,
    me: OnceLock<u64>,
    seen: RecentIds<u64>,
}

impl Ear {
    pub(super) fn new(bot: Arc<Bot>, name: &str) -> Self {
        Self {
            bot,
            name: name.to_owned(),
            me: OnceLock::new(),
            seen: RecentIds::new(MOST_SEEN),
        }
    }

    /// Takes note who the bot is.
    pub(super) fn ready(&self, event: &Value) {
        let me = event["user"]["id"].as_str();
        let me = me.and_then(|id| id.parse().ok());
        if me.is_some_and(|me| self.me.set(me).is_ok()) {
            let name = &self.name;
            tracing::info!(name, mode = "gateway", "the Discord bot is ready");
        }
    }

    /// Responds to an interaction.
    pub(super) fn interaction(self: &Arc<Self>, event: Value) {
        let Some(permit) = self.bot.enter() else {
            tracing::debug!("an interaction that is too much");
            return;
        };
        let ear = Arc::clone(self);
        tokio::spawn(async move {
            match serde_json::from_value::<Interaction>(event) {
                Ok(interaction) => ear.bot.respond(interaction).await,
                Err(_) => tracing::warn!("an interaction that cannot be read"),
            }
            drop(permit);
        });
    }

    /// Answers a message, if it is for the bot.
    pub(super) fn message(self: &Arc<Self>, event: Value) {
        // Most messages of a server are for others, and have no content here.
        let Some(me) = self.me.get().copied().filter(|me| is_heard(&event, *me)) else {
            return;
        };
        let Some(permit) = self.bot.enter() else {
            tracing::debug!("a message that is too much");
            return;
        };
        let ear = Arc::clone(self);
        tokio::spawn(async move {
            // The error may hold a member's words.
            match serde_json::from_value::<Message>(event) {
                Ok(message) => {
                    let text = read(&message, me);
                    if let Some(text) = text.filter(|_| ear.seen.insert(message.id.get())) {
                        answer(&ear.bot, &message, text).await;
                    }
                }
                Err(_) => tracing::debug!("a message that cannot be read"),
            }
            drop(permit);
        });
    }
}

/// Tells whether a message is to the bot, from what Discord sent.
fn is_heard(event: &Value, me: u64) -> bool {
    let is_me = |user: &Value| user["id"].as_str().and_then(|id| id.parse().ok()) == Some(me);
    let mut mentions = event["mentions"].as_array().into_iter().flatten();
    let is_person = event["author"]["bot"] != true && event["webhook_id"].is_null();
    is_person && (event["guild_id"].is_null() || mentions.any(is_me))
}

/// Returns what a message to the bot asks of it; `None` if nobody spoke.
fn read(message: &Message, me: u64) -> Option<String> {
    let is_spoken = matches!(
        message.kind,
        MessageType::Regular | MessageType::InlineReply
    );
    if !is_spoken {
        return None;
    }
    let mut text = message.content.clone();
    for name in [format!("<@{me}>"), format!("<@!{me}>")] {
        text = text.replace(&name, " ");
    }
    Some(text.trim().to_owned())
}

/// Answers a message by replies to it.
async fn answer(bot: &Arc<Bot>, message: &Message, text: String) {
    let channel = message.channel_id.get();
    let Some(lane) = bot.rest.join(channel) else {
        tracing::debug!("a message in a channel where too many wait");
        return;
    };
    let key = (channel, message.author.id.get());
    let has_files = !message.attachments.is_empty() || !message.sticker_items.is_empty();
    let work = async {
        let pages = bot.think_of(key, text, has_files).await;
        for (index, page) in pages.iter().enumerate() {
            let mut body = page.body((index == 0).then_some(message));
            // So that an attempt whose answer was lost leaves no copy.
            body["nonce"] = format!("{}-{index}", message.id).into();
            body["enforce_nonce"] = true.into();
            if let Err(error) = bot.rest.send(&lane, &body).await {
                tracing::warn!(%error, "a message could not be sent");
                // A part alone may say the opposite of the whole.
                return;
            }
        }
    };
    let typing = async {
        sleep(UNNOTICED).await;
        loop {
            bot.rest.type_in(&lane).await;
            sleep(STILL_TYPING).await;
        }
    };
    tokio::select! {
        biased;
        () = work => {}
        () = typing => {}
    }
}
