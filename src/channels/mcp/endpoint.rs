//! `/mcp`: the protocol over HTTP, with a token if one is set, and only for pages of allowed origins.
//!
//! Requests are independent of each other (no sessions), so any replica answers any request, and clients
//! that vanish leave nothing behind.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Desk, Handler};
use crate::channels::http::bearer;

/// Longest request, in bytes: a question has at most 500 characters.
const MAX_REQUEST_BYTES: usize = 64 * 1024;

/// Time for reading a request, as for the other routes.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Who may use the route.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// The token that every request must have; without one, the route is open as the API is.
    pub token: Option<String>,
    /// Origins whose pages may send requests, such as `https://www.example.jp`; `*` allows all. Programs
    /// send no origin.
    pub origins: Vec<String>,
}

/// Builds the route; `stop` ends the streams of subscribers.
pub fn route(desk: Desk, guard: Guard, stop: &CancellationToken) -> Router {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(MAX_REQUEST_BYTES)
        .with_cancellation_token(stop.child_token())
        // A page under a foreign name that leads to this address sends that name as its origin.
        .disable_allowed_hosts();
    let config = match guard.origins.iter().any(|origin| origin == "*") {
        true => config.disable_allowed_origins(),
        false => {
            let origins = guard.origins.iter().map(|origin| with_port(origin));
            config
                .with_allowed_origins(origins)
                .enforce_origin_validation()
        }
    };
    let service = StreamableHttpService::new(
        move || Ok(Handler::new(desk.clone())),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    let router = Router::new().route_service("/mcp", service);
    let router = router.layer(from_fn(read_in_time));
    let Some(token) = guard.token else {
        return router;
    };
    let digest: Arc<[u8; 32]> = Arc::new(Sha256::digest(token).into());
    router.layer(from_fn_with_state(digest, require_token))
}

/// Adds the port of the scheme to an origin without one: the list of the transport would otherwise allow
/// every port.
fn with_port(origin: &str) -> String {
    let after_scheme = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let has_port = after_scheme
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    match origin.split_once("://") {
        Some(("https", _)) if !has_port => format!("{origin}:443"),
        Some(("http", _)) if !has_port => format!("{origin}:80"),
        _ => origin.to_owned(),
    }
}

/// Reads a request within a time, so that a client that sends nothing more holds nothing up. The answer may
/// take as long as a subscription.
async fn read_in_time(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match timeout(READ_TIMEOUT, to_bytes(body, MAX_REQUEST_BYTES)).await {
        Ok(Ok(bytes)) => {
            next.run(Request::from_parts(parts, Body::from(bytes)))
                .await
        }
        Ok(Err(_)) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

/// Refuses requests without the token. Compares digests, so that the time tells nothing.
async fn require_token(
    State(expected): State<Arc<[u8; 32]>>,
    request: Request,
    next: Next,
) -> Response {
    let value = request.headers().get(header::AUTHORIZATION);
    let token = value.and_then(|value| bearer(value.as_bytes()));
    let digest: Option<[u8; 32]> = token.map(|token| Sha256::digest(token).into());
    if digest.is_some_and(|digest| bool::from(digest.ct_eq(&*expected))) {
        return next.run(request).await;
    }
    let challenge = (header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    let text = "the token is missing or wrong, expected `authorization: Bearer` with that of MADOGUCHI_MCP_TOKEN\n";
    (StatusCode::UNAUTHORIZED, [challenge], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_allows_one_port_only() {
        for (origin, expected) in [
            ("https://a.example", "https://a.example:443"),
            ("http://a.example", "http://a.example:80"),
            ("http://a.example:8080", "http://a.example:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://[::1]", "http://[::1]:80"),
        ] {
            assert_eq!(with_port(origin), expected);
        }
    }
}
