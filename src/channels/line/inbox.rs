//! Takes events, and has each handled: drops duplicates, keeps the order of a chat, confirms in time.
//!
//! Invariants: at most [`MAX_PENDING`] events are pending; an event is confirmed only when it is answered
//! or stored.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::event::{self, Incoming};
use super::order::{Chats, Place};
use super::profiles::Profiles;
use super::respond::{apologize, respond};
use super::send::{Sender, Target};
use crate::channels::bot::{Core, Keeper, Kept, RecentIds, SHUTDOWN_GRACE, Ticket};
use crate::channels::repeated::Repeated;

/// Maximum number of pending events.
const MAX_PENDING: usize = 16_384;

/// Number of events that are remembered to recognise duplicates.
const MAX_RECENT: usize = 50_000;

/// Time for which a request waits for the answers to its events. LINE waits two seconds.
const CONFIRMATION_TIMEOUT: Duration = Duration::from_secs(1);

/// Delay before the loading animation is shown.
const LOADING_DELAY: Duration = Duration::from_millis(400);

/// Time for the answers that are being sent when the bot stops.
const LAST_ANSWER_GRACE: Duration = Duration::from_secs(1);

/// Takes events and has them handled.
pub(super) struct Inbox {
    core: Arc<Core>,
    sender: Sender,
    profiles: Profiles,
    public_url: Option<String>,
    permits: Arc<Semaphore>,
    recent: RecentIds<u64>,
    kept: Arc<Kept>,
    chats: Arc<Chats>,
    flooded: Repeated,
    /// The tasks that handle events.
    tasks: TaskTracker,
    /// Refuses events, and ends the tasks.
    closed: CancellationToken,
}

/// An event with the time at which it was received.
struct Received {
    at: Instant,
    /// The age of the event at that time, if an earlier process received it.
    stored_for: Option<Duration>,
}

impl Inbox {
    pub(super) fn new(
        core: Arc<Core>,
        sender: Sender,
        folder: Option<PathBuf>,
        public_url: Option<String>,
    ) -> Self {
        Self {
            kept: Arc::new(Kept::new("LINE", Arc::clone(&core), folder)),
            profiles: Profiles::new(Arc::clone(&sender.api)),
            core,
            sender,
            public_url,
            permits: Arc::new(Semaphore::new(MAX_PENDING)),
            recent: RecentIds::new(MAX_RECENT),
            chats: Arc::default(),
            flooded: Repeated::default(),
            tasks: TaskTracker::new(),
            closed: CancellationToken::new(),
        }
    }

    /// Reports in the metrics whether LINE can be reached.
    pub(super) fn note_connection(&self, is_connected: bool) {
        self.core.note_connection(is_connected);
    }

    /// Takes the events of a request, and waits until each is answered or stored; `false` if one is
    /// refused. LINE then delivers all of them again, if that is switched on.
    pub(super) async fn deliver(self: &Arc<Self>, events: &[Value]) -> bool {
        if self.closed.is_cancelled() {
            return false;
        }
        self.core.note_contact();
        let mut is_complete = true;
        let mut waiting = Vec::new();
        for event in events {
            let Some(id) = event::id(event) else { continue };
            if !self.recent.contains(&id) {
                let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
                    is_complete = false;
                    continue;
                };
                let received = Received {
                    at: Instant::now(),
                    stored_for: None,
                };
                self.take(id, event, permit, received);
            }
            waiting.push(id);
        }
        let all = async {
            for id in &waiting {
                self.kept.pending.until_answered(*id).await;
            }
        };
        if timeout(CONFIRMATION_TIMEOUT, all).await.is_err() {
            for id in waiting {
                let kept = Arc::clone(&self.kept);
                // A task of its own: if LINE closes the connection meanwhile, the file of an event
                // that is answered would stay.
                let stored = tokio::spawn(async move { kept.store(id).await });
                is_complete &= stored.await.unwrap_or(false);
            }
        }
        is_complete
    }

    /// Opens the folder of delayed events with the token, and takes the events in it; `false` while
    /// another process uses it.
    pub(super) fn open_folder(self: &Arc<Self>, token: &str) -> bool {
        let stored = self.kept.open_folder(token);
        let mut events: Vec<(u64, Value)> = stored
            .into_iter()
            .map(|(id, json)| (id, serde_json::from_str(&json).unwrap_or_default()))
            .collect();
        events.sort_by_key(|(_, stored)| stored["received"].as_u64());
        for (id, stored) in events {
            let received = Received {
                at: Instant::now(),
                stored_for: Some(age(stored["received"].as_u64().unwrap_or_default())),
            };
            match Arc::clone(&self.permits).try_acquire_owned() {
                Ok(permit) if !self.recent.contains(&id) => {
                    self.take(id, &stored["event"], permit, received);
                }
                // LINE delivered it again meanwhile.
                Ok(_) => self.kept.delete(id),
                // It stays in the folder for the next start.
                Err(_) => tracing::warn!("LINE: too many events pending, a stored one waits"),
            }
        }
        self.kept.is_settled()
    }

    /// Takes an event, and starts to handle it.
    fn take(
        self: &Arc<Self>,
        id: u64,
        event: &Value,
        permit: OwnedSemaphorePermit,
        received: Received,
    ) {
        if !self.recent.insert(id) {
            return;
        }
        let keeper = match received.stored_for {
            Some(_) => Keeper::Folder,
            None => Keeper::Messenger,
        };
        let json = match keeper {
            Keeper::Messenger if self.kept.has_folder() => {
                json!({ "event": event, "received": milliseconds() }).to_string()
            }
            _ => String::new(),
        };
        let ticket = self.kept.keep(id, keeper, json, permit);
        let Some(incoming) = event::read(event, &self.sender.own) else {
            return ticket.done();
        };
        match self.chats.join(incoming.key.0) {
            Some(place) => {
                let handled = Arc::clone(self).handle(incoming, received, place, ticket);
                let closed = self.closed.clone();
                self.tasks.spawn(async move {
                    tokio::select! {
                        () = handled => {}
                        // Time for an answer that is being sent; else the event stays pending.
                        () = async { closed.cancelled().await; sleep(LAST_ANSWER_GRACE).await } => {}
                    }
                });
            }
            None => {
                ticket.done();
                if let Some(times) = self.flooded.note() {
                    tracing::warn!(times, "LINE: events dropped, too many wait in one chat");
                }
            }
        }
    }

    async fn handle(
        self: Arc<Self>,
        incoming: Incoming,
        received: Received,
        mut place: Place,
        ticket: Ticket,
    ) {
        place.wait().await;
        let incoming = Arc::new(incoming);
        let answer = self.answer(&incoming, &received);
        match incoming.user.as_deref().filter(|_| incoming.is_private) {
            Some(user) => self.loading_while(user, answer).await,
            None => answer.await,
        }
        ticket.done();
    }

    async fn answer(self: &Arc<Self>, incoming: &Arc<Incoming>, received: &Received) {
        let language = self.profiles.language(incoming).await;
        let messages = {
            let (inbox, incoming) = (Arc::clone(self), Arc::clone(incoming));
            let answer = async move {
                let public_url = inbox.public_url.as_deref();
                respond(&inbox.core, &incoming, language, public_url).await
            };
            let messages = self.core.pool.run(answer).await;
            messages.unwrap_or_else(|| apologize(&self.core, language))
        };
        let target = Target {
            chat: &incoming.chat,
            reply_token: &incoming.reply_token,
            event: incoming.id,
            received: received.at,
            stored_for: received.stored_for,
        };
        self.sender.send(&target, &messages).await;
    }

    /// Waits for `work`; shows the loading animation after [`LOADING_DELAY`].
    async fn loading_while(&self, user: &str, work: impl Future<Output = ()>) {
        tokio::pin!(work);
        tokio::select! {
            biased;
            () = &mut work => return,
            () = sleep(LOADING_DELAY) => {}
        }
        let api = Arc::clone(&self.sender.api);
        let user = user.to_owned();
        // The answer does not wait for the animation, and does not depend on it.
        tokio::spawn(async move { api.show_loading(&user).await });
        work.await;
    }

    /// Waits for the pending events, up to [`SHUTDOWN_GRACE`], stores the others, and takes no more.
    pub(super) async fn finish(&self) {
        let _ = timeout(SHUTDOWN_GRACE, self.kept.pending.until_all_answered()).await;
        self.closed.cancel();
        self.permits.close();
        self.tasks.close();
        self.tasks.wait().await;
        if self.kept.can_store() {
            self.kept.release_older(Duration::ZERO).await;
        }
        let unanswered = self.kept.pending.len();
        if unanswered > 0 {
            let stored = self.kept.pending.count(Keeper::Folder);
            tracing::warn!(
                unanswered,
                stored,
                "LINE: events not answered before shutdown"
            );
        }
    }
}

/// Returns the time in milliseconds since 1970.
fn milliseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis().try_into().unwrap_or(u64::MAX))
}

/// Returns the time since a time in milliseconds since 1970.
fn age(time: u64) -> Duration {
    Duration::from_millis(milliseconds().saturating_sub(time))
}
