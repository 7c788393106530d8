//! Calls of Discord's REST API: made again where that may help, and not faster than it allows.
//!
//! Requests in, JSON out. Invariants: no log line and no error holds a token, be it the bot's or
//! an interaction's, nor what a member wrote; a call that Discord puts off is made again when it
//! says.

use std::error::Error;
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use tokio::time::sleep;

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
    /// The call or its answer was lost.
    #[error("{0}")]
    Lost(String),
}

/// Calls Discord.
pub(super) struct Rest {
    client: Client,
    origin: String,
    token: Option<HeaderValue>,
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
        })
    }

    /// Asks for something.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, None).await
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
        self.call(Method::PUT, &path, Some(commands)).await
    }

    /// Sends a message into a channel.
    pub(super) async fn send(&self, channel: u64, message: &Value) -> Result<(), Failure> {
        let path = format!("/channels/{channel}/messages");
        self.call(Method::POST, &path, Some(message))
            .await
            .map(drop)
    }

    /// Shows in a channel that the bot is writing; nobody waits for it.
    pub(super) async fn type_in(&self, channel: u64) {
        let path = format!("/channels/{channel}/typing");
        let _ = self.attempt(&Method::POST, &path, None).await;
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
            let (failure, asked) = match self.attempt(&Method::POST, &path, Some(response)).await {
                Ok(_) => return Ok(()),
                // An attempt whose answer was lost had come through.
                Err((Failure::Refused { code, .. }, _)) if code == ALREADY_ACKNOWLEDGED => {
                    return Ok(());
                }
                Err(failed) => failed,
            };
            let pause = asked.unwrap_or(wait);
            if !is_passing(&failure) || Instant::now() + pause >= end {
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
            match self.call(Method::POST, &path, Some(message)).await {
                Err(Failure::Refused { code, .. }) if NOT_YET.contains(&code) => {}
                done => return done.map(drop),
            }
            sleep(wait).await;
            wait *= 2;
        }
        self.call(Method::POST, &path, Some(message))
            .await
            .map(drop)
    }

    /// Makes a call, again where that may help.
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let mut wait = FIRST_WAIT;
        let mut attempt = 1;
        loop {
            let (failure, asked) = match self.attempt(&method, path, body).await {
                Ok(done) => return Ok(done),
                Err(failed) => failed,
            };
            if attempt >= MOST_ATTEMPTS || !is_passing(&failure) {
                return Err(failure);
            }
            match asked {
                Some(asked) if asked > LONGEST_WAIT => return Err(failure),
                Some(asked) => {
                    let seconds = asked.as_secs_f32();
                    tracing::debug!(seconds, "Discord asks to wait");
                    sleep(asked).await;
                }
                None => {
                    sleep(wait).await;
                    wait *= 2;
                }
            }
            attempt += 1;
        }
    }

    /// Makes a call once; a failure comes with how long Discord asks to wait, if it does.
    async fn attempt(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, (Failure, Option<Duration>)> {
        let url = format!("{}/api/v10{path}", self.origin);
        let mut request = self.client.request(method.clone(), url);
        // An interaction's own token is enough for what belongs to it.
        let is_own = path.starts_with("/interactions/") || path.starts_with("/webhooks/");
        if let Some(token) = self.token.as_ref().filter(|_| !is_own) {
            request = request.header(AUTHORIZATION, token);
        }
        request = match body {
            Some(body) => request.json(body),
            None if *method == Method::POST => request.body(""),
            None => request,
        };
        let lost = |error: reqwest::Error| (Failure::Lost(describe(error)), None);
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        let header = response.headers().get(RETRY_AFTER);
        let header = header.and_then(|value| value.to_str().ok()?.parse::<f64>().ok());
        let bytes = response.bytes().await.map_err(lost)?;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        let asked = answer["retry_after"].as_f64().or(header);
        let asked = asked.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let asked = asked.filter(|_| status == StatusCode::TOO_MANY_REQUESTS);
        let failure = if status == StatusCode::UNAUTHORIZED {
            Failure::Unauthorized
        } else {
            Failure::Refused {
                status: status.as_u16(),
                code: answer["code"].as_u64().unwrap_or_default(),
            }
        };
        Err((failure, asked))
    }
}

/// Tells whether a call may succeed when it is made again. A message whose confirmation was lost
/// comes twice then, which is better than not at all.
fn is_passing(failure: &Failure) -> bool {
    match failure {
        Failure::Lost(_) => true,
        Failure::Refused { status, .. } => *status == 429 || *status >= 500,
        Failure::Unauthorized => false,
    }
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
