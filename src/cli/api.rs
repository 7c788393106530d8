//! `--json`: the JSON API itself, asked over the loopback interface for as long as the command
//! runs, so that scripts get the bytes that `serve` would send and nothing is described twice.

use std::fmt::Write as _;
use std::future::pending;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use anyhow::{Context, ensure};
use arc_swap::ArcSwap;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::answer::Assistant;
use crate::channels::http;

/// The API on a port that nobody else was told of.
pub(super) struct Api {
    address: SocketAddr,
    _runtime: Runtime,
}

/// What the API said: JSON, of an answer or of a problem.
pub(super) struct Said {
    pub(super) is_success: bool,
    pub(super) body: String,
    pub(super) json: Value,
}

impl Api {
    /// Starts it.
    pub(super) fn start(assistant: Assistant) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .context("cannot use the loopback interface, which `--json` needs")?;
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let service = http::Service::new(Arc::new(ArcSwap::from_pointee(assistant)));
        let options = http::Options {
            rate: None,
            ..http::Options::default()
        };
        let router = http::router(service, options);
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        // Ends with the runtime.
        drop(runtime.spawn(http::serve(listener, router, pending())));
        Ok(Self {
            address,
            _runtime: runtime,
        })
    }

    /// Sends JSON to a path.
    pub(super) fn post(&self, path: &str, body: &Value) -> anyhow::Result<Said> {
        self.send("POST", path, &body.to_string())
    }

    /// Gets a path with its query.
    pub(super) fn get(&self, path: &str, query: &[(&str, &str)]) -> anyhow::Result<Said> {
        let query = query
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)));
        let query = query.collect::<Vec<_>>().join("&");
        self.send("GET", &format!("{path}?{query}"), "")
    }

    fn send(&self, method: &str, target: &str, body: &str) -> anyhow::Result<Said> {
        let mut stream = TcpStream::connect(self.address)?;
        let length = body.len();
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        let (head, body) = response
            .split_once("\r\n\r\n")
            .context("the API did not answer")?;
        let json = serde_json::from_str(body).context("the API did not answer in JSON")?;
        ensure!(head.starts_with("HTTP/1.1 "), "the API did not answer");
        Ok(Said {
            is_success: head.starts_with("HTTP/1.1 200"),
            body: body.to_owned(),
            json,
        })
    }
}

/// Encodes a value for a query.
fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len() * 3);
    for byte in value.bytes() {
        // Writing to a string cannot fail.
        let _ = write!(encoded, "%{byte:02X}");
    }
    encoded
}
