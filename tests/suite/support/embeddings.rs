//! A server of embeddings that behaves as a test wants: on this machine, in a thread of its own,
//! so that dropping it breaks every connection as a crash does.

use std::collections::VecDeque;
use std::future::pending;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use madoguchi::embedding::server::{Options, Server};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// The key that the server wants.
pub(crate) const KEY: &str = "key-that-nobody-may-see";

/// How long something may take on a busy machine before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns options with a deadline that only a server that never answers misses.
pub(crate) fn options(url: String) -> Options {
    Options {
        url,
        model: "model".to_owned(),
        key: Some(KEY.to_owned()),
        query_prefix: "query: ".to_owned(),
        passage_prefix: "passage: ".to_owned(),
        deadline: Duration::from_secs(20),
    }
}

/// Starts a client.
pub(crate) fn client(url: String) -> Server {
    Server::new(options(url)).expect("a client")
}

/// Waits until something holds.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what} in {PATIENCE:?}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// How the server behaves.
#[derive(Debug, Clone)]
pub(crate) enum Manner {
    /// As OpenAI describes.
    Right,
    /// Right, but the last vector first.
    LastFirst,
    /// Right, but in base64.
    Base64,
    /// Right, but late.
    Late(Duration),
    /// Never.
    Never,
    /// Vectors of so many dimensions.
    Dimensions(usize),
    /// One vector too few.
    TooFew,
    /// Right, but with a status for a request that holds a text of more characters.
    Characters(u16, usize),
    /// Right, but with 400 for a request of more texts.
    Texts(usize),
    /// With this, whatever was asked for.
    Says(u16, &'static str, String),
    /// With a status and a `Retry-After`.
    Later(u16, String),
    /// With a redirect.
    Redirect(String),
}

/// What was sent to the server.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Value,
}

impl Asked {
    pub(crate) fn input(&self) -> Vec<&str> {
        let input = self.body["input"].as_array().expect("texts");
        input.iter().filter_map(Value::as_str).collect()
    }
}

#[derive(Default)]
struct Memory {
    asked: Vec<Asked>,
    next: VecDeque<Manner>,
    manner: Option<Manner>,
}

/// The server; gone when dropped.
pub(crate) struct FakeEmbeddings {
    pub(crate) address: SocketAddr,
    memory: Arc<Mutex<Memory>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeEmbeddings {
    /// Starts it on a free port.
    pub(crate) fn start(manner: Manner) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), manner)
    }

    /// Starts it where another one was.
    pub(crate) fn start_at(address: SocketAddr, manner: Manner) -> Self {
        let memory = Arc::new(Mutex::new(Memory::default()));
        memory.lock().unwrap().manner = Some(manner);
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&memory));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = TcpListener::bind(address).expect("a port");
        let address = listener.local_addr().expect("an address");
        listener.set_nonblocking(true).expect("a socket of tokio's");
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
            memory,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Behaves so from now on.
    pub(crate) fn behave(&self, manner: Manner) {
        self.memory.lock().unwrap().manner = Some(manner);
    }

    /// Behaves so for one request.
    pub(crate) fn once(&self, manner: Manner) {
        self.memory.lock().unwrap().next.push_back(manner);
    }

    /// Returns what was sent so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.memory.lock().unwrap().asked.clone()
    }
}

impl Drop for FakeEmbeddings {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Returns the vector of a text before it is scaled: what tells texts apart in tests.
pub(crate) fn vector(text: &str) -> Vec<f32> {
    let sum: u32 = text.chars().map(|c| u32::from(c) % 61).sum();
    let sum = u16::try_from(sum % 10_007).expect("small");
    let first = u16::try_from(text.chars().map(u32::from).sum::<u32>() % 97).expect("small");
    vec![f32::from(sum), f32::from(first), 100.0, -100.0]
}

/// Returns the vector of a text as the client gives it.
pub(crate) fn unit(text: &str) -> Vec<f32> {
    let vector = vector(text);
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.iter().map(|x| x / length).collect()
}

/// Tells whether two vectors are the same but for rounding.
pub(crate) fn is_near(left: &[f32], right: &[f32]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(l, r)| (l - r).abs() < 1e-5)
}

async fn answer(
    State(memory): State<Arc<Mutex<Memory>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let authorization = headers.get(header::AUTHORIZATION);
    let authorization = authorization.map(|value| value.to_str().expect("ASCII").to_owned());
    let asked = Asked {
        path: uri.path().to_owned(),
        authorization,
        body,
    };
    let lengths = asked.input().into_iter().map(|text| text.chars().count());
    let longest = lengths.max().unwrap_or_default();
    let vectors: Vec<Vec<f32>> = asked.input().into_iter().map(vector).collect();
    let manner = {
        let mut memory = memory.lock().unwrap();
        memory.asked.push(asked);
        let next = memory.next.pop_front();
        next.or_else(|| memory.manner.clone()).expect("a manner")
    };
    match manner {
        Manner::Right => right(&vectors, false),
        Manner::Late(delay) => {
            tokio::time::sleep(delay).await;
            right(&vectors, false)
        }
        Manner::LastFirst => right(&vectors, true),
        Manner::Base64 => {
            let bytes = |vector: &Vec<f32>| -> Vec<u8> {
                vector.iter().flat_map(|x| x.to_le_bytes()).collect()
            };
            let item = |(index, vector)| json!({"index": index, "object": "embedding", "embedding": STANDARD.encode(bytes(vector))});
            let data: Vec<Value> = vectors.iter().enumerate().map(item).collect();
            axum::Json(json!({ "data": data })).into_response()
        }
        Manner::Never => pending().await,
        Manner::Dimensions(dimensions) => {
            let other: Vec<Vec<f32>> = vectors.iter().map(|_| vec![1.0; dimensions]).collect();
            right(&other, false)
        }
        Manner::Characters(status, most) if longest > most => {
            let status = StatusCode::from_u16(status).expect("a status");
            (status, "too long").into_response()
        }
        Manner::Texts(most) if vectors.len() > most => {
            (StatusCode::BAD_REQUEST, "too many").into_response()
        }
        Manner::Characters(..) | Manner::Texts(_) => right(&vectors, false),
        Manner::TooFew => right(&vectors[1..], false),
        Manner::Says(status, kind, body) => {
            let status = StatusCode::from_u16(status).expect("a status");
            (status, [(header::CONTENT_TYPE, kind)], body).into_response()
        }
        Manner::Later(status, retry_after) => {
            let status = StatusCode::from_u16(status).expect("a status");
            (status, [(header::RETRY_AFTER, retry_after)], "later").into_response()
        }
        Manner::Redirect(to) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
        }
    }
}

fn right(vectors: &[Vec<f32>], last_first: bool) -> Response {
    let item =
        |(index, vector)| json!({"index": index, "object": "embedding", "embedding": vector});
    let mut data: Vec<Value> = vectors.iter().enumerate().map(item).collect();
    if last_first {
        data.reverse();
    }
    let usage = json!({"prompt_tokens": 1, "total_tokens": 1});
    axum::Json(json!({"object": "list", "model": "m", "data": data, "usage": usage}))
        .into_response()
}

/// Answers connections with bytes as they are, then closes them; for what no HTTP library sends.
/// The first connection gets the first of the answers, all after the last the last. Returns where.
pub(crate) fn raw(answers: Vec<Vec<u8>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    // Ends with the test's process.
    thread::spawn(move || {
        let connections = listener.incoming().map_while(Result::ok);
        for (number, connection) in connections.enumerate() {
            let answer = answers.get(number).or(answers.last());
            send_raw(connection, answer.expect("an answer"));
        }
    });
    address
}

fn send_raw(mut connection: TcpStream, bytes: &[u8]) {
    let _ = connection.set_read_timeout(Some(Duration::from_millis(200)));
    // What is not read would reset the connection before the answer is.
    let mut request = [0; 4096];
    match connection.read(&mut request) {
        Err(error) if error.kind() != ErrorKind::WouldBlock => {}
        _ => drop(connection.write_all(bytes)),
    }
}

/// The lines that are logged at `info` and above, as long as the guard lives and by clients that
/// are made meanwhile.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn capture() -> (Self, DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::INFO)
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).expect("UTF-8")
    }

    /// Counts the lines of a level.
    pub(crate) fn count(&self, level: &str) -> usize {
        let text = self.text();
        text.lines().filter(|line| line.contains(level)).count()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
