//! What a question says that an entry does not.
//!
//! Without variants, words that an entry lacks may be another way to ask for it or another subject, and the
//! ranking cannot tell which: 楽天ポイントの計算方法 asks for no 保育園のポイントの計算方法. So such an entry must be
//! the more probable the less of the question's words it has.

use crate::search::{Candidate, Ranking, Subject};

/// Logarithm of the factor by which the odds of an entry without variants must be greater if it has no
/// word of the question.
///
/// With the built-in model on five sets without variants (2026-11-29), with thresholds that give as many
/// wrong answers, 3 to 7 in 100 questions more are answered right; by words about as many as before.
const PENALTY: f32 = 2.0;

/// Raises a threshold, 0 to 1, for entries by the share of the question's words, weighted by rarity, that
/// none of them has in its question, answer or variants. Well-covered entries have the threshold itself, and
/// so have all if nothing has any of the words: the question may be in another language.
pub(super) fn raised(threshold: f32, entries: &[usize], ranking: &Ranking) -> f32 {
    let said = |c: &Candidate| c.scores.profile_words.max(c.scores.held_words);
    let all = || ranking.subjects.iter().map(|ranked| &ranked.candidate);
    if all().all(|candidate| said(candidate) == 0.0) {
        return threshold;
    }
    let is_meant = |c: &&Candidate| matches!(c.subject, Subject::Entry(e) if entries.contains(&e));
    let meant = all().filter(is_meant);
    let unsaid = meant.map(|c| (1.0 - said(c)).max(0.0) * (1.0 - c.coverage));
    let penalty = PENALTY * unsaid.reduce(f32::min).unwrap_or_default();
    if penalty == 0.0 {
        return threshold;
    }
    let odds = threshold / (1.0 - threshold).max(f32::EPSILON) * penalty.exp();
    odds / (1.0 + odds)
}
