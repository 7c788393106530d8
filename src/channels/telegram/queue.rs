//! The queues of the chats: handles updates in order within a chat, concurrently across chats.
//!
//! Invariant: if more than [`MAX_QUEUED`] updates wait in a chat, the newest is dropped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use super::call::Caller;
use super::rate::{Limits, RateLimiter};
use super::respond::{apologize, respond};
use super::send::Place;
use super::update::Incoming;
use crate::channels::bot::{Core, Ticket};
use crate::channels::repeated::Repeated;

/// Maximum number of updates in the queue of one chat: in a private chat, those of a quarter of an
/// hour.
const MAX_QUEUED: usize = 1_000;

/// Lifetime of the rate limiter of a silent chat: the longest span that it limits.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Time for the answers that are being sent when the bot stops, so that they are not sent again.
const LAST_ANSWER_GRACE: Duration = Duration::from_secs(1);

/// The updates that wait in one chat.
type ChatQueue = mpsc::Sender<Job>;

/// An update to handle. Boxed, so that a queue allocates little in advance.
struct Job(Box<Incoming>, Ticket);

/// The queues of all chats.
pub(super) struct Queues {
    core: Arc<Core>,
    caller: Arc<Caller>,
    limits: Limits,
    chats: Mutex<HashMap<i64, ChatQueue>>,
    flooded: Repeated,
    /// The tasks that handle the queues.
    workers: TaskTracker,
    /// Ends the tasks, and leaves updates unanswered.
    closed: CancellationToken,
}

impl Queues {
    pub(super) fn new(core: Arc<Core>, caller: Arc<Caller>, limits: Limits) -> Self {
        Self {
            core,
            caller,
            limits,
            chats: Mutex::default(),
            flooded: Repeated::default(),
            workers: TaskTracker::new(),
            closed: CancellationToken::new(),
        }
    }

    /// Ends the work on updates; those that are not answered stay pending.
    pub(super) async fn close(&self) {
        self.closed.cancel();
        self.workers.close();
        let _ = timeout(2 * LAST_ANSWER_GRACE, self.workers.wait()).await;
    }

    /// Returns the number of updates in the queue of a chat.
    pub(super) fn waiting(&self, chat: i64) -> usize {
        let chats = self.lock();
        let queue = chats.get(&chat);
        queue.map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }

    /// Puts an update at the end of the queue of its chat.
    pub(super) fn enqueue(self: &Arc<Self>, incoming: Incoming, ticket: Ticket) {
        let chat = incoming.chat.0;
        let mut chats = self.lock();
        let queue = chats.entry(chat).or_insert_with(|| {
            let (queue, waiting) = mpsc::channel(MAX_QUEUED);
            self.workers.spawn(Arc::clone(self).work(chat, waiting));
            queue
        });
        let queued = queue.try_send(Job(Box::new(incoming), ticket));
        drop(chats);
        // A closed queue leaves the update pending: the bot stops.
        if let Err(TrySendError::Full(Job(_, ticket))) = queued {
            ticket.done();
            if let Some(times) = self.flooded.note() {
                tracing::warn!(
                    times,
                    "Telegram: updates dropped, too many wait in one chat"
                );
            }
        }
    }

    /// Handles the queue of one chat until the chat is silent for [`IDLE_TIMEOUT`].
    async fn work(self: Arc<Self>, chat: i64, mut waiting: mpsc::Receiver<Job>) {
        // The ids of groups are negative.
        let new_limiter = || RateLimiter::new(&self.limits, chat < 0);
        let mut limiter = new_limiter();
        loop {
            let received = timeout(IDLE_TIMEOUT, waiting.recv());
            match self.closed.run_until_cancelled(received).await {
                Some(Ok(Some(Job(incoming, ticket)))) => {
                    // A task of its own: a panic ends one answer and not the queue.
                    let handled = tokio::spawn(Arc::clone(&self).handle(incoming, limiter));
                    let mut handled = AbortOnDropHandle::new(handled);
                    let result = match self.closed.run_until_cancelled(&mut handled).await {
                        Some(result) => result,
                        None => match timeout(LAST_ANSWER_GRACE, &mut handled).await {
                            Ok(result) => result,
                            // The update stays pending.
                            Err(_) => return,
                        },
                    };
                    match result {
                        Ok(used) => limiter = used,
                        Err(error) if error.is_panic() => limiter = new_limiter(),
                        Err(_) => return,
                    }
                    ticket.done();
                }
                Some(Ok(None)) | None => return,
                Some(Err(_)) => {
                    let mut chats = self.lock();
                    if waiting.is_empty() {
                        chats.remove(&chat);
                        return;
                    }
                }
            }
        }
    }

    async fn handle(
        self: Arc<Self>,
        incoming: Box<Incoming>,
        mut limiter: RateLimiter,
    ) -> RateLimiter {
        let mut place = Place {
            chat: incoming.chat,
            thread: incoming.thread,
            reply_to: incoming.reply_to,
        };
        let language = incoming.language;
        let core = Arc::clone(&self.core);
        let typing = place;
        let work = async {
            let answer = async move { respond(&core, &incoming).await };
            let operations = self.core.pool.run(answer).await;
            let operations = operations.unwrap_or_else(|| vec![apologize(&self.core, language)]);
            for operation in operations {
                let performed = self.caller.perform(&mut place, operation, &mut limiter);
                performed.await;
            }
        };
        self.caller.typing_while(typing, work).await;
        limiter
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, ChatQueue>> {
        self.chats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
