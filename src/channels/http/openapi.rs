//! `GET /openapi.json`, `GET /docs`: what the API is, made from the types.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use utoipa::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::error::Problem;
use super::{AppState, JSON, etag};

/// Everything of the document that is not a route.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Madoguchi",
        description = "Answers questions with the official words of an FAQ, and leads to the \
                       right desk where it has none. Every error is an RFC 9457 problem with a \
                       `hint`.",
        license(name = "MIT", identifier = "MIT"),
    ),
    tags(
        (name = "questions", description = "Asking and searching"),
        (name = "knowledge", description = "What is known"),
        (name = "operation", description = "Running the service"),
    ),
    components(schemas(Problem)),
)]
struct Document;

/// Returns the document without routes.
pub(super) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Writes the document once, when the router is built.
pub(super) fn bytes(document: &utoipa::openapi::OpenApi) -> Vec<u8> {
    serde_json::to_vec(document).unwrap_or_default()
}

/// Serves the page that shows the document; nothing of it is fetched from elsewhere.
pub(super) fn page<S: Clone + Send + Sync + 'static>() -> Router<S> {
    // Without "none", the page asks a public validator about the document.
    let config = Config::new(["/openapi.json"]).validator_url("none");
    SwaggerUi::new("/docs").config(config).into()
}

/// Describes every route (OpenAPI 3.1).
#[utoipa::path(
    get, path = "/openapi.json", tag = "operation",
    responses(
        (status = 200, description = "This document", content_type = "application/json"),
        (status = 304, description = "Unchanged"),
    )
)]
pub(super) async fn openapi(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    etag::respond(&headers, JSON, state.openapi.clone())
}
