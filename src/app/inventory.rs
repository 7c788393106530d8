//! The desks and entries of a knowledge, and what a change would remove.
//!
//! Invariant: a change that removes a desk, more than a tenth of the entries, or all entries of a file
//! that still exists has a [`Loss`].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::channels::http::Held;
use crate::knowledge::KnowledgeBase;

/// A change is held if it removes more than one of so many entries.
const MIN_ENTRIES_PER_LOST: usize = 10;

/// The ids of the desks and entries of a knowledge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Inventory {
    desks: BTreeSet<String>,
    /// The ids of the entries, by their file.
    entries: BTreeMap<String, BTreeSet<String>>,
}

/// What a change removes, if it is much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loss {
    pub(super) desks: Vec<String>,
    pub(super) entries: usize,
    pub(super) emptied_files: Vec<String>,
}

impl Inventory {
    pub(super) fn of(knowledge: &KnowledgeBase) -> Self {
        let mut entries: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for entry in &knowledge.entries {
            let file = entry.location.file.display().to_string();
            let ids = entries.entry(file).or_default();
            ids.insert(entry.id.to_string());
        }
        let desks = knowledge.desks.iter();
        Self {
            desks: desks.map(|desk| desk.id.to_string()).collect(),
            entries,
        }
    }

    /// Returns the loss if `new` replaces this knowledge; `None` if it is small. `has_file`
    /// returns whether a file still exists.
    pub(super) fn loss(&self, new: &Self, has_file: impl Fn(&str) -> bool) -> Option<Loss> {
        let remaining: BTreeSet<&String> = new.entries.values().flatten().collect();
        let is_lost = |id: &&String| !remaining.contains(id);
        let total: usize = self.entries.values().map(BTreeSet::len).sum();
        let lost = self.entries.values().flatten().filter(is_lost).count();
        let emptied = self.entries.iter().filter(|(file, ids)| {
            let is_empty = !new.entries.contains_key(*file) && has_file(file);
            is_empty && ids.iter().all(|id| is_lost(&id))
        });
        let loss = Loss {
            desks: self.desks.difference(&new.desks).cloned().collect(),
            entries: lost,
            emptied_files: emptied.map(|(file, _)| file.clone()).collect(),
        };
        let is_much = lost * MIN_ENTRIES_PER_LOST > total;
        (is_much || !loss.desks.is_empty() || !loss.emptied_files.is_empty()).then_some(loss)
    }
}

impl Loss {
    /// Returns the loss as `/readyz` reports it.
    pub(super) fn held(&self, confirmations_left: usize) -> Held {
        Held {
            lost_desks: self.desks.clone(),
            lost_entries: self.entries,
            emptied_files: self.emptied_files.clone(),
            confirmations_left,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory(desks: &[&str], files: &[(&str, usize)]) -> Inventory {
        let ids = |file: &str, count| (0..count).map(|n| format!("{file}-{n}")).collect();
        let entries = files.iter();
        Inventory {
            desks: desks.iter().map(|desk| (*desk).to_owned()).collect(),
            entries: entries
                .map(|(file, count)| ((*file).to_owned(), ids(file, *count)))
                .collect(),
        }
    }

    #[test]
    fn a_desk_a_tenth_of_the_entries_and_an_emptied_file_are_a_loss() {
        let full = inventory(&["pool", "library"], &[("a", 18), ("b", 2)]);
        let loss = |new: &Inventory, files: &[&str]| full.loss(new, |file| files.contains(&file));
        let both = ["pool", "library"];
        assert_eq!(loss(&full, &["a", "b"]), None);
        let tenth = inventory(&both, &[("a", 16), ("b", 2)]);
        assert_eq!(loss(&tenth, &["a", "b"]), None, "exactly a tenth");
        let more = inventory(&both, &[("a", 15), ("b", 2)]);
        assert_eq!(loss(&more, &["a", "b"]).map(|loss| loss.entries), Some(3));
        let no_desk = inventory(&["pool"], &[("a", 18), ("b", 2)]);
        let lost = loss(&no_desk, &["a", "b"]).map(|loss| loss.desks);
        assert_eq!(lost, Some(vec!["library".to_owned()]));
        let no_b = inventory(&both, &[("a", 18)]);
        assert_eq!(loss(&no_b, &["a"]), None, "a deleted file is no accident");
        let lost = loss(&no_b, &["a", "b"]).map(|loss| loss.emptied_files);
        assert_eq!(lost, Some(vec!["b".to_owned()]));
    }

    #[test]
    fn entries_that_move_to_another_file_are_no_loss() {
        let one = Inventory {
            entries: BTreeMap::from([("a".to_owned(), BTreeSet::from(["x".to_owned()]))]),
            ..Inventory::default()
        };
        let other = Inventory {
            entries: BTreeMap::from([("b".to_owned(), BTreeSet::from(["x".to_owned()]))]),
            ..Inventory::default()
        };
        assert_eq!(one.loss(&other, |_| true), None);
    }
}
