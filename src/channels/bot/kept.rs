//! Keeps updates until they are answered: at the messenger, in the folder of delayed updates, or in
//! memory.
//!
//! Invariant: an update stays pending until [`Ticket::done`], also while the process stops.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use super::core::Core;
use super::delayed::DelayedUpdates;
use super::pending::{Keeper, Pending};
use crate::channels::repeated::Repeated;

/// The updates that are not answered yet.
pub(in crate::channels) struct Kept {
    /// The name of the messenger in the log.
    service: &'static str,
    core: Arc<Core>,
    pub(in crate::channels) pending: Pending,
    /// The folder of delayed updates; `None` if there is none, as with a webhook.
    folder: Option<PathBuf>,
    delayed: OnceLock<DelayedUpdates>,
    /// Whether the folder cannot be used.
    is_unusable: AtomicBool,
    not_stored: Repeated,
}

/// A pending update. It stays pending if this is dropped without [`Ticket::done`], as on a shutdown.
pub(in crate::channels) struct Ticket {
    id: u64,
    kept: Arc<Kept>,
    _permit: OwnedSemaphorePermit,
}

impl Ticket {
    /// Ends the update: it is answered, or dropped on purpose.
    pub(in crate::channels) fn done(self) {
        let kept = &self.kept;
        if kept.pending.remove(self.id) == Some(Keeper::Folder) {
            kept.delete(self.id);
        }
        kept.note_pending();
    }
}

impl Kept {
    pub(in crate::channels) fn new(
        service: &'static str,
        core: Arc<Core>,
        folder: Option<PathBuf>,
    ) -> Self {
        Self {
            service,
            core,
            pending: Pending::default(),
            folder,
            delayed: OnceLock::new(),
            is_unusable: AtomicBool::new(false),
            not_stored: Repeated::default(),
        }
    }

    /// Keeps an update until its ticket is done. `json` is the update, if it may have to be stored.
    pub(in crate::channels) fn keep(
        self: &Arc<Self>,
        id: u64,
        keeper: Keeper,
        json: String,
        permit: OwnedSemaphorePermit,
    ) -> Ticket {
        self.pending.insert(id, keeper, json);
        self.note_pending();
        Ticket {
            id,
            kept: Arc::clone(self),
            _permit: permit,
        }
    }

    /// Returns whether updates may have to be stored.
    pub(in crate::channels) fn has_folder(&self) -> bool {
        self.folder.is_some()
    }

    /// Returns whether the folder need not be opened any more: it is open, unusable, or there is none.
    pub(in crate::channels) fn is_settled(&self) -> bool {
        !self.has_folder() || self.can_store() || self.is_unusable.load(Ordering::Relaxed)
    }

    /// Returns whether updates can be stored.
    pub(in crate::channels) fn can_store(&self) -> bool {
        self.delayed.get().is_some()
    }

    /// Opens the folder of delayed updates with the bot's token, unless it is open, and returns the
    /// updates in it. While the process before still uses it, a later call opens it.
    pub(in crate::channels) fn open_folder(&self, token: &str) -> Vec<(u64, String)> {
        let Some(folder) = self.folder.as_deref() else {
            return Vec::new();
        };
        if self.can_store() || self.is_unusable.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let service = self.service;
        let opened = DelayedUpdates::open(self.service, folder, token);
        match opened.and_then(|delayed| Ok((delayed.load()?, delayed))) {
            Ok((updates, delayed)) => {
                let _ = self.delayed.set(delayed);
                return updates;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                tracing::debug!("{service}: folder of delayed updates in use");
            }
            Err(error) => {
                self.is_unusable.store(true, Ordering::Relaxed);
                tracing::warn!(
                    %error,
                    path = %folder.display(),
                    hint = "make it writable for the service; without it, updates that wait long are lost if the process is killed",
                    "{service}: folder of delayed updates unusable"
                );
            }
        }
        Vec::new()
    }

    /// Deletes a stored update.
    pub(in crate::channels) fn delete(&self, id: u64) {
        if let Some(delayed) = self.delayed.get() {
            delayed.remove(id);
        }
    }

    /// Releases the updates that have been held for longer than `age`. Without a folder they are kept
    /// in memory alone, so this is the last resort then.
    pub(in crate::channels) async fn release_older(self: &Arc<Self>, age: Duration) {
        for id in self.pending.held_for(age) {
            self.release(id).await;
        }
    }

    /// Stores an update, so that it can be confirmed before it is answered. If it cannot be stored,
    /// it is in memory only.
    pub(in crate::channels) async fn release(self: &Arc<Self>, id: u64) {
        if !self.store(id).await {
            self.pending.release(id, Keeper::Memory);
        }
    }

    /// Stores an update; `false` if it cannot be stored. The update is then kept as before.
    pub(in crate::channels) async fn store(self: &Arc<Self>, id: u64) -> bool {
        let Some(json) = self.pending.held_json(id) else {
            // It is answered, or stored already.
            return true;
        };
        if !self.can_store() {
            return false;
        }
        let kept = Arc::clone(self);
        let store = move || Some(kept.delayed.get()?.put(id, &json));
        let stored = tokio::task::spawn_blocking(store).await.ok().flatten();
        if let Some(Err(error)) = &stored
            && let Some(times) = self.not_stored.note()
        {
            let service = self.service;
            tracing::warn!(%error, times, "{service}: delayed updates not stored");
        }
        let is_stored = matches!(stored, Some(Ok(())));
        if is_stored && !self.pending.release(id, Keeper::Folder) {
            // It was answered meanwhile.
            self.delete(id);
        }
        is_stored
    }

    fn note_pending(&self) {
        let (count, oldest) = self.pending.count_and_age();
        self.core.note_pending(count, oldest);
    }
}
