//! The candidates of a question with their scores, before any weight is applied.

use super::query::Query;
use crate::knowledge::Evidence;
use crate::search::analysis::{Quantity, QuantityFit};
use crate::search::index::Subject;

/// Share of the question's words, weighted by rarity, that is all of them but for rounding.
const WHOLE_SHARE: f32 = 0.999;

/// A subject with its scores.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    /// The subject.
    pub subject: Subject,
    /// Its scores.
    pub scores: Scores,
    /// Number of its best phrase, the one with the greatest sum of both Dice coefficients.
    pub best_phrase: Option<u32>,
    /// Number of its nearest phrase, the one with the greatest cosine similarity.
    pub nearest_phrase: Option<u32>,
    /// How the question's quantities fit the entry's.
    pub quantities: QuantityMatch,
    /// Whether the question equals one of its phrases after normalisation.
    pub is_exact: bool,
    /// How well its phrases cover the subject, 0 to 1; see `coverage`.
    pub coverage: f32,
    /// Whether it is a shipped topic.
    pub is_default: bool,
    /// Position of the subject in the index.
    pub(in crate::search) position: u32,
}

impl Candidate {
    /// Returns a candidate without scores.
    pub(super) fn new(position: u32, subject: Subject) -> Self {
        Self {
            position,
            subject,
            scores: Scores::default(),
            best_phrase: None,
            nearest_phrase: None,
            quantities: QuantityMatch::default(),
            is_exact: false,
            coverage: 1.0,
            is_default: false,
        }
    }
}

/// How the quantities of a question fit one candidate.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct QuantityMatch {
    /// The fit with all parts of the entry; `None` if it states no quantity in the question's units.
    pub fit: Option<QuantityFit>,
    /// The penalty on the utility; at least 0.
    pub penalty: f32,
}

/// Scores of a subject: 0 to 1, but a BM25 score can exceed 1 if the phrase or text is short.
///
/// Cosine similarities are rescaled as `semantic` describes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Scores {
    /// BM25 of the best phrase, by words.
    pub phrase_words: f32,
    /// BM25 of the best phrase, by grams.
    pub phrase_grams: f32,
    /// Dice coefficient of the question and the best phrase, weighted by rarity, by words.
    pub dice_words: f32,
    /// The same by grams.
    pub dice_grams: f32,
    /// Share of the question's words that any phrase of the subject has.
    pub profile_words: f32,
    /// The same by grams.
    pub profile_grams: f32,
    /// The part of `profile_words` from words that only out-of-scope subjects have: 解約 does not
    /// point to a gym, ジム does.
    pub foreign_words: f32,
    /// BM25 of the entry's question and answer, by words.
    pub text_words: f32,
    /// The same by grams.
    pub text_grams: f32,
    /// Share of the question's words, weighted by rarity, that the entry's question or answer has.
    pub held_words: f32,
    /// Weight by rarity of the words of the best phrase that the question lacks, relative to that of the
    /// question's words; 0 without a best phrase, and for a well-covered subject.
    pub unasked_words: f32,
    /// Cosine similarity of the nearest phrase; 0 without embeddings.
    pub meaning_phrase: f32,
    /// Cosine similarity of the entry's question and answer; 0 without embeddings.
    pub meaning_text: f32,
}

/// The candidates of one question.
#[derive(Debug, Clone)]
pub struct Candidates {
    /// The subjects that match best, in the order of the knowledge.
    pub(in crate::search) all: Vec<Candidate>,
    /// The terms of the question, to score further subjects.
    pub(in crate::search) query: Query,
    /// The quantities of the question, for the same.
    pub(in crate::search) quantities: Vec<Quantity>,
    /// Share of the question's words, weighted by rarity, that no subject has; 0 to 1.
    pub unknown: f32,
    /// Cosine similarity of the nearest phrase of all; 0 without embeddings.
    pub nearest: f32,
    /// The scorers that contributed.
    pub evidence: Evidence,
    /// The candidates among the shipped topics, with the numbers of their own index; see `precedence`.
    pub(in crate::search) defaults: Option<Box<Candidates>>,
}

impl Candidates {
    /// Returns the candidates of a message that is not ranked.
    #[must_use]
    pub fn none() -> Self {
        Self {
            all: Vec::new(),
            query: Query::default(),
            quantities: Vec::new(),
            unknown: 0.0,
            nearest: 0.0,
            evidence: Evidence::default(),
            defaults: None,
        }
    }

    /// Iterates over the candidates.
    pub fn iter(&self) -> impl Iterator<Item = &Candidate> {
        self.all.iter()
    }

    /// Returns whether the question equals a phrase of the knowledge after normalisation, or one of a
    /// shipped topic that takes precedence.
    #[must_use]
    pub fn has_exact(&self) -> bool {
        let has_exact = |all: &[Candidate]| all.iter().any(|candidate| candidate.is_exact);
        let mut defaults = self.defaults.iter();
        has_exact(&self.all)
            || !self.explains_all() && defaults.any(|defaults| has_exact(&defaults.all))
    }

    /// Returns whether the phrases of a subject have all words of the question.
    pub(super) fn explains_all(&self) -> bool {
        let mut all = self.all.iter();
        all.any(|candidate| candidate.scores.profile_words >= WHOLE_SHARE)
    }

    /// Returns the greatest share of the question's words, weighted by rarity, that a subject has.
    pub(super) fn explained(&self) -> f32 {
        let shares = self.iter().map(|candidate| &candidate.scores);
        let shares = shares.map(|scores| scores.profile_words.max(scores.text_words));
        shares.fold(0.0, f32::max)
    }

    /// Clears the exact match, so that a phrase of the knowledge is ranked like any other question.
    pub(in crate::search) fn ignore_exact(&mut self) {
        for candidate in &mut self.all {
            candidate.is_exact = false;
        }
    }

    /// Removes a subject.
    pub(in crate::search) fn remove(&mut self, subject: Subject) {
        self.all.retain(|candidate| candidate.subject != subject);
        self.find_nearest();
    }

    /// Sets `nearest` from the candidates.
    pub(super) fn find_nearest(&mut self) {
        let similarities = self.iter().map(|candidate| candidate.scores.meaning_phrase);
        self.nearest = similarities.fold(0.0, f32::max);
    }
}
