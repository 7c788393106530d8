//! The web: the JSON API, the widget and the help centre. Every route but the pages' own, and every
//! layer, on one page.
//!
//! Requests in, the contract of `/openapi.json` out. Invariants: an error of the API is always
//! `application/problem+json`; no log line at `info` or above holds a member's words or a query
//! string, but for the comment that a member sends with a verdict, masked; a request never
//! outlives `LONGEST_REQUEST`.

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
mod widget;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, map_response};
use axum::routing::get;
use axum::serve::ListenerExt;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use super::Clock;
pub use rate::Rate;

use super::metrics::Metrics;
use crate::answer::Assistant;
use conversations::Conversations;
use widget::Widget;

/// The name of this channel in the metrics.
const CHANNEL: &str = "web";

/// The content type of every answer of the API that is no problem.
const JSON: &str = "application/json";

/// Longest body of a request, in bytes.
const LONGEST_BODY: usize = 16 * 1024;

/// Longest time for reading and answering a request.
const LONGEST_REQUEST: Duration = Duration::from_secs(10);

/// How long open connections may go on once the service was told to stop.
const GRACE: Duration = Duration::from_secs(12);

/// Conversations kept in memory; each is also complete in its token.
const MAX_CONVERSATIONS: NonZeroUsize = NonZeroUsize::new(10_000).expect("not 0");

/// What the routes answer from; every part may be swapped while they serve.
#[derive(Clone)]
pub struct Service {
    /// Answers, from the newest knowledge that was fit to serve.
    pub assistant: Arc<ArcSwap<Assistant>>,
    /// Why newer knowledge could not be loaded, if it could not.
    pub stale: Arc<ArcSwapOption<String>>,
    /// Counts what every channel does.
    pub metrics: Arc<Metrics>,
}

/// What a deployer may set.
#[derive(Clone)]
pub struct Options {
    /// Origins whose pages may call the API, such as `https://www.example.jp`; `*` is any.
    pub allowed_origins: Vec<String>,
    /// Requests an address may make; `None` is without limit.
    pub rate: Option<Rate>,
    /// Scheme and host that members see, such as `https://faq.example.jp`, for links that leave a
    /// page; by default as each request says.
    pub public_url: Option<String>,
    /// The clock; the system's by default.
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

/// What every handler shares.
struct AppState {
    service: Service,
    clock: Clock,
    public_url: Option<String>,
    conversations: Conversations,
    widget: Widget,
    openapi: Vec<u8>,
}

impl Service {
    /// Answers from an assistant that may be swapped; nothing is counted yet.
    #[must_use]
    pub fn new(assistant: Arc<ArcSwap<Assistant>>) -> Self {
        Self {
            assistant,
            stale: Arc::default(),
            metrics: Arc::default(),
        }
    }
}

impl AppState {
    fn assistant(&self) -> Arc<Assistant> {
        self.service.assistant.load_full()
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// Builds the routes.
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
    let state = Arc::new(AppState {
        service,
        clock: options.clock,
        public_url: options.public_url,
        widget: Widget::default(),
        conversations: Conversations::new(MAX_CONVERSATIONS),
        openapi: openapi::bytes(&document),
    });
    let router = limited.merge(health).with_state(Arc::clone(&state));
    let mut router = wrap(router);
    if let Some(cors) = layers::cors(&options.allowed_origins) {
        router = router.layer(cors);
    }
    // Outside of that layer: anybody may load the widget; which pages may ask is another matter.
    let widget = Router::new().route("/widget.js", get(widget::script));
    finish(router.merge(wrap(widget.with_state(state))))
}

/// Puts around routes what their requests go through; the last layer is the outermost.
fn wrap(router: Router) -> Router {
    router
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(CompressionLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            LONGEST_REQUEST,
        ))
        .layer(map_response(error::as_problem))
        .layer(CatchPanicLayer::custom(error::caught))
}

/// Puts around everything what no request goes without.
fn finish(router: Router) -> Router {
    router
        .layer(map_response(layers::secure))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(from_fn(layers::log))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

/// Serves until `shutdown` resolves, then lets what is under way finish for a while.
///
/// # Errors
/// The listener's, if it cannot go on.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // Answers are small: waiting for more to send only makes them late.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let stopping = Arc::new(Notify::new());
    let told = Arc::clone(&stopping);
    let signal = async move {
        shutdown.await;
        told.notify_one();
    };
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(signal);
    let grace_is_over = async move {
        stopping.notified().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        result = server.into_future() => result,
        () = grace_is_over => {
            tracing::warn!(seconds = GRACE.as_secs(), "connections were still open and are cut");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    #[expect(clippy::panic, reason = "it is what the test is about")]
    async fn a_handler_that_panics_answers_500_and_tells_nothing() {
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
