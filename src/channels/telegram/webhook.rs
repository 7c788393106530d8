//! The webhook: Telegram delivers updates to a route of this service.
//!
//! Invariants: at most [`MAX_REQUESTS`] requests are read at once; the secret is compared in
//! constant time and before the body is read; a body has at most [`MAX_BODY_BYTES`]; an update is
//! confirmed when it is answered, and otherwise refused so that Telegram delivers it again.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::Value;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::inbox::Inbox;
use crate::channels::repeated::Repeated;

/// Maximum number of concurrent requests; Telegram makes 40 by default.
const MAX_REQUESTS: usize = 64;

/// Length limit of an update.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Time limit of a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Time for which a request waits for the answer to its update. Telegram delivers an update again that
/// is refused after it, and meanwhile uses the connection for others.
const PATIENCE: Duration = Duration::from_secs(2);

/// The header with the secret.
const SECRET: &str = "x-telegram-bot-api-secret-token";

/// The inbox, once the bot is ready.
pub(super) type InboxCell = Arc<OnceLock<Arc<Inbox>>>;

struct Endpoint {
    secret: String,
    inbox: InboxCell,
    requests: Semaphore,
    /// Requests with a wrong secret, which anybody can send in any number.
    refused: Repeated,
}

/// Builds the route.
pub(super) fn router(path: &str, secret: String, inbox: InboxCell) -> Router {
    let endpoint = Arc::new(Endpoint {
        secret,
        inbox,
        requests: Semaphore::new(MAX_REQUESTS),
        refused: Repeated::default(),
    });
    Router::new()
        .route(path, post(receive))
        .with_state(endpoint)
}

async fn receive(State(endpoint): State<Arc<Endpoint>>, request: Request) -> StatusCode {
    let Ok(_permit) = endpoint.requests.try_acquire() else {
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    let given = request.headers().get(SECRET);
    let given = given.map_or(&[][..], |given| given.as_bytes());
    if !bool::from(given.ct_eq(endpoint.secret.as_bytes())) {
        if let Some(times) = endpoint.refused.note() {
            tracing::warn!(
                times,
                "Telegram webhook: requests with a wrong secret refused"
            );
        }
        return StatusCode::UNAUTHORIZED;
    }
    let accepted = timeout(REQUEST_TIMEOUT, accept(&endpoint, request)).await;
    accepted.unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
}

async fn accept(endpoint: &Endpoint, request: Request) -> StatusCode {
    let Some(inbox) = endpoint.inbox.get() else {
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    let Ok(body) = to_bytes(request.into_body(), MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE;
    };
    let Ok(update) = serde_json::from_slice::<Value>(&body) else {
        // An error status would make Telegram deliver the update again and again.
        tracing::debug!("Telegram webhook: unreadable update dropped");
        return StatusCode::OK;
    };
    inbox.note_connection(true);
    if inbox.deliver(&update, PATIENCE).await {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}
