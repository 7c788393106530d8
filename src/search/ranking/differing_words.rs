//! Words in which a question and an entry without variants differ.
//!
//! A word of the question that the entry lacks may be another way to ask for the entry or another subject, and the
//! ranking cannot tell which: 楽天ポイントの計算方法 asks for no 保育園のポイントの計算方法. A word of the entry that the
//! question lacks makes the entry narrower: 市役所は土曜日も開いていますか asks for no 児童ホームは土曜日も開いていますか. So
//! such an entry must be the more probable, the more of these words there are.

use super::LexicalScorer;
use super::candidates::{Candidate, Candidates, Scores};
use super::ranker::Ranking;
use crate::knowledge::Evidence;
use crate::search::index::Subject;

/// Logarithm of the factor by which the odds of an entry without variants must be greater if it has no
/// word of the question.
///
/// With the built-in model on three sets without variants (2026-11-29), 2 to 6 in 100 questions more are
/// answered right than with higher thresholds and no penalty, and at most 1 in 100 more wrongly; by words
/// about as many as before.
const PENALTY: f32 = 2.0;

/// The same for the answer, if the entry's words that the question lacks weigh as much as the whole question.
///
/// With it, 250 instead of 244 of 661 questions to four sets without variants are answered right with the built-in
/// model, at 20 instead of 21 wrong answers; by words about 4 more at as many wrong ones (2026-11-30). A list does not
/// need it, since members see which of its entries are too narrow.
const UNASKED_PENALTY: f32 = 0.7;

/// Minimum share of the probability of all entries at which one without variants is given as the answer. Below it
/// another entry is too likely, even if both have all words of the question.
///
/// By words, 24 of 609 questions to ten folders without variants more are answered right than if the probability
/// itself had to be 0.7, of which "nothing" takes much in a folder of 20 entries, and 5 of 912 more wrongly (2026-11-30).
pub const MIN_ANSWER_SHARE: f32 = 0.7;

/// Share of the question's words, weighted by rarity, that an entry lacks and another subject has, from which on it is
/// not the answer: they point to the other one.
///
/// With it and [`MAX_UNKNOWN`], 13 instead of 16 of 912 questions to ten folders without variants are answered wrongly
/// with the built-in model, and 204 instead of 215 of 609 right; the others get lists. By words nearly nothing changes.
/// In a city's FAQ of 1,785 entries, where nearly every word is in some entry, 50 instead of 67 of 244 are answered
/// right, at as many wrong (2026-11-30). The probability is no help: it is near 1.0 for most of them.
const MAX_OF_OTHERS: f32 = 0.4;

/// Share of the question's words that no subject has, from which on no entry is the answer: 「駐輪場はありますか」 has
/// only letters in common with 駐車場.
const MAX_UNKNOWN: f32 = 0.8;

/// A share that is 1 but for rounding.
const WHOLE: f32 = 0.999;

/// Maximum weight of words that the question lacks, relative to that of all its words.
const MAX_UNASKED: f32 = 2.0;

impl LexicalScorer {
    /// Sets the weight of the words that the question lacks, for thinly covered subjects.
    pub(super) fn add_unasked_words(&self, candidates: &mut Candidates) {
        let (words, query) = (&self.fields[0], &candidates.query.fields[0]);
        let thin = candidates.all.iter_mut().filter(|c| c.coverage < 1.0);
        let mut thin = thin.peekable();
        if thin.peek().is_none() {
            return;
        }
        let mut asked: Vec<u32> = query.terms.iter().map(|term| term.number).collect();
        asked.sort_unstable();
        for candidate in thin {
            let Some(phrase) = candidate.best_phrase else {
                continue;
            };
            let terms = words.phrase_terms.get(phrase);
            let unasked = terms.filter(|term| asked.binary_search(term).is_err());
            let unasked: f32 = unasked.map(|term| words.rarities[term as usize]).sum();
            // The sum of no numbers is -0.0.
            candidate.scores.unasked_words = (unasked + 0.0) / query.rarity.max(f32::MIN_POSITIVE);
        }
    }
}

impl Ranking {
    /// Raises a threshold, 0 to 1, for the probability of an entry that is to be the answer, by the words that it
    /// lacks, by those that the question lacks, and by how likely the other entries are. Infinite if it lacks too much
    /// of the question.
    #[must_use]
    pub fn answer_threshold(&self, threshold: f32, entry: usize) -> f32 {
        if self.lacks_too_much(entry) {
            return f32::INFINITY;
        }
        let raised = shifted(threshold, self.answer_penalty(entry));
        raised.max(self.min_answer_probability(entry))
    }

    /// Lowers a probability of an entry, 0 to 1: it reaches a threshold if the probability reaches
    /// [`Ranking::answer_threshold`].
    #[must_use]
    pub fn lowered_probability(&self, probability: f32, entry: usize) -> f32 {
        if self.lacks_too_much(entry) || probability < self.min_answer_probability(entry) {
            return 0.0;
        }
        shifted(probability, -self.answer_penalty(entry))
    }

    /// Raises a threshold, 0 to 1, for the probability of entries that are offered.
    ///
    /// What counts is the entry that lacks the fewest words, weighted by rarity: an entry has those of its
    /// variants, or those of its question and answer if these are more. Well-covered entries have the threshold
    /// itself. So have all entries if the question is in another language, of which nothing has a word. Infinite by
    /// words alone if no subject has any word of the question: 「Wi-Fiありますか」 shares only ありますか.
    #[must_use]
    pub fn raised_threshold(&self, threshold: f32, entries: &[usize]) -> f32 {
        let thin = 1.0 - self.greatest_coverage(entries);
        let is_unknown = self.is_japanese && self.unknown * thin >= WHOLE;
        if is_unknown && self.evidence == Evidence::Words {
            return f32::INFINITY;
        }
        shifted(threshold, self.penalty(entries))
    }

    /// Returns the greatest coverage of some entries; 0 if none of them is ranked.
    #[must_use]
    pub fn greatest_coverage(&self, entries: &[usize]) -> f32 {
        let coverage = self.candidates_of(entries).map(|c| c.coverage);
        coverage.fold(0.0, f32::max)
    }

    fn candidates_of(&self, entries: &[usize]) -> impl Iterator<Item = &Candidate> {
        let candidates = self.subjects.iter().map(|ranked| &ranked.candidate);
        candidates.filter(|c| matches!(c.subject, Subject::Entry(e) if entries.contains(&e)))
    }

    /// Returns whether an entry is no answer because of the words that it lacks. A well-covered entry always may be.
    fn lacks_too_much(&self, entry: usize) -> bool {
        self.is_comparable()
            && self.candidates_of(&[entry]).any(|candidate| {
                let of_others = 1.0 - held(&candidate.scores) - self.unknown;
                let thin = 1.0 - candidate.coverage;
                !candidate.is_exact
                    && (of_others * thin >= MAX_OF_OTHERS || self.unknown * thin >= MAX_UNKNOWN)
            })
    }

    fn min_answer_probability(&self, entry: usize) -> f32 {
        let all: f32 = self.entries().map(|(_, probability)| probability).sum();
        MIN_ANSWER_SHARE * all * (1.0 - self.greatest_coverage(&[entry]))
    }

    fn answer_penalty(&self, entry: usize) -> f32 {
        if !self.is_comparable() {
            return 0.0;
        }
        let entry = &[entry];
        let unasked = self
            .candidates_of(entry)
            .map(|c| c.scores.unasked_words.min(MAX_UNASKED) * (1.0 - c.coverage));
        self.penalty(entry) + UNASKED_PENALTY * unasked.sum::<f32>()
    }

    fn penalty(&self, entries: &[usize]) -> f32 {
        if !self.is_comparable() {
            return 0.0;
        }
        let missing = self
            .candidates_of(entries)
            .map(|c| (1.0 - held(&c.scores)).max(0.0) * (1.0 - c.coverage));
        PENALTY * missing.reduce(f32::min).unwrap_or_default()
    }

    /// Returns whether the words of the question and of the subjects can be compared: those of a question in
    /// English may be in none.
    fn is_comparable(&self) -> bool {
        let mut candidates = self.subjects.iter().map(|ranked| &ranked.candidate);
        self.is_japanese || candidates.any(|candidate| held(&candidate.scores) > 0.0)
    }
}

/// Returns the share of the question's words that an entry has.
fn held(scores: &Scores) -> f32 {
    scores.profile_words.max(scores.held_words)
}

/// Adds to the logarithm of the odds of a probability.
fn shifted(probability: f32, difference: f32) -> f32 {
    if difference == 0.0 {
        return probability;
    }
    let odds = probability / (1.0 - probability).max(f32::EPSILON) * difference.exp();
    odds / (1.0 + odds)
}

#[cfg(test)]
mod tests {
    use super::super::ranker::Ranked;
    use super::*;

    /// Ranks entries with the given shares of the question's words and coverages.
    fn ranking(entries: &[(f32, f32)]) -> Ranking {
        let subjects = (0..).zip(entries).map(|(number, (held, coverage))| Ranked {
            candidate: Candidate {
                scores: Scores {
                    held_words: *held,
                    ..Scores::default()
                },
                coverage: *coverage,
                ..Candidate::new(0, Subject::Entry(number))
            },
            probability: 0.5,
        });
        Ranking {
            subjects: subjects.collect(),
            ..Ranking::nothing()
        }
    }

    #[test]
    fn a_threshold_rises_with_the_words_that_an_entry_without_variants_lacks() {
        let ranking = ranking(&[(1.0, 0.0), (0.5, 0.0), (0.0, 0.0), (0.0, 1.0)]);
        let of = |entries: &[usize]| ranking.raised_threshold(0.5, entries);
        assert_eq!(of(&[0]), 0.5);
        assert!((of(&[1]) - 0.731).abs() < 0.001, "{}", of(&[1]));
        assert!((of(&[2]) - 0.881).abs() < 0.001, "{}", of(&[2]));
        assert_eq!(of(&[3]), 0.5, "well covered");
        assert_eq!(of(&[1, 2]), of(&[1]), "the one that lacks the fewest");
    }

    #[test]
    fn an_answer_must_be_surer_the_more_the_entry_is_about_what_was_not_asked() {
        let of = |unasked: f32| {
            let mut ranking = ranking(&[(1.0, 0.0)]);
            ranking.subjects[0].candidate.scores.unasked_words = unasked;
            ranking.answer_threshold(0.8, 0)
        };
        assert_eq!(of(0.0), 0.8, "the same words");
        assert!((of(1.0) - 0.890).abs() < 0.001, "as much again");
        assert!((of(9.0) - 0.942).abs() < 0.001, "never more than twice");
        let ranking = ranking(&[(0.5, 0.0), (0.5, 1.0)]);
        assert_eq!(ranking.answer_threshold(0.5, 1), 0.5, "well covered");
        let ranking = self::ranking(&[(0.7, 0.0)]);
        let raised = ranking.answer_threshold(0.8, 0);
        let lowered = ranking.lowered_probability(raised, 0);
        assert!((lowered - 0.8).abs() < 0.001, "{lowered}");
    }

    #[test]
    fn an_answer_without_variants_must_be_far_likelier_than_all_others_together() {
        let of = |others: f32, coverage: f32| {
            let mut ranking = ranking(&[(1.0, coverage), (1.0, coverage)]);
            ranking.subjects[1].probability = others;
            ranking.answer_threshold(0.3, 0)
        };
        assert_eq!(of(0.5, 0.0), 0.7, "of 1.0 in all");
        assert!((of(0.1, 0.0) - 0.42).abs() < 0.001, "of 0.6 in all");
        assert_eq!(of(0.5, 1.0), 0.3, "well covered");
    }

    #[test]
    fn an_entry_that_lacks_much_of_the_question_is_no_answer() {
        let of = |held: f32, unknown: f32, coverage: f32| {
            let mut ranking = ranking(&[(held, coverage)]);
            (ranking.is_japanese, ranking.unknown) = (true, unknown);
            let is_answer = ranking.answer_threshold(0.3, 0).is_finite();
            assert_eq!(ranking.lowered_probability(1.0, 0) > 0.0, is_answer);
            is_answer
        };
        assert!(of(0.7, 0.0, 0.0));
        assert!(!of(0.5, 0.0, 0.0), "half of it is in other entries");
        assert!(of(0.5, 0.4, 0.0), "or nowhere");
        assert!(!of(0.1, 0.9, 0.0), "nearly all of it is nowhere");
        assert!(of(0.5, 0.0, 1.0), "well covered");
    }

    #[test]
    fn nothing_is_offered_by_words_if_no_subject_has_any() {
        let of = |unknown: f32, evidence: Evidence, coverage: f32| {
            let mut ranking = ranking(&[(0.0, coverage)]);
            (ranking.is_japanese, ranking.unknown) = (true, unknown);
            ranking.evidence = evidence;
            ranking.raised_threshold(0.1, &[0]).is_finite()
        };
        assert!(!of(1.0, Evidence::Words, 0.0));
        assert!(of(0.9, Evidence::Words, 0.0));
        assert!(of(1.0, Evidence::BuiltIn, 0.0));
        assert!(of(1.0, Evidence::Words, 1.0), "well covered");
    }

    #[test]
    fn a_question_in_another_language_has_the_threshold_itself() {
        let mut ranking = ranking(&[(0.0, 0.0), (0.0, 0.0)]);
        assert_eq!(ranking.raised_threshold(0.5, &[0]), 0.5);
        assert_eq!(ranking.answer_threshold(0.8, 0), 0.8);
        ranking.is_japanese = true;
        assert!(ranking.raised_threshold(0.5, &[0]) > 0.8);
        assert!(ranking.answer_threshold(0.8, 0) > 0.9);
    }
}
