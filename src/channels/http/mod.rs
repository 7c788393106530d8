//! The web channel: JSON API, widget and help centre. Routes (except pages) and all middleware.
//!
//! Invariants: an API error is always `application/problem+json`; no log line at `info` or above
//! contains a member's words or a query string, except the masked comment of a verdict; a request
//! is aborted after `REQUEST_TIMEOUT`.

mod answer_id;
mod ask;
mod assets;
mod client_address;
mod connections;
mod conversations;
mod desks;
mod entries;
mod error;
mod etag;
mod explain;
mod extract;
mod feedback;
mod health;
mod in_process;
mod knowledge_state;
mod layers;
mod openapi;
mod pages;
mod rate;
mod search;
mod server;
mod session;
mod staff;
mod state;
mod trace;
mod widget;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{StatusCode, Uri};
use axum::middleware::{from_fn, map_response};
use axum::routing::get;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, ServiceExt};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use super::Clock;
pub use client_address::TrustedProxies;
pub use in_process::{InProcess, InProcessResponse};
pub use knowledge_state::{AfterRestart, Held, Stale};
pub use rate::{ApiKey, Rate, Rates};
pub use server::{
    MAX_CONNECTIONS, MAX_CONNECTIONS_PER_CLIENT, Server, Timeouts, connections_below,
    raise_descriptor_limit,
};
pub use staff::{StaffOptions, StaffUser};
pub use state::Service;

pub(in crate::channels) use rate::bearer;
use rate::{Class, Limits};
use state::{AppState, CHANNEL};

use crate::channels::metrics::Metrics;

/// Time limit for reading and answering a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Settings of the web channel.
#[derive(Clone)]
pub struct Options {
    /// Origins whose pages may call the API, such as `https://www.example.jp`; `*` allows all.
    pub allowed_origins: Vec<String>,
    /// The rate limits of one client.
    pub rates: Rates,
    /// The keys of integrators.
    pub api_keys: Vec<ApiKey>,
    /// The proxies that report the address of a client.
    pub trusted_proxies: TrustedProxies,
    /// Public scheme, host and path for absolute links, such as `https://faq.example.jp` or
    /// `https://www.example.jp/faq`; without it, pages have no links for search engines.
    pub public_url: Option<String>,
    /// The secret that answer ids are signed with, the same for all replicas; random by default.
    pub secret: Option<String>,
    /// Seconds for which browsers use https only; 0 for no such header.
    pub hsts: u32,
    /// The routes for operators and developers.
    pub operator_routes: OperatorRoutes,
    /// The staff desk; off by default.
    pub staff: Option<StaffOptions>,
    /// Routes of other channels, which get request ids, log lines and security headers.
    pub other_routes: Router,
    /// The route for assistants, which also gets the rate limit of questions.
    pub mcp: Option<Router>,
    /// The name of the channel in the metrics and in the records.
    pub channel: &'static str,
    /// The clock; by default the system's.
    pub clock: Clock,
}

/// The routes for operators and developers, which may be closed or moved to another address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperatorRoutes {
    /// `/metrics`.
    pub metrics: bool,
    /// `/api/v1/explain`.
    pub explain: bool,
    /// `/docs` and `/openapi.json`.
    pub docs: bool,
    /// `/demo`.
    pub demo: bool,
}

impl Default for OperatorRoutes {
    /// All are served.
    fn default() -> Self {
        Self {
            metrics: true,
            explain: true,
            docs: true,
            demo: true,
        }
    }
}

impl OperatorRoutes {
    /// None is served.
    pub const CLOSED: Self = Self {
        metrics: false,
        explain: false,
        docs: false,
        demo: false,
    };
}

impl Default for Options {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            rates: Rates::default(),
            api_keys: Vec::new(),
            trusted_proxies: TrustedProxies::default(),
            public_url: None,
            secret: None,
            hsts: 0,
            operator_routes: OperatorRoutes::default(),
            staff: None,
            other_routes: Router::new(),
            mcp: None,
            channel: CHANNEL,
            clock: Arc::new(Timestamp::now),
        }
    }
}

/// Builds the router with all routes and middleware.
pub fn router(service: Service, options: Options) -> Router {
    let limits = Limits::new(
        options.rates,
        options.trusted_proxies.clone(),
        &options.api_keys,
        Arc::clone(&service.metrics),
    );
    let limits = Arc::new(limits);
    let metrics = Arc::clone(&service.metrics);
    let shown = options.operator_routes;
    let mut ask = OpenApiRouter::new().routes(routes!(ask::ask));
    if shown.explain {
        ask = ask.routes(routes!(explain::explain));
    }
    let feedback = OpenApiRouter::new().routes(routes!(feedback::feedback));
    let search = OpenApiRouter::new().routes(routes!(search::search));
    let suggest = OpenApiRouter::new().routes(routes!(search::suggest, search::suggest_posted));
    let base = base_path(options.public_url.as_deref()).to_owned();
    let mut document = openapi::document(&base);
    let mut limited = Router::new();
    for (class, routes) in [
        (Class::Ask, ask),
        (Class::Feedback, feedback),
        (Class::Search, search),
        (Class::Suggest, suggest),
    ] {
        let routes = OpenApiRouter::new().nest("/api/v1", routes);
        let (routes, described) = routes.split_for_parts();
        limited = limited.merge(limits.apply(class, routes));
        document.merge(described);
    }
    let lists = OpenApiRouter::new()
        .routes(routes!(entries::list))
        .routes(routes!(entries::one))
        .routes(routes!(desks::list));
    let (lists, described) = OpenApiRouter::new()
        .nest("/api/v1", lists)
        .split_for_parts();
    document.merge(described);
    let mut pages = pages::router().merge(lists);
    if shown.demo {
        pages = pages.merge(pages::demo_router());
    }
    if shown.docs {
        let (openapi, described) = OpenApiRouter::new()
            .routes(routes!(openapi::openapi))
            .split_for_parts();
        document.merge(described);
        let page = openapi::page(&base).layer(map_response(layers::page_policy));
        pages = pages.merge(openapi).merge(page);
    }
    limited = limited.merge(limits.apply(Class::Pages, pages));
    let mut health = OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready));
    if shown.metrics {
        health = health.routes(routes!(health::metrics));
    }
    let (health, described) = health.split_for_parts();
    document.merge(described);

    let state = AppState::new(
        service,
        options.clock,
        options.public_url,
        options.trusted_proxies,
        options.secret.as_deref(),
        options.channel,
        &document,
    );
    let state = Arc::new(state);
    let router = limited.merge(health).with_state(Arc::clone(&state));
    let mut router = wrap(router, extract::MAX_BODY_BYTES, REQUEST_TIMEOUT);
    if let Some(cors) = layers::cors(&options.allowed_origins) {
        router = router.layer(cors);
    }
    // Any page may load the widget; the CORS layer decides which pages may call the API.
    let widget = Router::new().route("/widget.js", get(widget::script));
    let widget = widget.with_state(Arc::clone(&state));
    let mut router = router.merge(wrap(widget, extract::MAX_BODY_BYTES, REQUEST_TIMEOUT));
    // Pages of other origins never see the staff desk.
    if let Some(staff) = options.staff {
        let pages = limits.apply(Class::Pages, staff::router(state, staff));
        router = router.merge(wrap(pages, staff::MAX_FORM_BYTES, staff::REQUEST_TIMEOUT));
    }
    let mut router = router.merge(options.other_routes);
    if let Some(mcp) = options.mcp {
        // The token of assistants is none of the keys of integrators.
        let mcp = limits.without_keys().apply(Class::Ask, mcp);
        router = router.merge(mcp.layer(CatchPanicLayer::custom(error::panic_response)));
    }
    let router = finish(router, options.hsts, metrics);
    with_other_paths(router, base)
}

/// Returns the path of the public address without a slash at its end; empty at the root of a host.
fn base_path(public_url: Option<&str>) -> &str {
    let after_scheme = public_url.and_then(|url| url.split_once("://"));
    let host_and_path = after_scheme.map_or("", |(_, rest)| rest);
    let path = host_and_path.find('/');
    path.map_or("", |path| &host_and_path[path..])
}

/// Routes paths below the base path, and those with a slash at their end, as the same paths without
/// it. So a proxy may pass a path unchanged or remove the base path.
fn with_other_paths(router: Router, base: String) -> Router {
    let inner = router.clone();
    // Reached only by paths without a route, so others cost nothing.
    router.fallback(async move |mut request: Request| {
        if let Some(uri) = plain_path(request.uri(), &base) {
            *request.uri_mut() = uri;
        }
        inner.oneshot(request).await
    })
}

/// Removes the base path and slashes at the end of a path; `None` if there are none.
fn plain_path(uri: &Uri, base: &str) -> Option<Uri> {
    let path = uri.path();
    let below = path.strip_prefix(base).unwrap_or(path);
    let is_below = below.is_empty() || below.starts_with('/');
    let path = if is_below { below } else { path };
    let path = match path.trim_end_matches('/') {
        "" => "/",
        // The address of this page ends in a slash, as it loads files beside it.
        "/docs" if path == "/docs/" => path,
        path => path,
    };
    if path == uri.path() {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}"));
    format!("{path}{}", query.unwrap_or_default()).parse().ok()
}

/// Adds limits, compression and error handling to routes; the first layer is the outermost.
///
/// One stack, because axum boxes the service after each call of `layer`, and clones all inner boxes
/// for each of them at every request.
fn wrap(router: Router, max_body_bytes: usize, timeout: Duration) -> Router {
    let layers = ServiceBuilder::new()
        .layer(CatchPanicLayer::custom(error::panic_response))
        .map_response(error::as_problem)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            timeout,
        ))
        .layer(CompressionLayer::new())
        .layer(DefaultBodyLimit::max(max_body_bytes));
    router.layer(layers)
}

/// Adds the outermost layers: request id, log line, security headers.
fn finish(router: Router, hsts: u32, metrics: Arc<Metrics>) -> Router {
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(from_fn(move |request, next| {
            layers::log(Arc::clone(&metrics), request, next)
        }))
        .layer(PropagateRequestIdLayer::x_request_id())
        .map_response(layers::secure(hsts));
    router.layer(layers)
}

/// Serves with the default bounds until `shutdown` resolves; see [`Server::serve`].
///
/// # Errors
/// Those of [`Server::serve`].
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    Server::default().serve(listener, router, shutdown).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_path_and_slashes_are_removed() {
        for (base, path, expected) in [
            ("", "/contact/", Some("/contact")),
            ("", "/contact", None),
            ("", "/", None),
            ("", "//", Some("/")),
            ("/faq", "/faq", Some("/")),
            ("/faq", "/faq/", Some("/")),
            ("/faq", "/faq/search/?q=a/", Some("/search?q=a/")),
            ("/faq", "/faqs", None),
            ("/faq", "/faq/docs/", Some("/docs/")),
            ("", "/docs/", None),
            ("/faq", "/contact", None),
            ("/a/b", "/a/b/livez", Some("/livez")),
        ] {
            let uri: Uri = path.parse().expect(path);
            let plain = plain_path(&uri, base).map(|uri| uri.to_string());
            assert_eq!(plain.as_deref(), expected, "{base} {path}");
        }
        for (url, base) in [
            (None, ""),
            (Some("https://faq.example.jp"), ""),
            (Some("https://example.jp/faq"), "/faq"),
        ] {
            assert_eq!(base_path(url), base);
        }
    }

    #[tokio::test]
    #[expect(clippy::panic, reason = "the test needs a handler that panics")]
    async fn a_panicking_handler_responds_with_500_and_reveals_nothing() {
        let route = axum::routing::get(async || -> &'static str { panic!("secret") });
        let router = Router::new().route("/", route);
        let router = wrap(router, extract::MAX_BODY_BYTES, REQUEST_TIMEOUT);
        let cors = layers::cors(&["*".to_owned()]).expect("a layer");
        let router = finish(router.layer(cors), 0, Arc::default());
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
