//! Client of the Messaging API: each call once.
//!
//! Invariants: at most [`MAX_CALLS`] calls are in progress; no error contains a member's words or the
//! token.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::channels::bot::Retry;
use crate::knowledge::Language;

/// LINE's address.
const LINE: &str = "https://api.line.me";

/// Time limit of one call.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Time limit of a call whose result an answer can do without.
const SHORT_TIMEOUT: Duration = Duration::from_millis(1_500);

/// Maximum number of calls in progress.
const MAX_CALLS: usize = 256;

/// Time for which the loading animation is shown, unless a message comes before.
const LOADING_SECONDS: u32 = 20;

/// The header that makes a push message be accepted once.
const RETRY_KEY: &str = "x-line-retry-key";

/// The reason why a call failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The channel access token is wrong.
    #[error("token rejected")]
    Unauthorized,
    /// The reply token was used, or has expired.
    #[error("reply token used or expired")]
    ReplyToken,
    /// The push messages of the month are used up.
    #[error("monthly limit of messages reached")]
    MonthlyLimit,
    /// LINE refused the call; the property of a message that it refused.
    #[error("status {status}{}", place(.property.as_deref()))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The path of the property.
        property: Option<String>,
    },
    /// There is no response.
    #[error("{0}")]
    Lost(String),
}

impl Failure {
    /// Returns whether a retry may succeed.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            Self::Lost(_) => true,
            Self::Refused { status, .. } => *status == 429 || *status >= 500,
            Self::Unauthorized | Self::ReplyToken | Self::MonthlyLimit => false,
        }
    }

    /// Returns whether LINE may have accepted the call nevertheless.
    pub(super) fn may_be_accepted(&self) -> bool {
        match self {
            Self::Lost(_) => true,
            Self::Refused { status, .. } => *status >= 500,
            Self::Unauthorized | Self::ReplyToken | Self::MonthlyLimit => false,
        }
    }

    /// Returns whether the messages are refused as such.
    pub(super) fn is_malformed(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                status: 400 | 413,
                ..
            }
        )
    }

    /// Classifies the failure of a call that must succeed before the bot is ready.
    pub(super) fn retry(&self) -> Retry {
        match self {
            Self::Unauthorized => Retry::Never,
            other => Retry::later(other.to_string()),
        }
    }
}

/// The client.
pub(super) struct Api {
    client: Client,
    origin: String,
    token: HeaderValue,
    calls: Semaphore,
}

impl Api {
    /// Builds a client; `None` if the system has no TLS or the token does not fit into a header.
    pub(super) fn new(token: &str, origin: Option<&str>) -> Option<Self> {
        let client = Client::builder().timeout(CALL_TIMEOUT).build().ok()?;
        let mut token = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        token.set_sensitive(true);
        Some(Self {
            client,
            origin: origin.unwrap_or(LINE).trim_end_matches('/').to_owned(),
            token,
            calls: Semaphore::new(MAX_CALLS),
        })
    }

    /// Gets the name of the bot.
    pub(super) async fn info(&self) -> Result<String, Failure> {
        let info = self.get("info", CALL_TIMEOUT).await?;
        Ok(info["displayName"].as_str().unwrap_or_default().to_owned())
    }

    /// Gets the language of a member; `None` if the member does not share it.
    pub(super) async fn language(&self, user: &str) -> Result<Option<Language>, Failure> {
        let profile = self.get(&format!("profile/{user}"), SHORT_TIMEOUT).await?;
        let tag = profile["language"].as_str();
        Ok(tag.map(|tag| Language::from_tag(tag).unwrap_or(Language::English)))
    }

    /// Shows the loading animation in the chat with a member.
    pub(super) async fn show_loading(&self, user: &str) {
        let body = json!({ "chatId": user, "loadingSeconds": LOADING_SECONDS });
        let shown = self.post("chat/loading/start", &body, None, SHORT_TIMEOUT);
        if let Err(error) = shown.await {
            tracing::debug!(%error, "LINE: loading animation not shown");
        }
    }

    /// Replies to an event; returns the ids of the messages.
    pub(super) async fn reply(
        &self,
        token: &str,
        messages: &[Value],
    ) -> Result<Vec<String>, Failure> {
        let body = json!({ "replyToken": token, "messages": messages });
        let sent = self
            .post("message/reply", &body, None, CALL_TIMEOUT)
            .await?;
        Ok(ids(&sent))
    }

    /// Sends messages to a chat; those with a key that LINE has accepted before are not sent again.
    pub(super) async fn push(
        &self,
        to: &str,
        messages: &[Value],
        key: Uuid,
    ) -> Result<Vec<String>, Failure> {
        let body = json!({ "to": to, "messages": messages });
        let sent = self.post("message/push", &body, Some(key), CALL_TIMEOUT);
        match sent.await {
            Err(Failure::Refused { status: 409, .. }) => Ok(Vec::new()),
            sent => sent.map(|sent| ids(&sent)),
        }
    }

    async fn get(&self, path: &str, timeout: Duration) -> Result<Value, Failure> {
        self.call(Method::GET, path, None, None, timeout).await
    }

    async fn post(
        &self,
        path: &str,
        body: &Value,
        key: Option<Uuid>,
        timeout: Duration,
    ) -> Result<Value, Failure> {
        self.call(Method::POST, path, Some(body), key, timeout)
            .await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: Option<Uuid>,
        timeout: Duration,
    ) -> Result<Value, Failure> {
        let _permit = self.calls.acquire().await;
        let url = format!("{}/v2/bot/{path}", self.origin);
        let mut request = self.client.request(method, url).timeout(timeout);
        request = request.header(AUTHORIZATION, &self.token);
        if let Some(key) = key {
            request = request.header(RETRY_KEY, key.to_string());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(lost)?;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        Err(failure(status, &answer))
    }
}

fn failure(status: StatusCode, answer: &Value) -> Failure {
    let message = answer["message"].as_str().unwrap_or_default();
    match status {
        StatusCode::UNAUTHORIZED => Failure::Unauthorized,
        StatusCode::BAD_REQUEST if message.contains("reply token") => Failure::ReplyToken,
        StatusCode::TOO_MANY_REQUESTS if message.contains("monthly limit") => Failure::MonthlyLimit,
        status => Failure::Refused {
            status: status.as_u16(),
            property: answer["details"][0]["property"].as_str().map(str::to_owned),
        },
    }
}

/// Names the refused property for the log.
fn place(property: Option<&str>) -> String {
    property.map_or_else(String::new, |property| format!(" at {property}"))
}

fn ids(sent: &Value) -> Vec<String> {
    let sent = sent["sentMessages"].as_array().into_iter().flatten();
    sent.filter_map(|message| Some(message["id"].as_str()?.to_owned()))
        .collect()
}

/// Describes a call without a response. Omits the URL, which may contain the id of a member.
fn lost(error: reqwest::Error) -> Failure {
    Failure::Lost(format!("{:#}", anyhow::Error::from(error.without_url())))
}
