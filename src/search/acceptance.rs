//! Remembers which indexes passed the self-retrieval check, so that a start does not repeat it.
//!
//! Invariant: the check is repeated if anything changed that it depends on: the index is in a folder
//! of another fingerprint, or is marked with another [`acceptance`].

use std::path::Path;

use jiff::civil::Date;

use super::{Searcher, index};
use crate::knowledge::KnowledgeBase;

/// Returns the fingerprint of everything that the self-retrieval check on a day depends on and the
/// index does not contain: weights, thresholds, desks, and the entries that are valid.
#[must_use]
pub fn acceptance(knowledge: &KnowledgeBase, day: Date) -> String {
    index::acceptance(knowledge, day)
}

impl Searcher {
    /// Returns whether this index in a folder passed the self-retrieval check with the same
    /// [`acceptance`].
    #[must_use]
    pub fn is_accepted(&self, folder: &Path, acceptance: &str) -> bool {
        index::is_accepted(folder, &self.fingerprint, acceptance)
    }

    /// Records in a folder that this index passed the self-retrieval check with an [`acceptance`].
    pub fn accept(&self, folder: &Path, acceptance: &str) {
        index::accept(folder, &self.fingerprint, acceptance);
    }
}
