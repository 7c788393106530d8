//! The queue of turns between the channels and the writer, and its counters.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arc_swap::ArcSwap;
use tokio::sync::mpsc;

use super::turn::Turn;

/// Takes turns from the channels. Cheap to clone.
#[derive(Clone, Default)]
pub struct Recorder(Option<Arc<Shared>>);

struct Shared {
    queue: mpsc::Sender<Turn>,
    counts: Counts,
    popular: Arc<ArcSwap<Vec<String>>>,
}

/// The counters of records since the start.
#[derive(Debug, Clone, Default)]
pub struct Counts(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    written: AtomicU64,
    dropped: AtomicU64,
    failed_writes: AtomicU64,
    is_failing: AtomicBool,
}

impl Counts {
    /// Returns the number of records that are in the database.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.0.written.load(Ordering::Relaxed)
    }

    /// Returns the number of records that were lost.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// Returns the number of failed attempts to write.
    #[must_use]
    pub fn failed_writes(&self) -> u64 {
        self.0.failed_writes.load(Ordering::Relaxed)
    }

    /// Returns whether the last attempt to write failed.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.0.is_failing.load(Ordering::Relaxed)
    }

    pub(super) fn add_written(&self, records: u64) {
        self.0.written.fetch_add(records, Ordering::Relaxed);
        self.0.is_failing.store(false, Ordering::Relaxed);
    }

    /// Adds lost records; returns their number before.
    pub(super) fn add_dropped(&self, records: u64) -> u64 {
        self.0.dropped.fetch_add(records, Ordering::Relaxed)
    }

    pub(super) fn add_failure(&self) {
        self.0.failed_writes.fetch_add(1, Ordering::Relaxed);
        self.0.is_failing.store(true, Ordering::Relaxed);
    }
}

impl Recorder {
    /// Creates a recorder that drops everything.
    #[must_use]
    pub fn off() -> Self {
        Self::default()
    }

    /// Creates a recorder with a queue of `capacity` turns.
    pub(super) fn new(
        capacity: usize,
        counts: Counts,
        popular: Arc<ArcSwap<Vec<String>>>,
    ) -> (Self, mpsc::Receiver<Turn>) {
        let (queue, turns) = mpsc::channel(capacity);
        let shared = Shared {
            queue,
            counts,
            popular,
        };
        (Self(Some(Arc::new(shared))), turns)
    }

    /// Returns whether turns are stored, so that callers need not mask texts for nothing.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Queues a turn. Never waits: with a full queue the turn is lost and counted.
    pub fn record(&self, turn: Turn) {
        let Some(shared) = &self.0 else {
            return;
        };
        if shared.queue.try_send(turn).is_err() {
            shared.counts.add_dropped(1);
        }
    }

    /// Returns the counters; `None` if records are off.
    #[must_use]
    pub fn counts(&self) -> Option<&Counts> {
        self.0.as_ref().map(|shared| &shared.counts)
    }

    /// Returns the ids of the entries that members asked for most often lately, most often first.
    #[must_use]
    pub fn popular(&self) -> Arc<Vec<String>> {
        self.0
            .as_ref()
            .map(|shared| shared.popular.load_full())
            .unwrap_or_default()
    }
}
