//! The interactions endpoint: Discord sends each interaction in an HTTP request to this service.
//!
//! Signed request in, response as JSON out. Invariants: the bodies that are received at
//! once are bounded, since anybody can send an unsigned one; a body is parsed only after its signature is verified; repeated
//! requests, and timestamps further from the clock than [`MAX_CLOCK_DIFFERENCE`], are rejected; only
//! verified requests count towards [`MAX_REQUESTS`]; replicas share no state.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::{SignedDuration, Timestamp};
use serenity::interactions_endpoint::Verifier;
use serenity::model::application::Interaction;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::bot::Bot;
use super::shared;
use crate::channels::bot::{Bodies, RecentIds};

/// Path of the route.
const PATH: &str = "/discord/interactions";

/// Upper bound of verified requests in progress, each of a few kilobytes.
const MAX_REQUESTS: usize = 4_096;

/// Time limit for computing a response. Discord waits for three seconds, and a refusal in time shows
/// the member that the command failed.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(2_500);

/// Accepted difference between a request's timestamp and the clock.
const MAX_CLOCK_DIFFERENCE: SignedDuration = SignedDuration::from_mins(5);

/// Number of signatures that are remembered to reject repeated requests.
const MAX_RECENT_SIGNATURES: usize = 100_000;

/// Header of the signature.
const SIGNATURE: &str = "x-signature-ed25519";

/// Header of the signed timestamp.
const TIMESTAMP: &str = "x-signature-timestamp";

struct Endpoint {
    bot: Arc<Bot>,
    verifier: Verifier,
    requests: Semaphore,
    bodies: Bodies,
    recent: RecentIds<String>,
}

/// Parses a public key in the form of the developer portal: 64 hexadecimal digits.
pub(super) fn verifier(public_key: &str) -> Option<Verifier> {
    let mut key = [0; 32];
    hex::decode_to_slice(public_key, &mut key).ok()?;
    Verifier::try_new(key).ok()
}

/// Builds the route.
pub(super) fn router(bot: Arc<Bot>, verifier: Verifier) -> Router {
    let endpoint = Endpoint {
        bot,
        verifier,
        requests: Semaphore::new(MAX_REQUESTS),
        bodies: Bodies::new(),
        recent: RecentIds::new(MAX_RECENT_SIGNATURES),
    };
    Router::new()
        .route(PATH, post(receive))
        .with_state(Arc::new(endpoint))
}

async fn receive(
    State(endpoint): State<Arc<Endpoint>>,
    request: Request,
) -> Result<Response, StatusCode> {
    let interaction = verify(&endpoint, request).await?;
    let response = timeout(RESPONSE_TIMEOUT, respond(&endpoint, interaction)).await;
    response.unwrap_or(Err(StatusCode::SERVICE_UNAVAILABLE))
}

/// Parses an interaction after verifying its timestamp and signature.
async fn verify(endpoint: &Endpoint, request: Request) -> Result<Interaction, StatusCode> {
    let (parts, body) = request.into_parts();
    let (signature, timestamp) = signature_of(&parts.headers).ok_or(StatusCode::UNAUTHORIZED)?;
    if !is_recent(timestamp, endpoint.bot.shared.core.now()) {
        return Err(unauthorized("timestamp out of range"));
    }
    let body = endpoint.bodies.receive(&parts.headers, body).await?;
    let verified = endpoint.verifier.verify(signature, timestamp, &body);
    if verified.is_err() {
        // Expected at `debug`: Discord sends wrong signatures to test the endpoint.
        return Err(unauthorized("wrong signature"));
    }
    if !endpoint.recent.insert(signature.to_ascii_lowercase()) {
        return Err(unauthorized("repeated request"));
    }
    serde_json::from_slice(&body).map_err(|_| {
        tracing::debug!("Discord endpoint: unreadable interaction");
        StatusCode::BAD_REQUEST
    })
}

fn unauthorized(cause: &str) -> StatusCode {
    tracing::debug!(cause, "Discord endpoint: request rejected");
    StatusCode::UNAUTHORIZED
}

async fn respond(endpoint: &Endpoint, interaction: Interaction) -> Result<Response, StatusCode> {
    let overloaded = StatusCode::SERVICE_UNAVAILABLE;
    let _request = endpoint.requests.try_acquire().map_err(|_| overloaded)?;
    let permit = endpoint.bot.enter().ok_or(overloaded)?;
    let interaction = Arc::new(interaction);
    let shared::Response { first, then } = endpoint.bot.respond(&interaction).await;
    let body = serde_json::to_vec(&first).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    if !then.is_empty() {
        endpoint.bot.follow_up_later(interaction, then, permit);
    }
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    Ok((content_type, body).into_response())
}

fn signature_of(headers: &HeaderMap) -> Option<(&str, &str)> {
    let text = |name| headers.get(name)?.to_str().ok();
    Some((text(SIGNATURE)?, text(TIMESTAMP)?))
}

/// Returns whether a timestamp is within [`MAX_CLOCK_DIFFERENCE`] of the clock.
fn is_recent(timestamp: &str, now: Timestamp) -> bool {
    let signed = timestamp.parse().ok();
    let signed = signed.and_then(|seconds| Timestamp::from_second(seconds).ok());
    signed.is_some_and(|signed| now.duration_since(signed).abs() <= MAX_CLOCK_DIFFERENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_64_hexadecimal_digits_of_a_curve_point() {
        let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert!(verifier(key).is_some());
        for wrong in ["", "zz", &key[1..], &format!("{key}0"), &"ü".repeat(32)] {
            assert!(verifier(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_timestamp_is_at_most_five_minutes_away() {
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
