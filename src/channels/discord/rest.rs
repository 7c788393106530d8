//! Calls of Discord's REST API: made again where that may help, and not faster than it allows.
//!
//! Requests in, JSON out. Invariants: no log line and no error holds a token, be it the bot's or
//! an interaction's, nor what a member wrote; a call that Discord puts off is made again no sooner
//! than it says. Messages into one channel are sent one after another, and wait where Discord says
//! that the channel, or the bot as a whole, takes no more for now; other calls keep no count of
//! their own, as they are few or have an interaction's own allowance.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use tokio::time::sleep;

use super::pace::{Lane, Pace};
use crate::channels::backoff::Backoff;

/// Where Discord is.
const DISCORD: &str = "https://discord.com";

/// Who the application is.
pub(super) const APPLICATION: &str = "/oauth2/applications/@me";

/// Where the gateway is, and how it wants to be used.
pub(super) const GATEWAY: &str = "/gateway/bot";

/// Who calls, in the form that Discord asks for.
const USER_AGENT: &str = concat!("DiscordBot (madoguchi, ", env!("CARGO_PKG_VERSION"), ")");

/// How long one call may take.
const LONGEST_CALL: Duration = Duration::from_secs(15);

/// How often a call is made before it is given up.
const MOST_ATTEMPTS: u32 = 5;

/// The first wait after a call was lost; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// Longest wait that Discord may ask for; an answer that comes later helps nobody.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// How long an interaction waits for its response.
const PROMPT: Duration = Duration::from_millis(2_900);

/// How long one attempt at it may take, so that there is time for another.
const PROMPT_ATTEMPT: Duration = Duration::from_millis(1_200);

/// Longest wait that is believed.
const LONGEST_ASKED: Duration = Duration::from_secs(24 * 60 * 60);

/// Discord's code for an interaction that was responded to.
const ALREADY_ACKNOWLEDGED: u64 = 40_060;

/// Discord's codes for what is not there yet while a response is on its way.
const NOT_YET: [u64; 2] = [10_008, 10_015];

/// Why a call failed for good.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The token is none.
    #[error("the token is refused")]
    Unauthorized,
    /// Discord refuses the call.
    #[error("status {status}, code {code}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Discord's own code.
        code: u64,
    },
    /// Discord wants the call later.
    #[error("not before {0:?} have passed")]
    Later(Duration),
    /// The call or its answer was lost.
    #[error("{0}")]
    Lost(String),
}

impl Failure {
    /// Tells whether a call may succeed when it is made again. What follows a response and had its
    /// confirmation lost comes twice then, which is better than not at all.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Lost(_) | Self::Later(_) => true,
            Self::Refused { status, .. } => *status == 429 || *status >= 500,
            Self::Unauthorized => false,
        }
    }

    /// Tells how long to wait before a call is made anew.
    pub(super) fn wait(&self, backoff: &mut Backoff) -> Duration {
        match self {
            Self::Later(asked) => backoff.fail().max(*asked),
            _ => backoff.fail(),
        }
    }
}

/// Calls Discord.
pub(super) struct Rest {
    client: Client,
    origin: String,
    token: Option<HeaderValue>,
    pace: Pace,
}

impl Rest {
    /// Calls with a bot's token, or without where none is needed; `None` if the system has no TLS
    /// or the token cannot be sent.
    pub(super) fn new(token: Option<&str>, origin: Option<&str>) -> Option<Self> {
        let client = Client::builder().user_agent(USER_AGENT);
        let client = client.timeout(LONGEST_CALL).build().ok()?;
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
            pace: Pace::default(),
        })
    }

    /// Lines up for a channel; `None` if too many messages wait for it.
    pub(super) fn join(&self, channel: u64) -> Option<Arc<Lane>> {
        self.pace.join(channel, Instant::now())
    }

    /// Asks for something.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, None, None).await
    }

    /// Asks for the commands that Discord knows.
    pub(super) async fn commands(&self, application: &str) -> Result<Value, Failure> {
        let path = format!("/applications/{application}/commands?with_localizations=true");
        self.get(&path).await
    }

    /// Puts other commands in place of those that Discord knows.
    pub(super) async fn put_commands(
        &self,
        application: &str,
        commands: &Value,
    ) -> Result<Value, Failure> {
        let path = format!("/applications/{application}/commands");
        self.call(Method::PUT, &path, Some(commands), None).await
    }

    /// Sends a message into a channel, when its turn comes. Attempts of which the answer was lost
    /// leave one message, if it has a nonce.
    pub(super) async fn send(&self, lane: &Lane, message: &Value) -> Result<(), Failure> {
        let path = format!("/channels/{}/messages", lane.channel);
        self.call(Method::POST, &path, Some(message), Some(lane))
            .await
            .map(drop)
    }

    /// Shows in a channel that the bot is writing; nobody waits for it.
    pub(super) async fn type_in(&self, lane: &Lane) {
        let now = Instant::now();
        if self.pace.wait(None, now) == Duration::ZERO && lane.may_type(now) {
            let path = format!("/channels/{}/typing", lane.channel);
            let _ = self
                .attempt(&Method::POST, &path, None, LONGEST_CALL, None)
                .await;
        }
    }

    /// Responds to an interaction, while it waits.
    pub(super) async fn respond(
        &self,
        interaction: u64,
        token: &str,
        response: &Value,
    ) -> Result<(), Failure> {
        let path = format!("/interactions/{interaction}/{token}/callback");
        let end = Instant::now() + PROMPT;
        let mut wait = FIRST_WAIT;
        loop {
            let longest = end.saturating_duration_since(Instant::now());
            let longest = longest.min(PROMPT_ATTEMPT);
            let attempt = self.attempt(&Method::POST, &path, Some(response), longest, None);
            let failure = match attempt.await {
                Ok(_) => return Ok(()),
                // An attempt whose answer was lost had come through.
                Err(Failure::Refused { code, .. }) if code == ALREADY_ACKNOWLEDGED => {
                    return Ok(());
                }
                Err(failure) => failure,
            };
            let pause = match failure {
                Failure::Later(asked) => asked,
                _ => wait,
            };
            if !failure.is_passing() || Instant::now() + pause >= end {
                return Err(failure);
            }
            sleep(pause).await;
            wait *= 2;
        }
    }

    /// Sends a message after the response to an interaction; where the response is still on its
    /// way, a little later.
    pub(super) async fn follow(
        &self,
        application: u64,
        token: &str,
        message: &Value,
    ) -> Result<(), Failure> {
        let path = format!("/webhooks/{application}/{token}");
        let mut wait = FIRST_WAIT;
        for _ in 1..MOST_ATTEMPTS {
            match self.call(Method::POST, &path, Some(message), None).await {
                Err(Failure::Refused { code, .. }) if NOT_YET.contains(&code) => {}
                done => return done.map(drop),
            }
            sleep(wait).await;
            wait *= 2;
        }
        self.call(Method::POST, &path, Some(message), None)
            .await
            .map(drop)
    }

    /// Makes a call, again where that may help.
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        lane: Option<&Lane>,
    ) -> Result<Value, Failure> {
        let mut wait = FIRST_WAIT;
        let mut attempt = 1;
        loop {
            let made = match lane {
                Some(lane) => {
                    let mut next = lane.next.lock().await;
                    let next = Some(&mut *next);
                    self.attempt(&method, path, body, LONGEST_CALL, next).await
                }
                None => self.attempt(&method, path, body, LONGEST_CALL, None).await,
            };
            let failure = match made {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            if attempt >= MOST_ATTEMPTS || !failure.is_passing() {
                return Err(failure);
            }
            match failure {
                Failure::Later(asked) if asked > LONGEST_WAIT => return Err(failure),
                Failure::Later(asked) => {
                    let seconds = asked.as_secs_f32();
                    tracing::debug!(seconds, "Discord asks to wait");
                    sleep(asked).await;
                }
                _ => {
                    sleep(wait).await;
                    wait *= 2;
                }
            }
            attempt += 1;
        }
    }

    /// Makes a call once; with when the next of its channel may be made, which it waits for and
    /// brings up to date.
    async fn attempt(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        longest: Duration,
        next: Option<&mut Instant>,
    ) -> Result<Value, Failure> {
        let url = format!("{}/api/v10{path}", self.origin);
        let mut request = self.client.request(method.clone(), url).timeout(longest);
        // An interaction's own token is enough for what belongs to it, and no limit of the bot's
        // holds for it.
        let is_own = path.starts_with("/interactions/") || path.starts_with("/webhooks/");
        if !is_own {
            let passed = self.pace.pass(next.as_deref().copied(), LONGEST_WAIT);
            passed.await.map_err(Failure::Later)?;
            if let Some(token) = &self.token {
                request = request.header(AUTHORIZATION, token);
            }
        }
        request = match body {
            Some(body) => request.json(body),
            None if *method == Method::POST => request.body(""),
            None => request,
        };
        let lost = |error: reqwest::Error| Failure::Lost(describe(error));
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        let headers = response.headers().clone();
        let bytes = response.bytes().await;
        let answer = bytes.as_deref().unwrap_or_default();
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let asked = (status == StatusCode::TOO_MANY_REQUESTS).then(|| {
            let asked = answer["retry_after"].as_f64();
            asked
                .and_then(duration)
                .or(seconds(&headers, RETRY_AFTER.as_str()))
        });
        let asked = asked.flatten();
        let is_global = answer["global"] == true || headers.contains_key("x-ratelimit-global");
        let is_used_up = headers
            .get("x-ratelimit-remaining")
            .is_some_and(|left| left == "0");
        let reset = is_used_up.then(|| seconds(&headers, "x-ratelimit-reset-after"));
        let now = Instant::now();
        match (asked, next) {
            (Some(asked), _) if is_global && !is_own => self.pace.hold(now + asked),
            (asked, Some(next)) => {
                if let Some(wait) = asked.or(reset.flatten()) {
                    *next = now + wait;
                }
            }
            _ => {}
        }
        if status.is_success() {
            return bytes.map(|_| answer).map_err(lost);
        }
        Err(match asked {
            Some(asked) => Failure::Later(asked),
            None if status == StatusCode::UNAUTHORIZED && !is_own => Failure::Unauthorized,
            None => Failure::Refused {
                status: status.as_u16(),
                code: answer["code"].as_u64().unwrap_or_default(),
            },
        })
    }
}

/// Reads a header that tells seconds.
fn seconds(headers: &HeaderMap, name: &str) -> Option<Duration> {
    duration(headers.get(name)?.to_str().ok()?.parse().ok()?)
}

fn duration(seconds: f64) -> Option<Duration> {
    let duration = Duration::try_from_secs_f64(seconds).ok()?;
    Some(duration.min(LONGEST_ASKED))
}

/// Describes a lost call without its address, which may hold a token.
fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
