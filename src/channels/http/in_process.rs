//! Calls of the API within this process, which get the bytes that a client would get.

use anyhow::Context;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use serde_json::Value;
use tower::ServiceExt;

use crate::channels::url::encode;

/// A client of a router in the same process.
#[derive(Clone)]
pub struct InProcess {
    router: Router,
}

/// A response of the API: an answer or a problem.
pub struct InProcessResponse {
    /// Whether it is an answer.
    pub is_success: bool,
    /// The body.
    pub body: String,
    /// The body as JSON.
    pub json: Value,
}

impl InProcess {
    /// Calls the routes of a router.
    #[must_use]
    pub const fn new(router: Router) -> Self {
        Self { router }
    }

    /// Sends JSON to a path.
    ///
    /// # Errors
    /// A response that is not JSON.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<InProcessResponse> {
        self.send(Method::POST, path, body.to_string()).await
    }

    /// Gets a path with its query.
    ///
    /// # Errors
    /// A path that is none, or a response that is not JSON.
    pub async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> anyhow::Result<InProcessResponse> {
        let query = query
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)));
        let query = query.collect::<Vec<_>>().join("&");
        self.send(Method::GET, &format!("{path}?{query}"), String::new())
            .await
    }

    async fn send(
        &self,
        method: Method,
        target: &str,
        body: String,
    ) -> anyhow::Result<InProcessResponse> {
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))?;
        let response = self.router.clone().oneshot(request).await?;
        let is_success = response.status() == StatusCode::OK;
        let body = to_bytes(response.into_body(), usize::MAX).await?;
        let body =
            String::from_utf8(body.into()).context("the response of the API is not UTF-8")?;
        let json = serde_json::from_str(&body).context("the response of the API is not JSON")?;
        Ok(InProcessResponse {
            is_success,
            body,
            json,
        })
    }
}
