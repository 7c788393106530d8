//! The endpoint: Discord brings interactions to a route of ours, and takes the response with it.
//!
//! A signed request in, the response as JSON out. Invariants: a body has at most [`LONGEST_BODY`]
//! bytes, which must come within [`LONGEST_READ`], and what they say is read only once the signature
//! is verified; only such requests count towards [`MOST_REQUESTS`]; a request that is older or newer
//! than [`WINDOW`], or that has come before, is refused; nothing is kept from one request for the
//! next but what every replica may forget.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::{SignedDuration, Timestamp};
use serenity::interactions_endpoint::Verifier;
use serenity::model::application::Interaction;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Bot;
use crate::channels::bot::RecentIds;

/// The route.
const PATH: &str = "/discord/interactions";

/// Most verified requests at once.
const MOST_REQUESTS: usize = 256;

/// Longest interaction, in bytes.
const LONGEST_BODY: usize = 256 * 1024;

/// Longest time for a body to come.
const LONGEST_READ: Duration = Duration::from_secs(2);

/// Longest time for thinking; Discord waits for three seconds.
const LONGEST_THOUGHT: Duration = Duration::from_secs(5);

/// How far a request's time may be from ours.
const WINDOW: SignedDuration = SignedDuration::from_mins(5);

/// Signatures that are remembered.
const MOST_SEEN: usize = 100_000;

/// The header with the signature.
const SIGNATURE: &str = "x-signature-ed25519";

/// The header with the time that was signed.
const TIMESTAMP: &str = "x-signature-timestamp";

struct Gate {
    bot: Arc<Bot>,
    verifier: Verifier,
    requests: Semaphore,
    seen: RecentIds<String>,
}

/// Reads a public key as the developer portal shows it.
pub(super) fn verifier(public_key: &str) -> Option<Verifier> {
    let mut key = [0; 32];
    if public_key.len() != 64 || !public_key.is_ascii() {
        return None;
    }
    for (index, byte) in key.iter_mut().enumerate() {
        let digits = public_key.get(2 * index..2 * index + 2)?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Verifier::try_new(key).ok()
}

/// Builds the route.
pub(super) fn router(bot: Arc<Bot>, verifier: Verifier) -> Router {
    let gate = Arc::new(Gate {
        bot,
        verifier,
        requests: Semaphore::new(MOST_REQUESTS),
        seen: RecentIds::new(MOST_SEEN),
    });
    Router::new().route(PATH, post(receive)).with_state(gate)
}

async fn receive(State(gate): State<Arc<Gate>>, request: Request) -> Response {
    let taken = match verify(&gate, request).await {
        Ok(interaction) => {
            let answered = timeout(LONGEST_THOUGHT, answer(&gate, interaction)).await;
            answered.unwrap_or(Err(StatusCode::SERVICE_UNAVAILABLE))
        }
        Err(status) => Err(status),
    };
    taken.unwrap_or_else(IntoResponse::into_response)
}

/// Reads an interaction that Discord has signed.
async fn verify(gate: &Gate, request: Request) -> Result<Interaction, StatusCode> {
    let (parts, body) = request.into_parts();
    let (signature, timestamp) = signed(&parts.headers).ok_or(StatusCode::UNAUTHORIZED)?;
    if !is_recent(timestamp, gate.bot.shared.core.now()) {
        tracing::debug!("an interaction of another time");
        return Err(StatusCode::UNAUTHORIZED);
    }
    let body = timeout(LONGEST_READ, to_bytes(body, LONGEST_BODY)).await;
    let body = body.map_err(|_| StatusCode::REQUEST_TIMEOUT)?;
    let body: Bytes = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let verified = gate.verifier.verify(signature, timestamp, &body);
    if verified.is_err() {
        // Discord tries now and then whether a wrong one is refused.
        tracing::debug!("an interaction with a wrong signature");
        return Err(StatusCode::UNAUTHORIZED);
    }
    if !gate.seen.insert(signature.to_ascii_lowercase()) {
        tracing::debug!("an interaction that has come before");
        return Err(StatusCode::UNAUTHORIZED);
    }
    serde_json::from_slice(&body).map_err(|_| {
        tracing::debug!("an interaction that cannot be read");
        StatusCode::BAD_REQUEST
    })
}

async fn answer(gate: &Gate, interaction: Interaction) -> Result<Response, StatusCode> {
    let too_much = StatusCode::SERVICE_UNAVAILABLE;
    let _turn = gate.requests.try_acquire().map_err(|_| too_much)?;
    let permit = gate.bot.enter().ok_or(too_much)?;
    let interaction = Arc::new(interaction);
    let super::respond::Response { first, then } = gate.bot.think(&interaction).await;
    let body = serde_json::to_vec(&first).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    if !then.is_empty() {
        gate.bot.follow_later(interaction, then, permit);
    }
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    Ok((content_type, body).into_response())
}

fn signed(headers: &HeaderMap) -> Option<(&str, &str)> {
    let text = |name| headers.get(name)?.to_str().ok();
    Some((text(SIGNATURE)?, text(TIMESTAMP)?))
}

/// Tells whether a request was signed about now.
fn is_recent(timestamp: &str, now: Timestamp) -> bool {
    let signed = timestamp.parse().ok();
    let signed = signed.and_then(|seconds| Timestamp::from_second(seconds).ok());
    signed.is_some_and(|signed| now.duration_since(signed).abs() <= WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_sixty_four_hexadecimal_digits_of_a_point() {
        let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert!(verifier(key).is_some());
        for wrong in ["", "zz", &key[1..], &format!("{key}0"), &"ü".repeat(32)] {
            assert!(verifier(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_time_is_about_now() {
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        for (text, expected) in [
            ("1800000000", true),
            ("1799999700", true),
            ("1800000300", true),
            ("1799999699", false),
            ("1800000301", false),
            ("99999999999999999", false),
            ("now", false),
            ("", false),
        ] {
            assert_eq!(is_recent(text, now), expected, "{text}");
        }
    }
}
