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

use super::candidates::Candidates;
use crate::search::analysis::{Quantity, QuantityFit, compare_quantities, quantities_of};
use crate::search::index::{Document, Subject};

/// Weight of the penalty in the utility. The number outweighs a difference of a few words between
/// two entries; a rival keeps a 400th of its share.
const RIVAL_WEIGHT: f32 = 6.0;

/// Share of the penalty of an entry whose range contains the question's value, if another entry has
/// exactly the value; or that has only some of several values.
const PARTIAL_RIVAL: f32 = 0.75;

/// How the quantities of a question fit one candidate.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct QuantityMatch {
    /// The fit with all parts of the entry; `None` if it states no quantity in the question's units.
    pub fit: Option<QuantityFit>,
    /// The penalty on the utility; at least 0.
    pub penalty: f32,
}

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
    pub(in crate::search) fn new(documents: &[Document<'_>]) -> Self {
        let mut entries = HashMap::new();
        for document in documents {
            if matches!(document.subject, Subject::Entry(_)) {
                let entry = EntryQuantities::new(document);
                if !entry.all.is_empty() {
                    entries.insert(document.subject, entry);
                }
            }
        }
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
