//! The two transports of interactions, gateway and signed request, so that one test covers both.

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use ed25519_dalek::{Signer, SigningKey};
use serde_json::Value;

use super::{FakeDiscord, Response};
use crate::support::client;

/// The key that the fake signs with.
fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// The application's public key in hexadecimal, as in the developer portal.
pub(crate) fn public_key_hex() -> String {
    hex::encode(key().verifying_key().as_bytes())
}

/// Signs a request; returns `X-Signature-Ed25519`, `X-Signature-Timestamp` and the body.
pub(crate) fn signed(body: &str, timestamp: u64) -> (String, String, String) {
    let timestamp = timestamp.to_string();
    let signature = key().sign(format!("{timestamp}{body}").as_bytes());
    (
        hex::encode(signature.to_bytes()),
        timestamp,
        body.to_owned(),
    )
}

/// The Unix time.
pub(crate) fn seconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

/// The transport of interactions to the bot.
#[derive(Debug, Clone)]
pub(crate) enum Transport {
    Gateway,
    /// Signed requests to this URL.
    Endpoint(String),
}

impl Transport {
    /// Returns the transport of signed requests to the service at an address.
    pub(crate) fn endpoint(address: SocketAddr) -> Self {
        Self::Endpoint(format!("http://{address}/discord/interactions"))
    }

    /// Sends an interaction; returns the response, to which both transports apply the same checks.
    pub(crate) async fn interact(&self, fake: &FakeDiscord, payload: Value) -> Response {
        match self {
            Self::Gateway => fake.ask(payload).await,
            Self::Endpoint(url) => fake.post(url, payload).await,
        }
    }
}

impl FakeDiscord {
    /// Stores an interaction that the test itself sends to the bot.
    pub(crate) fn prepare(&self, payload: Value) -> Value {
        self.shared.lock().add(payload)
    }

    /// Posts an interaction to the endpoint at `url`; returns the bot's response, which is in the
    /// HTTP response or, with status 202, in a later REST call.
    pub(crate) async fn post(&self, url: &str, payload: Value) -> Response {
        let (payload, now) = {
            let mut inner = self.shared.lock();
            let payload = inner.add(payload);
            inner.mark_posted(&payload);
            (payload, inner.now.unwrap_or_else(seconds))
        };
        let text = |key: &str| payload[key].as_str().unwrap_or_default().to_owned();
        let (id, token) = (text("id"), text("token"));
        let (status, kind, body) = send(url, &payload.to_string(), now).await;
        if status != 202 {
            assert_eq!(status, 200, "{body}");
            assert!(kind.starts_with("application/json"), "{kind}");
            let answer: Value = serde_json::from_str(&body).expect("JSON");
            let mut inner = self.shared.lock();
            if let Err(refusal) = inner.acknowledge(&id, &token, &answer) {
                let problem = format!("endpoint: {} {}: {body}", refusal.code, refusal.message);
                inner.violations.push(problem.clone());
                drop(inner);
                panic!("Discord would refuse: {problem}");
            }
        }
        self.wait_response(&id).await
    }
}

/// Posts a signed body; returns the status, the content type and the body.
pub(crate) async fn send(url: &str, body: &str, timestamp: u64) -> (u16, String, String) {
    let (signature, timestamp, body) = signed(body, timestamp);
    let request = client()
        .post(url)
        .header("X-Signature-Ed25519", signature)
        .header("X-Signature-Timestamp", timestamp)
        .header("content-type", "application/json")
        .header(
            "user-agent",
            "Discord-Interactions/1.0 (+https://discord.com)",
        )
        .body(body);
    let response = request.send().await.expect("a response");
    let kind = response.headers().get("content-type");
    let kind = kind.and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    (
        response.status().as_u16(),
        kind,
        response.text().await.expect("text"),
    )
}
