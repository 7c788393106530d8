//! Handles the gateway's events: interactions, direct messages and mentions, each in its own task.
//!
//! Invariants: in a server, only commands and mentions of the bot are answered; messages of bots
//! and webhooks are never answered; a message that is delivered twice is answered once; an edited
//! message is not answered again; the message of another member is read only if a message to the bot
//! replies to it or forwards it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::Value;
use serenity::model::application::Interaction;
use serenity::model::channel::Message;
use tokio::time::sleep;

use super::asked::Asked;
use super::bot::Bot;
use crate::channels::bot::RecentIds;

/// Delay before the typing indicator is shown.
const TYPING_DELAY: Duration = Duration::from_millis(300);

/// Time between typing indicators; Discord shows one for ten seconds.
const TYPING_INTERVAL: Duration = Duration::from_secs(8);

/// Number of message ids that are remembered, so that a message that is delivered twice is answered
/// once.
const MAX_RECENT_MESSAGES: usize = 20_000;

/// Handles the events of all shards.
pub(super) struct EventHandler {
    bot: Arc<Bot>,
    /// The application's name, for the log.
    name: String,
    user_id: OnceLock<u64>,
    recent: RecentIds<u64>,
    /// The shards without a connection.
    disconnected: Mutex<BTreeSet<u32>>,
}

impl EventHandler {
    pub(super) fn new(bot: Arc<Bot>, name: &str) -> Self {
        Self {
            bot,
            name: name.to_owned(),
            user_id: OnceLock::new(),
            recent: RecentIds::new(MAX_RECENT_MESSAGES),
            disconnected: Mutex::default(),
        }
    }

    /// Stores the bot's user id from the first READY.
    pub(super) fn ready(&self, event: &Value) {
        let id = id_of(&event["user"]);
        if id.is_some_and(|id| self.user_id.set(id).is_ok()) {
            let name = &self.name;
            tracing::info!(name, mode = "gateway", "Discord bot ready");
        }
    }

    /// Reports in the metrics that none of the shards is connected yet.
    pub(super) fn begin(&self, shards: u32) {
        *self.disconnected() = (0..shards).collect();
        self.bot.shared.core.note_connection(false);
    }

    /// Reports in the metrics whether all shards are connected: members of the others get no answer.
    pub(super) fn note_connection(&self, shard: u32, is_connected: bool) {
        let core = &self.bot.shared.core;
        let mut disconnected = self.disconnected();
        let is_changed = match is_connected {
            true => disconnected.remove(&shard),
            false => disconnected.insert(shard),
        };
        if is_changed {
            core.note_connection(disconnected.is_empty());
        }
        drop(disconnected);
        if is_connected {
            core.note_contact();
        }
    }

    fn disconnected(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        let disconnected = self.disconnected.lock();
        disconnected.unwrap_or_else(PoisonError::into_inner)
    }

    /// Responds to an interaction.
    pub(super) fn interaction(&self, event: Value) {
        let Some(permit) = self.bot.enter() else {
            tracing::debug!("Discord: too many interactions, one dropped");
            return;
        };
        let bot = Arc::clone(&self.bot);
        tokio::spawn(async move {
            match serde_json::from_value::<Interaction>(event) {
                Ok(interaction) => bot.respond_by_call(interaction).await,
                Err(_) => tracing::warn!("Discord: unreadable interaction"),
            }
            drop(permit);
        });
    }

    /// Answers a message, if it is addressed to the bot.
    pub(super) fn message(self: &Arc<Self>, event: Value) {
        let user_id = self.user_id.get().copied();
        let Some(user_id) = user_id.filter(|id| is_addressed(&event, *id)) else {
            return;
        };
        let Some(permit) = self.bot.enter() else {
            tracing::debug!("Discord: too many messages, one dropped");
            return;
        };
        let handler = Arc::clone(self);
        tokio::spawn(async move {
            // The error is not logged: it may contain a member's words.
            match serde_json::from_value::<Message>(event) {
                Ok(message) => {
                    let asked = Asked::read(&message, user_id);
                    if let Some(asked) = asked.filter(|_| handler.recent.insert(message.id.get())) {
                        reply(&handler.bot, &message, asked).await;
                    }
                }
                Err(_) => tracing::debug!("Discord: unreadable message"),
            }
            drop(permit);
        });
    }
}

fn id_of(user: &Value) -> Option<u64> {
    user["id"].as_str()?.parse().ok()
}

/// Returns whether a person wrote the message to the bot, directly or with a mention.
fn is_addressed(event: &Value, bot: u64) -> bool {
    let mut mentions = event["mentions"].as_array().into_iter().flatten();
    let is_person = event["author"]["bot"] != true && event["webhook_id"].is_null();
    let is_direct = event["guild_id"].is_null();
    is_person && (is_direct || mentions.any(|user| id_of(user) == Some(bot)))
}

/// Answers a message: the first page is a reply to it.
async fn reply(bot: &Arc<Bot>, message: &Message, asked: Asked) {
    let channel = message.channel_id.get();
    let Some(queue) = bot.rest.join(channel) else {
        tracing::debug!("Discord: too many messages in a channel, one dropped");
        return;
    };
    let key = (channel, message.author.id.get());
    let answer = async {
        let pages = bot.answer(key, asked).await;
        for (index, page) in pages.iter().enumerate() {
            let mut body = page.body((index == 0).then_some(message));
            // A retry after a lost response must not create a copy.
            body["nonce"] = format!("{}-{index}", message.id).into();
            body["enforce_nonce"] = true.into();
            if let Err(error) = bot.rest.send(&queue, &body).await {
                tracing::warn!(%error, "Discord: reply not sent");
                // Never send a page after a gap: a negation may be in the missing page.
                return;
            }
        }
    };
    let typing = async {
        sleep(TYPING_DELAY).await;
        loop {
            bot.rest.show_typing(&queue).await;
            sleep(TYPING_INTERVAL).await;
        }
    };
    tokio::select! {
        biased;
        () = answer => {}
        () = typing => {}
    }
}
