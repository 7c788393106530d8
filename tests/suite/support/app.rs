//! The HTTP service over the shipped knowledge: a real listener on a free port and a test clock.

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::SignedDuration;
use madoguchi::channels::http::{Options, Rates, Service, Stale, router, serve};
use madoguchi::channels::mcp;
use madoguchi::knowledge::KnowledgeBase;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::knowledge::{TestClock, shipped};

/// A running service; it stops when dropped.
pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    pub(crate) stale: Arc<ArcSwapOption<Stale>>,
    clock: TestClock,
    server: JoinHandle<std::io::Result<()>>,
    shutdown: oneshot::Sender<()>,
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a port")
}

impl TestApp {
    /// Starts without a rate limit and without an allowed origin.
    pub(crate) async fn start() -> Self {
        Self::start_with(Options {
            rates: Rates::off(),
            ..Options::default()
        })
        .await
    }

    /// Starts with options; their clock is replaced by the test's.
    pub(crate) async fn start_with(options: Options) -> Self {
        Self::start_on(listener().await, options).await
    }

    /// Like [`Self::start_with`], with the service's own address as its public address.
    pub(crate) async fn start_public(options: Options) -> Self {
        let listener = listener().await;
        let address = listener.local_addr().expect("an address");
        let options = Options {
            public_url: Some(format!("http://{address}")),
            ..options
        };
        Self::start_on(listener, options).await
    }

    async fn start_on(listener: TcpListener, options: Options) -> Self {
        let clock = TestClock::default();
        let stale = Arc::new(ArcSwapOption::empty());
        let service = Service {
            stale: Arc::clone(&stale),
            ..Service::new(Arc::new(ArcSwap::new(Arc::clone(shipped()))))
        };
        let options = Options {
            clock: clock.reader(),
            ..options
        };
        let stop = CancellationToken::new();
        let desk = mcp::Desk::new(service.clone(), options.clone());
        let options = Options {
            mcp: Some(mcp::route(desk, mcp::Guard::default(), &stop)),
            ..options
        };
        let address = listener.local_addr().expect("an address");
        let (shutdown, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(serve(listener, router(service, options), async {
            let _ = stopped.await;
        }));
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            address,
            client,
            stale,
            clock,
            server,
            shutdown,
        }
    }

    /// Returns the shipped knowledge.
    pub(crate) fn knowledge() -> &'static KnowledgeBase {
        shipped().knowledge()
    }

    /// Advances the clock.
    pub(crate) fn advance(&self, duration: SignedDuration) {
        self.clock.advance(duration);
    }

    /// Stops the service and returns the result of the server.
    pub(crate) async fn stop(self) -> std::io::Result<()> {
        self.shutdown.send(()).expect("a server that runs");
        self.server.await.expect("a server that did not panic")
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://{}{path}", self.address);
        self.client.request(method, url)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        let request = self.request(Method::GET, path);
        request.send().await.expect("a response")
    }

    /// Gets JSON with status 200.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        let status = response.status();
        let body = response.text().await.expect("a body");
        assert_eq!(status, StatusCode::OK, "GET {path}: {body}");
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("GET {path}: {error}: {body}"))
    }

    pub(crate) async fn post(&self, body: &Value) -> Response {
        let request = self.request(Method::POST, "/api/v1/ask").json(body);
        request.send().await.expect("a response")
    }

    /// Asks with a body that must be accepted.
    pub(crate) async fn ask(&self, body: &Value) -> Value {
        let response = self.post(body).await;
        let status = response.status();
        let text = response.text().await.expect("a body");
        assert_eq!(status, StatusCode::OK, "POST {body}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    pub(crate) async fn ask_question(&self, question: &str) -> Value {
        self.ask(&json!({ "question": question })).await
    }
}

/// Encodes a value for a query string.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Checks that a response is a complete problem document, and returns it.
pub(crate) async fn problem(response: Response, status: u16) -> Value {
    let url = response.url().to_string();
    assert_eq!(response.status().as_u16(), status, "{url}");
    let header = |name: &str| {
        let value = response.headers().get(name);
        value.map(|value| value.to_str().expect("text").to_owned())
    };
    assert_eq!(
        header("content-type").as_deref(),
        Some("application/problem+json"),
        "{url}"
    );
    assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
    assert!(header("x-request-id").is_some(), "{url}");
    let problem: Value = response.json().await.expect("JSON");
    assert_eq!(problem["status"], status, "{problem}");
    let kind = problem["type"].as_str().expect("a type");
    assert!(
        kind == "about:blank" || kind.starts_with("/problems/"),
        "{problem}"
    );
    for key in ["title", "detail", "hint"] {
        let text = problem[key].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "`{key}` is missing: {problem}");
    }
    problem
}
