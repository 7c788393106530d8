//! Compares the quantities of a question with those of the entries.
//!
//! Input: the quantities of a question. Output: for each candidate, how well they fit its entry, and
//! a penalty for a rival: an entry that asks about another value of the same unit than the question,
//! while a candidate asks about the question's. Lexical scores and embeddings hardly tell 3か月 from
//! 6か月.
//!
//! The penalty has a fixed weight and is no feature of the fitted model: question sets have too few
//! questions that differ in a number only.
//!
//! Invariant: a question without quantities changes no candidate.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::thread;

use super::candidates::Candidates;
use crate::search::analysis::{Quantity, QuantityFit, compare_quantities, quantities_of};
use crate::search::index::{Document, Subject};

/// Weight of the penalty in the utility. The number outweighs a difference of a few words between
/// two entries; a rival keeps a 400th of its share.
const RIVAL_WEIGHT: f32 = 6.0;

/// Share of the penalty of an entry whose range contains the question's value, if another entry has
/// exactly the value; or that has only some of several values.
const PARTIAL_RIVAL: f32 = 0.75;

/// The quantities of one entry.
#[derive(Debug, Default)]
struct EntryQuantities {
    /// Those of all its parts: question, variants and answer.
    all: Vec<Quantity>,
    /// The units that it asks about: those of its question, and of at least half of its phrases. A
    /// single variant may contain a quantity by chance: 「3か月で閉じたが返金は？」.
    asked: Vec<String>,
    /// The units that it states: those that it asks about, and those of its answer.
    stated: Vec<String>,
}

impl EntryQuantities {
    fn new(document: &Document<'_>) -> Self {
        let phrases = document.phrases.iter();
        let phrases: Vec<Vec<Quantity>> = phrases.map(|phrase| quantities_of(phrase)).collect();
        let text = quantities_of(&document.text);
        let asks = |unit: &str| {
            let has_unit = |phrase: &&Vec<Quantity>| phrase.iter().any(|own| own.unit() == unit);
            let count = phrases.iter().filter(has_unit).count();
            phrases.first().is_some_and(|question| has_unit(&question))
                || 2 * count >= phrases.len()
        };
        let mut entry = Self::default();
        for quantity in phrases.iter().flatten() {
            let unit = quantity.unit();
            if !entry.asked.iter().any(|known| known == unit) && asks(unit) {
                entry.asked.push(unit.to_owned());
            }
        }
        entry.stated.clone_from(&entry.asked);
        entry
            .stated
            .extend(text.iter().map(|own| own.unit().to_owned()));
        entry.all = phrases.into_iter().flatten().chain(text).collect();
        for list in [&mut entry.asked, &mut entry.stated] {
            list.sort_unstable();
            list.dedup();
        }
        entry.all.sort_unstable();
        entry.all.dedup();
        entry
    }
}

/// The quantities of the entries that have any.
pub(in crate::search) struct QuantityScorer {
    entries: HashMap<Subject, EntryQuantities>,
}

impl QuantityScorer {
    /// Reads the quantities of the entries, in parallel: 1 µs for each phrase.
    pub(in crate::search) fn new(documents: &[Document<'_>]) -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let chunk = documents.len().div_ceil(processors).max(1);
        let entries = thread::scope(|scope| {
            let chunks = documents.chunks(chunk);
            let readers = chunks.map(|documents| scope.spawn(|| read(documents)));
            // Collected first, so that the threads run at the same time.
            let readers: Vec<_> = readers.collect();
            let read = readers.into_iter().map(thread::ScopedJoinHandle::join);
            let read = read.map(|entries| entries.unwrap_or_else(|panic| resume_unwind(panic)));
            read.flatten().collect()
        });
        Self { entries }
    }

    /// Adds the fit and the penalty of every candidate. Call it again when candidates were added.
    pub(in crate::search) fn add(&self, candidates: &mut Candidates) {
        let question = &candidates.quantities;
        if question.is_empty() {
            return;
        }
        let mut best = None;
        let mut asked = vec![None; candidates.all.len()];
        for (candidate, asked) in candidates.all.iter_mut().zip(&mut asked) {
            let Some(entry) = self.entries.get(&candidate.subject) else {
                continue;
            };
            let fit = |units: &[String]| {
                let counts = |unit: &str| units.iter().any(|own| own == unit);
                compare_quantities(question, &entry.all, counts)
            };
            candidate.quantities.fit = fit(&entry.stated);
            *asked = fit(&entry.asked);
            if let Some(fit) = *asked {
                best = Some(best.map_or(fit, |best: QuantityFit| best.min(fit)));
            }
            // 1/29 and 12/9 are equal without their punctuation.
            candidate.is_exact &= candidate.quantities.fit != Some(QuantityFit::Apart);
        }
        for (candidate, asked) in candidates.all.iter_mut().zip(asked) {
            let matched = &mut candidate.quantities;
            matched.penalty = match (best, asked) {
                (Some(QuantityFit::Equal | QuantityFit::Within), Some(QuantityFit::Apart)) => {
                    RIVAL_WEIGHT
                }
                (Some(best), Some(asked)) if asked > best && best != QuantityFit::Partly => {
                    RIVAL_WEIGHT * PARTIAL_RIVAL
                }
                _ => 0.0,
            };
        }
    }
}

fn read(documents: &[Document<'_>]) -> Vec<(Subject, EntryQuantities)> {
    let is_entry = |document: &&Document<'_>| matches!(document.subject, Subject::Entry(_));
    let entries = documents.iter().filter(is_entry);
    let entries = entries.map(|document| (document.subject, EntryQuantities::new(document)));
    let filled = entries.filter(|(_, entry)| !entry.all.is_empty());
    filled.collect()
}
