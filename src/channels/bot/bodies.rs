//! Receives the bodies of signed requests, of which anybody can send any number without a signature.
//!
//! Invariants: a body has at most [`MAX_BODY_BYTES`] and must arrive within [`READ_TIMEOUT`]; at most
//! [`MAX_SMALL_BODIES`] and [`MAX_LARGE_BODIES`] are received at once.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// Upper bound of a body.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Greatest length of a small body; a request of a messenger has a few kilobytes.
const SMALL_BODY_BYTES: usize = 16 * 1024;

/// Upper bound of small bodies that are received at once, 16 MiB together.
const MAX_SMALL_BODIES: usize = 1_024;

/// Upper bound of other bodies that are received at once, 16 MiB together.
const MAX_LARGE_BODIES: usize = 64;

/// Time limit for receiving a body.
const READ_TIMEOUT: Duration = Duration::from_secs(2);

/// The places for bodies that are being received.
pub(in crate::channels) struct Bodies {
    small: Semaphore,
    large: Semaphore,
}

impl Bodies {
    pub(in crate::channels) fn new() -> Self {
        Self {
            small: Semaphore::new(MAX_SMALL_BODIES),
            large: Semaphore::new(MAX_LARGE_BODIES),
        }
    }

    /// Receives a body.
    ///
    /// # Errors
    /// The status of a request that is refused: too many at once, too slow, too long.
    pub(in crate::channels) async fn receive(
        &self,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Bytes, StatusCode> {
        let _place = self.enter(headers)?;
        let body = timeout(READ_TIMEOUT, to_bytes(body, MAX_BODY_BYTES)).await;
        let body = body.map_err(|_| StatusCode::REQUEST_TIMEOUT)?;
        body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)
    }

    fn enter(&self, headers: &HeaderMap) -> Result<SemaphorePermit<'_>, StatusCode> {
        let length = headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|value| value.to_str().ok()?.parse().ok());
        let places = match length {
            Some(..=SMALL_BODY_BYTES) => &self.small,
            Some(_) | None => &self.large,
        };
        let place = places.try_acquire();
        place.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    }
}
