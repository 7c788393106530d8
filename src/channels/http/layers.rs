//! Middleware: log lines, CORS, security headers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::{Instrument, Span};

use super::error::ProblemKind;
use super::rate::Class;
use super::state::CHANNEL;
use super::trace;
use crate::channels::metrics::Metrics;

/// Longest part of a client's request id that is logged, in bytes.
const MAX_REQUEST_ID_BYTES: usize = 64;

/// Cache lifetime of the response to a preflight request.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_secs(3_600);

/// The header for features of browsers.
pub(super) const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// Pages use no feature that needs a permission.
pub(super) const NO_FEATURES: &str =
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

/// Logs a request with method, route, status and duration after it was answered.
///
/// Invariant: neither the path nor the query string is logged; both may contain members' words.
pub(super) async fn log(metrics: Arc<Metrics>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str).to_owned();
    let (channel, class) = class_of(&route);
    let id = request.headers().get("x-request-id");
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default();
    let id = id.get(..MAX_REQUEST_ID_BYTES).unwrap_or(id);
    let span = tracing::info_span!("request", method = %request.method(), route = &route, id);
    // Probes every few seconds would hide the other lines and traces.
    let is_probe = matches!(route.as_str(), "/livez" | "/readyz" | "/metrics");
    let trace = match is_probe {
        true => Span::none(),
        false => trace::of_request(&request, &route, channel),
    };
    let start = Instant::now();
    async move {
        let response = next.run(request).instrument(trace.clone()).await;
        let status = response.status().as_u16();
        trace::finish(&trace, status);
        let elapsed = start.elapsed();
        metrics.observe_latency(channel, class, elapsed);
        if status >= 400 {
            let kind = response.extensions().get::<ProblemKind>();
            metrics.count_error(kind.map_or("status", |kind| kind.0));
        }
        let milliseconds = elapsed.as_secs_f64() * 1_000.0;
        if is_probe {
            tracing::debug!(status, milliseconds, "http: request answered");
        } else {
            tracing::info!(status, milliseconds, "http: request answered");
        }
        response
    }
    .instrument(span)
    .await
}

/// Returns the channel and the class of a route, for the metrics.
fn class_of(route: &str) -> (&'static str, &'static str) {
    let class = match route {
        "/api/v1/ask" | "/api/v1/explain" => Class::Ask.name(),
        "/api/v1/suggest" => Class::Suggest.name(),
        "/api/v1/search" => Class::Search.name(),
        "/api/v1/feedback" => Class::Feedback.name(),
        "/livez" | "/readyz" | "/metrics" => "operation",
        "/mcp" => return ("mcp", "request"),
        _ if route.starts_with("/telegram/") => return ("telegram", "webhook"),
        _ if route.starts_with("/discord/") => return ("discord", "webhook"),
        _ if route.starts_with("/line/") => return ("line", "webhook"),
        _ => Class::Pages.name(),
    };
    (CHANNEL, class)
}

/// Allows pages of the listed origins to call the API. Returns `None` if no origin is allowed.
pub(super) fn cors(allowed: &[String]) -> Option<CorsLayer> {
    let origin = if allowed.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        let origins = allowed.iter().filter_map(|origin| {
            // Browsers send origins without a trailing slash.
            let origin = origin.trim().trim_end_matches('/');
            let value = HeaderValue::from_str(origin)
                .ok()
                .filter(|value| !value.is_empty());
            if value.is_none() {
                tracing::warn!(
                    origin,
                    "http: allowed origin ignored, expected one such as https://example.jp"
                );
            }
            value
        });
        let origins: Vec<HeaderValue> = origins.collect();
        if origins.is_empty() {
            return None;
        }
        AllowOrigin::list(origins)
    };
    let request_id = HeaderName::from_static("x-request-id");
    let cors = CorsLayer::new()
        .allow_origin(origin)
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers([
            header::ACCEPT_LANGUAGE,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            request_id.clone(),
        ])
        .expose_headers([header::ETAG, header::RETRY_AFTER, request_id])
        .max_age(PREFLIGHT_MAX_AGE);
    Some(cors)
}

/// Returns a function that adds security headers: no MIME sniffing, no referrer, a content security
/// policy for JSON, and https only for `hsts` seconds unless 0.
pub(super) fn secure(hsts: u32) -> impl Fn(Response) -> Response + Clone {
    let hsts = (hsts > 0).then(|| format!("max-age={hsts}"));
    let hsts = hsts.and_then(|value| HeaderValue::from_str(&value).ok());
    move |mut response| {
        let headers = response.headers_mut();
        let content_type = headers.get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let is_json = content_type.is_some_and(|value| {
            value.starts_with("application/json") || value.starts_with("application/problem+json")
        });
        if is_json {
            headers.insert(
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
            );
        }
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        headers
            .entry(header::REFERRER_POLICY)
            .or_insert(HeaderValue::from_static("no-referrer"));
        if let Some(hsts) = &hsts {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
        }
        response
    }
}

/// Adds the policies of the page that documents the API: only files of this host, in no frame.
pub(super) async fn page_policy(mut response: Response) -> Response {
    /// Swagger UI sets styles in attributes and has icons in `data:` links.
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static(POLICY);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(NO_FEATURES));
    response
}
