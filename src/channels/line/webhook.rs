//! The webhook: LINE delivers events to a route of this service.
//!
//! Invariants: the bodies that are received at once are bounded; a body is parsed only after its
//! signature is verified in constant time; a request is confirmed when its events are answered or stored,
//! and otherwise refused so that LINE delivers them again.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::inbox::Inbox;
use crate::channels::bot::Bodies;
use crate::channels::repeated::Repeated;

/// Path of the route.
const PATH: &str = "/line/webhook";

/// Header of the signature.
const SIGNATURE: &str = "x-line-signature";

struct Endpoint {
    secret: String,
    inbox: Arc<Inbox>,
    bodies: Bodies,
    /// Requests with a wrong signature, which anybody can send in any number.
    refused: Repeated,
}

/// Builds the route.
pub(super) fn router(secret: String, inbox: Arc<Inbox>) -> Router {
    let endpoint = Endpoint {
        secret,
        inbox,
        bodies: Bodies::new(),
        refused: Repeated::default(),
    };
    Router::new()
        .route(PATH, post(receive))
        .with_state(Arc::new(endpoint))
}

async fn receive(
    State(endpoint): State<Arc<Endpoint>>,
    request: Request,
) -> Result<StatusCode, StatusCode> {
    let (parts, body) = request.into_parts();
    let signature = parts.headers.get(SIGNATURE);
    let signature = signature.ok_or_else(|| endpoint.refuse())?;
    let body = endpoint.bodies.receive(&parts.headers, body).await?;
    if !is_signed(&endpoint.secret, &body, signature.as_bytes()) {
        return Err(endpoint.refuse());
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        // An error status would make LINE deliver it again and again.
        tracing::debug!("LINE webhook: unreadable request dropped");
        return Ok(StatusCode::OK);
    };
    // Empty if the operator verifies the address in LINE's console.
    let events = body["events"].as_array().map_or(&[][..], Vec::as_slice);
    if endpoint.inbox.deliver(events).await {
        Ok(StatusCode::OK)
    } else {
        Err(StatusCode::SERVICE_UNAVAILABLE)
    }
}

impl Endpoint {
    fn refuse(&self) -> StatusCode {
        if let Some(times) = self.refused.note() {
            tracing::warn!(
                times,
                hint = "if LINE sent them, set MADOGUCHI_LINE_SECRET to the channel secret",
                "LINE webhook: requests with a wrong signature refused"
            );
        }
        StatusCode::UNAUTHORIZED
    }
}

/// Returns whether a body is signed with the channel secret.
fn is_signed(secret: &str, body: &[u8], signature: &[u8]) -> bool {
    let Ok(signature) = STANDARD.decode(signature) else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return false;
    };
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_very_body_and_secret() {
        let secret = "0123456789abcdef0123456789abcdef";
        let body = r#"{"destination":"U0","events":[]}"#.as_bytes();
        // `printf %s "$body" | openssl dgst -sha256 -hmac "$secret" -binary | base64`
        let signature = b"3Gc/A/Q/RaUenWOFYfa53YXiRHXEBqQuDHu1nnYGQpU=";
        assert!(is_signed(secret, body, signature));
        assert!(!is_signed(
            "1123456789abcdef0123456789abcdef",
            body,
            signature
        ));
        assert!(!is_signed(secret, &body[1..], signature));
        for wrong in [&b""[..], b"x", b"=", &signature[4..]] {
            assert!(!is_signed(secret, body, wrong));
        }
    }
}
