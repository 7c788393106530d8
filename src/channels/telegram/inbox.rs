//! Handles each update once: in order within a chat, concurrently across chats.
//!
//! Invariants: at most [`MAX_PENDING`] updates are pending, and a further one waits. A press is
//! acknowledged before it is handled, also while its chat is busy. If more than [`MAX_QUEUED`]
//! updates wait in a chat, the newest is dropped.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use teloxide::types::{CallbackQueryId, Me, Update, UpdateKind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;

use super::inline;
use super::rate::{Limits, RateLimiter};
use super::respond::{Notice, apologize, respond};
use super::send::{Caller, Place};
use super::update::{self, Event, Incoming, Input};
use crate::channels::bot::{Core, RecentIds, SHUTDOWN_GRACE};

/// Maximum number of pending updates.
const MAX_PENDING: u32 = 16_384;

/// Maximum number of updates in the queue of one chat.
const MAX_QUEUED: usize = 32;

/// Number of update ids that are remembered to drop duplicates.
const MAX_RECENT: usize = 20_000;

/// Lifetime of the rate limiter of a silent chat: the longest span that it limits.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Accepts updates and handles them.
pub(super) struct Inbox {
    core: Arc<Core>,
    me: Me,
    caller: Arc<Caller>,
    limits: Limits,
    permits: Arc<Semaphore>,
    recent: RecentIds<u32>,
    state: Mutex<State>,
}

/// The updates that wait in one chat.
type ChannelQueue = mpsc::Sender<Job>;

#[derive(Default)]
struct State {
    chats: HashMap<i64, ChannelQueue>,
    pending: BTreeSet<u32>,
}

/// An update to handle. Boxed, because a queue allocates its capacity in advance.
struct Job(Box<Incoming>, Ticket);

/// Marks an update as pending until it is dropped.
struct Ticket {
    id: u32,
    inbox: Arc<Inbox>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = self.inbox.lock();
        state.pending.remove(&self.id);
        self.inbox.core.note_pending(state.pending.len());
    }
}

impl Inbox {
    pub(super) fn new(core: Core, me: Me, caller: Arc<Caller>, limits: Limits) -> Self {
        Self {
            core: Arc::new(core),
            me,
            caller,
            limits,
            permits: Arc::new(Semaphore::new(MAX_PENDING as usize)),
            recent: RecentIds::new(MAX_RECENT),
            state: Mutex::default(),
        }
    }

    /// Reports in the metrics whether Telegram can be reached.
    pub(super) fn note_connection(&self, is_connected: bool) {
        self.core.note_connection(is_connected);
        if is_connected {
            self.core.note_contact();
        }
    }

    /// Accepts an update, after waiting for room; `false` if the bot is shutting down.
    pub(super) async fn accept(self: &Arc<Self>, update: Update) -> bool {
        let id = update.id.0;
        if self.recent.contains(&id) {
            return true;
        }
        let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else {
            return false;
        };
        // The id is remembered only after a permit is acquired: if Telegram stops waiting before,
        // it delivers the update again.
        {
            let mut state = self.lock();
            if !self.recent.insert(id) {
                return true;
            }
            state.pending.insert(id);
            self.core.note_pending(state.pending.len());
        }
        let ticket = Ticket {
            id,
            inbox: Arc::clone(self),
            _permit: permit,
        };
        if let UpdateKind::Error(_) = update.kind {
            tracing::debug!(id, "Telegram: update of an unknown kind ignored");
            return true;
        }
        match update::read(update, &self.me) {
            None => {}
            Some(Event::Inline(query)) => {
                let inbox = Arc::clone(self);
                tokio::spawn(async move {
                    let id = query.id.clone();
                    let core = Arc::clone(&inbox.core);
                    let found = async move { inline::find(&core, &query) };
                    if let Some(page) = inbox.core.pool.run(found).await {
                        inbox.caller.offer(id, page).await;
                    }
                    drop(ticket);
                });
            }
            Some(Event::OrphanedPress(query, language)) => {
                let notice = Notice::new(&self.core, None, language);
                self.acknowledge(query, notice, None, ticket);
            }
            Some(Event::Incoming(incoming)) => match &incoming.input {
                Input::Press(pressed) => {
                    let query = pressed.query.clone();
                    let press = pressed.press.as_ref();
                    let notice = Notice::new(&self.core, press, incoming.language);
                    self.acknowledge(query, notice, Some(incoming), ticket);
                }
                Input::Command(_) | Input::Unsupported => self.enqueue(incoming, ticket),
            },
        }
        true
    }

    /// Acknowledges a press, and then puts it into the queue of its chat.
    fn acknowledge(
        self: &Arc<Self>,
        query: CallbackQueryId,
        notice: Notice,
        incoming: Option<Incoming>,
        ticket: Ticket,
    ) {
        let inbox = Arc::clone(self);
        tokio::spawn(async move {
            inbox.caller.acknowledge(query, notice.text()).await;
            if let Some(incoming) = incoming.filter(|_| !matches!(notice, Notice::Gone(_))) {
                inbox.enqueue(incoming, ticket);
            }
        });
    }

    /// Puts an update at the end of the queue of its chat.
    fn enqueue(self: &Arc<Self>, incoming: Incoming, ticket: Ticket) {
        let chat = incoming.chat.0;
        let mut state = self.lock();
        let queue = state.chats.entry(chat).or_insert_with(|| {
            let (queue, waiting) = mpsc::channel(MAX_QUEUED);
            tokio::spawn(Arc::clone(self).work(chat, waiting));
            queue
        });
        let refused = queue.try_send(Job(Box::new(incoming), ticket));
        // Dropping a refused ticket takes the lock.
        drop(state);
        if refused.is_err() {
            tracing::debug!("Telegram: update dropped, the queue of its chat is full");
        }
    }

    /// Handles the queue of one chat until the chat is silent for [`IDLE_TIMEOUT`].
    async fn work(self: Arc<Self>, chat: i64, mut waiting: mpsc::Receiver<Job>) {
        // The ids of groups are negative.
        let new_limiter = || RateLimiter::new(&self.limits, chat < 0);
        let mut limiter = new_limiter();
        loop {
            match timeout(IDLE_TIMEOUT, waiting.recv()).await {
                Ok(Some(job)) => {
                    // A task of its own: a panic ends one answer and not the queue.
                    let done = tokio::spawn(Arc::clone(&self).handle(job, limiter)).await;
                    limiter = done.unwrap_or_else(|_| new_limiter());
                }
                Ok(None) => return,
                Err(_) => {
                    let mut state = self.lock();
                    if waiting.is_empty() {
                        state.chats.remove(&chat);
                        return;
                    }
                }
            }
        }
    }

    async fn handle(self: Arc<Self>, job: Job, mut limiter: RateLimiter) -> RateLimiter {
        let Job(incoming, ticket) = job;
        let place = Place {
            chat: incoming.chat,
            thread: incoming.thread,
            reply_to: incoming.reply_to,
        };
        let language = incoming.language;
        let core = Arc::clone(&self.core);
        let work = async {
            let answer = async move { respond(&core, &incoming).await };
            let operations = self.core.pool.run(answer).await;
            let operations = operations.unwrap_or_else(|| vec![apologize(&self.core, language)]);
            for operation in operations {
                self.caller.perform(place, operation, &mut limiter).await;
            }
        };
        self.caller.typing_while(place, work).await;
        drop(ticket);
        limiter
    }

    /// Returns the oldest pending update.
    pub(super) fn oldest(&self) -> Option<u32> {
        self.lock().pending.first().copied()
    }

    /// Waits for the pending updates, up to [`SHUTDOWN_GRACE`], and accepts no more.
    pub(super) async fn finish(&self) {
        let all = self.permits.acquire_many(MAX_PENDING);
        let _ = timeout(SHUTDOWN_GRACE, all).await;
        self.permits.close();
        let unanswered = self.lock().pending.len();
        if unanswered > 0 {
            tracing::warn!(unanswered, "Telegram: updates not answered before shutdown");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
