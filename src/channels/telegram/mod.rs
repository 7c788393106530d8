//! Telegram: the bot, by long polling or by webhook.
//!
//! Updates in, calls of the Bot API out: `update` reads what arrives, `inbox` puts it in order,
//! `respond` decides what the bot does, `format` and `keyboard` how it looks, `send` does it.
//! Invariants: nothing that fails here reaches the web; no log line at `info` or above holds a
//! member's words, and none the token; an update that was fetched is answered once.

mod format;
mod html;
mod inbox;
mod inline;
mod keyboard;
mod menu;
mod pace;
mod polling;
mod respond;
mod send;
mod topics;
mod update;
mod webhook;

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use teloxide::payloads::{SetMyCommandsSetters, SetWebhookSetters};
use teloxide::requests::{Output, Request, Requester};
use teloxide::types::{BotCommand, Me};
use teloxide::{ApiError, Bot, RequestError};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use super::Clock;
pub use super::bot::Service;
pub use pace::Limits;

use super::bot::command::Command;
use super::bot::{Conversations, MAX_CONVERSATIONS, Retry, Unfinished, retry_until_cancelled};
use crate::knowledge::Language;
use inbox::Inbox;
use menu::describe;
use respond::Shared;
use send::Caller;
use webhook::Door;

/// What a deployer may set. It holds secrets, so it cannot be printed.
#[derive(Clone)]
pub struct Options {
    /// The bot's token, as BotFather gave it.
    pub token: String,
    /// Where the Bot API is; Telegram's own by default.
    pub api_url: Option<String>,
    /// Where Telegram brings updates; it is asked for them by default.
    pub webhook: Option<Webhook>,
    /// How many messages may be sent.
    pub limits: Limits,
    /// The clock; the system's by default.
    pub clock: Clock,
}

/// Where Telegram brings updates.
#[derive(Clone)]
pub struct Webhook {
    /// The public address; its path is the path of the route.
    pub url: String,
    /// What Telegram sends along, so that nobody else can.
    pub secret: String,
}

/// Says why the bot cannot start; names no value, since each may hold a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOptions {
    /// Not an address.
    #[error("the address of the Bot API is not one, expected for example `http://127.0.0.1:8081`")]
    ApiUrl,
    /// Not an address.
    #[error(
        "the address of the webhook is not one, expected for example `https://faq.example.jp/telegram/webhook`"
    )]
    WebhookUrl,
    /// The system has no TLS or no resolver.
    #[error("cannot make connections")]
    Client,
}

impl Options {
    /// Polls Telegram's own Bot API at the pace that it allows.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            api_url: None,
            webhook: None,
            limits: Limits::default(),
            clock: Arc::new(Timestamp::now),
        }
    }
}

/// The running bot.
pub struct Running {
    router: Option<axum::Router>,
    task: JoinHandle<()>,
}

impl Running {
    /// Returns the route of the webhook, if it has one.
    pub fn router(&mut self) -> Option<axum::Router> {
        self.router.take()
    }

    /// Waits until the bot has stopped, which it does once it was told to and has answered what it
    /// had fetched.
    pub async fn stopped(self) {
        if self.task.await.is_err() {
            tracing::error!("the Telegram bot ended by a defect");
        }
    }
}

/// Starts the bot on the running runtime; it stops once `stop` holds `true`.
///
/// # Errors
/// [`InvalidOptions`]; whatever else keeps it from working is logged and tried again.
pub fn start(
    service: Service,
    options: Options,
    stop: CancellationToken,
) -> Result<Running, InvalidOptions> {
    let client = teloxide::net::default_reqwest_settings().build();
    let client = client.map_err(|_| InvalidOptions::Client)?;
    let mut bot = Bot::with_client(options.token.clone(), client);
    if let Some(url) = &options.api_url {
        bot = bot.set_api_url(url.parse().map_err(|_| InvalidOptions::ApiUrl)?);
    }
    let caller = Arc::new(Caller::new(bot, options.token, &options.limits));
    let door = Door::default();
    let mut router = None;
    let mut address = None;
    if let Some(Webhook { url, secret }) = options.webhook {
        // Of the type that the call takes.
        let url = caller
            .bot
            .set_webhook(url.parse().map_err(|_| InvalidOptions::WebhookUrl)?);
        let path = url.url.path().to_owned();
        router = Some(webhook::router(&path, secret.clone(), Arc::clone(&door)));
        address = Some(
            url.secret_token(secret)
                .allowed_updates(polling::ALLOWED_UPDATES),
        );
    }
    let starting = Starting {
        service,
        caller,
        limits: options.limits,
        clock: options.clock,
        door,
    };
    let task = tokio::spawn(starting.run(address, stop));
    Ok(Running { router, task })
}

/// What it takes to get the bot ready.
struct Starting {
    service: Service,
    caller: Arc<Caller>,
    limits: Limits,
    clock: Clock,
    door: Arc<OnceLock<Arc<Inbox>>>,
}

impl Starting {
    async fn run<W>(self, webhook: Option<W>, stop: CancellationToken)
    where
        W: Request<Err = RequestError>,
    {
        let caller = Arc::clone(&self.caller);
        let bot = &caller.bot;
        let Some(me) = self.insist("getMe", bot.get_me(), &stop).await else {
            return;
        };
        let name = me.user.username.clone();
        self.publish_commands().await;
        let inbox = Arc::new(self.inbox(me));
        if let Some(webhook) = webhook {
            // Before Telegram is told, since it may be quicker than we are.
            let _ = self.door.set(Arc::clone(&inbox));
            if self.insist("setWebhook", webhook, &stop).await.is_none() {
                return;
            }
            tracing::info!(name, mode = "webhook", "the Telegram bot is ready");
            stop.cancelled().await;
            inbox.finish().await;
        } else {
            // Telegram lets nobody poll while there is a webhook.
            if self
                .insist("deleteWebhook", bot.delete_webhook(), &stop)
                .await
                .is_none()
            {
                return;
            }
            tracing::info!(name, mode = "polling", "the Telegram bot is ready");
            polling::run(&caller, &inbox, &stop).await;
        }
        tracing::info!("the Telegram bot has stopped");
    }

    fn inbox(&self, me: Me) -> Inbox {
        let shared = Shared {
            assistant: Arc::clone(&self.service.assistant),
            metrics: Arc::clone(&self.service.metrics),
            clock: Arc::clone(&self.clock),
            conversations: Conversations::new(MAX_CONVERSATIONS),
            me,
        };
        Inbox::new(shared, Arc::clone(&self.caller), self.limits)
    }

    /// Makes a call until it succeeds; `None` if Telegram rejects the token, or on shutdown.
    async fn insist<R>(
        &self,
        action: &str,
        request: R,
        stop: &CancellationToken,
    ) -> Option<Output<R>>
    where
        R: Request<Err = RequestError>,
    {
        let classify = |error: &RequestError| match error {
            RequestError::Api(ApiError::InvalidToken) => Retry::Never,
            RequestError::RetryAfter(seconds) => Retry::After {
                at_least: seconds.duration(),
                cause: self.caller.describe(error),
            },
            _ => Retry::later(self.caller.describe(error)),
        };
        let send = || request.send_ref();
        let called = retry_until_cancelled("Telegram", action, stop, send, classify).await;
        if let Err(Unfinished::Failed(error)) = &called {
            tracing::error!(
                cause = self.caller.describe(error),
                hint = "set MADOGUCHI_TELEGRAM_TOKEN to the token that BotFather gave for the bot, or leave it out",
                "Telegram rejected the token; the bot is off, the other channels run"
            );
        }
        called.ok()
    }

    /// Tells Telegram the commands; in English for all but those who use it in Japanese.
    async fn publish_commands(&self) {
        for (language, tag) in [
            (Language::English, None),
            (Language::Japanese, Some(Language::Japanese.tag())),
        ] {
            let assistant = self.service.assistant.load_full();
            let messages = &assistant.knowledge().messages;
            let commands = Command::NAMES
                .map(|name| BotCommand::new(name, messages.render(describe(name), language, &[])));
            let mut request = self.caller.bot.set_my_commands(commands);
            if let Some(tag) = tag {
                request = request.language_code(tag);
            }
            if let Err(error) = self.caller.call(request).await {
                let cause = self.caller.describe(&error);
                tracing::warn!(cause, "the commands could not be told to Telegram");
            }
        }
    }
}
