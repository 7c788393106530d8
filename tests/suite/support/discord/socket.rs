//! The gateway's websockets: HELLO, heartbeats in time, payloads as text or as one zlib stream.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use flate2::{Compress, Compression, FlushCompress};
use serde_json::{Value, json};
use tokio::sync::mpsc::unbounded_channel;

use super::gateway::Control;
use super::{Fault, Shared};

/// Tolerance for a late heartbeat beyond one and a half intervals, for busy machines.
const HEARTBEAT_TOLERANCE: Duration = Duration::from_secs(5);

/// The state of a connection.
pub(super) struct Connection {
    pub(super) id: u64,
    pub(super) stream: Option<Compress>,
    /// Whether it has a session.
    pub(super) is_known: bool,
    /// Whether it was made at the `resume_gateway_url`.
    pub(super) is_at_resume_url: bool,
    pub(super) sends: VecDeque<Instant>,
}

/// Accepts a connection.
pub(super) async fn upgrade(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
    socket: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(socket) = socket else {
        let mut inner = shared.lock();
        inner
            .violations
            .push("gateway: not a websocket request".to_owned());
        return StatusCode::UPGRADE_REQUIRED.into_response();
    };
    let fault = shared.lock().fault("GET", "/socket");
    match fault {
        None | Some(Fault::Lost | Fault::Closed(_)) => {}
        Some(Fault::TooMany(_)) => return StatusCode::TOO_MANY_REQUESTS.into_response(),
        Some(Fault::Status(status)) => {
            return StatusCode::from_u16(status).unwrap().into_response();
        }
        Some(Fault::Slow(duration)) => tokio::time::sleep(duration).await,
        Some(Fault::Dropped) => std::panic::resume_unwind(Box::new(())),
    }
    let get = |key: &str| query.get(key).map(String::as_str);
    let stream = match get("compress") {
        None => None,
        Some("zlib-stream") => Some(Compress::new(Compression::fast(), true)),
        Some(other) => {
            let problem = format!("gateway: compress={other}");
            shared.lock().violations.push(problem);
            return StatusCode::BAD_REQUEST.into_response();
        }
    };
    if get("v") != Some("10") || get("encoding").is_some_and(|encoding| encoding != "json") {
        shared.lock().violations.push(format!("gateway: {query:?}"));
        return StatusCode::BAD_REQUEST.into_response();
    }
    match fault {
        Some(Fault::Lost) => return socket.on_upgrade(async |_| {}),
        Some(Fault::Closed(code)) => {
            return socket.on_upgrade(async move |mut socket| close(&mut socket, code, "").await);
        }
        _ => {}
    }
    let is_at_resume_url = uri.path().trim_end_matches('/') == "/gateway";
    socket.on_upgrade(move |socket| run(socket, shared, stream, is_at_resume_url))
}

async fn run(
    mut socket: WebSocket,
    shared: Arc<Shared>,
    stream: Option<Compress>,
    is_at_resume_url: bool,
) {
    let (sender, mut controls) = unbounded_channel();
    let (mut connection, interval) = {
        let mut inner = shared.lock();
        inner.gateway.last_connection += 1;
        let id = inner.gateway.last_connection;
        inner.gateway.connections.insert(id, sender);
        let connection = Connection {
            id,
            stream,
            is_known: false,
            is_at_resume_url,
            sends: VecDeque::new(),
        };
        (connection, inner.gateway.heartbeat)
    };
    let milliseconds = u64::try_from(interval.as_millis()).unwrap();
    let hello = json!({"op": 10, "s": null, "t": null, "d": {
        "heartbeat_interval": milliseconds, "_trace": ["[\"gateway-of-the-tests\"]"],
    }});
    let limit = interval.mul_f64(1.5) + HEARTBEAT_TOLERANCE;
    let mut deadline = Instant::now() + limit;
    let mut is_open = send(&mut socket, &shared, &mut connection, &hello).await;
    while is_open {
        let received = tokio::select! {
            control = controls.recv() => control.into_iter().collect(),
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => {
                    let mut inner = shared.lock();
                    let before = inner.gateway.heartbeats;
                    let controls = inner.receive(&mut connection, &text);
                    if inner.gateway.heartbeats > before {
                        deadline = Instant::now() + limit;
                    }
                    controls
                }
                Some(Ok(Message::Binary(_))) => {
                    shared.lock().close(4_002, "Decode error", "a binary frame")
                }
                Some(Ok(Message::Close(frame))) => {
                    // With these codes a client ends its session.
                    if frame.is_some_and(|frame| matches!(frame.code, 1_000 | 1_001)) {
                        shared.lock().end_session(connection.id);
                    }
                    break;
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => break,
            },
            () = tokio::time::sleep_until(deadline.into()) => {
                shared.lock().close(4_009, "Session timed out", "no heartbeat in time")
            }
        };
        for control in received {
            match control {
                Control::Send(payload) => {
                    is_open &= send(&mut socket, &shared, &mut connection, &payload).await;
                }
                Control::Close(code, reason) => {
                    close(&mut socket, code, reason).await;
                    is_open = false;
                }
                Control::Drop => is_open = false,
            }
            if !is_open {
                break;
            }
        }
        shared.changed.notify_waiters();
    }
    shared.lock().detach(connection.id);
    shared.changed.notify_waiters();
}

/// Sends a close frame, and waits up to a second for the reply.
async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let reason = reason.into();
    let frame = Message::Close(Some(CloseFrame { code, reason }));
    let _ = socket.send(frame).await;
    let end = tokio::time::sleep(Duration::from_secs(1));
    let rest = async { while let Some(Ok(_)) = socket.recv().await {} };
    tokio::select! { () = end => {}, () = rest => {} }
}

async fn send(
    socket: &mut WebSocket,
    shared: &Shared,
    connection: &mut Connection,
    payload: &Value,
) -> bool {
    let text = payload.to_string();
    let message = if let Some(stream) = &mut connection.stream {
        shared.lock().gateway.compressed += 1;
        Message::Binary(flushed(stream, text.as_bytes()).into())
    } else {
        Message::Text(text.into())
    };
    socket.send(message).await.is_ok()
}

/// Compresses the next payload of a stream, up to the marker at its end.
fn flushed(stream: &mut Compress, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let start = stream.total_in();
    loop {
        out.reserve(bytes.len() + 64);
        let read = usize::try_from(stream.total_in() - start).unwrap();
        stream
            .compress_vec(&bytes[read..], &mut out, FlushCompress::Sync)
            .unwrap();
        let read = usize::try_from(stream.total_in() - start).unwrap();
        if read == bytes.len() && out.len() < out.capacity() {
            return out;
        }
    }
}
