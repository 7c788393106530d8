//! `GET /openapi.json`, `GET /docs`: the description of the API, generated from the types.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::map_response;
use axum::response::Response;
use serde_json::Value;
use utoipa::OpenApi;
use utoipa::openapi::Server;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::error::Problem;
use super::etag::{self, JSON};
use super::state::AppState;

/// The format of the id of a desk, before the desks are listed.
const DESK: &str = "desk";

/// The format of the version of the knowledge, before the served one is filled in.
const VERSION: &str = "knowledge-version";

/// All parts of the document except routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Madoguchi",
        description = "Answers questions in the official words of an FAQ, and names the right \
                       desk for all others. Every error is an RFC 9457 problem with a `hint`.",
        license(name = "MIT", identifier = "MIT"),
    ),
    tags(
        (name = "questions", description = "Asking and searching"),
        (name = "knowledge", description = "Entries and desks"),
        (name = "operation", description = "Operating the service"),
    ),
    components(schemas(Problem)),
)]
struct Document;

/// Returns the document without routes, for a service below a base path.
pub(super) fn document(base: &str) -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    if !base.is_empty() {
        document.servers = Some(vec![Server::new(base)]);
    }
    document
}

/// Returns the route of the documentation page; this host serves all its files.
pub(super) fn page<S: Clone + Send + Sync + 'static>(base: &str) -> Router<S> {
    // Without "none", the page sends the document to a public validator.
    let config = Config::new([format!("{base}/openapi.json")]).validator_url("none");
    let page: Router<S> = SwaggerUi::new("/docs").config(config).into();
    page.layer(map_response(with_relative_redirect))
}

/// Leads `/docs` to `/docs/` by a relative address, which is right below any path and behind any proxy.
async fn with_relative_redirect(mut response: Response) -> Response {
    if let Some(location) = response.headers_mut().get_mut(LOCATION) {
        *location = HeaderValue::from_static("docs/");
    }
    response
}

/// Returns the description of all routes (OpenAPI 3.1).
#[utoipa::path(
    get, path = "/openapi.json", tag = "operation",
    responses(
        (status = 200, description = "This document", content_type = "application/json"),
        (status = 304, description = "Unchanged"),
    )
)]
pub(super) async fn openapi(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    let assistant = state.assistant();
    let knowledge = assistant.knowledge();
    let desks = knowledge.desks.iter();
    let desks: Vec<Value> = desks.map(|desk| desk.id.as_str().into()).collect();
    let mut document = state.openapi.clone();
    list_values(&mut document, DESK, &desks);
    list_values(&mut document, VERSION, &[knowledge.version.as_str().into()]);
    let body = serde_json::to_vec(&document).unwrap_or_default();
    etag::respond(&headers, JSON, body)
}

/// Lists the values of the served knowledge in every schema of a format.
fn list_values(document: &mut Value, format: &str, known: &[Value]) {
    match document {
        Value::Object(map) => {
            if map.get("format").is_some_and(|found| found == format) {
                map.remove("format");
                let mut values = known.to_vec();
                // An optional property may be null.
                values.extend(
                    map.get("type")
                        .filter(|kind| kind.is_array())
                        .map(|_| Value::Null),
                );
                map.insert("enum".to_owned(), values.into());
            }
            for value in map.values_mut() {
                list_values(value, format, known);
            }
        }
        Value::Array(list) => {
            for value in list {
                list_values(value, format, known);
            }
        }
        _ => {}
    }
}
