//! The webhook: Telegram brings updates to a route of ours.
//!
//! Invariants: at most [`MOST_REQUESTS`] are read at once; the secret is compared in constant time
//! and before the body is read, and the body has at most [`LONGEST_BODY`] bytes; an update is
//! taken, or refused so that Telegram brings it again.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::routing::post;
use subtle::ConstantTimeEq;
use teloxide::types::Update;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::inbox::Inbox;

/// Most requests at once; Telegram makes 40, as it is told.
const MOST_REQUESTS: usize = 64;

/// Longest update, in bytes.
const LONGEST_BODY: usize = 1024 * 1024;

/// Longest time for taking an update.
const LONGEST_REQUEST: Duration = Duration::from_secs(10);

/// The header with the secret.
const SECRET: &str = "x-telegram-bot-api-secret-token";

/// Where updates go once the bot is ready.
pub(super) type Door = Arc<OnceLock<Arc<Inbox>>>;

struct Gate {
    secret: String,
    door: Door,
    requests: Semaphore,
}

/// Builds the route.
pub(super) fn router(path: &str, secret: String, door: Door) -> Router {
    let gate = Arc::new(Gate {
        secret,
        door,
        requests: Semaphore::new(MOST_REQUESTS),
    });
    Router::new().route(path, post(receive)).with_state(gate)
}

async fn receive(State(gate): State<Arc<Gate>>, request: Request) -> StatusCode {
    let Ok(_permit) = gate.requests.try_acquire() else {
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    let given = request.headers().get(SECRET);
    let given = given.map_or(&[][..], |given| given.as_bytes());
    if !bool::from(given.ct_eq(gate.secret.as_bytes())) {
        tracing::warn!("a request to the webhook without the right secret");
        return StatusCode::UNAUTHORIZED;
    }
    let taken = timeout(LONGEST_REQUEST, take(&gate, request)).await;
    taken.unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
}

async fn take(gate: &Gate, request: Request) -> StatusCode {
    let Some(inbox) = gate.door.get() else {
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    let Ok(body) = to_bytes(request.into_body(), LONGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE;
    };
    let Ok(update) = serde_json::from_slice::<Update>(&body) else {
        // Telegram would bring it again and again.
        tracing::debug!("an update that cannot be read");
        return StatusCode::OK;
    };
    if inbox.accept(update).await {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}
