//! Which entries a change of the knowledge can affect, for the self-retrieval check of an edit.
//!
//! Input: the knowledge before and after. Output: the entries whose questions and variants could
//! lead elsewhere now: those that changed, and those with a phrase that shares much of its rarity
//! with an entry that changed. That an edit also changes the rarity of terms a little is ignored.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;

use super::analysis::Terms;
use super::{Searcher, Subject, index};
use crate::knowledge::{Entry, KnowledgeBase};

/// Minimum share of a phrase's terms, weighted by rarity, that an entry must have to outrank the
/// phrase's own entry. An exact match has so great a weight that the other scores cannot make up for
/// the terms that are missing.
const MIN_SHARE: f32 = 0.4;

/// Maximum number of changed entries; with more, all entries are checked.
const MAX_CHANGED: usize = 100;

impl Searcher {
    /// Lists the positions of the entries that the change from `before` to this knowledge can affect,
    /// of those that are valid on a day; `None` if it can affect all.
    #[must_use]
    pub fn affected_entries(&self, before: &KnowledgeBase, day: Date) -> Option<Vec<usize>> {
        let after = &self.knowledge;
        if index::surroundings(before) != index::surroundings(after) {
            return None;
        }
        let by_id = before.entries.iter().map(|entry| (&entry.id, entry));
        let by_id: HashMap<_, _> = by_id.collect();
        let entries = after.entries.iter().enumerate();
        let changed = entries.filter(|(_, entry)| {
            let before = by_id.get(&entry.id);
            before.is_none_or(|before| is_changed(before, entry, day))
        });
        let changed: Vec<usize> = changed.map(|(index, _)| index).collect();
        if changed.len() > MAX_CHANGED {
            return None;
        }
        let mut affected: BTreeSet<usize> = changed.iter().copied().collect();
        for index in changed {
            let terms = self.terms_of(&after.entries[index]);
            let subjects = self.lexical.scorer.subjects_sharing(&terms, MIN_SHARE);
            affected.extend(subjects.into_iter().filter_map(|subject| match subject {
                Subject::Entry(index) => Some(index),
                _ => None,
            }));
        }
        affected.retain(|index| after.entries[*index].is_valid_on(day));
        Some(affected.into_iter().collect())
    }

    /// Lists the terms of all texts of an entry.
    fn terms_of(&self, entry: &Entry) -> Terms {
        let variants = entry.variants.iter().flat_map(|variant| &variant.texts);
        let texts = [&entry.question, &entry.answer.text].into_iter();
        let texts = texts.chain(variants);
        Terms::union(
            texts
                .map(|text| Terms::occurrences(&self.analyze(text)))
                .collect(),
        )
    }
}

/// Returns whether the check of an entry depends on what differs.
fn is_changed(before: &Entry, after: &Entry, day: Date) -> bool {
    let texts = |entry: &Entry| {
        let variants = entry.variants.iter().flat_map(|variant| &variant.texts);
        variants.cloned().collect::<Vec<_>>()
    };
    before.question != after.question
        || before.answer.text != after.answer.text
        || before.desk != after.desk
        || before.is_valid_on(day) != after.is_valid_on(day)
        || texts(before) != texts(after)
}
