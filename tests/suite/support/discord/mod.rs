//! A Discord of the tests' own: strict where Discord is, REST and gateway on one free port.
//!
//! Calls in, recorded; events out over the gateway, or as signed requests to an endpoint. Whatever
//! Discord would not take (an unknown route, a text or a custom id that is too long, an interaction
//! answered twice or after three seconds, an IDENTIFY too soon) is refused and fails the test when
//! the fake is dropped.

pub(crate) mod bot;
mod check;
mod commands;
mod components;
mod control;
mod gateway;
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

pub(crate) use self::interactions::Response;
pub(crate) use self::member::Member;

/// The token of the bot, in the three parts of real ones.
pub(crate) const TOKEN: &str = "OTg3NjU0MzIx.Fake-s.Secret_of_the_tests";

/// The application's id.
pub(crate) const APPLICATION_ID: u64 = 1_100_000_000_000_000_001;

/// The bot's user.
pub(crate) const BOT_ID: u64 = 1_100_000_000_000_000_002;

/// A guild that the bot is in.
pub(crate) const GUILD: u64 = 1_200_000_000_000_000_000;

/// Another one, which is another shard's where there are two.
pub(crate) const OTHER_GUILD: u64 = GUILD + (1 << 22);

/// How long something may take on a busy machine before the test gives up.
const PATIENCE: Duration = Duration::from_secs(90);

/// A call that the bot made.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// From after `/api/v10`, without the query.
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) at: Instant,
    /// The status that it was answered with; 0 where the connection broke.
    pub(crate) status: u16,
}

/// Something that goes wrong once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    /// 429 with these seconds.
    TooMany(f64),
    /// A status from a proxy, such as 502.
    Status(u16),
    /// The connection breaks before the call is read.
    Dropped,
    /// The call is done, and the connection breaks before the answer.
    Lost,
    /// The call is done this late.
    Slow(Duration),
}

/// Why Discord would not do a call.
#[derive(Debug)]
struct Refusal {
    status: u16,
    code: u64,
    message: String,
    /// Whether it is the test's doing, and no fault of the bot.
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
    /// How many messages, calls and interactions are kept.
    keeps: usize,
    faults: Vec<(String, Fault)>,
    calls: VecDeque<Call>,
    commands: Vec<Value>,
    puts: Vec<Value>,
    interactions: interactions::Store,
    messages: messages::Store,
    gateway: gateway::State,
    typings: usize,
    /// The seconds since 1970 that requests are signed with; the real ones if there are none.
    now: Option<u64>,
    wrong: Vec<String>,
}

impl Inner {
    /// Makes an id that is newer than all others.
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
            .route("/gateway/", any(socket::upgrade))
            .fallback(rest::serve)
            .with_state(Arc::clone(&shared));
        // Else each event would look forty milliseconds late.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    /// The address to name instead of `https://discord.com`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes only this token from now on; that others are refused is then expected.
    pub(crate) fn set_token(&self, token: &str) {
        let mut inner = self.shared.lock();
        token.clone_into(&mut inner.token);
        inner.is_token_changed = true;
    }

    /// Signs requests with this time from now on, in seconds since 1970.
    pub(crate) fn set_now(&self, seconds: u64) {
        self.shared.lock().now = Some(seconds);
    }

    /// Keeps only so many calls, messages and interactions, as a long test would fill the memory.
    pub(crate) fn keep(&self, most: usize) {
        self.shared.lock().keeps = most;
    }

    /// Makes the next call go wrong whose path, or method and path, begins like this, such as
    /// `/channels` or `PUT /applications`; `GET /socket` is a connection to the gateway. Each fault
    /// is for one call; several are taken in their order.
    pub(crate) fn fail_next(&self, path: &str, fault: Fault) {
        self.shared.lock().faults.push((path.to_owned(), fault));
    }

    /// How many faults have not come up yet.
    pub(crate) fn faults(&self) -> usize {
        self.shared.lock().faults.len()
    }

    /// The calls whose method and path begin like this, such as `POST /interactions`.
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

    /// The commands as they are registered.
    pub(crate) fn commands(&self) -> Vec<Value> {
        self.shared.lock().commands.clone()
    }

    /// How often the bot showed that it is typing.
    pub(crate) fn typings(&self) -> usize {
        self.shared.lock().typings
    }

    /// Waits for something to be so.
    pub(crate) async fn until<T>(&self, what: &str, test: impl Fn() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            let changed = self.shared.changed.notified();
            if let Some(found) = test() {
                return found;
            }
            if Instant::now() > end {
                let inner = self.shared.lock();
                let calls: Vec<_> = inner
                    .calls
                    .iter()
                    .map(|call| format!("{} {} {}", call.status, call.method, call.path))
                    .collect();
                panic!(
                    "{what} did not happen; wrong: {:?}; calls: {calls:?}",
                    inner.wrong
                );
            }
            let _ = tokio::time::timeout(Duration::from_millis(50), changed).await;
        }
    }

    /// Waits until commands have been registered, and returns them.
    pub(crate) async fn registered(&self) -> Vec<Value> {
        self.until("commands", || {
            Some(self.commands()).filter(|all| !all.is_empty())
        })
        .await
    }

    /// Returns what the bot did wrong, and forgets it.
    pub(crate) fn take_wrong(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().wrong)
    }
}

impl Drop for FakeDiscord {
    fn drop(&mut self) {
        let wrong = self.take_wrong();
        if !std::thread::panicking() {
            assert!(
                wrong.is_empty(),
                "Discord would refuse:\n{}",
                wrong.join("\n")
            );
        }
    }
}

/// The bot as a user.
fn bot() -> Value {
    json!({
        "id": BOT_ID.to_string(), "username": "窓口", "discriminator": "4321", "global_name": null,
        "avatar": null, "bot": true, "flags": 0, "public_flags": 0, "banner": null,
        "accent_color": null, "avatar_decoration_data": null,
    })
}
