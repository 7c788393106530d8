//! Load: requests per second and latencies of the API over keep-alive connections on 127.0.0.1,
//! beside a bare axum handler that returns the same bytes, in the same run.
//!
//! `cargo bench --bench http`; client and service share the cores of one machine, so compare the
//! lines of one run. Settings: `HTTP_BENCH_SECONDS` per line (default 3), `HTTP_BENCH_CONNECTIONS`
//! (default 8).

#![expect(
    clippy::print_stdout,
    reason = "the figures are the output of a benchmark"
)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use axum::Router;
use axum::http::header;
use axum::routing::any;
use jiff::Timestamp;
use madoguchi::answer::Assistant;
use madoguchi::channels::http::{self, Options, Rates, Service};
use madoguchi::knowledge;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};

/// The figures of one line.
struct Figures {
    per_second: f64,
    p50: Duration,
    p99: Duration,
}

fn main() {
    // `cargo test` runs benchmarks too, with this argument missing.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let seconds = setting("HTTP_BENCH_SECONDS", 3);
    let connections = setting("HTTP_BENCH_CONNECTIONS", 8);
    let time = Duration::from_secs(seconds);
    let server = Builder::new_multi_thread().enable_all().build();
    let server = server.expect("threads for the service");
    let client = Builder::new_current_thread().enable_all().build();
    let client = client.expect("a thread for the client");
    let service = serve(&server, router());
    println!("{connections} connections, {seconds} s for each line");
    println!("route                 per second      p50 µs      p99 µs   of a bare handler");
    for (name, requests) in [
        ("POST /api/v1/ask", asks()),
        ("GET /api/v1/suggest", gets("suggest", 5)),
        ("GET /api/v1/search", gets("search", 10)),
    ] {
        let bare = serve(&server, bare(body(service, &requests[0])));
        let bare = client.block_on(load(bare, &requests, connections, time));
        let full = client.block_on(load(service, &requests, connections, time));
        print("  bare handler", &bare, None);
        print(name, &full, Some(full.per_second / bare.per_second));
    }
}

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    let value = std::env::var(name).ok();
    value.map_or(default, |value| {
        value.parse().ok().expect("a number in HTTP_BENCH_…")
    })
}

fn print(name: &str, figures: &Figures, share: Option<f64>) {
    let share = share.map(|share| format!("{share:.2}")).unwrap_or_default();
    println!(
        "{name:<20} {:>11.0} {:>11.0} {:>11.0}   {share}",
        figures.per_second,
        figures.p50.as_secs_f64() * 1e6,
        figures.p99.as_secs_f64() * 1e6,
    );
}

/// The router over the shipped knowledge, without a rate limit.
fn router() -> Router {
    let knowledge = knowledge::load(Path::new("knowledge"), jiff::civil::date(2026, 11, 24));
    let opened = Assistant::open(Arc::new(knowledge.knowledge), None, None);
    let (assistant, _) = opened.expect("an index in memory");
    let options = Options {
        rates: Rates::off(),
        clock: Arc::new(|| Timestamp::from_second(1_795_500_000).expect("a time")),
        ..Options::default()
    };
    http::router(
        Service::new(Arc::new(ArcSwap::from_pointee(assistant))),
        options,
    )
}

/// A handler that returns the same JSON for every request.
fn bare(body: String) -> Router {
    let body = axum::body::Bytes::from(body);
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Router::new().fallback(any(move || {
        let body = body.clone();
        async move { (kind, body) }
    }))
}

fn serve(runtime: &Runtime, router: Router) -> SocketAddr {
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("an address");
    runtime.spawn(http::serve(listener, router, std::future::pending()));
    address
}

/// Questions of the project's own sets.
fn questions() -> Vec<String> {
    let files = ["tests/questions/selas.tsv", "tests/questions/jetro.tsv"];
    let text: String = files
        .map(|file| std::fs::read_to_string(file).expect("a set"))
        .concat();
    let questions = text.lines().filter_map(|line| line.split('\t').next());
    questions.map(str::to_owned).collect()
}

fn asks() -> Vec<Vec<u8>> {
    let requests = questions().into_iter().map(|question| {
        let body = serde_json::json!({ "question": question }).to_string();
        format!(
            "POST /api/v1/ask HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    });
    requests.map(String::into_bytes).collect()
}

fn gets(route: &str, limit: usize) -> Vec<Vec<u8>> {
    let requests = questions().into_iter().map(|question| {
        let query =
            percent_encoding::utf8_percent_encode(&question, percent_encoding::NON_ALPHANUMERIC);
        format!("GET /api/v1/{route}?q={query}&limit={limit} HTTP/1.1\r\nhost: localhost\r\n\r\n")
    });
    requests.map(String::into_bytes).collect()
}

/// Returns the body of the response to one request.
fn body(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(request).expect("a request");
    let mut response = Vec::new();
    loop {
        let mut part = [0; 16 * 1024];
        let length = stream.read(&mut part).expect("a response");
        response.extend_from_slice(&part[..length]);
        if let Some(start) = complete(&response) {
            return String::from_utf8_lossy(&response[start..]).into_owned();
        }
    }
}

/// Returns the start of the body if a response with status 200 is complete.
fn complete(response: &[u8]) -> Option<usize> {
    let end = response.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&response[..end]).expect("a head");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let mut lines = head.lines();
    let length = lines.find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.expect("a length").parse().expect("a number");
    let start = end + 4;
    (response.len() >= start + length).then_some(start)
}

/// Sends requests over keep-alive connections for a time, each after the response to the one before.
async fn load(
    address: SocketAddr,
    requests: &[Vec<u8>],
    connections: usize,
    time: Duration,
) -> Figures {
    let start = Instant::now();
    let clients = (0..connections).map(|number| async move {
        let mut stream = tokio::net::TcpStream::connect(address)
            .await
            .expect("a connection");
        stream.set_nodelay(true).expect("an option");
        let mut latencies = Vec::new();
        let mut response = Vec::with_capacity(64 * 1024);
        for request in requests.iter().cycle().skip(number * 7) {
            let sent = Instant::now();
            stream.write_all(request).await.expect("a request");
            response.clear();
            while complete(&response).is_none() {
                let length = stream.read_buf(&mut response).await.expect("a response");
                assert!(length > 0, "the connection was closed");
            }
            latencies.push(sent.elapsed());
            if start.elapsed() > time {
                break;
            }
        }
        latencies
    });
    let latencies = futures_util::future::join_all(clients).await;
    let elapsed = start.elapsed();
    let mut latencies: Vec<Duration> = latencies.concat();
    latencies.sort_unstable();
    Figures {
        per_second: latencies.len() as f64 / elapsed.as_secs_f64(),
        p50: latencies[latencies.len() / 2],
        p99: latencies[latencies.len() * 99 / 100],
    }
}
