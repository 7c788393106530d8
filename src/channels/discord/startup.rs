//! Start of the bot: checks the token, registers the commands, runs the gateway or the endpoint.
//!
//! Invariants: a cancellation ends every wait; temporary failures are retried with growing delays,
//! refusals are not; the endpoint serves even while Discord is unreachable.

use std::future::pending;
use std::sync::Arc;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::bot::Bot;
use super::commands;
use super::gateway::{self, End};
use super::rest::Failure;
use crate::channels::bot::{Retry, Unfinished, retry_until_cancelled};

/// The hint for a rejected token.
const TOKEN_HINT: &str = "set MADOGUCHI_DISCORD_TOKEN to the token of the application's bot in the developer portal, or leave it out";

/// The bot and its credentials.
pub(super) struct Startup {
    pub(super) bot: Arc<Bot>,
    pub(super) token: Option<String>,
    pub(super) public_key: Option<String>,
}

impl Startup {
    /// Runs the bot until the service stops or Discord refuses the bot.
    pub(super) async fn run(self, cancellation: CancellationToken) {
        if self.public_key.is_some() {
            tracing::info!(mode = "endpoint", "Discord bot ready");
            tokio::join!(cancellation.cancelled(), self.register(&cancellation));
        } else if let Some(application) = self.application(&cancellation).await {
            let registration = async {
                self.publish_commands(&application, &cancellation).await;
                pending::<()>().await;
            };
            tokio::select! {
                () = self.run_gateway(&application, &cancellation) => {}
                () = registration => {}
            }
        } else {
            return;
        }
        self.bot.finish().await;
    }

    /// Registers the commands for the endpoint, if there is a token.
    async fn register(&self, cancellation: &CancellationToken) {
        if self.token.is_none() {
            tracing::warn!(
                hint = "set MADOGUCHI_DISCORD_TOKEN once, so that the commands appear",
                "Discord commands not registered: no token"
            );
        } else if let Some(application) = self.application(cancellation).await {
            self.publish_commands(&application, cancellation).await;
        }
    }

    async fn run_gateway(&self, application: &Value, cancellation: &CancellationToken) {
        let token = self.token.as_deref().unwrap_or_default();
        let name = application["name"].as_str().unwrap_or_default();
        match gateway::run(&self.bot, token, name, cancellation).await {
            End::Cancelled => {}
            End::TokenRejected => log_rejected_token("Discord bot off"),
            End::Refused(code) => {
                tracing::error!(code, "Discord bot off: gateway refused the connection");
            }
        }
    }

    /// Gets the application of the token; `None` if the token is rejected or the service stops.
    async fn application(&self, cancellation: &CancellationToken) -> Option<Value> {
        let get = || self.bot.rest.application();
        let action = "get the application";
        let application =
            retry_until_cancelled("Discord", action, cancellation, get, Failure::retry);
        let application = match application.await {
            Ok(application) => application,
            Err(Unfinished::Cancelled) => return None,
            Err(Unfinished::Failed(_)) => {
                log_rejected_token(match self.public_key {
                    Some(_) => "Discord commands not registered",
                    None => "Discord bot off",
                });
                return None;
            }
        };
        let expected = application["verify_key"].as_str();
        let keys = expected.zip(self.public_key.as_deref());
        if keys.is_some_and(|(expected, key)| !expected.eq_ignore_ascii_case(key)) {
            tracing::error!(
                hint = "copy MADOGUCHI_DISCORD_PUBLIC_KEY from the developer portal, from the application that the token belongs to",
                "Discord interactions will be refused: public key of another application"
            );
        }
        Some(application)
    }

    /// Registers the commands, unless they are registered already.
    async fn publish_commands(&self, application: &Value, cancellation: &CancellationToken) {
        let id = application["id"].as_str().unwrap_or_default();
        let publish = async || {
            let assistant = self.bot.shared.core.assistant.load_full();
            commands::publish(&self.bot.rest, id, &assistant.knowledge().messages).await
        };
        let classify = |failure: &Failure| match failure.is_temporary() {
            true => failure.retry(),
            false => Retry::Never,
        };
        let action = "register the commands";
        match retry_until_cancelled("Discord", action, cancellation, publish, classify).await {
            Ok(true) => tracing::info!("Discord commands registered"),
            Ok(false) => tracing::debug!("Discord commands unchanged"),
            Err(Unfinished::Failed(error)) => {
                tracing::warn!(%error, "Discord commands not registered");
            }
            Err(Unfinished::Cancelled) => {}
        }
    }
}

fn log_rejected_token(effect: &str) {
    tracing::error!(hint = TOKEN_HINT, "{effect}: token rejected");
}
