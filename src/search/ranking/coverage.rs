//! How well its ways to ask cover an entry.
//!
//! Input: the phrases of a subject. Output: its coverage, from 0 for an entry that has its own
//! question alone to 1 for one with many variants in different words. The more of them an entry has,
//! the more its phrases tell and the less its answer. The weights and thresholds are blended by
//! coverage, entry by entry, so that no entry changes the parameters of another.

use crate::search::index::{Field, Subject};

/// Number of variants, and of words that they add to the question, at which an entry is well covered.
const FULL_COVERAGE: usize = 24;

/// Weight of an entry with its question alone in the rarity of terms.
///
/// Many such entries would make all terms nearly as rare, also for the questions to other subjects.
/// With 0.1, 661 of them beside the shipped knowledge raise the rarity of its terms by 0.2 instead of
/// 1.1; among themselves it changes little, since what counts is how their terms differ.
const MIN_RARITY_WEIGHT: f32 = 0.1;

/// Returns the weight of a subject of this coverage in the rarity of terms.
pub(super) fn rarity_weight(coverage: f32) -> f32 {
    MIN_RARITY_WEIGHT + (1.0 - MIN_RARITY_WEIGHT) * coverage
}

/// Computes the coverage of each subject. `owners` has the subject of each phrase, as a position in
/// `subjects`; `words` is the field of words.
///
/// Only entries can be thinly covered: other subjects have no answer that could be searched instead.
pub(super) fn coverage(subjects: &[Subject], owners: &[u32], words: &Field) -> Vec<f32> {
    let coverage = (0_u32..).zip(subjects).map(|(position, subject)| {
        if !matches!(subject, Subject::Entry(_)) {
            return 1.0;
        }
        let first = owners.partition_point(|owner| *owner < position);
        let end = owners.partition_point(|owner| *owner <= position);
        let question = u32::try_from(first).unwrap_or(u32::MAX);
        let own_words = words.phrase_terms.get(question).count();
        let all_words = words.profile_terms.get(position).count();
        of(
            (end - first).saturating_sub(1),
            all_words.saturating_sub(own_words),
        )
    });
    coverage.collect()
}

/// Returns the least and the greatest coverage of an entry; all, if there are no entries.
pub(super) fn range_of_entries(subjects: &[Subject], coverage: &[f32]) -> [f32; 2] {
    let subjects = subjects.iter().zip(coverage);
    let entries = subjects.filter(|(subject, _)| matches!(subject, Subject::Entry(_)));
    let range = entries.fold([f32::MAX, f32::MIN], |[least, most], (_, coverage)| {
        [coverage.min(least), coverage.max(most)]
    });
    if range[0] > range[1] {
        [0.0, 1.0]
    } else {
        range
    }
}

/// Returns the coverage by a number of variants that add a number of words: variants that repeat the
/// words of the question add nothing.
fn of(variants: usize, added_words: usize) -> f32 {
    let count = variants.min(added_words).min(FULL_COVERAGE);
    count as f32 / FULL_COVERAGE as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_needs_variants_in_different_words() {
        assert_eq!(of(0, 0), 0.0);
        assert_eq!(of(12, 40), 0.5);
        assert_eq!(of(24, 24), 1.0);
        assert_eq!(of(60, 200), 1.0, "never more than 1");
        assert_eq!(of(60, 0), 0.0, "the question again and again");
    }
}
