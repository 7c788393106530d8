//! Client of Discord's REST API, with retries and rate limits.
//!
//! Invariants: no log line and no error contains a member's words or a token (of the bot or of an
//! interaction); a retry waits at least for Discord's `retry_after`; messages to one channel observe
//! the limits of the channel and of the bot. Other calls have no queue: they are few, or the bot's
//! limits do not apply to them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use serenity::model::gateway::BotGateway;

use super::rate_limit::{ChannelQueue, RateLimiter};
use crate::channels::bot::Retry;

/// Discord's address.
const DISCORD: &str = "https://discord.com";

/// The client's name, in the form that Discord requires.
const USER_AGENT: &str = concat!("DiscordBot (madoguchi, ", env!("CARGO_PKG_VERSION"), ")");

/// Time limit of one call.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// Maximum number of retries after a failed call.
const MAX_RETRIES: usize = 4;

/// Delay before the first retry; it doubles with each retry.
const RETRY_DELAY: Duration = Duration::from_millis(250);

/// Upper bound of a delay that Discord requires; a later answer would be too late to help.
const MAX_DELAY: Duration = Duration::from_secs(120);

/// Time limit of the response to an interaction; Discord's is three seconds.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(2_900);

/// Time limit of one attempt at a response, so that another one fits.
const RESPONSE_ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_200);

/// Upper bound of a delay that is read from a response.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Error code: the interaction already has a response.
const ALREADY_ACKNOWLEDGED: u64 = 40_060;

/// Error codes of a follow-up that arrives before the response: unknown message, unknown webhook.
const TOO_EARLY: [u64; 2] = [10_008, 10_015];

/// The reason why a call failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The bot's token is wrong.
    #[error("token rejected")]
    Unauthorized,
    /// Discord refused the call.
    #[error("status {status}, code {code}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Discord's own code.
        code: u64,
    },
    /// The call exceeds a rate limit.
    #[error("rate limited for {0:?}")]
    RateLimited(Duration),
    /// There is no response, or an unreadable one.
    #[error("{0}")]
    Lost(String),
}

impl Failure {
    /// Returns whether a retry may succeed.
    ///
    /// A retry may send a follow-up twice if its response was lost, which is better than never.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            Self::Lost(_) | Self::RateLimited(_) => true,
            Self::Refused { status, .. } => *status == 429 || *status >= 500,
            Self::Unauthorized => false,
        }
    }

    /// Classifies the failure of a call that must succeed before the bot starts.
    pub(super) fn retry(&self) -> Retry {
        if matches!(self, Self::Unauthorized) {
            return Retry::Never;
        }
        Retry::After {
            at_least: self.retry_after().unwrap_or_default(),
            cause: self.to_string(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited(delay) => Some(*delay),
            _ => None,
        }
    }

    /// Returns the delay of a retry: Discord's, else the backoff's; `None` after the last retry.
    fn delay(&self, backoff: Option<Duration>) -> Option<Duration> {
        backoff.map(|backoff| self.retry_after().unwrap_or(backoff))
    }
}

/// The client.
pub(super) struct Rest {
    client: Client,
    origin: String,
    token: Option<HeaderValue>,
    limiter: RateLimiter,
}

impl Rest {
    /// Builds a client; `None` if the system has no TLS or the token does not fit into a header.
    pub(super) fn new(token: Option<&str>, origin: Option<&str>) -> Option<Self> {
        let client = Client::builder().user_agent(USER_AGENT);
        let client = client.timeout(CALL_TIMEOUT).build().ok()?;
        let token = match token {
            Some(token) => {
                let mut value = HeaderValue::from_str(&format!("Bot {token}")).ok()?;
                value.set_sensitive(true);
                Some(value)
            }
            None => None,
        };
        Some(Self {
            client,
            origin: origin.unwrap_or(DISCORD).trim_end_matches('/').to_owned(),
            token,
            limiter: RateLimiter::default(),
        })
    }

    /// Enters a channel's queue; `None` if it is full.
    pub(super) fn join(&self, channel: u64) -> Option<Arc<ChannelQueue>> {
        self.limiter.join(channel, Instant::now())
    }

    /// Gets the application that the token belongs to.
    pub(super) async fn application(&self) -> Result<Value, Failure> {
        self.get("/oauth2/applications/@me").await
    }

    /// Gets the address of the gateway, the number of shards and the limit of sessions.
    pub(super) async fn gateway(&self) -> Result<BotGateway, Failure> {
        let gateway = self.get("/gateway/bot").await?;
        let unreadable = |_| Failure::Lost("unreadable response".to_owned());
        serde_json::from_value(gateway).map_err(unreadable)
    }

    /// Gets the registered commands.
    pub(super) async fn commands(&self, application: &str) -> Result<Value, Failure> {
        let path = format!("/applications/{application}/commands?with_localizations=true");
        self.get(&path).await
    }

    /// Replaces the registered commands.
    pub(super) async fn put_commands(
        &self,
        application: &str,
        commands: &Value,
    ) -> Result<Value, Failure> {
        let path = format!("/applications/{application}/commands");
        self.call(Method::PUT, &path, Some(commands), None).await
    }

    /// Sends a message to a channel, one at a time per queue.
    ///
    /// With a `nonce`, retries after a lost response create no second message.
    pub(super) async fn send(&self, queue: &ChannelQueue, message: &Value) -> Result<(), Failure> {
        let path = format!("/channels/{}/messages", queue.channel);
        let sent = self.call(Method::POST, &path, Some(message), Some(queue));
        sent.await.map(drop)
    }

    /// Shows the typing indicator in a channel, without retries.
    pub(super) async fn show_typing(&self, queue: &ChannelQueue) {
        let now = Instant::now();
        if self.limiter.delay(None, now).is_zero() && queue.may_type(now) {
            let path = format!("/channels/{}/typing", queue.channel);
            let shown = self.attempt(&Method::POST, &path, None, CALL_TIMEOUT, None);
            if let Err(error) = shown.await {
                tracing::debug!(%error, "Discord: typing indicator not shown");
            }
        }
    }

    /// Responds to an interaction within Discord's time limit.
    pub(super) async fn respond(
        &self,
        interaction: u64,
        token: &str,
        response: &Value,
    ) -> Result<(), Failure> {
        let path = format!("/interactions/{interaction}/{token}/callback");
        let end = Instant::now() + RESPONSE_TIMEOUT;
        let attempt = async || {
            let timeout = end.saturating_duration_since(Instant::now());
            let timeout = timeout.min(RESPONSE_ATTEMPT_TIMEOUT);
            let attempt = self.attempt(&Method::POST, &path, Some(response), timeout, None);
            match attempt.await {
                // An earlier attempt succeeded, and its response was lost.
                Err(Failure::Refused { code, .. }) if code == ALREADY_ACKNOWLEDGED => Ok(()),
                done => done.map(drop),
            }
        };
        attempt
            .retry(retries())
            .when(Failure::is_temporary)
            .adjust(|failure, delay| {
                let delay = failure.delay(delay);
                delay.filter(|delay| Instant::now() + *delay < end)
            })
            .await
    }

    /// Sends a message after the response to an interaction; if Discord has not processed the
    /// response yet, retries.
    pub(super) async fn follow_up(
        &self,
        application: u64,
        token: &str,
        message: &Value,
    ) -> Result<(), Failure> {
        let path = format!("/webhooks/{application}/{token}");
        let call = async || self.call(Method::POST, &path, Some(message), None).await;
        let is_early = |failure: &Failure| matches!(failure, Failure::Refused { code, .. } if TOO_EARLY.contains(code));
        call.retry(retries()).when(is_early).await.map(drop)
    }

    async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, None, None).await
    }

    /// Makes a call, with retries after temporary failures.
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        queue: Option<&ChannelQueue>,
    ) -> Result<Value, Failure> {
        let attempt = async || {
            // Locked for one attempt only: another message may be sent during the delay.
            let mut next = match queue {
                Some(queue) => Some(queue.next.lock().await),
                None => None,
            };
            let next = next.as_deref_mut();
            self.attempt(&method, path, body, CALL_TIMEOUT, next).await
        };
        attempt
            .retry(retries())
            .when(Failure::is_temporary)
            .adjust(|failure, delay| failure.delay(delay).filter(|delay| *delay <= MAX_DELAY))
            .await
    }

    /// Makes a call once. Waits until `next`, the earliest time in the call's channel, and updates
    /// it from the response.
    async fn attempt(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        timeout: Duration,
        next: Option<&mut Instant>,
    ) -> Result<Value, Failure> {
        let url = format!("{}/api/v10{path}", self.origin);
        let mut request = self.client.request(method.clone(), url).timeout(timeout);
        // These paths contain the interaction's own token; the bot's limits do not apply to them.
        let has_own_token = path.starts_with("/interactions/") || path.starts_with("/webhooks/");
        if !has_own_token {
            let waited = self.limiter.wait(next.as_deref().copied(), MAX_DELAY);
            waited.await.map_err(Failure::RateLimited)?;
            if let Some(token) = &self.token {
                request = request.header(AUTHORIZATION, token);
            }
        }
        request = match body {
            Some(body) => request.json(body),
            None if *method == Method::POST => request.body(""),
            None => request,
        };
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        let headers = response.headers().clone();
        let bytes = response.bytes().await;
        let answer: Value =
            serde_json::from_slice(bytes.as_deref().unwrap_or_default()).unwrap_or_default();
        let retry_after = if status == StatusCode::TOO_MANY_REQUESTS {
            let precise = answer["retry_after"].as_f64().and_then(duration);
            precise.or_else(|| seconds(&headers, RETRY_AFTER.as_str()))
        } else {
            None
        };
        let is_global = answer["global"] == true || headers.contains_key("x-ratelimit-global");
        let remaining = headers.get("x-ratelimit-remaining");
        let reset = remaining
            .filter(|remaining| *remaining == "0")
            .and_then(|_| seconds(&headers, "x-ratelimit-reset-after"));
        let now = Instant::now();
        match (retry_after, next) {
            (Some(delay), _) if is_global && !has_own_token => self.limiter.pause(now + delay),
            (delay, Some(next)) => {
                if let Some(delay) = delay.or(reset) {
                    *next = now + delay;
                }
            }
            _ => {}
        }
        if status.is_success() {
            return bytes.map(|_| answer).map_err(lost);
        }
        Err(match retry_after {
            Some(delay) => Failure::RateLimited(delay),
            None if status == StatusCode::UNAUTHORIZED && !has_own_token => Failure::Unauthorized,
            None => Failure::Refused {
                status: status.as_u16(),
                code: answer["code"].as_u64().unwrap_or_default(),
            },
        })
    }
}

fn retries() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(RETRY_DELAY)
        .with_max_times(MAX_RETRIES)
}

/// Reads a header whose value is seconds.
fn seconds(headers: &HeaderMap, name: &str) -> Option<Duration> {
    duration(headers.get(name)?.to_str().ok()?.parse().ok()?)
}

fn duration(seconds: f64) -> Option<Duration> {
    let duration = Duration::try_from_secs_f64(seconds).ok()?;
    Some(duration.min(MAX_RETRY_AFTER))
}

/// Describes a call without a response. Omits the URL, which may contain a token.
fn lost(error: reqwest::Error) -> Failure {
    Failure::Lost(format!("{:#}", anyhow::Error::from(error.without_url())))
}
