//! A fake collector of traces: OTLP, JSON over HTTP.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

/// Time limit for a span, for a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);

type Bodies = Arc<Mutex<Vec<String>>>;

/// A collector on a free port, with a runtime of its own.
pub(crate) struct Collector {
    address: SocketAddr,
    bodies: Bodies,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A span as the collector got it.
#[derive(Debug, Clone)]
pub(crate) struct Span(Value);

impl Span {
    pub(crate) fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_default()
    }

    pub(crate) fn json(&self) -> &Value {
        &self.0
    }

    /// Returns an attribute as text; empty if it is absent.
    pub(crate) fn attribute(&self, key: &str) -> String {
        let mut attributes = self.0["attributes"].as_array().into_iter().flatten();
        let found = attributes.find(|attribute| attribute["key"] == key);
        let value = found.map(|attribute| &attribute["value"]);
        let value = value.and_then(|value| value.as_object()?.values().next());
        match value {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        }
    }
}

impl Collector {
    pub(crate) fn start() -> Self {
        let bodies = Bodies::default();
        let router = Router::new()
            .route("/v1/traces", post(take))
            .with_state(Arc::clone(&bodies));
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        listener
            .set_nonblocking(true)
            .expect("a non-blocking socket");
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            runtime.spawn(async move {
                let listener = tokio::net::TcpListener::from_std(listener);
                axum::serve(listener.expect("a listener"), router).await
            });
            let _ = runtime.block_on(stopped);
        });
        Self {
            address,
            bodies,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns everything that was received, as it was sent.
    pub(crate) fn text(&self) -> String {
        self.bodies.lock().unwrap().join("\n")
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
        let bodies = self.bodies.lock().unwrap().clone();
        let bodies = bodies
            .iter()
            .map(|body| serde_json::from_str::<Value>(body).unwrap());
        let resources = bodies.flat_map(|body| list(&body, "resourceSpans"));
        let scopes = resources.flat_map(|resource| list(&resource, "scopeSpans"));
        let spans = scopes.flat_map(|scope| list(&scope, "spans"));
        spans.map(Span).collect()
    }

    /// Waits for a span with a name.
    pub(crate) fn wait(&self, name: &str) -> Span {
        let end = Instant::now() + TIMEOUT;
        loop {
            let mut spans = self.spans().into_iter();
            if let Some(span) = spans.find(|span| span.text("name") == name) {
                return span;
            }
            assert!(Instant::now() < end, "no span `{name}`:\n{}", self.text());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

async fn take(
    State(bodies): State<Bodies>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    let is_json = headers
        .get("content-type")
        .is_some_and(|kind| kind == "application/json");
    let Ok(body) = String::from_utf8(body.to_vec()) else {
        return (StatusCode::BAD_REQUEST, Json(json!({})));
    };
    if !is_json {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, Json(json!({})));
    }
    bodies.lock().unwrap().push(body);
    (StatusCode::OK, Json(json!({})))
}
