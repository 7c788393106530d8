//! The start: who the application is, and the commands told to Discord beside the work.
//!
//! Invariants: a stop ends every wait here; what may succeed later is tried again, ever less often,
//! and what Discord refuses for good is not.

use std::future::pending;
use std::sync::Arc;

use serde_json::Value;
use tokio::time::sleep;

use super::rest::{self, Failure, Rest};
use super::{Bot, commands, gateway};
use crate::channels::backoff::Backoff;
use tokio_util::sync::CancellationToken;

/// What it takes to get the bot ready.
pub(super) struct Starting {
    pub(super) bot: Arc<Bot>,
    pub(super) token: Option<String>,
    pub(super) public_key: Option<String>,
}

impl Starting {
    /// Runs the bot until it is told to stop, or is refused.
    pub(super) async fn run(self, stop: CancellationToken) {
        let Some(token) = &self.token else {
            tracing::warn!(
                hint = "set MADOGUCHI_DISCORD_TOKEN as well, at least once, for the commands to appear",
                "without a token the commands of the Discord bot cannot be told to Discord"
            );
            return wait_at_endpoint(&self.bot, &stop).await;
        };
        let told = stop.clone();
        if self.public_key.is_some() {
            // Interactions come whether Discord can be reached or not.
            tokio::select! {
                () = wait_at_endpoint(&self.bot, &stop) => {}
                () = aside(async {
                    if let Some(application) = self.introduce(&told).await {
                        self.publish_commands(&application, &told).await;
                    }
                }) => {}
            }
        } else if let Some(application) = self.introduce(&told).await {
            let name = application["name"].as_str().unwrap_or_default();
            tokio::select! {
                () = gateway::run(&self.bot, token, name, stop) => {}
                () = aside(self.publish_commands(&application, &told)) => {}
            }
        }
    }

    /// Asks who the application is; `None` if the token is refused, or on stopping.
    async fn introduce(&self, stop: &CancellationToken) -> Option<Value> {
        let application = match insist(&self.bot.rest, rest::APPLICATION, stop).await {
            Ok(application) => application,
            Err(Unanswered::Stopped) => return None,
            Err(Unanswered::Refused) if self.public_key.is_some() => {
                tracing::error!(
                    hint = TOKEN_HINT,
                    "Discord does not know this token; the commands cannot be told to Discord"
                );
                return None;
            }
            Err(Unanswered::Refused) => {
                refuse_token();
                return None;
            }
        };
        let known = application["verify_key"].as_str();
        let other = known.zip(self.public_key.as_deref());
        if other.is_some_and(|(known, key)| !known.eq_ignore_ascii_case(key)) {
            tracing::error!(
                hint = "copy MADOGUCHI_DISCORD_PUBLIC_KEY from the developer portal, from the application that the token is of",
                "the public key is not the one of this Discord application; its interactions will be refused"
            );
        }
        Some(application)
    }

    /// Tells Discord the commands, again while that may succeed.
    async fn publish_commands(&self, application: &Value, stop: &CancellationToken) {
        let id = application["id"].as_str().unwrap_or_default();
        let mut backoff = Backoff::new("Discord");
        loop {
            let assistant = self.bot.shared.core.assistant.load_full();
            let messages = &assistant.knowledge().messages;
            let published = tokio::select! {
                published = commands::publish(&self.bot.rest, id, messages) => published,
                () = stop.cancelled() => return,
            };
            let error = match published {
                Ok(true) => return tracing::info!("the commands were told to Discord"),
                Ok(false) => return tracing::debug!("Discord knows the commands"),
                Err(error) => error,
            };
            if !error.is_passing() {
                return tracing::warn!(%error, "the commands could not be told to Discord");
            }
            let wait = error.wait(&mut backoff);
            let seconds = wait.as_secs_f32();
            tracing::warn!(%error, seconds, "the commands could not be told to Discord; trying again");
            tokio::select! {
                () = sleep(wait) => {}
                () = stop.cancelled() => return,
            }
        }
    }
}

/// Does something beside what ends by itself.
async fn aside(work: impl Future<Output = ()>) {
    work.await;
    pending().await
}

async fn wait_at_endpoint(bot: &Bot, stop: &CancellationToken) {
    tracing::info!(mode = "endpoint", "the Discord bot is ready");
    stop.cancelled().await;
    bot.finish().await;
}

/// Why there is no answer.
pub(super) enum Unanswered {
    /// The token is refused.
    Refused,
    /// The service stops.
    Stopped,
}

/// Asks until it is answered.
pub(super) async fn insist(
    rest: &Rest,
    path: &str,
    stop: &CancellationToken,
) -> Result<Value, Unanswered> {
    let mut backoff = Backoff::new("Discord");
    loop {
        let called = tokio::select! {
            called = rest.get(path) => called,
            () = stop.cancelled() => return Err(Unanswered::Stopped),
        };
        let error = match called {
            Ok(done) => {
                backoff.succeed();
                return Ok(done);
            }
            Err(Failure::Unauthorized) => return Err(Unanswered::Refused),
            Err(error) => error,
        };
        let wait = error.wait(&mut backoff);
        let seconds = wait.as_secs_f32();
        tracing::warn!(%error, seconds, "Discord cannot be reached; trying again");
        tokio::select! {
            () = sleep(wait) => {}
            () = stop.cancelled() => return Err(Unanswered::Stopped),
        }
    }
}

/// What mends a token that is refused.
const TOKEN_HINT: &str = "set MADOGUCHI_DISCORD_TOKEN to the token of the application's bot in the developer portal, or leave it out";

pub(super) fn refuse_token() {
    tracing::error!(
        hint = TOKEN_HINT,
        "Discord does not know this token; the bot is off, the rest goes on"
    );
}
