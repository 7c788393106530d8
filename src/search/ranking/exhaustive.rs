//! The lexical scores of all subjects, in one pass over the postings of a question's terms.
//!
//! Input: a [`Query`]. Output: the subjects that share a term with it, as candidates. The scores are
//! those of `lexical`. Cost: a few instructions for each posting of a term and for each phrase of the
//! knowledge, so it serves knowledge with few subjects, and as the reference for larger knowledge.
//!
//! Invariant: the scores do not depend on what was scored before.

use super::candidates::{Candidate, Scores};
use super::query::{FieldQuery, Query, dice};
use crate::search::index::{Field, Lists, Subject};

/// Maximum number of phrases: that of 16-bit numbers.
const MAX_PHRASES: usize = 1 << u16::BITS;

/// Number of sums that are compared at once.
const LANES: usize = 8;

/// What scoring all subjects needs besides the postings.
pub(super) struct ExhaustiveScorer {
    subjects: Vec<Subject>,
    /// The number of each subject's first phrase, and the number of phrases.
    starts: Vec<u32>,
    fields: [Postings; 2],
}

/// The postings of a field, a second time: with 16 bits for each phrase they are half as long as those
/// of [`Field`] and fit into the cache of a processor.
struct Postings {
    /// The phrases of each term, in the order of [`Field::phrases`].
    phrases: Vec<u16>,
    /// For each term the subjects with a phrase that has it.
    profiles: Lists,
    /// The TF component of BM25 of each posting of a text.
    text_tf: Vec<f32>,
}

/// The sums of the shares of the question's terms: working memory, for its allocations only.
#[derive(Default)]
pub(super) struct Sums {
    /// By field and phrase. A sum for each 16-bit number, so that no index is checked.
    phrases: [Option<Box<[f32; MAX_PHRASES]>>; 2],
    /// The scores of profiles and texts, by subject.
    subjects: Vec<Scores>,
    /// The sum of both Dice coefficients, by phrase.
    dice: Vec<f32>,
}

impl ExhaustiveScorer {
    /// Prepares the postings; `None` if there are too many phrases.
    pub(super) fn new(subjects: &[Subject], owners: &[u32], fields: &[Field; 2]) -> Option<Self> {
        if owners.len() > MAX_PHRASES {
            return None;
        }
        let ends = (0..).zip(subjects);
        let ends = ends.map(|(position, _)| owners.partition_point(|owner| *owner <= position));
        let ends = ends.map(|end| u32::try_from(end).unwrap_or(u32::MAX));
        Some(Self {
            subjects: subjects.to_vec(),
            starts: std::iter::once(0).chain(ends).collect(),
            fields: fields.each_ref().map(|field| {
                let phrases = field.phrases.iter().flatten();
                let phrases = phrases.map(|phrase| u16::try_from(*phrase).unwrap_or_default());
                let texts = field.texts.iter().flatten().enumerate();
                let tf = texts.map(|(posting, subject)| field.text_tf(posting, *subject));
                Postings {
                    phrases: phrases.collect(),
                    profiles: field.profile_terms.inverse(field.term_count()),
                    text_tf: tf.collect(),
                }
            }),
        })
    }

    /// Scores the subjects that share a term with the question, and that of a phrase that equals it.
    pub(super) fn score(
        &self,
        fields: &[Field; 2],
        query: &Query,
        exact: Option<u32>,
        sums: &mut Sums,
    ) -> Vec<Candidate> {
        let Sums {
            phrases: [words, grams],
            subjects: sums,
            dice: both,
        } = sums;
        let count = fields[0].norms.len();
        let (words, grams) = (cleared(words, count), cleared(grams, count));
        sums.clear();
        sums.resize(self.subjects.len(), Scores::default());
        for (number, phrases) in [&mut *words, &mut *grams].into_iter().enumerate() {
            let (field, query) = (&fields[number], &query.fields[number]);
            for term in &query.terms {
                let own = &self.fields[number].phrases[field.phrases.range(term.number)];
                add(phrases, own, term.share);
            }
            self.add_subjects(number, field, query, sums);
        }
        let [word_sum, gram_sum] = [query.fields[0].sum, query.fields[1].sum];
        // Apart from the choice of the best phrase, so that the compiler uses vector instructions.
        let pairs = words.iter().zip(&fields[0].norms);
        let pairs = pairs.zip(grams.iter().zip(&fields[1].norms));
        let rated = pairs.map(|((words, word_norm), (grams, gram_norm))| {
            dice(*words, word_sum, *word_norm) + dice(*grams, gram_sum, *gram_norm)
        });
        both.clear();
        both.extend(rated);
        let mut candidates = Vec::with_capacity(self.subjects.len());
        let starts = self.starts.windows(2);
        for ((position, subject), bounds) in (0..).zip(&self.subjects).zip(starts) {
            let phrases = bounds[0]..bounds[1];
            let mut candidate = Candidate::new(position, *subject);
            candidate.scores = sums[position as usize];
            let scores = &mut candidate.scores;
            let own = &both[phrases.start as usize..phrases.end as usize];
            if let Some(best) = first_greatest(own) {
                let index = phrases.start as usize + best;
                scores.dice_words = dice(words[index], word_sum, fields[0].norms[index]);
                scores.dice_grams = dice(grams[index], gram_sum, fields[1].norms[index]);
                scores.phrase_words = words[index] * fields[0].phrase_tf[index];
                scores.phrase_grams = grams[index] * fields[1].phrase_tf[index];
                candidate.best_phrase = u32::try_from(index).ok();
            }
            let has_text = scores.text_words + scores.text_grams > 0.0;
            let is_exact = exact.is_some_and(|exact| phrases.contains(&exact));
            if candidate.best_phrase.is_some() || has_text || is_exact {
                candidates.push(candidate);
            }
        }
        candidates
    }

    /// Adds the scores of profiles and texts.
    fn add_subjects(&self, number: usize, field: &Field, query: &FieldQuery, sums: &mut [Scores]) {
        let is_words = number == 0;
        for term in &query.terms {
            let is_foreign = is_words && field.is_foreign[term.number as usize];
            for subject in self.fields[number].profiles.get(term.number) {
                let scores = &mut sums[*subject as usize];
                if is_words {
                    scores.profile_words += term.share;
                    scores.foreign_words += if is_foreign { term.share } else { 0.0 };
                } else {
                    scores.profile_grams += term.share;
                }
            }
            let tf = &self.fields[number].text_tf[field.texts.range(term.number)];
            for (text, tf) in field.texts.get(term.number).iter().zip(tf) {
                let scores = &mut sums[*text as usize];
                if is_words {
                    scores.text_words += term.text_share * tf;
                    scores.held_words += term.share;
                } else {
                    scores.text_grams += term.text_share * tf;
                }
            }
        }
    }
}

/// Returns the sums of a field, of which the first ones are 0.
fn cleared(sums: &mut Option<Box<[f32; MAX_PHRASES]>>, phrases: usize) -> &mut [f32; MAX_PHRASES] {
    let sums = sums.get_or_insert_with(|| Box::new([0.0; MAX_PHRASES]));
    sums[..phrases].fill(0.0);
    sums
}

/// Adds the share of a term to the phrases that have it.
fn add(sums: &mut [f32; MAX_PHRASES], phrases: &[u16], share: f32) {
    let (chunks, rest) = phrases.as_chunks::<4>();
    for [first, second, third, fourth] in chunks {
        sums[usize::from(*first)] += share;
        sums[usize::from(*second)] += share;
        sums[usize::from(*third)] += share;
        sums[usize::from(*fourth)] += share;
    }
    for phrase in rest {
        sums[usize::from(*phrase)] += share;
    }
}

/// Returns the index of the first of the greatest numbers, if any is greater than 0.
fn first_greatest(numbers: &[f32]) -> Option<usize> {
    let greater = |a: f32, b: f32| if a > b { a } else { b };
    let (chunks, rest) = numbers.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for (lane, number) in lanes.iter_mut().zip(chunk) {
            *lane = greater(*number, *lane);
        }
    }
    let greatest = lanes.iter().chain(rest).copied().fold(0.0, greater);
    if greatest > 0.0 {
        numbers.iter().position(|number| *number == greatest)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equal_numbers_is_the_greatest() {
        let mut numbers = vec![0.0; 21];
        assert_eq!(first_greatest(&numbers), None);
        for index in [20, 13, 3] {
            numbers[index] = 0.5;
            assert_eq!(first_greatest(&numbers), Some(index));
        }
        numbers[19] = 0.75;
        assert_eq!(first_greatest(&numbers), Some(19));
        assert_eq!(first_greatest(&[]), None);
    }
}
