//! `GET /widget.js`: the custom element, in one file.

pub(super) mod bundle;
mod compact;

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::error::Error;
use super::state::AppState;

/// Browsers cache the widget, so an edited telephone number is shown after at most ten minutes.
const CACHE_CONTROL: &str = "public, max-age=300, stale-while-revalidate=300";

/// Serves the widget to pages of any origin; CORS restricts only the API.
pub(super) async fn script(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    let assistant = state.assistant();
    let today = assistant.today(state.now());
    let Some(asset) = state.widget.get(assistant.knowledge(), today).await else {
        return Error::Status(StatusCode::INTERNAL_SERVER_ERROR).into_response();
    };
    let mut response = asset.respond(&headers, CACHE_CONTROL);
    let headers = response.headers_mut();
    // Browsers load module scripts from other origins only with these headers.
    let any = HeaderValue::from_static("*");
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
    let policy = header::HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(policy, HeaderValue::from_static("cross-origin"));
    response
}
