//! The web channel: JSON API, widget and help centre. Routes (except pages) and all middleware.
//!
//! Invariants: an API error is always `application/problem+json`; no log line at `info` or above
//! contains a member's words or a query string, except the masked comment of a verdict; a request
//! is aborted after `REQUEST_TIMEOUT`.

mod answer_id;
mod ask;
mod assets;
mod conversations;
mod desks;
mod entries;
mod error;
mod etag;
mod explain;
mod extract;
mod feedback;
mod health;
mod layers;
mod openapi;
mod pages;
mod rate;
mod search;
mod session;
mod state;
mod widget;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::get;
use axum::serve::ListenerExt;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use super::Clock;
pub use rate::Rate;
pub use state::Service;

use state::{AppState, CHANNEL};

/// Time limit for reading and answering a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Time limit for open connections after the shutdown signal.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(12);

/// Settings of the web channel.
#[derive(Clone)]
pub struct Options {
    /// Origins whose pages may call the API, such as `https://www.example.jp`; `*` allows all.
    pub allowed_origins: Vec<String>,
    /// The rate limit per address; `None` for no limit.
    pub rate: Option<Rate>,
    /// Public scheme and host for absolute links, such as `https://faq.example.jp`; by default
    /// those of each request.
    pub public_url: Option<String>,
    /// The clock; by default the system's.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            rate: Some(Rate::default()),
            public_url: None,
            clock: Arc::new(Timestamp::now),
        }
    }
}

/// Builds the router with all routes and middleware.
pub fn router(service: Service, options: Options) -> Router {
    let v1 = OpenApiRouter::new()
        .routes(routes!(ask::ask))
        .routes(routes!(feedback::feedback))
        .routes(routes!(search::search))
        .routes(routes!(search::suggest))
        .routes(routes!(entries::list))
        .routes(routes!(entries::one))
        .routes(routes!(desks::list))
        .routes(routes!(explain::explain));
    let (limited, mut document) = OpenApiRouter::with_openapi(openapi::document())
        .nest("/api/v1", v1)
        .routes(routes!(openapi::openapi))
        .split_for_parts();
    let (health, health_document) = OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .split_for_parts();
    document.merge(health_document);

    let mut limited = limited.merge(openapi::page()).merge(pages::router());
    if let Some(rate) = options.rate {
        limited = rate.limit(limited);
    }
    let state = AppState::new(service, options.clock, options.public_url, &document);
    let state = Arc::new(state);
    let router = limited.merge(health).with_state(Arc::clone(&state));
    let mut router = wrap(router);
    if let Some(cors) = layers::cors(&options.allowed_origins) {
        router = router.layer(cors);
    }
    // Any page may load the widget; the CORS layer decides which pages may call the API.
    let widget = Router::new().route("/widget.js", get(widget::script));
    finish(router.merge(wrap(widget.with_state(state))))
}

/// Adds limits, compression and error handling to routes; the first layer is the outermost.
///
/// One stack, because axum boxes the service after each call of `layer`, and clones all inner boxes
/// for each of them at every request.
fn wrap(router: Router) -> Router {
    let layers = ServiceBuilder::new()
        .layer(CatchPanicLayer::custom(error::panic_response))
        .map_response(error::as_problem)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            REQUEST_TIMEOUT,
        ))
        .layer(CompressionLayer::new())
        .layer(DefaultBodyLimit::max(extract::MAX_BODY_BYTES));
    router.layer(layers)
}

/// Adds the outermost layers: request id, log line, security headers.
fn finish(router: Router) -> Router {
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(from_fn(layers::log))
        .layer(PropagateRequestIdLayer::x_request_id())
        .map_response(layers::secure);
    router.layer(layers)
}

/// Serves until `shutdown` resolves, then gives open requests `SHUTDOWN_GRACE` to finish.
///
/// # Errors
/// The listener's error, if it fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // Responses are small; buffering in the kernel would only delay them.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "http: setting TCP_NODELAY failed");
        }
    });
    let stopping = CancellationToken::new();
    let graceful = stopping.clone().cancelled_owned();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(graceful);
    let deadline = async move {
        shutdown.await;
        stopping.cancel();
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    tokio::select! {
        result = server.into_future() => result,
        () = deadline => {
            let seconds = SHUTDOWN_GRACE.as_secs();
            tracing::warn!(seconds, "http: open connections dropped after the shutdown grace");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    #[expect(clippy::panic, reason = "the test needs a handler that panics")]
    async fn a_panicking_handler_responds_with_500_and_reveals_nothing() {
        let route = axum::routing::get(async || -> &'static str { panic!("secret") });
        let router = wrap(Router::new().route("/", route));
        let cors = layers::cors(&["*".to_owned()]).expect("a layer");
        let router = finish(router.layer(cors));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let server = tokio::spawn(serve(listener, router, std::future::pending()));
        for _ in 0..2 {
            let request = reqwest::Client::new().get(&url);
            let response = request.header("origin", "https://a.example").send().await;
            let response = response.expect("a response");
            assert_eq!(response.status(), 500);
            let headers = response.headers();
            assert_eq!(headers["content-type"], "application/problem+json");
            assert_eq!(headers["access-control-allow-origin"], "*");
            assert!(headers.contains_key("x-request-id"));
            let body = response.text().await.expect("a body");
            assert!(
                body.contains("about:blank") && !body.contains("secret"),
                "{body}"
            );
        }
        server.abort();
    }
}
