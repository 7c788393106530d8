//! The gateway: websocket connections on which Discord sends interactions and messages.
//!
//! `twilight-gateway` maintains each connection: heartbeats, sessions, resume, compression. This
//! file runs as many shards as Discord recommends, delays their connections, and passes dispatched
//! events to [`EventHandler`]. Invariants: only intents that need no approval; a lost connection is
//! retried without end, at intervals of at most 30 seconds; a rejected token or intent is not
//! retried; no frame is logged, since it may contain a member's words.

use std::error::Error as _;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::Value;
use serenity::model::gateway::{BotGateway, SessionStartLimit};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use twilight_gateway::error::{ReceiveMessageError, ReceiveMessageErrorType};
use twilight_gateway::{
    CloseFrame, Config, ConfigBuilder, Intents, Message, Shard, ShardId, ShardState,
};

use super::bot::Bot;
use super::event_handler::EventHandler;
use super::identify::{GrowingDelay, IdentifyQueue};
use super::rest::Failure;
use crate::channels::bot::{Unfinished, retry_until_cancelled};

/// Messages in servers and direct messages. Neither is a privileged intent; without the intent
/// MESSAGE_CONTENT, messages in servers have content only if they mention the bot.
const INTENTS: Intents = Intents::GUILD_MESSAGES.union(Intents::DIRECT_MESSAGES);

/// Time limit for closing a connection, opening the next one and receiving HELLO; twilight limits
/// only the second step.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Maximum polls of one connection attempt; a normal attempt needs far fewer.
const MAX_CONNECT_POLLS: u32 = 32;

/// Time limit between two frames; Discord acknowledges a heartbeat every 41 seconds.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(120);

/// Time limit for the close handshake at shutdown.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Delay before all shards restart, for example with another number of shards.
const RESHARD_DELAY: Duration = Duration::from_secs(30);

/// Close codes: invalid shard, sharding required.
const WRONG_SHARDS: [u16; 2] = [4_010, 4_011];

/// Close code: the connection ended without a close frame.
const CONNECTION_LOST: u16 = 1_006;

/// Close code: authentication failed.
const WRONG_TOKEN: u16 = 4_004;

/// The reason why the gateway stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The service stops.
    Cancelled,
    /// Discord rejected the token.
    TokenRejected,
    /// Discord closed the connection with a close code after which a retry would fail as well.
    Refused(u16),
}

/// Receives events until the service stops or Discord refuses the bot.
pub(super) async fn run(
    bot: &Arc<Bot>,
    token: &str,
    name: &str,
    cancellation: &CancellationToken,
) -> End {
    install_crypto_provider();
    let handler = Arc::new(EventHandler::new(Arc::clone(bot), name));
    let queue = IdentifyQueue::new();
    loop {
        let get = || bot.rest.gateway();
        let gateway = retry_until_cancelled(
            "Discord",
            "get the gateway",
            cancellation,
            get,
            Failure::retry,
        );
        let gateway = match gateway.await {
            Ok(gateway) => gateway,
            Err(Unfinished::Failed(_)) => return End::TokenRejected,
            Err(Unfinished::Cancelled) => return End::Cancelled,
        };
        let limit = wait_for_sessions(gateway.session_start_limit.clone(), gateway.shards);
        let Some(limit) = cancellation.run_until_cancelled(limit).await else {
            return End::Cancelled;
        };
        queue.update(&limit);
        match run_shards(&handler, token, &gateway, &queue, cancellation).await {
            Some(End::Refused(WRONG_TOKEN)) => return End::TokenRejected,
            Some(End::Refused(code)) if WRONG_SHARDS.contains(&code) => {}
            Some(end) => return end,
            None => {}
        }
        let seconds = RESHARD_DELAY.as_secs();
        tracing::warn!(seconds, "Discord gateway: restarting all shards");
        let slept = cancellation.run_until_cancelled(sleep(RESHARD_DELAY));
        if slept.await.is_none() {
            return End::Cancelled;
        }
    }
}

/// Installs the crypto provider of rustls for the process; twilight requires one.
fn install_crypto_provider() {
    // An error means that the process has a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Waits until all shards may start a session; returns the limit at that time.
async fn wait_for_sessions(mut limit: SessionStartLimit, shards: u32) -> SessionStartLimit {
    if limit.remaining < u64::from(shards) {
        let wait = Duration::from_millis(limit.reset_after);
        let seconds = wait.as_secs();
        tracing::error!(
            seconds,
            "Discord gateway: no sessions left today, waiting for the reset"
        );
        sleep(wait).await;
        limit.remaining = limit.total;
    }
    limit
}

/// Runs all shards until the first of them ends; `None` if a shard panicked.
async fn run_shards(
    handler: &Arc<EventHandler>,
    token: &str,
    gateway: &BotGateway,
    queue: &IdentifyQueue,
    cancellation: &CancellationToken,
) -> Option<End> {
    let config = ConfigBuilder::new(token.to_owned(), INTENTS)
        // The address for new sessions; twilight resumes at the `resume_gateway_url` of READY.
        .proxy_url(gateway.url.trim_end_matches('/').to_owned())
        .queue(queue.clone())
        .build();
    let count = gateway.shards.max(1);
    handler.begin(count);
    let mut shards = JoinSet::new();
    for number in 0..count {
        let runner = ShardRunner {
            shard: Shard::with_config(ShardId::new(number, count), config.clone()),
            config: config.clone(),
            handler: Arc::clone(handler),
        };
        shards.spawn(runner.run(cancellation.clone()));
    }
    let first = shards.join_next().await?.ok();
    if first == Some(End::Cancelled) {
        // Each shard sends its own close frame.
        while shards.join_next().await.is_some() {}
    }
    first
}

/// The fields of a frame that this file reads.
#[derive(Deserialize)]
struct Frame {
    op: u8,
    #[serde(default)]
    t: Option<String>,
    #[serde(default)]
    d: Value,
}

/// The opcode of the first frame on a connection.
const HELLO: u8 = 10;

/// One shard: a connection that receives a part of the bot's events.
struct ShardRunner {
    shard: Shard<IdentifyQueue>,
    config: Config<IdentifyQueue>,
    handler: Arc<EventHandler>,
}

impl ShardRunner {
    /// Keeps the shard connected until the service stops or Discord refuses the bot.
    async fn run(mut self, cancellation: CancellationToken) -> End {
        let shard = self.shard.id().number();
        let mut connections = GrowingDelay::between_connections();
        let mut attempts = GrowingDelay::between_connections();
        let mut has_hello = false;
        loop {
            let is_connected = self.is_connected();
            has_hello &= is_connected;
            let limit = match is_connected {
                true => SILENCE_TIMEOUT,
                false => CONNECT_TIMEOUT,
            };
            let next = timeout(limit, self.next());
            let Some(received) = cancellation.run_until_cancelled(next).await else {
                self.close().await;
                return End::Cancelled;
            };
            let mut delay = Duration::ZERO;
            match received {
                Ok(Some(Ok(Message::Text(text)))) => {
                    if self.receive(&text) == Some(HELLO) {
                        // Delays the next poll, because twilight reconnects without a delay.
                        delay = connections.next(Instant::now());
                        attempts = GrowingDelay::between_connections();
                        has_hello = true;
                    }
                }
                Ok(Some(Ok(Message::Close(frame)))) => {
                    self.handler.note_connection(shard, false);
                    let code = frame.map_or(1_005, |frame| frame.code);
                    if self.shard.state() == ShardState::FatallyClosed {
                        return End::Refused(code);
                    }
                    // Before HELLO this file adds the delay: once a connection was accepted,
                    // twilight adds none.
                    if !has_hello {
                        delay = attempts.next(Instant::now());
                    }
                    let seconds = delay.as_secs_f32();
                    tracing::info!(
                        shard,
                        code,
                        seconds,
                        "Discord gateway: connection closed, reconnecting"
                    );
                }
                Ok(Some(Err(error))) => match error.kind() {
                    ReceiveMessageErrorType::Reconnect => {
                        self.handler.note_connection(shard, false);
                        delay = attempts.next(Instant::now());
                        let seconds = delay.as_secs_f32();
                        let cause = error.source().map(ToString::to_string);
                        tracing::warn!(
                            shard,
                            cause,
                            seconds,
                            "Discord gateway: connection failed, retrying"
                        );
                        self.renew();
                    }
                    _ => {
                        if !has_hello {
                            delay = attempts.next(Instant::now());
                        }
                        tracing::debug!(shard, "Discord gateway: unreadable frame");
                    }
                },
                Ok(None) | Err(_) => {
                    self.handler.note_connection(shard, false);
                    delay = attempts.next(Instant::now());
                    tracing::warn!(shard, "Discord gateway: connection silent, reconnecting");
                    self.renew();
                }
            }
            // The next round handles a cancellation.
            let _ = cancellation.run_until_cancelled(sleep(delay)).await;
        }
    }

    fn is_connected(&self) -> bool {
        !matches!(self.shard.state(), ShardState::Disconnected { .. })
    }

    /// Receives the next frame; code 1006 if the connection ends without a close frame.
    ///
    /// Twilight does not report such an end; it reconnects at once. The shard's state shows it,
    /// except when a connection is accepted and lost within one poll; [`MAX_CONNECT_POLLS`] covers
    /// that case.
    async fn next(&mut self) -> Option<Result<Message, ReceiveMessageError>> {
        let mut polls = 0;
        let received = poll_fn(|context| {
            let was_connected = self.is_connected();
            if let Poll::Ready(received) = self.shard.poll_next_unpin(context) {
                return Poll::Ready(Some(received));
            }
            if self.is_connected() {
                return Poll::Pending;
            }
            polls += 1;
            match was_connected || polls > MAX_CONNECT_POLLS {
                true => Poll::Ready(None),
                false => Poll::Pending,
            }
        });
        if let Some(received) = received.await {
            return received;
        }
        // Drops the connection attempt that twilight has started.
        self.renew();
        let lost = CloseFrame::new(CONNECTION_LOST, "");
        Some(Ok(Message::Close(Some(lost))))
    }

    /// Passes an event to the handler; returns the opcode.
    fn receive(&self, text: &str) -> Option<u8> {
        let Ok(Frame { op, t, d }) = serde_json::from_str(text) else {
            tracing::debug!("Discord gateway: unreadable frame");
            return None;
        };
        let shard = self.shard.id().number();
        self.handler.note_connection(shard, true);
        match t.as_deref().unwrap_or_default() {
            "READY" => {
                tracing::info!(shard, "Discord gateway: connected");
                self.handler.ready(&d);
            }
            "RESUMED" => tracing::info!(shard, "Discord gateway: session resumed"),
            "INTERACTION_CREATE" => self.handler.interaction(d),
            "MESSAGE_CREATE" => self.handler.message(d),
            _ => {}
        }
        Some(op)
    }

    /// Replaces the connection: the next one resumes the session without twilight's own delays,
    /// which grow to over four minutes.
    fn renew(&mut self) {
        let mut config = ConfigBuilder::from(self.config.clone());
        if let Some(session) = self.shard.session() {
            config = config.session(session.clone());
        }
        if let Some(url) = self.shard.resume_url() {
            config = config.resume_url(url.to_owned());
        }
        self.shard = Shard::with_config(self.shard.id(), config.build());
    }

    /// Sends a close frame on an open connection, which ends the session, and waits for the reply.
    async fn close(mut self) {
        if !self.is_connected() {
            return;
        }
        self.shard.close(CloseFrame::NORMAL);
        let closed = async { while let Some(Ok(Message::Text(_))) = self.shard.next().await {} };
        // Without a reply the connection is dropped.
        let _ = timeout(CLOSE_TIMEOUT, closed).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_wss_address_is_connected_with_tls() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let first_byte = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a connection");
            let mut first = [0];
            stream.readable().await.expect("bytes");
            stream.try_read(&mut first).expect("a byte");
            first[0]
        });
        install_crypto_provider();
        let config = ConfigBuilder::new("token".to_owned(), INTENTS);
        let config = config.proxy_url(format!("wss://{address}")).build();
        let mut shard = Shard::with_config(ShardId::ONE, config);
        assert!(shard.next().await.is_some_and(|received| received.is_err()));
        // The record type of a TLS handshake.
        assert_eq!(first_byte.await.expect("a byte"), 0x16);
    }
}
