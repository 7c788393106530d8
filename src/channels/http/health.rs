//! `GET /livez`, `GET /readyz`, `GET /metrics`: probes and counters for operators.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::state::AppState;

/// The state of the process.
#[derive(Serialize, ToSchema)]
#[schema(as = Live)]
pub(super) struct Liveness {
    /// Always `live`.
    status: &'static str,
}

/// The state of the knowledge.
#[derive(Serialize, ToSchema)]
#[schema(as = Ready)]
pub(super) struct Readiness {
    /// Always `ready`: the server listens only after the knowledge was loaded.
    status: &'static str,
    /// Number of entries.
    entries: usize,
    /// Whether the last reload failed; the log contains the reason.
    knowledge_stale: bool,
}

/// Returns 200 while the process runs.
#[utoipa::path(get, path = "/livez", tag = "operation", responses((status = 200, description = "The process runs", body = Liveness)))]
pub(super) async fn live() -> Json<Liveness> {
    Json(Liveness { status: "live" })
}

/// Returns 200 while questions can be answered, with the state of the knowledge.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses((status = 200, description = "Questions can be answered", body = Readiness)))]
pub(super) async fn ready(State(state): State<Arc<AppState>>) -> Json<Readiness> {
    Json(Readiness {
        status: "ready",
        entries: state.assistant().knowledge().entries.len(),
        knowledge_stale: state.service.stale.load().is_some(),
    })
}

/// Returns all counters since the start as `OpenMetrics` text.
#[utoipa::path(
    get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "Counters", content_type = "application/openmetrics-text"))
)]
pub(super) async fn metrics(State(state): State<Arc<AppState>>) -> impl IntoResponse {
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    (
        [(header::CONTENT_TYPE, content_type)],
        state.service.metrics.render(),
    )
}
