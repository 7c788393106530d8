//! Fits the thresholds to predictions, and counts what they get.

use super::End;
use super::example::{Prediction, is_right};
use crate::answer::{Decision, judge};
use crate::evaluate::Act;
use crate::knowledge::{ByCoverage, Evidence, FittedParameters, KnowledgeBase, Thresholds};
use crate::search::{Ranking, Subject};

/// Maximum share of wrong answers among answers by words, which determines `answered_from`.
///
/// Measured on the project's sets when it was chosen: at 0.04, 0.845 of the answerable questions are
/// answered right and 0.022 of all wrongly; at 0.05, 0.866 and 0.029.
const MAX_WRONG_SHARE: f64 = 0.05;

/// The same with embeddings, where fewer wrong answers were preferred over more right ones.
///
/// Measured when it was chosen: at 0.05, 0.928 of the answerable questions were answered right and
/// 0.034 of all wrongly; at 0.03, 0.876 and 0.018.
const MAX_WRONG_SHARE_SEMANTIC: f64 = 0.03;

/// Smallest probability of the right alternatives that the likelihood counts.
const LEAST_PROBABILITY: f32 = 1e-6;

/// What questions get from parameters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Number of questions.
    pub questions: usize,
    /// Number of questions with an entry.
    pub answerable: usize,
    /// Questions whose most probable entry is right.
    pub first_right: usize,
    /// Questions answered with a right entry.
    pub answered_right: usize,
    /// Questions answered with a wrong entry.
    pub answered_wrong: usize,
    /// Questions with a right entry among those given, and questions for a desk that get no entry.
    pub served: usize,
}

impl Counts {
    /// Returns whether no count that matters to members is worse than another.
    pub(super) fn is_no_worse_than(&self, other: &Self) -> bool {
        self.answered_right >= other.answered_right
            && self.answered_wrong <= other.answered_wrong
            && self.served >= other.served
    }
}

/// Counts what questions get.
pub(super) fn counts(predictions: &[Prediction<'_>], parameters: &ByCoverage) -> Counts {
    let mut counts = Counts::default();
    for (example, ranking) in predictions {
        let is_right =
            |entry: usize| is_right(example.knowledge, example.expected, Subject::Entry(entry));
        let act = example.expected.act();
        let first = ranking.entries().next();
        let decision = decide(example.knowledge, ranking, parameters);
        counts.questions += 1;
        counts.answerable += usize::from(act == Act::Entry);
        counts.first_right += usize::from(first.is_some_and(|(entry, _)| is_right(entry)));
        if let Decision::Answer(entry) = decision {
            let count = if is_right(entry) {
                &mut counts.answered_right
            } else {
                &mut counts.answered_wrong
            };
            *count += 1;
        }
        let is_served = match act {
            Act::Entry => match decision {
                Decision::Answer(entry) => is_right(entry),
                Decision::Suggest(entries) => entries.into_iter().any(is_right),
                _ => false,
            },
            Act::Desk => !matches!(
                decision,
                Decision::Answer(_) | Decision::Suggest(_) | Decision::SmallTalk(_)
            ),
            _ => false,
        };
        counts.served += usize::from(is_served);
    }
    counts
}

fn decide(knowledge: &KnowledgeBase, ranking: &Ranking, parameters: &ByCoverage) -> Decision {
    let thresholds = parameters.thresholds(ranking.coverage());
    judge(ranking, &knowledge.hand_offs, thresholds).decision
}

/// Lists the logarithms of the probability of the right alternatives.
pub(super) fn log_likelihoods(predictions: &[Prediction<'_>]) -> Vec<f64> {
    let likelihoods = predictions.iter().map(|(example, ranking)| {
        let candidates = example.candidates.iter().zip(&example.is_right);
        let right = candidates.filter(|(_, is_right)| **is_right);
        let right = right.map(|(candidate, _)| ranking.probability(candidate.subject));
        let nothing = example.is_right.last().is_some_and(|is_right| *is_right);
        let sum = right.sum::<f32>() + if nothing { ranking.nothing } else { 0.0 };
        f64::from(sum.max(LEAST_PROBABILITY)).ln()
    });
    likelihoods.collect()
}

/// Fits the thresholds of an end of coverage.
pub(super) fn fit_thresholds(
    predictions: &[Prediction<'_>],
    parameters: &ByCoverage,
    end: End,
    evidence: Evidence,
) -> Thresholds {
    let max_wrong_share = match evidence {
        Evidence::Words => MAX_WRONG_SHARE,
        Evidence::BuiltIn | Evidence::Server => MAX_WRONG_SHARE_SEMANTIC,
    };
    let compared = |ranking: &Ranking, entry: usize, probability: f32| {
        ranking.lowered_probability(probability, entry)
    };
    let answered_from = answered_from(&best_entries(predictions, compared), max_wrong_share);
    Thresholds {
        answered_from,
        suggested_from: suggested_from(predictions, |suggested_from| {
            let thresholds = Thresholds {
                answered_from,
                suggested_from,
            };
            with_thresholds(parameters, end, thresholds)
        }),
    }
}

/// Returns parameters with other thresholds at an end of coverage.
pub(super) fn with_thresholds(
    parameters: &ByCoverage,
    end: End,
    thresholds: Thresholds,
) -> ByCoverage {
    let mut parameters = parameters.clone();
    let own = match end {
        End::WellCovered => &mut parameters.well_covered,
        End::ThinlyCovered => &mut parameters.thinly_covered,
    };
    *own = FittedParameters {
        answered_from: thresholds.answered_from,
        suggested_from: thresholds.suggested_from,
        ..own.clone()
    };
    parameters
}

/// Lists the probability of each prediction's best entry as `probability` gives it, and whether the entry is
/// right, by decreasing probability.
fn best_entries(
    predictions: &[Prediction<'_>],
    probability: impl Fn(&Ranking, usize, f32) -> f32,
) -> Vec<(f32, bool)> {
    let best = predictions.iter().filter_map(|(example, ranking)| {
        let (entry, own) = ranking.entries().next()?;
        let right = is_right(example.knowledge, example.expected, Subject::Entry(entry));
        Some((probability(ranking, entry, own), right))
    });
    let mut best: Vec<(f32, bool)> = best.collect();
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
    best
}

/// Returns the lowest threshold at which the share of wrong answers is within the limit.
fn answered_from(best: &[(f32, bool)], max_wrong_share: f64) -> f32 {
    let mut threshold = 1.0;
    let mut wrong = 0_usize;
    for (count, (probability, right)) in best.iter().enumerate() {
        wrong += usize::from(!right);
        if wrong as f64 <= max_wrong_share * (count + 1) as f64 {
            threshold = *probability;
        }
    }
    threshold
}

/// Returns the threshold at which most questions are served: those with an entry are offered it,
/// those without are escalated.
fn suggested_from(predictions: &[Prediction<'_>], with: impl Fn(f32) -> ByCoverage) -> f32 {
    /// Radius of the moving average, since a single count depends on a few questions.
    const WINDOW_RADIUS: usize = 5;
    /// Share of the greatest average that is regarded as equal to it.
    const MIN_SHARE_OF_BEST: f64 = 0.995;
    let thresholds = (1..100_u8).map(|percent| f32::from(percent) / 100.0);
    let served = thresholds.map(|from| counts(predictions, &with(from)).served);
    let served: Vec<usize> = served.collect();
    let windows = served.windows(2 * WINDOW_RADIUS + 1);
    let sums: Vec<usize> = windows.map(|window| window.iter().sum()).collect();
    let best = sums.iter().copied().max().unwrap_or_default();
    let is_good = |sum: usize| sum as f64 >= MIN_SHARE_OF_BEST * best as f64;
    let good: Vec<usize> = (0..sums.len()).filter(|at| is_good(sums[*at])).collect();
    // The middle of the plateau favours neither suggestions nor escalations.
    let middle = good.get(good.len() / 2).copied().unwrap_or_default();
    (middle + WINDOW_RADIUS + 1) as f32 / 100.0
}

/// Returns [`Calibrated::curve`](super::Calibrated::curve) without empty tenths.
pub(super) fn curve(predictions: &[Prediction<'_>]) -> Vec<(f64, f64, usize)> {
    let best = best_entries(predictions, |_, _, probability| probability);
    let mut tenths: Vec<Vec<(f32, bool)>> = vec![Vec::new(); 10];
    for (probability, right) in &best {
        let tenth = ((probability * 10.0) as usize).min(9);
        tenths[tenth].push((*probability, *right));
    }
    let filled = tenths.iter().filter(|tenth| !tenth.is_empty());
    filled
        .map(|tenth| {
            let count = tenth.len() as f64;
            let claimed: f64 = tenth.iter().map(|(p, _)| f64::from(*p)).sum();
            let right = tenth.iter().filter(|(_, right)| *right).count() as f64;
            (claimed / count, right / count, tenth.len())
        })
        .collect()
}
