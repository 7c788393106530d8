//! The lexical scores of all subjects, in one pass over the postings of a question's terms.
//!
//! Input: a [`Query`]. Output: the subjects that share a term with it, as candidates. The scores are
//! those of `lexical`. Cost: a few instructions for each posting of a term and for each phrase of the
//! knowledge, so it serves knowledge with few subjects, and as the reference for larger knowledge.
//!
//! Invariant: the scores do not depend on what was scored before.

use super::candidates::Candidate;
use super::query::{FieldQuery, Query, dice};
use crate::search::index::{Field, Subject};

/// What scoring all subjects needs besides the postings.
pub(super) struct ExhaustiveScorer {
    subjects: Vec<Subject>,
    /// The number of each subject's first phrase, and the number of phrases.
    starts: Vec<u32>,
    /// For each field the TF component of BM25 of each posting of a text.
    text_tf: [Vec<f32>; 2],
}

/// The sums of the shares of the question's terms: working memory, for its allocations only.
#[derive(Default)]
pub(super) struct Sums {
    /// By field and phrase.
    phrases: [Vec<f32>; 2],
    /// By field and subject.
    profiles: [Vec<f32>; 2],
    /// The part of the profile in words that only out-of-scope subjects have, by subject.
    foreign: Vec<f32>,
    /// By field and text.
    texts: [Vec<f32>; 2],
    /// The sum of both Dice coefficients, by phrase.
    dice: Vec<f32>,
}

impl ExhaustiveScorer {
    pub(super) fn new(subjects: &[Subject], owners: &[u32], fields: &[Field; 2]) -> Self {
        let ends = (0..).zip(subjects);
        let ends = ends.map(|(position, _)| owners.partition_point(|owner| *owner <= position));
        let ends = ends.map(|end| u32::try_from(end).unwrap_or(u32::MAX));
        Self {
            subjects: subjects.to_vec(),
            starts: std::iter::once(0).chain(ends).collect(),
            text_tf: fields.each_ref().map(|field| {
                let subjects = field.texts.iter().flatten();
                let postings = subjects.enumerate();
                postings
                    .map(|(posting, subject)| field.text_tf(posting, *subject))
                    .collect()
            }),
        }
    }

    /// Scores the subjects that share a term with the question, and that of a phrase that equals it.
    pub(super) fn score(
        &self,
        fields: &[Field; 2],
        query: &Query,
        exact: Option<u32>,
        sums: &mut Sums,
    ) -> Vec<Candidate> {
        sums.clear(fields[0].norms.len(), self.subjects.len());
        for (number, field) in fields.iter().enumerate() {
            self.add_terms(number, field, &query.fields[number], sums);
        }
        for term in &query.fields[0].terms {
            if fields[0].is_foreign[term.number as usize] {
                add(
                    &mut sums.foreign,
                    fields[0].profiles.get(term.number),
                    term.share,
                );
            }
        }
        sums.rate(fields, query);
        let mut candidates = Vec::with_capacity(self.subjects.len());
        let starts = self.starts.windows(2);
        for ((position, subject), bounds) in (0..).zip(&self.subjects).zip(starts) {
            let phrases = bounds[0]..bounds[1];
            let mut candidate = Candidate::new(position, *subject);
            let index = position as usize;
            let scores = &mut candidate.scores;
            scores.profile_words = sums.profiles[0][index];
            scores.profile_grams = sums.profiles[1][index];
            scores.foreign_words = sums.foreign[index];
            scores.text_words = sums.texts[0][index];
            scores.text_grams = sums.texts[1][index];
            if let Some(best) = sums.best(phrases.clone()) {
                let index = best as usize;
                let [words, grams] = [sums.phrases[0][index], sums.phrases[1][index]];
                scores.dice_words = dice(words, query.fields[0].sum, fields[0].norms[index]);
                scores.dice_grams = dice(grams, query.fields[1].sum, fields[1].norms[index]);
                scores.phrase_words = words * fields[0].phrase_tf[index];
                scores.phrase_grams = grams * fields[1].phrase_tf[index];
                candidate.best_phrase = Some(best);
            }
            let has_text = scores.text_words + scores.text_grams > 0.0;
            let is_exact = exact.is_some_and(|exact| phrases.contains(&exact));
            if candidate.best_phrase.is_some() || has_text || is_exact {
                candidates.push(candidate);
            }
        }
        candidates
    }

    fn add_terms(&self, number: usize, field: &Field, query: &FieldQuery, sums: &mut Sums) {
        for term in &query.terms {
            add(
                &mut sums.phrases[number],
                field.phrases.get(term.number),
                term.share,
            );
            add(
                &mut sums.profiles[number],
                field.profiles.get(term.number),
                term.share,
            );
            let tf = &self.text_tf[number][field.texts.range(term.number)];
            for (text, tf) in field.texts.get(term.number).iter().zip(tf) {
                sums.texts[number][*text as usize] += term.text_share * tf;
            }
        }
    }
}

impl Sums {
    fn clear(&mut self, phrases: usize, subjects: usize) {
        let zero = |list: &mut Vec<f32>, length| {
            list.clear();
            list.resize(length, 0.0);
        };
        for list in &mut self.phrases {
            zero(list, phrases);
        }
        for list in self.profiles.iter_mut().chain(&mut self.texts) {
            zero(list, subjects);
        }
        zero(&mut self.foreign, subjects);
    }

    /// Computes the sums of both Dice coefficients. Apart from the choice of the best phrase, so that
    /// the compiler uses vector instructions.
    fn rate(&mut self, fields: &[Field; 2], query: &Query) {
        let [word_sum, gram_sum] = [query.fields[0].sum, query.fields[1].sum];
        let words = self.phrases[0].iter().zip(&fields[0].norms);
        let grams = self.phrases[1].iter().zip(&fields[1].norms);
        let dice = words
            .zip(grams)
            .map(|((words, word_norm), (grams, gram_norm))| {
                dice(*words, word_sum, *word_norm) + dice(*grams, gram_sum, *gram_norm)
            });
        self.dice.clear();
        self.dice.extend(dice);
    }

    /// Returns the first phrase with the greatest sum, if any is greater than 0.
    fn best(&self, phrases: std::ops::Range<u32>) -> Option<u32> {
        let own = self
            .dice
            .get(phrases.start as usize..phrases.end as usize)?;
        let (mut greatest, mut best) = (0.0, None);
        for (phrase, dice) in phrases.zip(own) {
            if *dice > greatest {
                (greatest, best) = (*dice, Some(phrase));
            }
        }
        best
    }
}

/// Adds the share of a term to the documents that have it.
fn add(sums: &mut [f32], documents: &[u32], share: f32) {
    for document in documents {
        sums[*document as usize] += share;
    }
}
