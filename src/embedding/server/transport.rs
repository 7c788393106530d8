//! One request: body -> bytes of the answer, or a [`Fault`].
//!
//! Invariants: an answer takes at most [`MAX_ANSWER_BYTES`] of memory; the key is sent to the
//! configured address only, so redirects are not followed.

use std::time::{Duration, SystemTime};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

use super::address::Address;
use super::fault::{Fault, Unusable};

/// Limit of an answer: 32 vectors of 4,096 dimensions in decimals take about 3 MB.
const MAX_ANSWER_BYTES: usize = 8_000_000;

/// Time limit for connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Idle connections are closed after this time: proxies and firewalls drop them after a minute, often
/// silently.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// HTTP client for one address.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    client: Client,
    address: Address,
}

impl Transport {
    /// Creates a client; `None` if TLS or the resolver is unavailable.
    ///
    /// Respects the environment variables for proxies, except for a server on this machine.
    pub(super) fn new(address: Address, authorization: Option<HeaderValue>) -> Option<Self> {
        let mut headers = HeaderMap::new();
        if let Some(mut value) = authorization {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mut builder = Client::builder()
            .user_agent(concat!("madoguchi/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT);
        if address.is_loopback() {
            builder = builder.no_proxy();
        }
        let client = builder.build().ok()?;
        Some(Self { client, address })
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Sends a body and reads the answer.
    pub(super) async fn send(&self, body: Vec<u8>) -> Result<Vec<u8>, Fault> {
        let request = self.client.post(self.address.url().clone());
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        let request = request.build().map_err(Fault::of_error)?;
        let again = request.try_clone();
        let mut sent = self.client.execute(request).await;
        // Retries once: the server may have closed an idle connection during the request.
        if sent.as_ref().is_err_and(is_broken)
            && let Some(again) = again
        {
            sent = self.client.execute(again).await;
        }
        let response = sent.map_err(Fault::of_error)?;
        let status = response.status();
        if !status.is_success() {
            let retry_after = retry_after(response.headers(), SystemTime::now());
            return Err(Fault::of_status(status.as_u16(), retry_after));
        }
        read(response).await
    }
}

/// Returns whether an established connection broke.
fn is_broken(error: &reqwest::Error) -> bool {
    error.is_request() && !error.is_connect() && !error.is_timeout()
}

/// Reads an answer up to the size limit.
async fn read(mut response: Response) -> Result<Vec<u8>, Fault> {
    let announced = response.content_length().unwrap_or_default();
    if announced > MAX_ANSWER_BYTES as u64 {
        return Err(Unusable::TooLong.into());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Fault::of_error)? {
        if bytes.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(Unusable::TooLong.into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Parses `Retry-After`: seconds, or a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(SystemTime::from(at).duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: jiff::Timestamp = "2026-11-22T03:00:00Z".parse().expect("a time");
        let read = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
            retry_after(&headers, now.into())
        };
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(read("7"), seconds(7));
        assert_eq!(read("Sun, 22 Nov 2026 03:01:30 GMT"), seconds(90));
        assert_eq!(read("Sun, 22 Nov 2026 02:00:00 GMT"), seconds(0));
        assert_eq!(read("soon"), None);
        assert_eq!(read("-1"), None);
    }
}
