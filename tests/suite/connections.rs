//! Connections: one client with many silent or slow connections never shuts the others out.
//!
//! Real sockets against the real binary, which is started below several limits of open files.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use madoguchi::channels::http::{Server, Timeouts};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::block_on;
use crate::support::knowledge::project;
use crate::support::process::{Serving, client};

/// Connections that send nothing; more than a soft limit of 1,024 open files allows.
const SILENT: usize = 1_100;

/// Longest wait for an answer. The aim is 100 ms; a busy machine is slower than that, but without the
/// bounds no answer comes at all.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// Returns whether the peer has closed a connection that received nothing.
fn is_closed(stream: &mut TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    match stream.read(&mut [0; 1]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    }
}

/// Raises the test's own limit, which is below the number of connections on some machines.
fn may_open(connections: usize) -> bool {
    rlimit::increase_nofile_limit(rlimit::INFINITY)
        .is_ok_and(|limit| limit > connections as u64 + 500)
}

#[track_caller]
fn assert_others_are_answered(limit: &str) {
    if !may_open(SILENT) {
        crate::support::skip("connections", "the limit of open files is too low");
        return;
    }
    // A container may not allow the highest limit; then its own is used.
    let shell = format!("{{ ulimit -n {limit} || ulimit -n $(ulimit -Hn); }} 2>/dev/null");
    let serving = Serving::start_in_shell(&shell, Path::new(&project("knowledge")));
    let mut silent: Vec<TcpStream> = (0..SILENT)
        .map(|_| TcpStream::connect(serving.address()).unwrap())
        .collect();
    let half = b"POST /api/v1/ask HTTP/1.1\r\nhost: a\r\ncontent-le";
    for stream in silent.iter_mut().step_by(3) {
        // A connection that was closed to make room does not accept the bytes.
        let _ = stream.write_all(half);
    }
    let mut worst = Duration::ZERO;
    for _ in 0..10 {
        // A new connection each time.
        let client = client();
        let start = Instant::now();
        let url = format!("http://{}/api/v1/ask", serving.address());
        let body = json!({ "question": "有料会員をやめたい" });
        let answer = client.post(url).timeout(MAX_WAIT).json(&body).send();
        assert_eq!(answer.unwrap().status(), 200);
        let url = format!("http://{}/livez", serving.address());
        let live = client.get(url).timeout(MAX_WAIT).send();
        assert_eq!(live.unwrap().status(), 200);
        worst = worst.max(start.elapsed());
    }
    let closed = silent
        .iter_mut()
        .filter_map(|stream| is_closed(stream).then_some(()));
    let closed = closed.count();
    assert!(worst < MAX_WAIT, "{worst:?}");
    // As many stay open as the limit allows: nobody is closed without need.
    let metrics = serving.metrics();
    let open = metrics
        .lines()
        .find_map(|line| line.strip_prefix("madoguchi_connections "))
        .and_then(|count| count.parse::<usize>().ok());
    assert!(
        open.is_some_and(|open| open + closed + 30 >= SILENT),
        "{open:?} {closed}"
    );
}

#[test]
fn silent_connections_shut_nobody_out_with_256_open_files() {
    assert_others_are_answered("256");
}

#[test]
fn silent_connections_shut_nobody_out_with_1024_open_files() {
    assert_others_are_answered("1024");
}

#[test]
fn silent_connections_shut_nobody_out_with_65536_open_files() {
    assert_others_are_answered("65536");
}

/// A low soft limit is only the default of a shell; the service raises it.
#[test]
fn the_soft_limit_of_open_files_is_raised() {
    let shell = "ulimit -Sn 64";
    let mut serving = Serving::start_in_shell(shell, Path::new(&project("knowledge")));
    let ready = serving.log_line("ready");
    assert!(ready["max_connections"].as_u64() > Some(64), "{ready}");
}

/// Serves a handler that answers after it has read the whole body.
async fn serve(server: Server) -> SocketAddr {
    let route = axum::routing::any(async |body: String| body);
    let router = axum::Router::new().fallback(route);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server.serve(listener, router, std::future::pending()));
    address
}

async fn request(stream: &mut tokio::net::TcpStream) -> String {
    let request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut response = vec![0; 1_024];
    let length = stream.read(&mut response).await.unwrap();
    String::from_utf8_lossy(&response[..length]).into_owned()
}

#[test]
fn a_connection_in_use_outlives_idle_ones() {
    block_on(async {
        let address = serve(Server {
            max_connections: 8,
            ..Server::default()
        })
        .await;
        let connect = async || tokio::net::TcpStream::connect(address).await.unwrap();
        let mut used = connect().await;
        let mut idle = Vec::new();
        for _ in 0..40 {
            assert!(request(&mut used).await.starts_with("HTTP/1.1 200"));
            idle.push(connect().await);
        }
        assert!(request(&mut used).await.starts_with("HTTP/1.1 200"));
        // The oldest of the idle connections was closed.
        assert!(closes(&mut idle[0]).await);
    });
}

#[test]
fn an_address_with_too_many_connections_loses_only_its_own() {
    block_on(async {
        let address = serve(Server {
            max_connections: 100,
            max_per_client: 4,
            // The clients of this test connect from loopback, which is then no proxy.
            trusted_proxies: std::iter::empty().collect(),
            ..Server::default()
        })
        .await;
        let from = async |source: &str| {
            let socket = tokio::net::TcpSocket::new_v4().unwrap();
            socket.bind(format!("{source}:0").parse().unwrap()).unwrap();
            socket.connect(address).await
        };
        // Linux alone has the whole of 127.0.0.0/8 without configuration.
        if !cfg!(target_os = "linux") {
            return;
        }
        let mut other = from("127.0.0.2").await.unwrap();
        assert!(request(&mut other).await.starts_with("HTTP/1.1 200"));
        let mut many = Vec::new();
        for _ in 0..20 {
            many.push(from("127.0.0.3").await.unwrap());
        }
        assert!(closes(&mut many[0]).await);
        assert!(request(&mut other).await.starts_with("HTTP/1.1 200"));
    });
}

/// Returns whether the server closes the connection, if it likes with an error response before.
async fn closes(stream: &mut tokio::net::TcpStream) -> bool {
    let mut rest = Vec::new();
    let read = stream.read_to_end(&mut rest);
    tokio::time::timeout(MAX_WAIT, read).await.is_ok()
}

#[test]
fn silent_and_slow_connections_are_closed_after_their_time_limits() {
    let short = Duration::from_millis(200);
    let long = Duration::from_secs(3_600);
    block_on(async {
        for (first_byte, header, start) in [
            (short, long, &b""[..]),
            (long, short, b"GET / HTTP/1.1\r\nhost:"),
        ] {
            let address = serve(Server {
                timeouts: Timeouts {
                    first_byte,
                    header,
                    stalled: long,
                },
                ..Server::default()
            })
            .await;
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            stream.write_all(start).await.unwrap();
            assert!(closes(&mut stream).await, "{start:?}");
            // An unused connection has the time of a header.
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            assert!(request(&mut stream).await.starts_with("HTTP/1.1 200"));
            assert!(header == long || closes(&mut stream).await);
        }
    });
}

#[test]
fn a_client_that_does_not_read_its_response_is_disconnected() {
    block_on(async {
        let address = serve(Server {
            timeouts: Timeouts {
                stalled: Duration::from_millis(300),
                ..Timeouts::default()
            },
            ..Server::default()
        })
        .await;
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        // More than the buffers of the system hold.
        let body = vec![b'a'; 64 * 1_024];
        let head = format!(
            "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let write = async {
            loop {
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(&body).await?;
            }
        };
        let written: Result<std::io::Result<()>, _> = tokio::time::timeout(MAX_WAIT, write).await;
        assert!(matches!(written, Ok(Err(_))), "{written:?}");
    });
}
