//! `GET /livez`, `GET /readyz`, `GET /metrics`: probes and counters for operators.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Intended;
use super::knowledge_state::{AfterRestart, Held};
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
    /// `ready`, or `draining` with status 503: the process is about to stop. The server listens only
    /// after the knowledge was loaded.
    status: &'static str,
    /// Number of entries.
    entries: usize,
    /// Names the state of the files that are served.
    knowledge_version: String,
    /// Whether the knowledge folder is not served; the log contains the reason.
    knowledge_stale: bool,
    /// What the folder removes, if the change waits for a confirmation.
    #[schema(required)]
    knowledge_held: Option<Held>,
    /// What a restart would serve.
    after_restart: AfterRestart,
}

/// Returns 200 while the process runs.
#[utoipa::path(get, path = "/livez", tag = "operation", responses((status = 200, description = "The process runs", body = Liveness)))]
pub(super) async fn live() -> Json<Liveness> {
    Json(Liveness { status: "live" })
}

/// Returns 200 while questions can be answered, with the state of the knowledge.
///
/// 503 keeps a load balancer from sending more; requests that arrive nevertheless are answered.
#[utoipa::path(
    get, path = "/readyz", tag = "operation",
    responses(
        (status = 200, description = "Questions can be answered", body = Readiness),
        (status = 503, description = "The process is about to stop; send questions elsewhere", body = Readiness),
    )
)]
pub(super) async fn ready(
    State(state): State<Arc<AppState>>,
) -> (StatusCode, Extension<Intended>, Json<Readiness>) {
    let (code, status) = match state.service.draining.is_cancelled() {
        true => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        false => (StatusCode::OK, "ready"),
    };
    let assistant = state.assistant();
    let knowledge = assistant.knowledge();
    let stale = state.service.stale.load_full();
    let stale = stale.as_deref();
    let readiness = Readiness {
        status,
        entries: knowledge.entries.len(),
        knowledge_version: knowledge.version.clone(),
        knowledge_stale: stale.is_some(),
        knowledge_held: stale.and_then(|stale| stale.held.clone()),
        after_restart: stale.map_or(AfterRestart::Folder, |stale| stale.after_restart),
    };
    (code, Extension(Intended), Json(readiness))
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
