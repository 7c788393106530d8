//! One connection to the gateway: greeting, beat, events, until it ends.
//!
//! Frames in, events out to [`Ear`]; the session is kept up to date, so that the next connection
//! goes on where this one ended. Invariants: nothing is logged of what a frame holds; a connection
//! that is silent for a beat is given up; no frame makes this end in another way than [`End`].

use std::io::Read;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use flate2::read::ZlibDecoder;
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, Interval, interval_at, timeout};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::ear::Ear;
use tokio_util::sync::CancellationToken;

/// What the bot hears of besides interactions: messages in servers and direct messages, without
/// their content where nobody speaks to the bot. Discord grants both to anybody.
const INTENTS: u32 = 1 << 9 | 1 << 12;

/// Longest time for making a connection, and for the greeting.
const LONGEST_GREETING: Duration = Duration::from_secs(15);

/// Longest frame, in bytes, also once it is inflated.
const LONGEST_FRAME: usize = 16 * 1024 * 1024;

/// How long the goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// Ends a connection whose session goes on.
const GO_ON: u16 = 4_000;

/// Codes with which Discord ends a connection for good: the token, the shards, the version, the
/// intents.
const REFUSALS: [u16; 6] = [4_004, 4_010, 4_011, 4_012, 4_013, 4_014];

/// Codes with which Discord ends a session: an unknown place in it, or none at all.
const INVALIDATIONS: [u16; 4] = [1_000, 1_001, 4_007, 4_009];

/// What the next connection goes on with.
#[derive(Debug, Clone)]
pub(super) struct Session {
    id: String,
    /// Where it is gone on with.
    pub(super) url: String,
    sequence: u64,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The service stops.
    Told,
    /// The session can be gone on with, if there is one.
    Lost,
    /// The session is over.
    Invalid,
    /// Discord refuses the bot, with a code.
    Refused(u16),
}

/// A frame as Discord sends it.
#[derive(Deserialize)]
struct Frame {
    op: u8,
    #[serde(default)]
    d: Value,
    s: Option<u64>,
    t: Option<String>,
}

/// An open connection.
pub(super) struct Connection {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    beat: Interval,
    is_answered: bool,
}

impl Connection {
    /// Connects and takes the greeting; says why that was impossible.
    pub(super) async fn open(url: &str) -> Result<Self, String> {
        match timeout(LONGEST_GREETING, Self::greet(url)).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no greeting in time".to_owned()),
        }
    }

    async fn greet(url: &str) -> Result<Self, tungstenite::Error> {
        let config = WebSocketConfig {
            max_message_size: Some(LONGEST_FRAME),
            max_frame_size: Some(LONGEST_FRAME),
            ..WebSocketConfig::default()
        };
        let address = address(url);
        let (mut socket, _) = connect_async_with_config(address, Some(config), true).await?;
        loop {
            let message = socket.next().await;
            let message = message.unwrap_or(Err(tungstenite::Error::ConnectionClosed))?;
            let Some(Frame { op: 10, d, .. }) = read(&message) else {
                continue;
            };
            let every = d["heartbeat_interval"].as_u64().unwrap_or(41_250);
            let every = Duration::from_millis(every.max(1));
            // Not all at once, where many connect after a failure.
            let first = Instant::now() + every.mul_f64(chance());
            return Ok(Self {
                socket,
                beat: interval_at(first, every),
                is_answered: true,
            });
        }
    }

    /// Begins the session or goes on with it once that is its turn, and hears what is said until
    /// the connection ends.
    pub(super) async fn talk(
        mut self,
        (token, shard): (&str, [u64; 2]),
        turn: impl Future<Output = ()>,
        session: &mut Option<Session>,
        ear: &Arc<Ear>,
        stop: &CancellationToken,
    ) -> End {
        let hello = match &*session {
            Some(Session { id, sequence, .. }) => json!({
                "op": 6, "d": { "token": token, "session_id": id, "seq": sequence },
            }),
            None => json!({
                "op": 2,
                "d": {
                    "token": token, "intents": INTENTS, "shard": shard, "compress": true,
                    "large_threshold": 50,
                    "properties": {
                        "os": std::env::consts::OS, "browser": "madoguchi", "device": "madoguchi",
                    },
                },
            }),
        };
        let mut turn = pin!(turn);
        let mut is_begun = false;
        loop {
            let heard = tokio::select! {
                () = &mut turn, if !is_begun => {
                    is_begun = true;
                    match self.say(&hello).await {
                        Ok(()) => continue,
                        Err(_) => return End::Lost,
                    }
                }
                heard = self.socket.next() => heard,
                _ = self.beat.tick() => {
                    if !std::mem::take(&mut self.is_answered) {
                        tracing::info!(shard = shard[0], "the connection to Discord is silent");
                        return self.leave(GO_ON, End::Lost).await;
                    }
                    match self.beat(session).await {
                        Ok(()) => continue,
                        Err(_) => return End::Lost,
                    }
                }
                () = stop.cancelled() => return self.leave(1_000, End::Told).await,
            };
            let message = match heard {
                Some(Ok(Message::Close(frame))) => return closed(frame.map(|f| f.code.into())),
                Some(Ok(message)) => message,
                Some(Err(_)) | None => return End::Lost,
            };
            let Some(frame) = read(&message) else {
                continue;
            };
            if let (Some(session), Some(sequence)) = (session.as_mut(), frame.s) {
                session.sequence = sequence;
            }
            match frame.op {
                0 => hear(frame, shard[0], session, ear),
                1 if self.beat(session).await.is_err() => return End::Lost,
                7 => return self.leave(GO_ON, End::Lost).await,
                9 if frame.d == true => return self.leave(GO_ON, End::Lost).await,
                9 => return self.leave(GO_ON, End::Invalid).await,
                11 => self.is_answered = true,
                _ => {}
            }
        }
    }

    async fn beat(&mut self, session: &Option<Session>) -> Result<(), tungstenite::Error> {
        let sequence = session.as_ref().map(|session| session.sequence);
        self.say(&json!({ "op": 1, "d": sequence })).await
    }

    async fn say(&mut self, frame: &Value) -> Result<(), tungstenite::Error> {
        self.socket.send(Message::Text(frame.to_string())).await
    }

    async fn leave(mut self, code: u16, end: End) -> End {
        let frame = CloseFrame {
            code: CloseCode::from(code),
            reason: "".into(),
        };
        let _ = timeout(GOODBYE, self.socket.close(Some(frame))).await;
        end
    }
}

/// Takes note of what an event says of the session, and passes on the rest.
fn hear(frame: Frame, shard: u64, session: &mut Option<Session>, ear: &Arc<Ear>) {
    let Frame { d, s, t, .. } = frame;
    match t.as_deref().unwrap_or_default() {
        "READY" => {
            let text = |key: &str| d[key].as_str().unwrap_or_default().to_owned();
            *session = Some(Session {
                id: text("session_id"),
                url: text("resume_gateway_url"),
                sequence: s.unwrap_or_default(),
            });
            tracing::info!(shard, "connected to Discord");
            ear.ready(&d);
        }
        "RESUMED" => tracing::info!(shard, "connected to Discord again"),
        "INTERACTION_CREATE" => ear.interaction(d),
        "MESSAGE_CREATE" => ear.message(d),
        _ => {}
    }
}

fn closed(code: Option<u16>) -> End {
    match code {
        Some(code) if REFUSALS.contains(&code) => End::Refused(code),
        Some(code) if INVALIDATIONS.contains(&code) => End::Invalid,
        _ => End::Lost,
    }
}

/// Reads a frame, which may be deflated.
fn read(message: &Message) -> Option<Frame> {
    let frame = match message {
        Message::Text(text) => serde_json::from_str(text),
        Message::Binary(bytes) => {
            let mut inflated = Vec::new();
            let most = LONGEST_FRAME as u64;
            let mut decoder = ZlibDecoder::new(&bytes[..]).take(most);
            decoder.read_to_end(&mut inflated).ok()?;
            serde_json::from_slice(&inflated)
        }
        _ => return None,
    };
    if frame.is_err() {
        tracing::debug!("a frame that cannot be read");
    }
    frame.ok()
}

/// Names the version and the form in an address.
fn address(url: &str) -> String {
    let (_, host) = url.split_once("://").unwrap_or(("", url));
    let slash = if host.contains('/') { "" } else { "/" };
    format!("{url}{slash}?v=10&encoding=json")
}

/// Returns something from 0 to 1.
fn chance() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    f64::from(since.unwrap_or_default().subsec_nanos()) / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_version_and_form() {
        let query = "?v=10&encoding=json";
        for (url, expected) in [
            ("wss://gateway.discord.gg", "wss://gateway.discord.gg/"),
            ("wss://gateway.discord.gg/", "wss://gateway.discord.gg/"),
            ("ws://127.0.0.1:1/gateway", "ws://127.0.0.1:1/gateway"),
        ] {
            assert_eq!(address(url), format!("{expected}{query}"));
        }
    }

    #[tokio::test]
    async fn a_connection_may_be_encrypted() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("an address");
        let hello = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a connection");
            let mut first = [0];
            stream.readable().await.expect("bytes");
            stream.try_read(&mut first).expect("a byte");
            first[0]
        });
        let opened = Connection::open(&format!("wss://{address}")).await;
        assert!(opened.is_err());
        // How a handshake of TLS begins.
        assert_eq!(hello.await.expect("a byte"), 0x16);
    }

    #[test]
    fn codes_say_whether_to_go_on() {
        assert_eq!(closed(Some(4_004)), End::Refused(4_004));
        assert_eq!(closed(Some(4_009)), End::Invalid);
        for code in [None, Some(1_006), Some(4_000), Some(4_008)] {
            assert_eq!(closed(code), End::Lost);
        }
    }

    #[test]
    fn what_is_no_frame_is_passed_over() {
        for bytes in [&b""[..], b"x", b"{}", b"\xff\xfe"] {
            assert!(read(&Message::Binary(bytes.to_vec())).is_none());
        }
        assert!(read(&Message::Text("[1]".to_owned())).is_none());
        assert!(read(&Message::Ping(Vec::new())).is_none());
        let frame = read(&Message::Text(r#"{"op":11}"#.to_owned()));
        assert_eq!(frame.expect("a frame").op, 11);
    }
}
