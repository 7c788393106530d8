//! Telegram: the bot, by long polling or by webhook.
//!
//! Updates in, calls of the Bot API out: `update` parses an update, `inbox` takes it, `queue` handles it, `respond` translates between the chat and the core in
//! `channels::bot`, `format` and `keyboard` render messages, `send` and `call` make the calls. Invariants: a failure of this channel does not affect the HTTP
//! service; no log line at `info` or above contains a member's words, and no log line contains the
//! token; an update that Telegram delivers is answered, after a crash perhaps twice.

mod call;
mod format;
mod html;
mod inbox;
mod inline;
mod keyboard;
mod polling;
mod queue;
mod rate;
mod raw;
mod respond;
mod send;
mod update;
mod versions;
mod webhook;

use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use reqwest::Url;
use teloxide::payloads::{SetMyCommandsSetters, SetWebhookSetters};
use teloxide::requests::{Request, Requester};
use teloxide::types::{BotCommand, Me};
use teloxide::{Bot, RequestError};
use tokio_util::sync::CancellationToken;

pub use super::Clock;
pub use super::bot::{Running, Service};
pub use rate::Limits;

use super::bot::{Core, Unfinished};
use crate::knowledge::{Language, Markdown};
use call::Caller;
use inbox::Inbox;
use webhook::InboxCell;

/// Formats an answer as the bot does, for a preview: the HTML of each message.
pub(super) fn preview(answer: &Markdown) -> Vec<String> {
    format::answer_alone(answer).parts()
}

/// The settings of the bot. They contain secrets, so there is no `Debug`.
#[derive(Clone)]
pub struct Options {
    /// The bot's token from BotFather.
    pub token: String,
    /// The address of the Bot API; Telegram's own by default.
    pub api_url: Option<Url>,
    /// The webhook; long polling by default.
    pub webhook: Option<Webhook>,
    /// A folder for updates that cannot be answered soon, with long polling; without one they are
    /// lost if the process is killed.
    pub delayed_folder: Option<PathBuf>,
    /// The rate limits.
    pub limits: Limits,
    /// The clock; the system's by default.
    pub clock: Clock,
}

/// The webhook to which Telegram delivers updates.
#[derive(Clone)]
pub struct Webhook {
    /// The public address; its path is the path of the route.
    pub url: Url,
    /// The secret that Telegram sends with each update.
    pub secret: String,
}

/// The reason why the bot cannot start. Contains no values, since each may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOptions {
    /// The HTTP client cannot be set up: the system has no TLS or no resolver.
    #[error("cannot set up the HTTP client")]
    Client,
}

impl Options {
    /// Polls Telegram's own Bot API with its default rate limits.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            api_url: None,
            webhook: None,
            delayed_folder: None,
            limits: Limits::default(),
            clock: Arc::new(Timestamp::now),
        }
    }
}

/// Starts the bot on the current runtime; it stops once `stop` is cancelled.
///
/// # Errors
/// [`InvalidOptions`]. Later failures are logged and retried.
pub fn start(
    service: Service,
    options: Options,
    stop: CancellationToken,
) -> Result<Running, InvalidOptions> {
    let client = teloxide::net::default_reqwest_settings().build();
    let client = client.map_err(|_| InvalidOptions::Client)?;
    let mut bot = Bot::with_client(options.token.clone(), client);
    if let Some(url) = options.api_url {
        bot = bot.set_api_url(url);
    }
    let caller = Arc::new(Caller::new(bot, options.token, &options.limits));
    let cell = InboxCell::default();
    let mut router = None;
    let mut set_webhook = None;
    // With a webhook, Telegram keeps unanswered updates and sends them again.
    let folder = options.delayed_folder.filter(|_| options.webhook.is_none());
    if let Some(Webhook { url, secret }) = options.webhook {
        let path = url.path().to_owned();
        let request = caller.bot.set_webhook(url);
        router = Some(webhook::router(&path, secret.clone(), Arc::clone(&cell)));
        set_webhook = Some(
            request
                .secret_token(secret)
                .allowed_updates(polling::ALLOWED_UPDATES),
        );
    }
    let starting = Starting {
        service,
        caller,
        limits: options.limits,
        folder,
        clock: options.clock,
        cell,
    };
    let run = starting.run(set_webhook, stop);
    Ok(Running::spawn("Telegram", router, run))
}

/// Prepares the bot, and runs it.
struct Starting {
    service: Service,
    caller: Arc<Caller>,
    limits: Limits,
    folder: Option<PathBuf>,
    clock: Clock,
    cell: InboxCell,
}

impl Starting {
    async fn run<W>(self, webhook: Option<W>, stop: CancellationToken)
    where
        W: Request<Err = RequestError>,
    {
        let caller = &self.caller;
        let get = || caller.bot.get_me().send();
        let Ok(me) = caller.call_until_cancelled("getMe", &stop, get).await else {
            return;
        };
        let registration = async {
            // A cancellation ends the registration before the last answers are sent.
            stop.run_until_cancelled(self.register_commands()).await;
            pending().await
        };
        let served = tokio::select! {
            served = self.serve(me, webhook, &stop) => served,
            never = registration => never,
        };
        if served.is_ok() {
            tracing::info!("Telegram bot stopped");
        }
    }

    /// Answers updates until the service stops.
    ///
    /// # Errors
    /// [`Unfinished`] if Telegram rejects the token, or the service stops before the bot is ready.
    async fn serve<W>(
        &self,
        me: Me,
        webhook: Option<W>,
        stop: &CancellationToken,
    ) -> Result<(), Unfinished<RequestError>>
    where
        W: Request<Err = RequestError>,
    {
        let caller = &self.caller;
        let name = me.user.username.clone();
        let core = Core::new(
            self.service.clone(),
            Arc::clone(&self.clock),
            respond::profile(&me),
        );
        let folder = self.folder.clone();
        let inbox = Inbox::new(core, me, Arc::clone(caller), self.limits, folder);
        let inbox = Arc::new(inbox);
        if let Some(webhook) = webhook {
            // Before the call: Telegram may deliver updates before the call returns.
            let _ = self.cell.set(Arc::clone(&inbox));
            let set = || webhook.send_ref();
            caller.call_until_cancelled("setWebhook", stop, set).await?;
            tracing::info!(name, mode = "webhook", "Telegram bot ready");
            stop.cancelled().await;
            inbox.finish().await;
            Ok(())
        } else {
            // Telegram refuses polling while a webhook is set.
            let delete = || caller.bot.delete_webhook().send();
            caller
                .call_until_cancelled("deleteWebhook", stop, delete)
                .await?;
            tracing::info!(name, mode = "polling", "Telegram bot ready");
            polling::run(caller, &inbox, stop).await
        }
    }

    /// Registers the commands: in Japanese for members who use Telegram in Japanese, else in
    /// English.
    async fn register_commands(&self) {
        for (language, tag) in [
            (Language::English, None),
            (Language::Japanese, Some(Language::Japanese.tag())),
        ] {
            let assistant = self.service.assistant.load_full();
            let messages = &assistant.knowledge().messages;
            let commands = respond::COMMANDS.map(|(name, _, description)| {
                BotCommand::new(name, messages.render(description, language, &[]))
            });
            let mut request = self.caller.bot.set_my_commands(commands);
            if let Some(tag) = tag {
                request = request.language_code(tag);
            }
            if let Err(error) = self.caller.call(request).await {
                let cause = self.caller.describe(&error);
                tracing::warn!(cause, "Telegram: commands not registered");
            }
        }
    }
}
