//! What became of the questions: endings -> numbers.
//!
//! Invariant: a question that has ended is counted in `asked` and in one other number.

use std::sync::atomic::{AtomicU64, Ordering};

use super::fault::Fault;

/// What became of the questions since the start. A question that is under way is in `asked` alone;
/// our own probes are in none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Questions, each of which ends in one of the others.
    pub asked: u64,
    /// Answered in time.
    pub answered: u64,
    /// No connection, or one that broke.
    pub unreachable: u64,
    /// No answer before the deadline.
    pub slow: u64,
    /// 401 or 403.
    pub refused: u64,
    /// 429.
    pub limited: u64,
    /// 5xx, or any other status that is not success.
    pub failed: u64,
    /// Garbage, a wrong dimension, or numbers that are none.
    pub unusable: u64,
    /// Not sent: the server was given a rest, too many were under way, or there was no text.
    pub skipped: u64,
    /// Given up by who asked.
    pub cancelled: u64,
}

impl Counts {
    /// Lists every ending by its name; they sum to [`Counts::asked`] less what is under way.
    #[must_use]
    pub fn by_result(&self) -> [(&'static str, u64); 9] {
        [
            ("answered", self.answered),
            ("unreachable", self.unreachable),
            ("slow", self.slow),
            ("refused", self.refused),
            ("limited", self.limited),
            ("failed", self.failed),
            ("unusable", self.unusable),
            ("skipped", self.skipped),
            ("cancelled", self.cancelled),
        ]
    }
}

/// How a question ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Answered,
    Unreachable,
    Slow,
    Refused,
    Limited,
    Failed,
    Unusable,
    Skipped,
    Cancelled,
}

impl From<&Fault> for Ending {
    fn from(fault: &Fault) -> Self {
        match fault {
            Fault::Unreachable(_) => Self::Unreachable,
            Fault::Slow => Self::Slow,
            Fault::Refused(_) => Self::Refused,
            Fault::Limited { .. } => Self::Limited,
            Fault::Failed { .. } => Self::Failed,
            Fault::Unusable(_) => Self::Unusable,
        }
    }
}

/// Counts.
#[derive(Debug, Default)]
pub(super) struct Counters {
    asked: AtomicU64,
    endings: [AtomicU64; Ending::Cancelled as usize + 1],
}

impl Counters {
    pub(super) fn ask(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn end(&self, ending: Ending) {
        if let Some(counter) = self.endings.get(ending as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn read(&self) -> Counts {
        let read = |ending| {
            let counter = self.endings.get(ending as usize);
            counter.map_or(0, |counter| counter.load(Ordering::Relaxed))
        };
        Counts {
            asked: self.asked.load(Ordering::Relaxed),
            answered: read(Ending::Answered),
            unreachable: read(Ending::Unreachable),
            slow: read(Ending::Slow),
            refused: read(Ending::Refused),
            limited: read(Ending::Limited),
            failed: read(Ending::Failed),
            unusable: read(Ending::Unusable),
            skipped: read(Ending::Skipped),
            cancelled: read(Ending::Cancelled),
        }
    }
}
