//! `GET /livez`, `GET /readyz`, `GET /metrics`: for whoever restarts, balances and watches.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::AppState;

/// Whether the process runs.
#[derive(Serialize, ToSchema)]
pub(super) struct Live {
    /// Always `live`.
    status: &'static str,
}

/// Whether questions can be answered.
#[derive(Serialize, ToSchema)]
pub(super) struct Ready {
    /// Always `ready`: before that, nothing listens.
    status: &'static str,
    /// How many entries are answered from.
    entries: usize,
    /// Whether newer knowledge could not be loaded; the log says why.
    knowledge_stale: bool,
}

/// Tells that the process runs.
#[utoipa::path(get, path = "/livez", tag = "operation", responses((status = 200, description = "It runs", body = Live)))]
pub(super) async fn live() -> Json<Live> {
    Json(Live { status: "live" })
}

/// Tells that questions can be answered, and from how many entries.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses((status = 200, description = "It answers", body = Ready)))]
pub(super) async fn ready(State(state): State<Arc<AppState>>) -> Json<Ready> {
    Json(Ready {
        status: "ready",
        entries: state.assistant().knowledge().entries.len(),
        knowledge_stale: state.service.stale.load().is_some(),
    })
}

/// Tells what was counted since the start, as `OpenMetrics` text.
#[utoipa::path(
    get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "Counters", content_type = "application/openmetrics-text"))
)]
pub(super) async fn metrics(State(state): State<Arc<AppState>>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    (
        [(header::CONTENT_TYPE, kind)],
        state.service.metrics.render(),
    )
}
