//! Makes calls of the Bot API, and retries them after errors that may pass.
//!
//! Invariant: no log line contains the token or a member's words.

use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable};
use teloxide::requests::{Output, Request};
use teloxide::{ApiError, Bot, RequestError};
use tokio_util::sync::CancellationToken;

use super::rate::{Limits, OverallLimiter};
use crate::channels::bot::{Retry, Unfinished, retry_until_cancelled};

/// Delay before the first retry; it doubles with each further one.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// Upper bound of the delay between retries, unless Telegram requires a longer one.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(30);

/// Maximum number of retries of a call that is of no use later.
const MAX_RETRIES: usize = 4;

/// Upper bound of a delay that Telegram requires of such a call.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(120);

/// Time for which a message is retried while Telegram cannot be reached or limits the rate; Telegram
/// keeps updates as long.
const MESSAGE_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Time for which a message is retried after errors of the server, which may be due to the message.
const FAULT_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Calls the Bot API.
pub(super) struct Caller {
    pub(super) bot: Bot,
    pub(super) overall: OverallLimiter,
    pub(super) token: String,
}

impl Caller {
    pub(super) fn new(bot: Bot, token: String, limits: &Limits) -> Self {
        let overall = OverallLimiter::new(limits);
        Self {
            bot,
            overall,
            token,
        }
    }

    /// Makes a call, and retries it a few times.
    pub(super) async fn call<R>(&self, request: R) -> Result<Output<R>, RequestError>
    where
        R: Request<Err = RequestError>,
    {
        let delays = ExponentialBuilder::new()
            .with_min_delay(RETRY_DELAY)
            .without_max_delay()
            .with_max_times(MAX_RETRIES);
        let is_transient = |error: &RequestError| match error {
            RequestError::RetryAfter(seconds) => seconds.duration() <= MAX_RETRY_AFTER,
            error => lifetime(error).is_some(),
        };
        let attempt = || request.send_ref();
        let retried = attempt.retry(delays).when(is_transient);
        retried.adjust(required_delay).await
    }

    /// Makes a call that must succeed also if it is late: retries it for up to [`MESSAGE_LIFETIME`].
    pub(super) async fn call_patiently<R>(&self, request: R) -> Result<Output<R>, RequestError>
    where
        R: Request<Err = RequestError>,
    {
        let delays = ExponentialBuilder::new()
            .with_min_delay(RETRY_DELAY)
            .with_max_delay(MAX_RETRY_DELAY)
            .without_max_times();
        let start = Instant::now();
        let is_in_time =
            |error: &RequestError| lifetime(error).is_some_and(|time| start.elapsed() < time);
        let attempt = || request.send_ref();
        let retried = attempt.retry(delays).when(is_in_time);
        retried.adjust(required_delay).await
    }

    /// Makes a call until it succeeds, Telegram rejects the token, or the service stops; logs a
    /// rejected token.
    pub(super) async fn call_until_cancelled<T, F>(
        &self,
        action: &str,
        stop: &CancellationToken,
        attempt: impl FnMut() -> F,
    ) -> Result<T, Unfinished<RequestError>>
    where
        F: Future<Output = Result<T, RequestError>>,
    {
        let classify = |error: &RequestError| self.classify(error);
        let called = retry_until_cancelled("Telegram", action, stop, attempt, classify).await;
        if let Err(Unfinished::Failed(error)) = &called {
            tracing::error!(
                cause = self.describe(error),
                hint = "set MADOGUCHI_TELEGRAM_TOKEN to the bot's token from BotFather, or leave it out",
                "Telegram bot off: token rejected"
            );
        }
        called
    }

    /// Classifies the failure of a call that is retried until it succeeds.
    fn classify(&self, error: &RequestError) -> Retry {
        match error {
            RequestError::Api(ApiError::InvalidToken) => Retry::Never,
            RequestError::Api(ApiError::TerminatedByOtherGetUpdates) => Retry::later(
                "another process polls with this token; stop that process, or use a webhook",
            ),
            RequestError::RetryAfter(seconds) => Retry::After {
                at_least: seconds.duration(),
                cause: self.describe(error),
            },
            _ => Retry::later(self.describe(error)),
        }
    }

    /// Logs a call that failed permanently.
    pub(super) fn log(&self, method: &str, error: &RequestError) {
        let cause = self.describe(error);
        if is_blocked(error) {
            tracing::debug!(
                method,
                cause,
                "Telegram: call refused, chat closed to the bot"
            );
        } else {
            tracing::warn!(method, cause, "Telegram: call failed");
        }
    }

    /// Describes an error for the log. Omits the token, which every address contains, and the
    /// response of Telegram, which may contain a member's words.
    pub(super) fn describe(&self, error: &RequestError) -> String {
        let described = match error {
            RequestError::InvalidJson { source, .. } => {
                format!("unexpected response ({:?})", source.classify())
            }
            RequestError::Network(error) => {
                let mut text = error.to_string();
                let mut source = std::error::Error::source(&**error);
                while let Some(cause) = source {
                    text.push_str(": ");
                    text.push_str(&cause.to_string());
                    source = cause.source();
                }
                text
            }
            other => other.to_string(),
        };
        let secret = self.token.split_once(':').map_or("", |(_, secret)| secret);
        let described = described.replace(&self.token, "***");
        if secret.is_empty() {
            described
        } else {
            described.replace(secret, "***")
        }
    }
}

/// Returns how long a message is retried after an error; `None` if a retry cannot succeed. A retry may
/// send a message twice if the response was lost, which is better than never.
fn lifetime(error: &RequestError) -> Option<Duration> {
    match error {
        RequestError::RetryAfter(_) | RequestError::Network(_) | RequestError::Io(_) => {
            Some(MESSAGE_LIFETIME)
        }
        RequestError::InvalidJson { .. } => Some(FAULT_LIFETIME),
        // The descriptions of status 500 and above.
        RequestError::Api(ApiError::Unknown(text)) => {
            let transient = ["Bad Gateway", "Internal Server Error", "Gateway Timeout"];
            let is_fault = transient.iter().any(|prefix| text.starts_with(prefix));
            is_fault.then_some(FAULT_LIFETIME)
        }
        _ => None,
    }
}

/// Returns the delay that Telegram requires after an error, or else the backoff.
fn required_delay(error: &RequestError, backoff: Option<Duration>) -> Option<Duration> {
    match error {
        RequestError::RetryAfter(seconds) => backoff.map(|_| seconds.duration()),
        _ => backoff,
    }
}

/// Returns whether the chat is closed to the bot.
fn is_blocked(error: &RequestError) -> bool {
    matches!(
        error,
        RequestError::Api(
            ApiError::BotBlocked
                | ApiError::UserDeactivated
                | ApiError::ChatNotFound
                | ApiError::BotKicked
                | ApiError::BotKickedFromSupergroup
        )
    )
}
