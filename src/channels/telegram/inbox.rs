//! Updates in, each handled once: in order within a chat, side by side across chats.
//!
//! Invariants: at most [`MOST_PENDING`] updates are held; whoever brings more waits. A press is
//! answered before anything else is done about it, whatever its chat is busy with. A chat that
//! writes faster than it can be answered loses what is beyond [`MOST_WAITING`].

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use teloxide::types::{CallbackQueryId, Update, UpdateKind};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;

use super::inline;
use super::pace::{Limits, Pace};
use super::respond::{Notice, Shared};
use super::send::{Caller, Place};
use super::update::{self, Event, Said, What};
use crate::channels::bot::{AnswerPool, RecentIds, SHUTDOWN_GRACE};

/// Most updates that are held at once.
const MOST_PENDING: u32 = 16_384;

/// Most updates of one chat that wait.
const MOST_WAITING: usize = 32;

/// Updates that are remembered, so that one that comes twice is answered once.
const MOST_SEEN: usize = 20_000;

/// How long a silent chat's pace is kept: as long as Telegram looks back.
const LINGER: Duration = Duration::from_secs(60);

/// Takes updates and sees to it that they are handled.
pub(super) struct Inbox {
    shared: Arc<Shared>,
    caller: Arc<Caller>,
    limits: Limits,
    permits: Arc<Semaphore>,
    pool: AnswerPool,
    seen: RecentIds<u32>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    chats: HashMap<i64, mpsc::Sender<Job>>,
    pending: BTreeSet<u32>,
}

/// Something to do in a chat. Small, since a queue sets memory aside for many.
struct Job {
    said: Box<Said>,
    ticket: Ticket,
}

/// Held as long as an update is not done with.
struct Ticket {
    id: u32,
    inbox: Arc<Inbox>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.inbox.lock().pending.remove(&self.id);
    }
}

impl Inbox {
    pub(super) fn new(shared: Shared, caller: Arc<Caller>, limits: Limits) -> Self {
        Self {
            shared: Arc::new(shared),
            caller,
            limits,
            permits: Arc::new(Semaphore::new(MOST_PENDING as usize)),
            pool: AnswerPool::new(),
            seen: RecentIds::new(MOST_SEEN),
            state: Mutex::default(),
        }
    }

    /// Takes an update, waiting for room if need be; `false` if it is too late.
    pub(super) async fn accept(self: &Arc<Self>, update: Update) -> bool {
        let id = update.id.0;
        if self.seen.contains(&id) {
            return true;
        }
        let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else {
            return false;
        };
        // Only now: whoever gave up waiting will bring it again.
        {
            let mut state = self.lock();
            if !self.seen.insert(id) {
                return true;
            }
            state.pending.insert(id);
        }
        let ticket = Ticket {
            id,
            inbox: Arc::clone(self),
            _permit: permit,
        };
        if let UpdateKind::Error(_) = update.kind {
            tracing::debug!(id, "an update that this version does not know");
            return true;
        }
        match update::read(update, &self.shared.me) {
            None => {}
            Some(Event::Inline(query)) => {
                let inbox = Arc::clone(self);
                tokio::spawn(async move {
                    let id = query.id.clone();
                    let shared = Arc::clone(&inbox.shared);
                    let found = inbox.pool.run(async move { inline::find(&shared, &query) });
                    if let Some(page) = found.await {
                        inbox.caller.offer(id, page).await;
                    }
                    drop(ticket);
                });
            }
            Some(Event::Lost(query, language)) => {
                let notice = self.shared.notice(None, language);
                self.acknowledge(query, notice, None, ticket);
            }
            Some(Event::Said(said)) => match &said.what {
                What::Pressed(pressed) => {
                    let query = pressed.query.clone();
                    let notice = self.shared.notice(pressed.press.as_ref(), said.language);
                    self.acknowledge(query, notice, Some(said), ticket);
                }
                _ => self.enqueue(Job {
                    said: Box::new(said),
                    ticket,
                }),
            },
        }
        true
    }

    /// Answers a press at once, and then lets the chat do what was asked for.
    fn acknowledge(
        self: &Arc<Self>,
        query: CallbackQueryId,
        notice: Notice,
        said: Option<Said>,
        ticket: Ticket,
    ) {
        let inbox = Arc::clone(self);
        tokio::spawn(async move {
            inbox.caller.acknowledge(query, notice.text()).await;
            if let Some(said) = said.filter(|_| !matches!(notice, Notice::Gone(_))) {
                let said = Box::new(said);
                inbox.enqueue(Job { said, ticket });
            }
        });
    }

    /// Puts something at the end of what a chat waits for.
    fn enqueue(self: &Arc<Self>, job: Job) {
        let chat = job.said.chat.0;
        let mut state = self.lock();
        let refused = match state.chats.get(&chat) {
            Some(queue) => match queue.try_send(job) {
                Ok(()) => None,
                Err(TrySendError::Full(job) | TrySendError::Closed(job)) => Some(job),
            },
            None => {
                let (queue, waiting) = mpsc::channel(MOST_WAITING);
                let refused = queue.try_send(job).err();
                state.chats.insert(chat, queue);
                tokio::spawn(Arc::clone(self).work(chat, waiting));
                refused.map(mpsc::error::TrySendError::into_inner)
            }
        };
        // Its ticket takes the lock itself.
        drop(state);
        if refused.is_some() {
            tracing::debug!("a chat writes faster than it can be answered");
        }
    }

    /// Does what one chat waits for, until it has been silent for a while.
    async fn work(self: Arc<Self>, chat: i64, mut waiting: mpsc::Receiver<Job>) {
        // Groups have negative ids.
        let fresh = || Pace::new(&self.limits, chat < 0);
        let mut pace = fresh();
        loop {
            match timeout(LINGER, waiting.recv()).await {
                Ok(Some(job)) => {
                    // In a task of its own, so that a defect ends one answer and not the chat.
                    let done = tokio::spawn(Arc::clone(&self).handle(job, pace)).await;
                    pace = done.unwrap_or_else(|_| fresh());
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

    async fn handle(self: Arc<Self>, job: Job, mut pace: Pace) -> Pace {
        let Job { said, ticket } = job;
        let place = Place {
            chat: said.chat,
            thread: said.thread,
            reply_to: said.reply_to,
        };
        let language = said.language;
        let shared = Arc::clone(&self.shared);
        let work = async {
            let answer = self.pool.run(async move { shared.respond(&said) }).await;
            let actions = answer.unwrap_or_else(|| vec![self.shared.apologize(language)]);
            for action in actions {
                self.caller.perform(place, action, &mut pace).await;
            }
        };
        self.caller.typing_while(place, work).await;
        drop(ticket);
        pace
    }

    /// Returns the oldest update that is not done with.
    pub(super) fn oldest(&self) -> Option<u32> {
        self.lock().pending.first().copied()
    }

    /// Waits for the updates under way, up to [`SHUTDOWN_GRACE`], and accepts no more.
    pub(super) async fn finish(&self) {
        let all = self.permits.acquire_many(MOST_PENDING);
        let _ = timeout(SHUTDOWN_GRACE, all).await;
        self.permits.close();
        let unanswered = self.lock().pending.len();
        if unanswered > 0 {
            tracing::warn!(unanswered, "Telegram: updates not answered before shutdown");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is one call that leaves the maps whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
