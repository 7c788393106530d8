//! Discord: the bot, by the gateway or by the interactions endpoint.
//!
//! Interactions and messages in, responses and calls of the REST API out: `gateway` and `endpoint`
//! are the ways in, `respond` and `turn` decide what the bot says, `embed`, `markdown`, `table` and
//! `components` how it looks, `rest` sends it. What Discord sends and takes is in serenity's words;
//! the connections are our own, since serenity's block a thread where one cannot be made again, and
//! begin sessions without end. Invariants: nothing that fails here reaches the web; no log line at
//! `info` or above holds a member's words, and none a token; every interaction gets one response,
//! from memory, long before Discord gives up.

mod autocomplete;
mod commands;
mod components;
mod ear;
mod embed;
mod endpoint;
mod gateway;
mod markdown;
mod modal;
mod pace;
mod respond;
mod rest;
mod session;
mod shared;
mod starting;
mod table;
mod text;
mod turn;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use serenity::builder::CreateInteractionResponse;
use serenity::interactions_endpoint::Verifier;
use serenity::model::application::Interaction;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

pub use super::bot::Service;

use super::Clock;
use super::bot::SHUTDOWN_GRACE;
use embed::Page;
use respond::{Response, Shared};
use rest::Rest;
use starting::Starting;

/// Most interactions and messages that are worked on at once.
const MOST_PENDING: u32 = 16_384;

/// How long the bot may take to stop: for the connections to be left, and then for the answers.
const LONGEST_STOP: Duration = Duration::from_secs(25);

/// How long a response takes to Discord, before which nothing can follow it.
const ON_ITS_WAY: Duration = Duration::from_millis(200);

/// What a deployer may set. It holds secrets, so it cannot be printed.
#[derive(Clone)]
pub struct Options {
    /// The bot's token; without it the commands cannot be told to Discord.
    pub token: Option<String>,
    /// The application's public key, 64 hexadecimal digits; with it Discord brings interactions to
    /// the route, and no gateway is opened.
    pub public_key: Option<String>,
    /// Where Discord is; Discord itself by default.
    pub api_url: Option<String>,
    /// Scheme and host that members see, such as `https://faq.example.jp`, for links to entries.
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

/// Says why the bot cannot start; names no value, since each may hold a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOptions {
    /// No way in.
    #[error("neither a token nor a public key of Discord is set")]
    Nothing,
    /// Not a key.
    #[error(
        "MADOGUCHI_DISCORD_PUBLIC_KEY is the public key of no application, expected the one on *General Information* in the developer portal"
    )]
    PublicKey,
    /// The system has no TLS, or the token holds what no header may.
    #[error("cannot make connections")]
    Client,
}

/// The running bot.
pub struct Running {
    router: Option<axum::Router>,
    task: JoinHandle<()>,
}

impl Running {
    /// Returns the route of the endpoint, if it has one.
    pub fn router(&mut self) -> Option<axum::Router> {
        self.router.take()
    }

    /// Waits until the bot has stopped, which it does once it was told to and has answered what it
    /// had taken; not longer than some 25 seconds.
    pub async fn stopped(mut self) {
        match timeout(LONGEST_STOP, &mut self.task).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => tracing::error!("the Discord bot ended by a defect"),
            Err(_) => {
                self.task.abort();
                tracing::warn!("the Discord bot did not stop in time");
            }
        }
    }
}

/// Starts the bot on the running runtime; it stops once `stop` is cancelled.
///
/// # Errors
/// [`InvalidOptions`]; whatever else keeps it from working is logged and tried again.
pub fn start(
    service: Service,
    options: Options,
    stop: CancellationToken,
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
    let bot = Arc::new(Bot {
        shared: Shared::new(service, options.clock, options.public_url),
        rest: rest.ok_or(InvalidOptions::Client)?,
        pending: Arc::new(Semaphore::new(MOST_PENDING as usize)),
    });
    let router = verifier.map(|verifier: Verifier| endpoint::router(Arc::clone(&bot), verifier));
    let starting = Starting {
        bot,
        token: options.token,
        public_key: options.public_key,
    };
    let task = tokio::spawn(starting.run(stop));
    Ok(Running { router, task })
}

/// Answers, whichever way it was asked.
struct Bot {
    shared: Shared,
    rest: Rest,
    pending: Arc<Semaphore>,
}

impl Bot {
    /// Takes part in what [`Bot::finish`] waits for; `None` if too much is under way, or if it is
    /// too late.
    fn enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.pending).try_acquire_owned().ok()
    }

    /// Computes the response to an interaction beside what waits for the network; an apology if a
    /// defect ends it.
    async fn think(self: &Arc<Self>, interaction: &Arc<Interaction>) -> Response {
        let (bot, asked) = (Arc::clone(self), Arc::clone(interaction));
        let response = self
            .shared
            .core
            .pool
            .run(async move { bot.shared.respond(&asked).await });
        response.await.unwrap_or_else(|| {
            let apology = self.shared.apology(Some(interaction));
            let first = match **interaction {
                Interaction::Autocomplete(_) => {
                    CreateInteractionResponse::Autocomplete(Default::default())
                }
                _ => CreateInteractionResponse::Message(apology.response()),
            };
            Response {
                first,
                then: Vec::new(),
            }
        })
    }

    /// Computes the answer to a message.
    async fn think_of(
        self: &Arc<Self>,
        key: respond::Key,
        text: String,
        has_files: bool,
    ) -> Vec<Page> {
        let bot = Arc::clone(self);
        let answer = async move { bot.shared.answer(key, &text, has_files).await };
        let pages = self.shared.core.pool.run(answer).await;
        pages.unwrap_or_else(|| vec![self.shared.apology(None)])
    }

    /// Responds to an interaction that came by the gateway.
    async fn respond(self: &Arc<Self>, interaction: Interaction) {
        let interaction = Arc::new(interaction);
        let Response { first, then } = self.think(&interaction).await;
        let (id, token) = (interaction.id().get(), interaction.token());
        match self.rest.respond(id, token, &json!(first)).await {
            Ok(()) => self.follow(&interaction, &then).await,
            Err(error) => tracing::warn!(%error, "an interaction could not be responded to"),
        }
    }

    /// Sends what follows a response that is on its way; a stop waits for it.
    fn follow_later(
        self: &Arc<Self>,
        interaction: Arc<Interaction>,
        then: Vec<Page>,
        permit: OwnedSemaphorePermit,
    ) {
        let bot = Arc::clone(self);
        tokio::spawn(async move {
            sleep(ON_ITS_WAY).await;
            bot.follow(&interaction, &then).await;
            drop(permit);
        });
    }

    async fn follow(&self, interaction: &Interaction, then: &[Page]) {
        let application = interaction.application_id().get();
        for page in then {
            let body = page.body(None);
            let followed = self.rest.follow(application, interaction.token(), &body);
            if let Err(error) = followed.await {
                tracing::warn!(%error, "a message after a response could not be sent");
                // A part alone may say the opposite of the whole.
                return;
            }
        }
    }

    /// Waits until everything is done, for a while, and takes nothing more.
    async fn finish(&self) {
        let all = self.pending.acquire_many(MOST_PENDING);
        if timeout(SHUTDOWN_GRACE, all).await.is_err() {
            tracing::warn!("some interactions could not be answered in time");
        }
        self.pending.close();
        tracing::info!("the Discord bot has stopped");
    }
}
