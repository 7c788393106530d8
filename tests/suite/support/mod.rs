//! Fixtures, fakes and processes for the tests.

use std::io::Write;
use std::net::SocketAddr;

use tokio::net::TcpListener;

pub(crate) mod app;
pub(crate) mod bot;
pub(crate) mod collector;
pub(crate) mod discord;
pub(crate) mod embeddings;
pub(crate) mod form;
pub(crate) mod knowledge;
pub(crate) mod line;
pub(crate) mod nginx;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod python;
pub(crate) mod staff;
pub(crate) mod telegram;

/// Runs a future of the library to its end, in a test that is not async itself.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

/// Serves a router on a free port until the test ends.
pub(crate) async fn serve(router: axum::Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Creates an HTTP client that ignores the proxies of the environment.
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client")
}

/// Notes that a test is skipped because a program or file is missing; in CI, that fails the test.
pub(crate) fn skip(test: &str, missing: &str) {
    assert!(std::env::var_os("CI").is_none(), "{test}: {missing}");
    // The test harness does not capture this handle.
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {missing}");
}
