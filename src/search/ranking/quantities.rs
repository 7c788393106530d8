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
const PARTIAL_RIVAL: f32 = 0.5;

/// How the quantities of a question fit one candidate.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct QuantityMatch {
    /// The fit with all parts of the entry; `None` if it has no quantity of the question's units.
    pub fit: Option<QuantityFit>,
    /// The penalty on the utility; at least 0.
    pub penalty: f32,
}

/// The quantities of one entry.
#[derive(Debug, Default)]
struct EntryQuantities {
    /// Those of its question and variants.
    phrases: Vec<Quantity>,
    /// Those of the phrases and of the answer.
    all: Vec<Quantity>,
}

/// The quantities of the entries that have any.
pub(in crate::search) struct QuantityScorer {
    entries: HashMap<Subject, EntryQuantities>,
}

impl QuantityScorer {
    pub(in crate::search) fn new(documents: &[Document<'_>]) -> Self {
        let mut entries = HashMap::new();
        for document in documents {
            if !matches!(document.subject, Subject::Entry(_)) {
                continue;
            }
            let mut quantities = EntryQuantities::default();
            for phrase in &document.phrases {
                quantities.phrases.extend(quantities_of(phrase));
            }
            quantities.all.clone_from(&quantities.phrases);
            quantities.all.extend(quantities_of(&document.text));
            if quantities.all.is_empty() {
                continue;
            }
            for list in [&mut quantities.phrases, &mut quantities.all] {
                list.sort_unstable();
                list.dedup();
            }
            entries.insert(document.subject, quantities);
        }
        Self { entries }
    }

    /// Adds the fit and the penalty of every candidate.
    pub(in crate::search) fn add(&self, candidates: &mut Candidates, question: &[Quantity]) {
        if question.is_empty() {
            return;
        }
        let mut best = None;
        let mut asked = vec![None; candidates.all.len()];
        for (candidate, asked) in candidates.all.iter_mut().zip(&mut asked) {
            let Some(entry) = self.entries.get(&candidate.subject) else {
                continue;
            };
            candidate.quantities.fit = compare_quantities(question, &entry.all);
            *asked = compare_quantities(question, &entry.phrases);
            if let Some(fit) = *asked {
                best = Some(best.map_or(fit, |best: QuantityFit| best.min(fit)));
            }
            // 1/29 and 12/9 are equal without their punctuation.
            candidate.is_exact &= candidate.quantities.fit != Some(QuantityFit::Apart);
        }
        for (candidate, asked) in candidates.all.iter_mut().zip(asked) {
            let matched = &mut candidate.quantities;
            matched.penalty = match (best, asked) {
                (Some(QuantityFit::Equal | QuantityFit::Within), Some(QuantityFit::Apart))
                    if matched.fit == Some(QuantityFit::Apart) =>
                {
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
