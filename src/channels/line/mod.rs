//! LINE: the bot, by webhook.
//!
//! Events in, calls of the Messaging API out: `webhook` verifies a request, `inbox` takes its events,
//! `event` reads them, `order` keeps those of a chat in order, `profiles` finds the language of a member,
//! `respond` translates between the chat and the core in `channels::bot`, `layout`, `answer`, `quick_reply`
//! and `flex` render messages, `send` and `api` make the calls. Invariants: a failure of this channel does
//! not affect the HTTP service; no log line at `info` or above contains a member's words, and no log line
//! contains a secret; an event is confirmed when it is answered or stored; a message that costs money is
//! sent only if the operator allows it.

mod answer;
mod api;
mod event;
mod flex;
mod inbox;
mod layout;
mod order;
mod profiles;
mod quick_reply;
mod respond;
mod send;
mod webhook;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

pub use super::Clock;
pub use super::bot::{Running, Service};

use super::bot::{Core, Unfinished, retry_until_cancelled};
use api::Api;
use inbox::Inbox;
use send::Sender;

/// Time for which a reply token is used after the event was received. LINE guarantees one minute.
const REPLY_LIFETIME: Duration = Duration::from_secs(50);

/// Interval of attempts to open the folder of delayed events while another process uses it.
const FOLDER_INTERVAL: Duration = Duration::from_secs(1);

/// The settings of the bot. They contain secrets, so there is no `Debug`.
#[derive(Clone)]
pub struct Options {
    /// The channel secret, with which LINE signs its requests.
    pub secret: String,
    /// The channel access token.
    pub token: String,
    /// The address of the Messaging API; LINE's own by default.
    pub api_url: Option<String>,
    /// Whether an answer that is too late for a reply is sent as a push message, which LINE may charge.
    pub can_push: bool,
    /// Scheme, host and path of the help centre, for links to entries.
    pub public_url: Option<String>,
    /// A folder for events that cannot be answered within a second; without one they are refused, so
    /// that LINE delivers them again.
    pub delayed_folder: Option<PathBuf>,
    /// Time for which a reply token is used.
    pub reply_lifetime: Duration,
    /// The clock; the system's by default.
    pub clock: Clock,
}

impl Options {
    /// Uses LINE's own Messaging API, and sends no push messages.
    #[must_use]
    pub fn new(secret: impl Into<String>, token: impl Into<String>) -> Self {
        Self {
            secret: secret.into(),
            token: token.into(),
            api_url: None,
            can_push: false,
            public_url: None,
            delayed_folder: None,
            reply_lifetime: REPLY_LIFETIME,
            clock: Arc::new(Timestamp::now),
        }
    }
}

/// The reason why the bot cannot start. Contains no values, since each may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOptions {
    /// The system has no TLS, or the token contains characters that a header must not contain.
    #[error("cannot build an HTTP client for LINE")]
    Client,
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
    let api = Api::new(&options.token, options.api_url.as_deref());
    let api = Arc::new(api.ok_or(InvalidOptions::Client)?);
    let core = Arc::new(Core::new(service, options.clock, respond::profile()));
    let sender = Sender::new(
        Arc::clone(&core),
        Arc::clone(&api),
        options.can_push,
        options.reply_lifetime,
    );
    let inbox = Arc::new(Inbox::new(
        core,
        sender,
        options.delayed_folder,
        options.public_url,
    ));
    let router = webhook::router(options.secret, Arc::clone(&inbox));
    let run = run(inbox, api, options.token, stop);
    Ok(Running::spawn("LINE", Some(router), run))
}

/// Runs the bot until it is stopped, or LINE rejects the token.
async fn run(inbox: Arc<Inbox>, api: Arc<Api>, token: String, stop: CancellationToken) {
    let folder = {
        let inbox = Arc::clone(&inbox);
        async move {
            while !inbox.open_folder(&token) {
                tokio::time::sleep(FOLDER_INTERVAL).await;
            }
        }
    };
    let ready = async {
        let info = || api.info();
        let info = retry_until_cancelled("LINE", "info", &stop, info, api::Failure::retry).await;
        match info {
            Ok(name) => {
                inbox.note_connection(true);
                tracing::info!(name, "LINE bot ready");
                stop.cancelled().await;
            }
            Err(Unfinished::Cancelled) => {}
            Err(Unfinished::Failed(_)) => tracing::error!(
                hint = "set MADOGUCHI_LINE_TOKEN to the channel access token from the LINE Developers console, or leave it out",
                "LINE bot off: token rejected"
            ),
        }
    };
    // Events are answered meanwhile: neither the name nor the folder is needed for that.
    let folder = async {
        folder.await;
        std::future::pending().await
    };
    tokio::select! {
        () = ready => {}
        () = folder => {}
    }
    inbox.note_connection(false);
    inbox.finish().await;
    if stop.is_cancelled() {
        tracing::info!("LINE bot stopped");
    }
}
