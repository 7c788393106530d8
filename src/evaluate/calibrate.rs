//! Fits the ranking model and the thresholds to question sets.
//!
//! Input: an assistant and labelled questions. Output: [`Calibrated`] weights, thresholds and
//! calibration curve. The weights maximise the likelihood of the right alternatives under the
//! conditional logit model of `search::Model`, with a penalty on their distance from a prior.
//!
//! Invariant: thresholds and curve are computed by five-fold cross-validation; no question is
//! predicted with weights that were fitted to it.

use super::{Act, Alternative, Case, Expected};
use crate::answer::{Assistant, Decision, judge};
use crate::knowledge::{Evidence, FittedParameters, KnowledgeBase, Thresholds};
use crate::search::{
    BlendedModel, Candidates, FEATURE_COUNT, Features, Model, Ranking, Subject, WEIGHT_NAMES,
    softmax,
};

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

/// Penalty on the squared distance of a weight from its prior, per question.
const WELL_COVERED_PENALTY: f32 = 0.0005;

/// The same for thinly covered knowledge. The prior suits two organisations, so it has more weight
/// there: nDCG@10 on the other organisation was 0.568 with 0.0005 and 0.576 with 0.002.
const THINLY_COVERED_PENALTY: f32 = 0.002;

/// Prior weight of a phrase's cosine similarity: twice the prior weight of a text's lexical score.
const PRIOR_SIMILARITY_WEIGHT: f32 = 12.0;

const FOLD_COUNT: usize = 5;
const STEP_COUNT: usize = 400;
const STEP_SIZE: f32 = 0.08;

/// Fitted parameters with the result of cross-validation.
#[derive(Debug, Clone)]
pub struct Calibrated {
    /// The weights and thresholds.
    pub parameters: FittedParameters,
    /// For each tenth of the best entry's probability: mean probability, share of right entries,
    /// number of questions.
    pub curve: Vec<(f64, f64, usize)>,
}

/// A question with the features and the coverage of its alternatives; the last alternative is "nothing".
struct Example<'a> {
    expected: &'a Expected,
    candidates: Candidates,
    alternatives: Vec<(Features, f32)>,
    is_right: Vec<bool>,
}

/// A question with its ranking by a model that was not fitted to it.
type Prediction<'a> = (&'a Example<'a>, Ranking);

/// An end of coverage, whose parameters are fitted.
#[derive(Debug, Clone)]
pub enum End {
    /// The parameters of well-covered subjects and of "nothing".
    WellCovered,
    /// The parameters of entries without variants, beside these for well-covered subjects.
    ThinlyCovered(Model),
}

impl End {
    /// Returns the share of an end's weights in the utility of a subject with this coverage.
    fn share(&self, coverage: f32) -> f32 {
        match self {
            Self::WellCovered => coverage,
            Self::ThinlyCovered(_) => 1.0 - coverage,
        }
    }

    /// Returns the model with these weights at this end.
    fn model(&self, weights: Model) -> BlendedModel {
        match self {
            Self::WellCovered => BlendedModel {
                thinly_covered: weights.clone(),
                well_covered: weights,
            },
            Self::ThinlyCovered(well_covered) => BlendedModel {
                thinly_covered: weights,
                well_covered: well_covered.clone(),
            },
        }
    }

    fn penalty(&self) -> f32 {
        match self {
            Self::WellCovered => WELL_COVERED_PENALTY,
            Self::ThinlyCovered(_) => THINLY_COVERED_PENALTY,
        }
    }
}

/// Fits the weights and thresholds of an end of coverage. Leaves out messages with several requests, and turns of a
/// conversation other than the first.
pub async fn calibrate(assistant: &Assistant, cases: &[Case], end: &End) -> Calibrated {
    let knowledge = assistant.knowledge();
    let mut examples = Vec::with_capacity(cases.len());
    for case in cases {
        let Some(expected) = case.single() else {
            continue;
        };
        let example = example(assistant, &case.question, expected).await;
        if example.is_right.contains(&true) {
            examples.push(example);
        }
    }
    let evidence = assistant.searcher().evidence();
    // Questions ranked by words alone, such as kana, use the parameters for words.
    let all: Vec<&Example<'_>> = examples
        .iter()
        .filter(|example| example.candidates.evidence == evidence)
        .collect();
    let model = fit(&all, evidence, end);
    let mut predictions: Vec<Prediction<'_>> = Vec::new();
    for fold in 0..FOLD_COUNT {
        let is_held_out = |(index, _): &(usize, &&Example<'_>)| index % FOLD_COUNT == fold;
        let kept = all.iter().enumerate().filter(|pair| !is_held_out(pair));
        let kept: Vec<&Example<'_>> = kept.map(|(_, example)| *example).collect();
        let fold_model = end.model(fit(&kept, evidence, end));
        let held_out = all.iter().enumerate().filter(is_held_out);
        predictions.extend(held_out.map(|(_, example)| (*example, rank(&fold_model, example))));
    }
    let max_wrong_share = match evidence {
        Evidence::Words => MAX_WRONG_SHARE,
        Evidence::BuiltIn | Evidence::Server => MAX_WRONG_SHARE_SEMANTIC,
    };
    let best = best_entries(&predictions, knowledge);
    let answered_from = answered_from(&best, max_wrong_share);
    let suggested_from = suggested_from(&predictions, knowledge, answered_from);
    Calibrated {
        parameters: FittedParameters {
            weights: model.named(),
            answered_from,
            suggested_from,
            location: None,
        },
        curve: curve(&best),
    }
}

async fn example<'a>(assistant: &Assistant, question: &str, expected: &'a Expected) -> Example<'a> {
    let searcher = assistant.searcher();
    let knowledge = assistant.knowledge();
    let analysis = searcher.analyze(question);
    let candidates = searcher.find(&analysis).await;
    let features = searcher.features(&candidates, &analysis).into_iter();
    let coverage = candidates.iter().map(|candidate| candidate.coverage);
    let alternatives = features.zip(coverage.chain([1.0])).collect();
    let mut is_right: Vec<bool> = candidates
        .iter()
        .map(|candidate| is_right(knowledge, expected, candidate.subject))
        .collect();
    is_right.push(matches!(expected.act(), Act::Desk | Act::OffTopic));
    Example {
        expected,
        candidates,
        alternatives,
        is_right,
    }
}

fn is_right(knowledge: &KnowledgeBase, expected: &Expected, subject: Subject) -> bool {
    let mut alternatives = expected.alternatives.iter();
    alternatives.any(|alternative| match (alternative, subject) {
        (Alternative::Entry(id), Subject::Entry(index)) => *id == knowledge.entries[index].id,
        (Alternative::Escalate(Some(desk)), Subject::Referral(index)) => {
            knowledge.referrals[index].desk == *desk
        }
        (Alternative::Escalate(None), Subject::HandOff(_))
        | (Alternative::OffTopic, Subject::OutOfScope(_))
        | (Alternative::Chitchat, Subject::SmallTalk(_)) => true,
        _ => false,
    })
}

/// Returns the prior of the weights, which limits overfitting to a small set of questions.
///
/// The ratio of text to phrase, 1 to 0.6, and of words to grams, 1 to 1, ranked best in two
/// collections without variants: 1,786 entries of a city, and the shipped entries with their
/// variants removed. "Nothing" is one alternative among hundreds; with the prior 0 its probability is
/// so low that the gradient vanishes. The last two encode rules: an exact phrase decides, a chosen
/// desk is preferred.
fn prior(evidence: Evidence) -> Model {
    let similarity = if evidence == Evidence::Words {
        0.0
    } else {
        PRIOR_SIMILARITY_WEIGHT
    };
    let prior = [
        ("meaning_phrase", similarity),
        ("meaning_text", similarity / 2.0),
        ("text_words", 6.0),
        ("text_grams", 6.0),
        ("phrase_words", 3.6),
        ("phrase_grams", 3.6),
        ("nothing", 4.0),
        ("exact", 12.0),
        ("chosen_desk", 1.5),
    ];
    let weight = |name: &str| {
        let known = prior.iter().find(|(known, _)| *known == name);
        known.map_or(0.0, |(_, weight)| *weight)
    };
    Model {
        weights: WEIGHT_NAMES.map(weight),
    }
}

/// Ranks the candidates of an example by a model.
fn rank(model: &BlendedModel, example: &Example<'_>) -> Ranking {
    Ranking::new(&example.candidates, &utilities(model, example))
}

fn utilities(model: &BlendedModel, example: &Example<'_>) -> Vec<f32> {
    let alternatives = example.alternatives.iter();
    let utilities = alternatives.map(|(features, coverage)| model.utility(features, *coverage));
    utilities.collect()
}

/// Maximises the penalised likelihood with Adam. Deterministic: each step uses all questions.
fn fit(examples: &[&Example<'_>], evidence: Evidence, end: &End) -> Model {
    let (prior, penalty) = (prior(evidence), end.penalty());
    let mut model = prior.clone();
    let (mut mean, mut variance) = ([0.0_f32; FEATURE_COUNT], [0.0_f32; FEATURE_COUNT]);
    let (keep_mean, keep_variance) = (0.9_f32, 0.999_f32);
    for step in 1..=STEP_COUNT {
        let mut gradient = [0.0_f32; FEATURE_COUNT];
        let blended = end.model(model.clone());
        for example in examples {
            add_gradient(&blended, example, end, &mut gradient);
        }
        for index in 0..FEATURE_COUNT {
            let slope = gradient[index] / examples.len().max(1) as f32
                - 2.0 * penalty * (model.weights[index] - prior.weights[index]);
            mean[index] = keep_mean * mean[index] + (1.0 - keep_mean) * slope;
            variance[index] =
                keep_variance * variance[index] + (1.0 - keep_variance) * slope * slope;
            let step = i32::try_from(step).unwrap_or(i32::MAX);
            let unbiased_mean = mean[index] / (1.0 - keep_mean.powi(step));
            let unbiased_variance = variance[index] / (1.0 - keep_variance.powi(step));
            model.weights[index] += STEP_SIZE * unbiased_mean / (unbiased_variance.sqrt() + 1e-8);
        }
    }
    model
}

/// Adds the gradient of a question's log-likelihood: the features of the right alternatives minus
/// those that the model expects.
fn add_gradient(
    model: &BlendedModel,
    example: &Example<'_>,
    end: &End,
    gradient: &mut [f32; FEATURE_COUNT],
) {
    let probabilities = softmax(&utilities(model, example));
    let pairs = probabilities.iter().zip(&example.is_right);
    let right = pairs.clone().filter(|(_, is_right)| **is_right);
    let right: f32 = right.map(|(probability, _)| probability).sum();
    let right = right.max(1e-9);
    for ((probability, is_right), (features, coverage)) in pairs.zip(&example.alternatives) {
        let target = if *is_right { probability / right } else { 0.0 };
        let difference = (target - probability) * end.share(*coverage);
        // Skips the many alternatives with a negligible probability.
        if difference.abs() < 1e-6 {
            continue;
        }
        for (slope, feature) in gradient.iter_mut().zip(features) {
            *slope += difference * feature;
        }
    }
}

/// Lists the probability of each prediction's best entry, and whether it is right, by decreasing
/// probability.
fn best_entries(predictions: &[Prediction<'_>], knowledge: &KnowledgeBase) -> Vec<(f32, bool)> {
    let best = predictions.iter().filter_map(|(example, ranking)| {
        let (entry, probability) = ranking.entries().next()?;
        let right = is_right(knowledge, example.expected, Subject::Entry(entry));
        Some((probability, right))
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
fn suggested_from(
    predictions: &[Prediction<'_>],
    knowledge: &KnowledgeBase,
    answered_from: f32,
) -> f32 {
    /// Radius of the moving average, since a single count depends on a few questions.
    const WINDOW_RADIUS: usize = 5;
    /// Share of the greatest average that is regarded as equal to it.
    const MIN_SHARE_OF_BEST: f64 = 0.995;
    let thresholds = (1..100_u8).map(|percent| f32::from(percent) / 100.0);
    let served = thresholds.map(|from| served(predictions, knowledge, answered_from, from));
    let served: Vec<u32> = served.collect();
    let windows = served.windows(2 * WINDOW_RADIUS + 1);
    let sums: Vec<u32> = windows.map(|window| window.iter().sum()).collect();
    let best = sums.iter().copied().max().unwrap_or_default();
    let is_good = |sum: u32| f64::from(sum) >= MIN_SHARE_OF_BEST * f64::from(best);
    let good: Vec<usize> = (0..sums.len()).filter(|at| is_good(sums[*at])).collect();
    // The middle of the plateau favours neither suggestions nor escalations.
    let middle = good.get(good.len() / 2).copied().unwrap_or_default();
    (middle + WINDOW_RADIUS + 1) as f32 / 100.0
}

/// Counts the questions that thresholds serve, see [`suggested_from`].
fn served(
    predictions: &[Prediction<'_>],
    knowledge: &KnowledgeBase,
    answered_from: f32,
    suggested_from: f32,
) -> u32 {
    let thresholds = Thresholds {
        answered_from,
        suggested_from,
    };
    let mut served = 0_u32;
    for (example, ranking) in predictions {
        let decision = judge(ranking, &knowledge.hand_offs, thresholds).decision;
        match example.expected.act() {
            Act::Entry => {
                let given: Vec<usize> = match decision {
                    Decision::Answer(entry) => vec![entry],
                    Decision::Suggest(entries) => entries,
                    _ => Vec::new(),
                };
                let mut given = given.iter().map(|index| &knowledge.entries[*index].id);
                served += u32::from(given.any(|id| example.expected.is_entry(id)));
            }
            Act::Desk => {
                let is_unrouted = matches!(
                    decision,
                    Decision::Answer(_) | Decision::Suggest(_) | Decision::SmallTalk(_)
                );
                served += u32::from(!is_unrouted);
            }
            _ => {}
        }
    }
    served
}

/// Returns [`Calibrated::curve`] without empty tenths.
fn curve(best: &[(f32, bool)]) -> Vec<(f64, f64, usize)> {
    let mut tenths: Vec<Vec<(f32, bool)>> = vec![Vec::new(); 10];
    for (probability, right) in best {
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
