//! Counters of questions by result.
//!
//! Invariant: a question that has ended is counted in `asked` and in exactly one other counter.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fault::Fault;

/// Number of questions since the start, by result. A question in flight is counted in `asked`
/// only; probes are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All questions.
    pub asked: u64,
    /// Answered within the deadline.
    pub answered: u64,
    /// No connection, or the connection broke.
    pub unreachable: u64,
    /// No answer within the deadline.
    pub slow: u64,
    /// Status 401 or 403.
    pub refused: u64,
    /// Status 429.
    pub limited: u64,
    /// Any other status that is not success.
    pub failed: u64,
    /// Not the JSON of embeddings, wrong dimensions, or values that are not finite.
    pub unusable: u64,
    /// Not sent: the breaker was open, too many questions were in flight, or the text was empty.
    pub skipped: u64,
    /// Cancelled by the caller.
    pub cancelled: u64,
}

impl Counts {
    /// Lists the results with their names; they sum to [`Counts::asked`] minus those in flight.
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

/// The result of a question.
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

impl Ending {
    /// Returns the name that [`Counts::by_result`] has, for the traces.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Unreachable => "unreachable",
            Self::Slow => "slow",
            Self::Refused => "refused",
            Self::Limited => "limited",
            Self::Failed => "failed",
            Self::Unusable => "unusable",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
        }
    }
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

/// Counters shared by all tasks.
#[derive(Debug, Default)]
pub(super) struct Counters(Mutex<Counts>);

impl Counters {
    pub(super) fn ask(&self) {
        self.lock().asked += 1;
    }

    pub(super) fn end(&self, ending: Ending) {
        let mut counts = self.lock();
        let counter = match ending {
            Ending::Answered => &mut counts.answered,
            Ending::Unreachable => &mut counts.unreachable,
            Ending::Slow => &mut counts.slow,
            Ending::Refused => &mut counts.refused,
            Ending::Limited => &mut counts.limited,
            Ending::Failed => &mut counts.failed,
            Ending::Unusable => &mut counts.unusable,
            Ending::Skipped => &mut counts.skipped,
            Ending::Cancelled => &mut counts.cancelled,
        };
        *counter += 1;
    }

    pub(super) fn read(&self) -> Counts {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
