//! Which other subjects could rival the subject of an exact match, without ranking all of them.
//!
//! Input: a phrase of the knowledge as a question. Output: the utilities of the subjects that may
//! come near that of the phrase's own. The self-retrieval check ranks only the phrases for which
//! these do not tell the result; ranking all of them would cost an answer for each phrase.
//!
//! An exact match has a great weight. A subject must match the phrase in nearly all other scores to
//! outrank it, and so must have some of its rarest terms. [`RivalBounds`] bounds the scores of all
//! subjects that have none of these terms; the few that have one are scored.
//!
//! Invariant: a bound is never less than the score that [`LexicalScorer::score`] would give.

use std::collections::BTreeSet;
use std::mem::discriminant;

use super::candidates::{Candidate, Candidates, QuantityMatch, Scores};
use super::coverage::range_of_entries;
use super::lexical::LexicalScorer;
use super::query::{FieldQuery, Query, QueryTerm};
use crate::search::analysis::Terms;
use crate::search::index::{Field, Subject};

/// Maximum number of entries that are scored one by one; with more, a ranking costs less.
const MAX_RIVALS: usize = 64;

/// Numbers of rarest terms that are tried.
const RAREST_TERMS: [usize; 7] = [0, 1, 2, 4, 8, 16, 32];

/// Difference of two utilities that rounding cannot cause.
const ROUNDING: f32 = 0.01;

/// What bounds the scores of all subjects of an index.
pub struct RivalBounds {
    fields: [FieldBounds; 2],
    /// The least and the greatest coverage of an entry.
    coverage: [f32; 2],
}

struct FieldBounds {
    /// For each number of terms, the greatest TF component in a phrase with at least as many.
    phrase_tf: Vec<f32>,
    /// For each term, the greatest TF component in a text.
    text_tf: Vec<f32>,
}

/// A term of the phrase.
#[derive(Clone, Copy)]
struct Term {
    field: usize,
    term: QueryTerm,
    /// Number of profiles and texts that have it.
    count: usize,
}

impl LexicalScorer {
    /// Returns the greatest number of candidates of a question.
    pub(in crate::search) fn max_candidates(&self) -> usize {
        // The one more is that of an exact match.
        self.subjects
            .len()
            .min(self.max_by_phrases + self.max_by_texts + 1)
    }

    /// Returns the position of the subject of a phrase in the index.
    pub(in crate::search) fn position(&self, phrase: u32) -> Option<u32> {
        self.owners.get(phrase as usize).copied()
    }

    /// Lists the subjects of the phrases of which at least a share of the terms, weighted by rarity,
    /// is among `terms`.
    pub(in crate::search) fn subjects_sharing(
        &self,
        terms: &Terms,
        min_share: f32,
    ) -> BTreeSet<Subject> {
        let mut shared = vec![0.0; self.owners.len()];
        let [words, grams] = &self.fields;
        let mut text = String::new();
        let own_words = terms.words.iter().filter_map(|(word, _)| words.term(word));
        let own_grams = terms.grams.iter();
        let own_grams = own_grams.filter_map(|(gram, _)| grams.gram(*gram, &mut text));
        let own_words = own_words.map(|term| (words, term));
        for (field, term) in own_words.chain(own_grams.map(|term| (grams, term))) {
            for phrase in field.phrases.get(term) {
                shared[*phrase as usize] += field.rarities[term as usize];
            }
        }
        let norms = words.norms.iter().zip(&grams.norms);
        let phrases = shared.iter().zip(norms).zip(&self.owners);
        let sharing = phrases.filter(|((shared, (words, grams)), _)| {
            **shared > 0.0 && **shared >= min_share * (*words + *grams)
        });
        let subjects = sharing.map(|(_, owner)| self.subjects.get(*owner as usize));
        subjects.flatten().copied().collect()
    }
}

impl RivalBounds {
    /// Reads the bounds from an index. Takes about 10 ms for 100,000 phrases.
    pub(in crate::search) fn new(scorer: &LexicalScorer) -> Self {
        let phrases = u32::try_from(scorer.owners.len()).unwrap_or(u32::MAX);
        let bounds = |field: &Field| {
            let mut phrase_tf: Vec<f32> = Vec::new();
            for phrase in 0..phrases {
                let length = field.phrase_terms.get(phrase).count();
                if phrase_tf.len() <= length {
                    phrase_tf.resize(length + 1, 0.0);
                }
                let tf = field.phrase_tf[phrase as usize];
                phrase_tf[length] = phrase_tf[length].max(tf);
            }
            for length in (1..phrase_tf.len()).rev() {
                phrase_tf[length - 1] = phrase_tf[length - 1].max(phrase_tf[length]);
            }
            let text_tf = (0..field.texts.len()).map(|term| {
                let subjects = field.texts.get(term).iter();
                let postings = field.texts.range(term).zip(subjects);
                let tf = postings.map(|(posting, subject)| field.text_tf(posting, *subject));
                tf.fold(0.0, f32::max)
            });
            FieldBounds {
                phrase_tf,
                text_tf: text_tf.collect(),
            }
        };
        Self {
            fields: scorer.fields.each_ref().map(bounds),
            coverage: range_of_entries(&scorer.subjects, &scorer.coverage),
        }
    }

    /// Returns the utilities of all other subjects of some kinds whose utility may reach `limit`, and
    /// possibly of others; `None` if they are too many.
    ///
    /// `utility` returns the utility of a candidate. It must be the sum of a function of each score;
    /// the position `u32::MAX` stands for any subject of the candidate's kind.
    pub(in crate::search) fn rivals(
        &self,
        kinds: &[Subject],
        limit: f32,
        own: &Candidate,
        candidates: &Candidates,
        scorer: &LexicalScorer,
        utility: impl Fn(&Candidate) -> f32,
    ) -> Option<Vec<f32>> {
        let query = &candidates.query;
        let mut terms = terms(query, scorer);
        terms.sort_by_key(|term| term.count);
        for rarest in RAREST_TERMS {
            let (rare, common) = terms.split_at_checked(rarest)?;
            let mut positions = subjects_with(rare, scorer)?;
            let scores = self.scores(common, query, scorer);
            let mut greatest = kinds.iter().map(|kind| {
                let coverage = match kind {
                    Subject::Entry(_) => self.coverage,
                    _ => [1.0; 2],
                };
                greatest_utility(*kind, coverage, &scores, &utility)
            });
            if greatest.any(|greatest| greatest >= limit - ROUNDING) {
                continue;
            }
            positions.remove(&own.position);
            let positions: Vec<u32> = positions.into_iter().collect();
            let mut rivals = Candidates {
                all: Vec::new(),
                ..candidates.clone()
            };
            scorer.add(&mut rivals, &positions);
            let is_of_kind = |rival: &&Candidate| {
                let kind = discriminant(&rival.subject);
                kinds.iter().any(|other| discriminant(other) == kind)
            };
            let rivals = rivals.iter().filter(is_of_kind);
            return Some(rivals.map(|rival| utility(rival) + ROUNDING).collect());
        }
        None
    }

    /// Returns the greatest scores of an entry that has no other terms than these.
    fn scores(&self, terms: &[Term], query: &Query, scorer: &LexicalScorer) -> Scores {
        let mut bounds = [Bounds::default(); 2];
        for (number, bounds) in bounds.iter_mut().enumerate() {
            let own = terms.iter().filter(|term| term.field == number);
            let own: Vec<QueryTerm> = own.map(|term| term.term).collect();
            *bounds = self.fields[number].bounds(own, &query.fields[number], |term| {
                scorer.fields[number].rarities[term as usize]
            });
        }
        let [words, grams] = bounds;
        Scores {
            phrase_words: words.phrase,
            phrase_grams: grams.phrase,
            dice_words: words.dice,
            dice_grams: grams.dice,
            profile_words: words.profile,
            profile_grams: grams.profile,
            text_words: words.text,
            text_grams: grams.text,
            foreign_words: words.profile,
            ..Scores::default()
        }
    }
}

/// The greatest scores in one field.
#[derive(Default, Clone, Copy)]
struct Bounds {
    phrase: f32,
    dice: f32,
    profile: f32,
    text: f32,
}

impl FieldBounds {
    fn bounds(
        &self,
        mut terms: Vec<QueryTerm>,
        query: &FieldQuery,
        rarity: impl Fn(u32) -> f32,
    ) -> Bounds {
        let mut bounds = Bounds::default();
        // A short phrase has a greater BM25 score for a term, but has only few terms.
        terms.sort_by(|a, b| b.share.total_cmp(&a.share));
        for (length, term) in (1..).zip(&terms) {
            bounds.profile += term.share;
            bounds.text += term.text_share * self.text_tf[term.number as usize];
            let tf = self.phrase_tf.get(length).copied().unwrap_or_default();
            bounds.phrase = bounds.phrase.max(bounds.profile * tf);
        }
        // The terms with the greatest weight raise the coefficient most: they add most to what is
        // shared, compared with what they add to the norm of the phrase.
        let weight = |term: &QueryTerm| term.share / rarity(term.number).max(f32::MIN_POSITIVE);
        let mut weighted: Vec<(f32, &QueryTerm)> = terms.iter().map(|t| (weight(t), t)).collect();
        weighted.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut shared, mut norm) = (0.0, 0.0);
        for (_, term) in weighted {
            shared += term.share;
            norm += rarity(term.number);
            bounds.dice = bounds
                .dice
                .max(shared * 2.0 * query.sum / (query.sum + norm));
        }
        bounds
    }
}

fn terms(query: &Query, scorer: &LexicalScorer) -> Vec<Term> {
    let fields = query.fields.iter().zip(&scorer.fields).enumerate();
    let terms = fields.flat_map(|(number, (query, field))| {
        query.terms.iter().map(move |term| Term {
            field: number,
            term: *term,
            count: field.subject_counts[term.number as usize] as usize
                + field.texts.get(term.number).len(),
        })
    });
    terms.collect()
}

/// Returns the positions of the subjects that have one of the terms; `None` if there are too many.
fn subjects_with(terms: &[Term], scorer: &LexicalScorer) -> Option<BTreeSet<u32>> {
    let mut subjects = BTreeSet::new();
    for Term { field, term, .. } in terms {
        let field = &scorer.fields[*field];
        let texts = field.texts.get(term.number);
        let count = field.subject_counts[term.number as usize] as usize;
        if count > MAX_RIVALS || texts.len() > MAX_RIVALS {
            return None;
        }
        let phrases = field.phrases.get(term.number).iter();
        subjects.extend(phrases.map(|phrase| scorer.owners[*phrase as usize]));
        subjects.extend(texts);
    }
    (subjects.len() <= MAX_RIVALS).then_some(subjects)
}

/// Returns the greatest utility of a subject of a kind whose scores are at most these, and whose coverage is
/// between two.
fn greatest_utility(
    kind: Subject,
    [least, most]: [f32; 2],
    scores: &Scores,
    utility: &impl Fn(&Candidate) -> f32,
) -> f32 {
    let with = |coverage: f32, scores: Scores| {
        utility(&Candidate {
            subject: kind,
            position: u32::MAX,
            scores,
            quantities: QuantityMatch::default(),
            best_phrase: None,
            nearest_phrase: None,
            is_exact: false,
            coverage,
            is_default: false,
        })
    };
    let none = Scores::default();
    let greatest = |coverage: f32| {
        let base = with(coverage, none);
        // A weight may be negative, so that the score is best absent.
        let gain = |scores: Scores| (with(coverage, scores) - base).max(0.0);
        #[rustfmt::skip]
        let gains = [
            gain(Scores { phrase_words: scores.phrase_words, ..none }),
            gain(Scores { phrase_grams: scores.phrase_grams, ..none }),
            gain(Scores { dice_words: scores.dice_words, ..none }),
            gain(Scores { dice_grams: scores.dice_grams, ..none }),
            gain(Scores { profile_words: scores.profile_words, ..none }),
            gain(Scores { profile_grams: scores.profile_grams, ..none }),
            gain(Scores { text_words: scores.text_words, ..none }),
            gain(Scores { text_grams: scores.text_grams, ..none }),
            gain(Scores { foreign_words: scores.foreign_words, ..none }),
        ];
        base + gains.iter().sum::<f32>()
    };
    // A utility is blended between those of both ends.
    greatest(least).max(greatest(most))
}
