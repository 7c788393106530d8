//! The gateway: connections over which Discord tells of interactions and messages.
//!
//! This file says when connections and sessions are begun; `session` holds one. Invariants: no
//! intent that Discord must grant; sessions are begun at least five seconds apart, and ever more
//! rarely where they do not last, since Discord takes a token away that begins a thousand in a day;
//! a lost connection is made again for ever, ever less often; a refused token or intent is not
//! tried again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use super::Bot;
use super::ear::Ear;
use super::rest::GATEWAY;
use super::session::{Connection, End, Session};
use super::starting::{Unanswered, insist, refuse_token};
use tokio_util::sync::CancellationToken;

/// The least time between two sessions.
const BETWEEN_SESSIONS: Duration = Duration::from_secs(5);

/// Longest wait for a session to begin.
const LONGEST_SESSION_WAIT: Duration = Duration::from_secs(900);

/// How long a session must last so that the next may begin soon.
const LASTING: Duration = Duration::from_secs(600);

/// The first wait for a connection, after one that was made again at once.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// Longest wait for a connection.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How long a connection must hold so that the next is made at once.
const HOLDING: Duration = Duration::from_secs(10);

/// How often an address of a session's own is tried before the common one.
const MOST_ATTEMPTS: u32 = 3;

/// How long to wait where Discord wants another number of shards.
const RESHARDING: Duration = Duration::from_secs(30);

/// Listens until told to stop, or until Discord refuses the bot.
pub(super) async fn run(bot: &Arc<Bot>, token: &str, name: &str, stop: CancellationToken) {
    let ear = Arc::new(Ear::new(Arc::clone(bot), name));
    while !stop.is_cancelled() {
        let gateway = match insist(&bot.rest, GATEWAY, &stop).await {
            Ok(gateway) => gateway,
            Err(Unanswered::Refused) => {
                refuse_token();
                break;
            }
            Err(Unanswered::Stopped) => break,
        };
        if !wait_for_sessions(&gateway, &stop).await {
            break;
        }
        match listen(&ear, token, &gateway, &stop).await {
            End::Refused(4_004) => {
                refuse_token();
                break;
            }
            // What no other number of shards would mend.
            End::Refused(code) if !matches!(code, 4_010 | 4_011) => {
                tracing::error!(code, "Discord refuses the bot; it is off, the rest goes on");
                break;
            }
            End::Told => break,
            _ => {
                let seconds = RESHARDING.as_secs();
                tracing::warn!(seconds, "all connections to Discord are made anew");
                tokio::select! {
                    () = sleep(RESHARDING) => {}
                    () = stop.cancelled() => break,
                }
            }
        }
    }
    bot.finish().await;
}

/// Waits where the sessions of a day are used up; `false` on stopping.
async fn wait_for_sessions(gateway: &Value, stop: &CancellationToken) -> bool {
    let limit = &gateway["session_start_limit"];
    let shards = gateway["shards"].as_u64().unwrap_or(1);
    if limit["remaining"].as_u64().unwrap_or(u64::MAX) >= shards {
        return true;
    }
    let wait = Duration::from_millis(limit["reset_after"].as_u64().unwrap_or_default());
    let seconds = wait.as_secs();
    tracing::error!(
        seconds,
        "Discord begins no more sessions for this bot today; waiting"
    );
    tokio::select! {
        () = sleep(wait) => true,
        () = stop.cancelled() => false,
    }
}

/// Listens on as many shards as Discord wants; returns how the first of them ended.
async fn listen(ear: &Arc<Ear>, token: &str, gateway: &Value, stop: &CancellationToken) -> End {
    let total = gateway["shards"].as_u64().unwrap_or(1).max(1);
    let at_once = gateway["session_start_limit"]["max_concurrency"].as_u64();
    let starts = Arc::new(Starts::default());
    let mut shards = JoinSet::new();
    for number in 0..total {
        let shard = Shard {
            ear: Arc::clone(ear),
            token: token.to_owned(),
            url: gateway["url"].as_str().unwrap_or_default().to_owned(),
            number,
            total,
            starts: Arc::clone(&starts),
            bucket: number % at_once.unwrap_or(1).max(1),
        };
        shards.spawn(shard.run(stop.clone()));
    }
    let mut first = None;
    while let Some(ended) = shards.join_next().await {
        // A defect ends a shard as a lost connection would.
        let end = ended.unwrap_or(End::Lost);
        if first.is_none() {
            if end != End::Told {
                shards.abort_all();
            }
            first = Some(end);
        }
    }
    first.unwrap_or(End::Told)
}

/// When sessions may begin: at most one of a bucket in five seconds.
#[derive(Default)]
struct Starts(Mutex<HashMap<u64, Instant>>);

impl Starts {
    /// Returns when a session of a bucket may begin, for one that begins then.
    fn turn(&self, bucket: u64, now: Instant) -> Instant {
        // Each change is one call that leaves the map whole.
        let mut next = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = next.get(&bucket).copied().unwrap_or(now).max(now);
        next.insert(bucket, at + BETWEEN_SESSIONS);
        at
    }
}

/// One of the connections that share what the bot hears.
struct Shard {
    ear: Arc<Ear>,
    token: String,
    url: String,
    number: u64,
    total: u64,
    starts: Arc<Starts>,
    bucket: u64,
}

impl Shard {
    /// Keeps a connection until it need not or cannot be made again.
    async fn run(self, stop: CancellationToken) -> End {
        let told = stop.clone();
        tokio::select! {
            biased;
            end = self.keep(told) => end,
            // A connection that is open says goodbye by itself.
            () = async { stop.cancelled().await; sleep(2 * BETWEEN_SESSIONS).await } => End::Told,
        }
    }

    async fn keep(self, stop: CancellationToken) -> End {
        let mut session: Option<Session> = None;
        let (mut lost, mut unreached, mut short) = (0, 0, 0);
        let mut since = Instant::now();
        loop {
            if stop.is_cancelled() {
                return End::Told;
            }
            let wait = match lost {
                0 => Duration::ZERO,
                more => grown(FIRST_WAIT, more - 1, LONGEST_WAIT),
            };
            tokio::select! {
                () = wait_to_connect(wait, session.is_none(), short) => {}
                () = stop.cancelled() => return End::Told,
            }
            let began = Instant::now();
            if session.is_none() {
                since = began;
            }
            let own = session.as_ref().filter(|_| unreached < MOST_ATTEMPTS);
            let url = own.map_or(&self.url, |session| &session.url);
            let connected = tokio::select! {
                connected = Connection::open(url) => connected,
                () = stop.cancelled() => return End::Told,
            };
            let shard = self.number;
            let is_open = connected.is_ok();
            unreached = if is_open { 0 } else { unreached + 1 };
            let end = match connected {
                Ok(connection) => {
                    let identity = (&*self.token, [shard, self.total]);
                    let turn = self.turn(session.is_none());
                    let talk = connection.talk(identity, turn, &mut session, &self.ear, &stop);
                    talk.await
                }
                Err(cause) => {
                    let seconds = grown(FIRST_WAIT, lost, LONGEST_WAIT).as_secs_f32();
                    tracing::warn!(
                        shard,
                        cause,
                        seconds,
                        "the gateway of Discord cannot be reached; trying again"
                    );
                    End::Lost
                }
            };
            if matches!(end, End::Told | End::Refused(_)) {
                return end;
            }
            if is_open {
                tracing::info!(shard, "the connection to Discord ended; it is made again");
            }
            lost = if began.elapsed() >= HOLDING {
                0
            } else {
                lost + 1
            };
            if end == End::Invalid {
                session = None;
            }
            // A session was asked for, and is not there, or not any more.
            if session.is_none() && is_open {
                short = if since.elapsed() >= LASTING {
                    0
                } else {
                    short + 1
                };
            }
        }
    }

    /// Waits until a session may begin on an open connection, where one is to.
    async fn turn(&self, is_new: bool) {
        if is_new {
            let turn = self.starts.turn(self.bucket, Instant::now());
            sleep_until(turn.into()).await;
        }
    }
}

/// Waits before a connection is made; longer where sessions do not last.
async fn wait_to_connect(wait: Duration, is_new: bool, short: u32) {
    sleep(wait).await;
    if is_new && short > 0 {
        sleep(grown(BETWEEN_SESSIONS, short - 1, LONGEST_SESSION_WAIT)).await;
    }
}

fn grown(first: Duration, times: u32, longest: Duration) -> Duration {
    first
        .saturating_mul(2_u32.saturating_pow(times))
        .min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_that_do_not_last_use_up_no_day() {
        let day = Duration::from_secs(24 * 60 * 60);
        let (mut passed, mut sessions) = (Duration::ZERO, 0);
        while passed < day {
            passed += grown(BETWEEN_SESSIONS, sessions, LONGEST_SESSION_WAIT);
            sessions += 1;
        }
        assert!(sessions < 150, "{sessions}");
    }

    #[test]
    fn sessions_of_a_bucket_begin_five_seconds_apart() {
        let starts = Starts::default();
        let now = Instant::now();
        for expected in [0, 5, 10] {
            let turn = starts.turn(0, now).duration_since(now);
            assert_eq!(turn.as_secs(), expected);
        }
        assert_eq!(starts.turn(1, now), now);
        let later = now + Duration::from_secs(60);
        assert_eq!(starts.turn(0, later), later);
    }
}
