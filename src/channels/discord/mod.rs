//! Discord: a bot that receives interactions on the gateway or on the interactions endpoint.
//!
//! `gateway` and `endpoint` receive interactions and messages. `respond` and `turn` compute the
//! response with the core in `channels::bot`; `layout`, `embed`, `text`, `markdown`, `table` and
//! `components` render it; `bot` runs these steps and sends the result with `rest`. Interactions and
//! messages have serenity's types. Invariants: a failure of this channel does not affect the HTTP
//! service; no log line at `info` or above contains a member's words, and no log line contains a
//! token; each interaction gets one response, computed in memory, well within Discord's three
//! seconds.

mod asked;
mod autocomplete;
mod bot;
mod commands;
mod components;
mod embed;
mod endpoint;
mod event_handler;
mod gateway;
mod identify;
mod layout;
mod markdown;
mod modal;
mod rate_limit;
mod respond;
mod rest;
mod shared;
mod startup;
mod table;
mod text;
mod turn;

use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

pub use super::bot::{Running, Service};

use super::Clock;
use crate::knowledge::Markdown;
use bot::Bot;
use rest::Rest;
use shared::Shared;
use startup::Startup;
use text::Text;

/// Formats an answer as the bot does, for a preview: Discord's Markdown of each message.
pub(super) fn preview(answer: &Markdown) -> Vec<String> {
    let mut text = Text::default();
    text.answer(&answer.blocks());
    text.parts(embed::MAX_DESCRIPTION_CHARS)
}

/// The bot's settings. They contain secrets, so there is no `Debug`.
#[derive(Clone)]
pub struct Options {
    /// The bot's token; without it, no commands are registered.
    pub token: Option<String>,
    /// The application's public key, 64 hexadecimal digits; if set, Discord sends interactions to
    /// the endpoint, and no gateway is opened.
    pub public_key: Option<String>,
    /// Address of Discord's API; Discord's own by default.
    pub api_url: Option<String>,
    /// Scheme and host of the help centre, such as `https://faq.example.jp`, for links to entries.
    pub public_url: Option<String>,
    /// The clock; the system's by default.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: None,
            public_key: None,
            api_url: None,
            public_url: None,
            clock: Arc::new(Timestamp::now),
        }
    }
}

/// The reason why the bot cannot start. Contains no values, since each may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOptions {
    /// There is neither a token nor a public key.
    #[error("neither MADOGUCHI_DISCORD_TOKEN nor MADOGUCHI_DISCORD_PUBLIC_KEY is set")]
    Nothing,
    /// The public key cannot be read.
    #[error(
        "MADOGUCHI_DISCORD_PUBLIC_KEY is not a public key, expected `Public Key` from *General Information* in the developer portal"
    )]
    PublicKey,
    /// The system has no TLS, or the token contains characters that a header must not contain.
    #[error("cannot build an HTTP client for Discord")]
    Client,
}

/// Starts the bot on the current runtime; it stops once `cancellation` is cancelled.
///
/// # Errors
/// [`InvalidOptions`]. Other failures are logged and retried.
pub fn start(
    service: Service,
    options: Options,
    cancellation: CancellationToken,
) -> Result<Running, InvalidOptions> {
    let verifier = options
        .public_key
        .as_deref()
        .map(|key| endpoint::verifier(key).ok_or(InvalidOptions::PublicKey))
        .transpose()?;
    if verifier.is_none() && options.token.is_none() {
        return Err(InvalidOptions::Nothing);
    }
    let rest = Rest::new(options.token.as_deref(), options.api_url.as_deref());
    let shared = Shared::new(service, options.clock, options.public_url);
    let bot = Arc::new(Bot::new(shared, rest.ok_or(InvalidOptions::Client)?));
    let router = verifier.map(|verifier| endpoint::router(Arc::clone(&bot), verifier));
    let startup = Startup {
        bot,
        token: options.token,
        public_key: options.public_key,
    };
    Ok(Running::spawn("Discord", router, startup.run(cancellation)))
}
