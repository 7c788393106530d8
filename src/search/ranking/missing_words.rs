//! Words of a question that an entry without variants lacks.
//!
//! They may be another way to ask for the entry or another subject, and the ranking cannot tell which:
//! 楽天ポイントの計算方法 asks for no 保育園のポイントの計算方法. So such an entry must be the more probable, the more of
//! the question's words it lacks.

use super::candidates::Candidate;
use super::ranker::Ranking;
use crate::search::index::Subject;

/// Logarithm of the factor by which the odds of an entry without variants must be greater if it has no
/// word of the question.
///
/// With the built-in model on three sets without variants (2026-11-29), 2 to 6 in 100 questions more are
/// answered right than with higher thresholds and no penalty, and at most 1 in 100 more wrongly; by words
/// about as many as before.
const PENALTY: f32 = 2.0;

impl Ranking {
    /// Raises a threshold, 0 to 1, for the probability of entries.
    ///
    /// What counts is the entry that lacks the fewest words, weighted by rarity: an entry has those of its
    /// variants, or those of its question and answer if these are more. Well-covered entries have the threshold
    /// itself. So have all entries if nothing has any of the words, since the question may be in another
    /// language.
    #[must_use]
    pub fn raised_threshold(&self, threshold: f32, entries: &[usize]) -> f32 {
        shifted(threshold, self.penalty(entries))
    }

    /// Lowers a probability of entries, 0 to 1: it reaches a threshold if the probability reaches the raised
    /// threshold.
    #[must_use]
    pub fn lowered_probability(&self, probability: f32, entries: &[usize]) -> f32 {
        shifted(probability, -self.penalty(entries))
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

    fn penalty(&self, entries: &[usize]) -> f32 {
        let share = |c: &Candidate| c.scores.profile_words.max(c.scores.held_words);
        let mut candidates = self.subjects.iter().map(|ranked| &ranked.candidate);
        if candidates.all(|candidate| share(candidate) == 0.0) {
            return 0.0;
        }
        let missing = self
            .candidates_of(entries)
            .map(|c| (1.0 - share(c)).max(0.0) * (1.0 - c.coverage));
        PENALTY * missing.reduce(f32::min).unwrap_or_default()
    }
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
    use super::super::candidates::Scores;
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
        let lowered = ranking.lowered_probability(of(&[2]), &[2]);
        assert!((lowered - 0.5).abs() < 0.001, "{lowered}");
    }

    #[test]
    fn words_that_nothing_has_say_nothing() {
        let ranking = ranking(&[(0.0, 0.0), (0.0, 0.0)]);
        assert_eq!(ranking.raised_threshold(0.5, &[0]), 0.5);
    }
}
