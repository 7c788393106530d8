//! A fake Discord, as strict as Discord: REST API and gateway on one free port.
//!
//! Calls in, recorded; events out over the gateway, or as signed requests to an endpoint. Each
//! violation (an unknown route, a text or custom id that is too long, a second response to an
//! interaction or one after three seconds, an early IDENTIFY) is refused, and fails the test when
//! the fake is dropped.

pub(crate) mod bot;
mod check;
mod commands;
mod components;
mod control;
pub(crate) mod gateway;
mod interactions;
pub(crate) mod member;
mod messages;
mod rest;
mod socket;
pub(crate) mod transport;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::any;
use axum::serve::ListenerExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::support;

pub(crate) use self::interactions::Response;
pub(crate) use self::member::Member;

/// The bot's token, in three parts as real tokens are.
pub(crate) const TOKEN: &str = "OTg3NjU0MzIx.Fake-s.Secret_of_the_tests";

/// The application's id.
pub(crate) const APPLICATION_ID: u64 = 1_100_000_000_000_000_001;

/// The id of the bot's user.
pub(crate) const BOT_ID: u64 = 1_100_000_000_000_000_002;

/// A guild that the bot is in.
pub(crate) const GUILD: u64 = 1_200_000_000_000_000_000;

/// Another guild, on the second of two shards.
pub(crate) const OTHER_GUILD: u64 = GUILD + (1 << 22);

/// A call of the bot.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// Path after `/api/v10`, without the query.
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) at: Instant,
    /// Status of the response; 0 if the connection was dropped.
    pub(crate) status: u16,
}

/// A failure of one call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    /// 429 with `retry_after` in seconds.
    TooMany(f64),
    /// A status as from a proxy, such as 502.
    Status(u16),
    /// The connection is dropped before the call is processed.
    Dropped,
    /// The call is processed, and the connection is dropped before the response; a websocket is
    /// accepted, and dropped before HELLO.
    Lost,
    /// A websocket is accepted, and closed with this code before HELLO.
    Closed(u16),
    /// The call is processed after a delay.
    Slow(Duration),
}

/// Why a call is refused.
#[derive(Debug)]
struct Refusal {
    status: u16,
    code: u64,
    message: String,
    /// Whether the test caused it, so that it is no fault of the bot.
    is_expected: bool,
}

impl Refusal {
    fn new(status: u16, code: u64, message: &str) -> Self {
        Self {
            status,
            code,
            message: message.to_owned(),
            is_expected: false,
        }
    }
}

fn form(key: &str, why: &str) -> Refusal {
    Refusal::new(400, 50_035, &format!("Invalid Form Body: {key}: {why}"))
}

fn empty() -> Refusal {
    Refusal::new(400, 50_006, "Cannot send an empty message")
}

#[derive(Default)]
struct Inner {
    token: String,
    is_token_changed: bool,
    address: String,
    last_id: u64,
    /// Maximum of stored messages, calls and interactions.
    keeps: usize,
    faults: Vec<(String, Fault)>,
    calls: VecDeque<Call>,
    commands: Vec<Value>,
    puts: Vec<Value>,
    interactions: interactions::Store,
    messages: messages::Store,
    gateway: gateway::State,
    typings: usize,
    /// Unix time that requests are signed with; the real time by default.
    now: Option<u64>,
    violations: Vec<String>,
}

impl Inner {
    /// Makes a new id, greater than all before.
    fn next(&mut self) -> String {
        self.last_id += 1;
        (1_300_000_000_000_000_000 + self.last_id).to_string()
    }

    fn fault(&mut self, method: &str, path: &str) -> Option<Fault> {
        let call = format!("{method} {path}");
        let mut faults = self.faults.iter();
        let at =
            faults.position(|(start, _)| path.starts_with(start) || call.starts_with(start))?;
        Some(self.faults.remove(at).1)
    }
}

struct Shared {
    inner: Mutex<Inner>,
    changed: Notify,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The running fake.
pub(crate) struct FakeDiscord {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

impl FakeDiscord {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            inner: Mutex::new(Inner {
                token: TOKEN.to_owned(),
                address: address.to_string(),
                keeps: usize::MAX,
                ..Inner::default()
            }),
            changed: Notify::new(),
        });
        let router = Router::new()
            .route("/", any(socket::upgrade))
            .route("/gateway", any(socket::upgrade))
            .route("/gateway/", any(socket::upgrade))
            .fallback(rest::serve)
            .with_state(Arc::clone(&shared));
        // Nagle's algorithm would delay each event by 40 ms.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    /// The address in place of `https://discord.com`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Accepts only this token from now on, and expects calls with others.
    pub(crate) fn set_token(&self, token: &str) {
        let mut inner = self.shared.lock();
        token.clone_into(&mut inner.token);
        inner.is_token_changed = true;
    }

    /// Signs requests with this Unix time from now on.
    pub(crate) fn set_now(&self, seconds: u64) {
        self.shared.lock().now = Some(seconds);
    }

    /// Stores at most `max` calls, messages and interactions, to bound the memory of a long test.
    pub(crate) fn keep(&self, max: usize) {
        self.shared.lock().keeps = max;
    }

    /// Applies a fault to the next call whose path, or method and path, begins with `path`, such as
    /// `/channels` or `PUT /applications`; `GET /socket` is a connection to the gateway. Each fault
    /// applies to one call, in the order of these calls.
    pub(crate) fn fail_next(&self, path: &str, fault: Fault) {
        self.shared.lock().faults.push((path.to_owned(), fault));
    }

    /// The number of faults that were not applied yet.
    pub(crate) fn faults(&self) -> usize {
        self.shared.lock().faults.len()
    }

    /// Removes the faults that were not applied yet, and returns their number.
    pub(crate) fn take_faults(&self) -> usize {
        std::mem::take(&mut self.shared.lock().faults).len()
    }

    /// The calls whose method and path begin with `start`, such as `POST /interactions`.
    pub(crate) fn calls(&self, start: &str) -> Vec<Call> {
        let inner = self.shared.lock();
        let calls = inner.calls.iter();
        calls
            .filter(|call| format!("{} {}", call.method, call.path).starts_with(start))
            .cloned()
            .collect()
    }

    /// The bodies of the PUTs that registered commands.
    pub(crate) fn commands_puts(&self) -> Vec<Value> {
        self.shared.lock().puts.clone()
    }

    /// The registered commands.
    pub(crate) fn commands(&self) -> Vec<Value> {
        self.shared.lock().commands.clone()
    }

    /// The number of typing indicators.
    pub(crate) fn typings(&self) -> usize {
        self.shared.lock().typings
    }

    /// Waits until a condition holds.
    pub(crate) async fn until_true(&self, event: &str, test: impl Fn() -> bool) {
        self.until(event, || test().then_some(())).await;
    }

    /// Waits until `test` returns something.
    pub(crate) async fn until<T>(&self, event: &str, test: impl Fn() -> Option<T>) -> T {
        let state = || {
            let inner = self.shared.lock();
            let calls = inner.calls.iter();
            let calls = calls.map(|call| format!("{} {} {}", call.status, call.method, call.path));
            let calls: Vec<String> = calls.collect();
            format!("violations: {:?}; calls: {calls:?}", inner.violations)
        };
        support::bot::until(&self.shared.changed, event, test, state).await
    }

    /// Waits until all faults have been applied.
    pub(crate) async fn no_faults_left(&self) {
        self.until_true("the faults", || self.faults() == 0).await;
    }

    /// Waits until commands are registered, and returns them.
    pub(crate) async fn registered(&self) -> Vec<Value> {
        self.until("commands", || {
            Some(self.commands()).filter(|all| !all.is_empty())
        })
        .await
    }

    /// Takes the violations so far.
    pub(crate) fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().violations)
    }
}

impl Drop for FakeDiscord {
    fn drop(&mut self) {
        support::bot::assert_none_refused("Discord", &self.take_violations());
    }
}

/// The bot's user.
fn bot() -> Value {
    json!({
        "id": BOT_ID.to_string(), "username": "窓口", "discriminator": "4321", "global_name": null,
        "avatar": null, "bot": true, "flags": 0, "public_flags": 0, "banner": null,
        "accent_color": null, "avatar_decoration_data": null,
    })
}
