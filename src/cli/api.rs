//! `--json`: calls the router of the JSON API in process, so that scripts get the bytes that
//! `serve` would send.

use std::sync::Arc;

use anyhow::Context;
use arc_swap::ArcSwap;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use serde_json::Value;
use tokio::runtime::Handle;
use tower::ServiceExt;

use crate::answer::Assistant;
use crate::app;
use crate::channels::http;

/// The JSON API over an assistant, without a rate limit.
pub(super) struct Api {
    router: Router,
    runtime: &'static Handle,
}

/// A response of the API: an answer or a problem.
pub(super) struct ApiResponse {
    pub(super) is_success: bool,
    pub(super) body: String,
    pub(super) json: Value,
}

impl Api {
    /// Builds the router.
    pub(super) fn new(assistant: Assistant) -> anyhow::Result<Self> {
        let service = http::Service::new(Arc::new(ArcSwap::from_pointee(assistant)));
        let options = http::Options {
            rates: http::Rates::off(),
            ..http::Options::default()
        };
        let runtime = app::command_runtime()?;
        let router = {
            let _entered = runtime.enter();
            http::router(service, options)
        };
        Ok(Self { router, runtime })
    }

    /// Sends JSON to a path.
    pub(super) fn post(&self, path: &str, body: &Value) -> anyhow::Result<ApiResponse> {
        self.send(Method::POST, path, body.to_string())
    }

    /// Gets a path with its query.
    pub(super) fn get(&self, path: &str, query: &[(&str, &str)]) -> anyhow::Result<ApiResponse> {
        let query = query
            .iter()
            .map(|(name, value)| format!("{name}={}", percent_encode(value)));
        let query = query.collect::<Vec<_>>().join("&");
        self.send(Method::GET, &format!("{path}?{query}"), String::new())
    }

    fn send(&self, method: Method, target: &str, body: String) -> anyhow::Result<ApiResponse> {
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))?;
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await?;
            let is_success = response.status() == StatusCode::OK;
            let body = to_bytes(response.into_body(), usize::MAX).await?;
            let body =
                String::from_utf8(body.into()).context("the response of the API is not UTF-8")?;
            let json =
                serde_json::from_str(&body).context("the response of the API is not JSON")?;
            Ok(ApiResponse {
                is_success,
                body,
                json,
            })
        })
    }
}

/// Percent-encodes a value for a query string.
fn percent_encode(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}
