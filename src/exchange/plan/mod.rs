//! Compares records with the knowledge folder: finds entries that are added, changed and gone.
//!
//! A record is the same entry as an existing one by its id, else by its question. An entry is gone if
//! its file has entries of the source, or the source's own file exists, it was imported from the
//! source's document, and the source lacks it.
//!
//! Invariant: an entry whose row was left out is never deleted.

mod planner;
mod problems;
mod references;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use planner::Planner;

use super::read::Source;
use super::record::{Field, Record, WrittenEntry};
use crate::knowledge::{KnowledgeBase, Problem};

/// Where new entries go.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// The desk, unless the source names one.
    pub desk: Option<&'a str>,
    /// The category of entries without one; by default the title of the source.
    pub category: Option<&'a str>,
    /// The title of the source document; by default the title of the source.
    pub document: Option<&'a str>,
}

/// A difference between the source and the knowledge folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new entry.
    Added(WrittenEntry),
    /// An entry with other content.
    Changed {
        /// The entry as it will be.
        entry: WrittenEntry,
        /// The fields that differ.
        fields: Vec<Field>,
    },
    /// An entry that the source no longer has.
    Gone(WrittenEntry),
}

/// The differences of an import.
#[derive(Debug, Default)]
pub struct Plan {
    /// The differences, each with the file that has or will have the entry, relative to the folder.
    pub changes: Vec<(PathBuf, Change)>,
    /// Number of entries that are the same.
    pub unchanged: usize,
    /// Everything that was left out, and why.
    pub problems: Vec<Problem>,
    /// Number of rows that may be entries and could not be used; nothing is deleted while there are any.
    pub left_out: usize,
    /// Records whose desk is unknown; nothing can be written while there are any.
    pub without_desk: usize,
}

impl Plan {
    /// Returns whether entries that are gone may be deleted: only if every row could be used.
    #[must_use]
    pub fn may_delete(&self) -> bool {
        self.left_out == 0
    }

    /// Returns the changes to write, by file relative to the folder. With `prune`, entries that are gone
    /// are removed, too, unless rows of the source were left out.
    #[must_use]
    pub fn by_file(&self, prune: bool) -> BTreeMap<&Path, Vec<&Change>> {
        let prune = prune && self.may_delete();
        let mut by_file: BTreeMap<&Path, Vec<&Change>> = BTreeMap::new();
        for (file, change) in &self.changes {
            if prune || !matches!(change, Change::Gone(_)) {
                by_file.entry(file).or_default().push(change);
            }
        }
        by_file
    }

    /// Counts the differences: added, changed, gone.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |is_counted: fn(&Change) -> bool| {
            let changes = self.changes.iter();
            changes.filter(|(_, change)| is_counted(change)).count()
        };
        (
            count(|change| matches!(change, Change::Added(_))),
            count(|change| matches!(change, Change::Changed { .. })),
            count(|change| matches!(change, Change::Gone(_))),
        )
    }
}

/// Compares sources, each with the name of its file, with the knowledge.
#[must_use]
pub fn plan(knowledge: &KnowledgeBase, sources: &[(PathBuf, Source)], target: &Target<'_>) -> Plan {
    let mut planner = Planner::new(knowledge, sources, target);
    for (file, source) in sources {
        for record in &source.records {
            planner.add(record, file, source);
        }
    }
    planner.finish(sources)
}

/// A record that is to be written.
struct Accepted<'a> {
    record: &'a Record,
    file: PathBuf,
    before: Option<WrittenEntry>,
    entry: WrittenEntry,
}
