//! Takes updates, and has each handled: reads it, drops duplicates, acknowledges presses.
//!
//! Invariants: at most [`MAX_PENDING`] updates are pending. A press is acknowledged before it is
//! handled, also while its chat is busy. Of a flood in one chat, at most [`MAX_HELD`] updates are held
//! at Telegram, so that others get through.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use teloxide::types::{CallbackQueryId, Me};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::call::Caller;
use super::queue::Queues;
use super::rate::Limits;
use super::respond::Notice;
use super::update::{self, Event, Incoming, Input};
use super::versions::Versions;
use super::{inline, raw};
use crate::channels::bot::{Core, Keeper, Kept, RecentIds, SHUTDOWN_GRACE, Ticket};

/// Maximum number of pending updates.
const MAX_PENDING: usize = 16_384;

/// Maximum number of updates of one chat that wait without being stored or refused.
const MAX_HELD: usize = 8;

/// Number of update ids that are remembered to recognise duplicates.
const MAX_RECENT: usize = 20_000;

/// Takes updates and has them handled.
pub(super) struct Inbox {
    core: Arc<Core>,
    me: Me,
    caller: Arc<Caller>,
    permits: Arc<Semaphore>,
    recent: RecentIds<u64>,
    versions: Versions,
    pub(super) kept: Arc<Kept>,
    queues: Arc<Queues>,
}

/// The way on which an update came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Polling,
    Webhook,
    /// The folder of delayed updates.
    Folder,
}

impl Inbox {
    pub(super) fn new(
        core: Core,
        me: Me,
        caller: Arc<Caller>,
        limits: Limits,
        folder: Option<PathBuf>,
    ) -> Self {
        let core = Arc::new(core);
        Self {
            kept: Arc::new(Kept::new("Telegram", Arc::clone(&core), folder)),
            queues: Arc::new(Queues::new(Arc::clone(&core), Arc::clone(&caller), limits)),
            core,
            me,
            caller,
            permits: Arc::new(Semaphore::new(MAX_PENDING)),
            recent: RecentIds::new(MAX_RECENT),
            versions: Versions::new(),
        }
    }

    /// Reports in the metrics whether Telegram can be reached.
    pub(super) fn note_connection(&self, is_connected: bool) {
        self.core.note_connection(is_connected);
        if is_connected {
            self.core.note_contact();
        }
    }

    /// Takes an update of a poll, after waiting for room. It stays at Telegram until it is answered.
    pub(super) async fn accept(self: &Arc<Self>, update: &Value) {
        let Some(id) = raw::id(update) else { return };
        if !self.recent.contains(&id) {
            let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else {
                return;
            };
            self.take(id, update, permit, Source::Polling);
        }
        self.kept.pending.note_delivered(id);
    }

    /// Takes an update of the webhook, and waits until it is answered; `false` after `patience`, and if
    /// the update is refused. Telegram then delivers it again.
    pub(super) async fn deliver(self: &Arc<Self>, update: &Value, patience: Duration) -> bool {
        let Some(id) = raw::id(update) else {
            return true;
        };
        match self.kept.pending.age(id) {
            Some(age) if age > patience => return false,
            Some(_) => {}
            None if self.recent.contains(&id) => return true,
            None => {
                let permit = Arc::clone(&self.permits).try_acquire_owned();
                let taken =
                    permit.is_ok_and(|permit| self.take(id, update, permit, Source::Webhook));
                if !taken {
                    return false;
                }
            }
        }
        let answered = self.kept.pending.until_answered(id);
        timeout(patience, answered).await.is_ok()
    }

    /// Takes the updates in the folder of delayed updates, once it can be opened.
    pub(super) async fn open_folder(self: &Arc<Self>) {
        for (id, json) in self.kept.open_folder(&self.caller.token) {
            if self.recent.contains(&id) {
                // Telegram delivered it again meanwhile.
                self.kept.delete(id);
                continue;
            }
            let update: Value = serde_json::from_str(&json).unwrap_or_default();
            if let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await {
                self.take(id, &update, permit, Source::Folder);
            }
        }
    }

    /// Takes an update, and starts to handle it; `false` if it is refused.
    fn take(
        self: &Arc<Self>,
        id: u64,
        update: &Value,
        permit: OwnedSemaphorePermit,
        source: Source,
    ) -> bool {
        if !self.recent.insert(id) {
            return true;
        }
        let keeper = match source {
            Source::Folder => Keeper::Folder,
            Source::Polling | Source::Webhook => Keeper::Messenger,
        };
        let json = match source {
            Source::Polling if self.kept.has_folder() => update.to_string(),
            _ => String::new(),
        };
        let ticket = self.kept.keep(id, keeper, json, permit);
        match update::read(update, &self.me) {
            None => ticket.done(),
            Some(Event::Inline(query)) => {
                let inbox = Arc::clone(self);
                tokio::spawn(async move {
                    let id = query.id.clone();
                    let core = Arc::clone(&inbox.core);
                    let found = async move { inline::find(&core, &query) };
                    if let Some(page) = inbox.core.pool.run(found).await {
                        inbox.caller.offer(id, page).await;
                    }
                    ticket.done();
                });
            }
            Some(Event::OrphanedPress(query, language)) => {
                let notice = Notice::new(&self.core, None, language);
                self.acknowledge(query, notice, None, ticket);
            }
            Some(Event::Incoming(mut incoming)) => match &incoming.input {
                Input::Press(pressed) => {
                    let query = pressed.query.clone();
                    let press = pressed.press.as_ref();
                    let notice = Notice::new(&self.core, press, incoming.language);
                    self.acknowledge(query, notice, Some(incoming), ticket);
                }
                Input::Command(_) | Input::Unsupported => {
                    let waiting = self.queues.waiting(incoming.chat.0);
                    if source == Source::Webhook && waiting >= MAX_HELD {
                        ticket.done();
                        self.recent.remove(&id);
                        return false;
                    }
                    let version = incoming.version.take();
                    let insert = |version| self.versions.insert(incoming.chat, version);
                    if version.is_none_or(insert) {
                        self.queues.enqueue(incoming, ticket);
                    } else {
                        ticket.done();
                    }
                    if source == Source::Polling && waiting >= MAX_HELD {
                        let kept = Arc::clone(&self.kept);
                        tokio::spawn(async move { kept.release(id).await });
                    }
                }
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
            match incoming.filter(|_| !matches!(notice, Notice::Gone(_))) {
                Some(incoming) => inbox.queues.enqueue(incoming, ticket),
                None => ticket.done(),
            }
        });
    }

    /// Waits for the updates that are not stored, up to [`SHUTDOWN_GRACE`], and accepts no more.
    pub(super) async fn finish(&self) {
        let _ = timeout(SHUTDOWN_GRACE, self.kept.pending.until_safe()).await;
        self.permits.close();
        self.queues.close().await;
        if self.kept.can_store() {
            // So that the next start answers no update twice that was taken after them.
            self.kept.release_older(Duration::ZERO).await;
        }
        let unanswered = self.kept.pending.len();
        if unanswered > 0 {
            let unconfirmed = self.kept.pending.count(Keeper::Messenger);
            let stored = self.kept.pending.count(Keeper::Folder);
            tracing::warn!(
                unanswered,
                unconfirmed,
                stored,
                "Telegram: updates not answered before shutdown"
            );
        }
    }
}
