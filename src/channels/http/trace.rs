//! The span of a request in the traces; `app/traces.rs` exports it.
//!
//! Invariant: a span contains nothing that a client wrote but the ids of `traceparent`: neither path,
//! query nor body.

use axum::extract::Request;
use axum::http::{HeaderMap, Method};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The header with the ids of the trace and of the span that a request belongs to (W3C Trace Context).
const TRACEPARENT: &str = "traceparent";

/// Begins the span of a request; it belongs to the trace of the client, if there is one.
pub(super) fn of_request(request: &Request, route: &str, channel: &'static str) -> Span {
    let method = known(request.method());
    let span = tracing::trace_span!(
        "request",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        channel,
        outcome = Empty,
    );
    if !span.is_disabled() && request.headers().contains_key(TRACEPARENT) {
        let headers = Headers(request.headers());
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &headers);
        // Fails only without a collector.
        let _ = span.set_parent(context);
    }
    span
}

/// Records the status of the response.
pub(super) fn finish(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// Records the outcome of an answer in the span of its request or of its update.
pub(super) fn record_outcome(outcome: &'static str) {
    Span::current().record("outcome", outcome);
}

/// Returns the name of a method. Others have one name together, since a client may send any text.
fn known(method: &Method) -> &'static str {
    const NAMES: [&str; 5] = ["GET", "HEAD", "POST", "OPTIONS", "DELETE"];
    let mut names = NAMES.into_iter();
    names.find(|name| *method == **name).unwrap_or("_OTHER")
}

/// Reads the one header that has a fixed form.
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let value = self.0.get(key).filter(|_| key == TRACEPARENT);
        value.and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}
