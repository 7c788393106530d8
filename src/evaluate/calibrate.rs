//! Fits the ranking model and the thresholds to question sets.
//!
//! The weights maximise the likelihood of the right alternatives under the conditional logit
//! model of `search::Model`, with a penalty on their size. Predictions for the thresholds come
//! from five-fold cross-validation: no question is judged by weights that have seen it.

use super::{Case, Expected};
use crate::answer::{Assistant, Decision, judge};
use crate::knowledge::{Evidence, Fitted, KnowledgeBase};
use crate::search::{
    Candidates, FEATURE_COUNT, Features, Model, Ranking, Subject, softmax, weight_names,
};

/// Most wrong answers among the answers given; the promise behind `answered_from`.
///
/// It is kept on questions that the fit has not seen, most of which name no desk. Measured on the
/// project's sets when it was chosen: at 0.04, 0.845 of the answerable questions are answered right
/// and 0.022 of all wrongly; at 0.05, 0.866 and 0.029.
const MOST_WRONG: f64 = 0.05;

/// The same where meaning is looked at. What it gains is spent on fewer wrong answers before more
/// right ones: when it was chosen, at 0.05, 0.928 of the answerable questions were answered right
/// and 0.034 of all wrongly; at 0.03, 0.876 and 0.018.
const MOST_WRONG_BY_MEANING: f64 = 0.03;

/// Weight of the penalty on weights away from the prior, per question. Knowledge without variants
/// is somebody else's knowledge: there the prior, which held for two, is trusted more (measured:
/// nDCG@10 on the other organisation 0.568 with the smaller, 0.576 with the larger).
const DENSE_PENALTY: f32 = 0.0005;
const SPARSE_PENALTY: f32 = 0.002;

/// What a question's nearness in meaning to a phrase is drawn to, beside words of 6.
const NEARNESS: f32 = 12.0;

const FOLDS: usize = 5;
const STEPS: usize = 400;
const STEP_SIZE: f32 = 0.08;

/// Fitted numbers and what cross-validation says of them.
#[derive(Debug, Clone)]
pub struct Calibrated {
    /// The weights and thresholds.
    pub fitted: Fitted,
    /// Confidence that was claimed and share that was right, by tenths of confidence:
    /// (mean confidence, share right, questions).
    pub curve: Vec<(f64, f64, usize)>,
}

/// A question as the model sees it; the last alternative is "nothing".
struct Example<'a> {
    case: &'a Case,
    candidates: Candidates,
    alternatives: Vec<Features>,
    is_right: Vec<bool>,
}

/// Fits weights and thresholds.
pub async fn calibrate(assistant: &Assistant, cases: &[Case]) -> Calibrated {
    let knowledge = assistant.knowledge();
    let mut examples = Vec::with_capacity(cases.len());
    for case in cases {
        let example = example(assistant, case).await;
        if example.is_right.contains(&true) {
            examples.push(example);
        }
    }
    let evidence = assistant.searcher().evidence();
    // What is ranked by words alone, such as kana, has the numbers of words.
    let all: Vec<&Example<'_>> = examples
        .iter()
        .filter(|example| example.candidates.evidence == evidence)
        .collect();
    let penalty = if knowledge.is_dense() {
        DENSE_PENALTY
    } else {
        SPARSE_PENALTY
    };
    let model = fit(&all, evidence, penalty);
    let mut predictions: Vec<(&Example<'_>, Ranking)> = Vec::new();
    for fold in 0..FOLDS {
        let of_fold = |index: usize| index % FOLDS == fold;
        let kept = all.iter().enumerate().filter(|(index, _)| !of_fold(*index));
        let kept: Vec<&Example<'_>> = kept.map(|(_, example)| *example).collect();
        let fold_model = fit(&kept, evidence, penalty);
        let held_out = all.iter().enumerate().filter(|(index, _)| of_fold(*index));
        predictions.extend(held_out.map(|(_, example)| (*example, rank(&fold_model, example))));
    }
    let most_wrong = match evidence {
        Evidence::Words => MOST_WRONG,
        Evidence::BuiltIn | Evidence::Server => MOST_WRONG_BY_MEANING,
    };
    let answered_from = answered_from(&predictions, knowledge, most_wrong);
    let suggested_from = suggested_from(&predictions, knowledge, answered_from);
    Calibrated {
        fitted: Fitted {
            weights: model.named(),
            answered_from,
            suggested_from,
            location: None,
        },
        curve: curve(&predictions, knowledge),
    }
}

async fn example<'a>(assistant: &Assistant, case: &'a Case) -> Example<'a> {
    let searcher = assistant.searcher();
    let knowledge = assistant.knowledge();
    let analysis = searcher.analyze(&case.question);
    let candidates = searcher.find(&analysis).await;
    let alternatives = searcher.features(&candidates, &analysis);
    let mut is_right: Vec<bool> = candidates
        .iter()
        .map(|candidate| is_right(knowledge, &case.expected, candidate.subject))
        .collect();
    is_right.push(matches!(
        case.expected,
        Expected::Escalate(_) | Expected::OffTopic
    ));
    Example {
        case,
        candidates,
        alternatives,
        is_right,
    }
}

fn is_right(knowledge: &KnowledgeBase, expected: &Expected, subject: Subject) -> bool {
    match (expected, subject) {
        (Expected::Entries(ids), Subject::Entry(index)) => {
            ids.contains(&knowledge.entries[index].id)
        }
        (Expected::Escalate(Some(desk)), Subject::Referral(index)) => {
            knowledge.referrals[index].desk == *desk
        }
        (Expected::Escalate(None), Subject::HandOff(_))
        | (Expected::OffTopic, Subject::OutOfScope(_))
        | (Expected::Chitchat, Subject::SmallTalk(_)) => true,
        _ => false,
    }
}

/// What the weights are drawn to, so that a small set of questions does not bend them.
///
/// The parts of phrase and text: the formula that ranked best over two collections without variants (1,786
/// entries of a city, and the shipped ones bare): question and answer 1, question alone 0.6, words
/// as much as grams. "Nothing" is one alternative against hundreds: started level with them it
/// would never be found to explain anything, as the likelihood has a flat place there. The last
/// two are rules: a phrase to the letter decides, a chosen desk counts.
fn prior(evidence: Evidence) -> Model {
    let nearness = if evidence == Evidence::Words {
        0.0
    } else {
        NEARNESS
    };
    let prior = [
        ("meaning_phrase", nearness),
        ("meaning_text", nearness / 2.0),
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
        weights: weight_names().map(weight),
    }
}

/// Ranks the candidates of an example by a model.
fn rank(model: &Model, example: &Example<'_>) -> Ranking {
    let utilities = example.alternatives.iter().map(|f| model.utility(f));
    Ranking::new(&example.candidates, &utilities.collect::<Vec<_>>())
}

/// Maximises the penalised likelihood by Adam; deterministic, as all questions count each step.
fn fit(examples: &[&Example<'_>], evidence: Evidence, penalty: f32) -> Model {
    let prior = prior(evidence);
    let mut model = prior.clone();
    let (mut mean, mut variance) = ([0.0_f32; FEATURE_COUNT], [0.0_f32; FEATURE_COUNT]);
    let (keep_mean, keep_variance) = (0.9_f32, 0.999_f32);
    for step in 1..=STEPS {
        let mut gradient = [0.0_f32; FEATURE_COUNT];
        for example in examples {
            add_gradient(&model, example, &mut gradient);
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

/// The slope of one question's log-likelihood: what the right alternatives have more of than the
/// model expects.
fn add_gradient(model: &Model, example: &Example<'_>, gradient: &mut [f32; FEATURE_COUNT]) {
    let utilities: Vec<f32> = example
        .alternatives
        .iter()
        .map(|alternative| model.utility(alternative))
        .collect();
    let shares = softmax(&utilities);
    let pairs = shares.iter().zip(&example.is_right);
    let right: f32 = pairs
        .filter(|(_, is_right)| **is_right)
        .map(|(share, _)| share)
        .sum();
    let right = right.max(1e-9);
    for ((share, is_right), alternative) in shares
        .iter()
        .zip(&example.is_right)
        .zip(&example.alternatives)
    {
        let target = if *is_right { share / right } else { 0.0 };
        let difference = target - share;
        // Most alternatives of most questions are hopeless and add nothing.
        if difference.abs() < 1e-6 {
            continue;
        }
        for (slope, feature) in gradient.iter_mut().zip(alternative) {
            *slope += difference * feature;
        }
    }
}

/// The best entry's chance and whether it is right, for every prediction.
fn best_entries(
    predictions: &[(&Example<'_>, Ranking)],
    knowledge: &KnowledgeBase,
) -> Vec<(f32, bool)> {
    let best = predictions.iter().filter_map(|(example, ranking)| {
        let (entry, probability) = ranking.entries().next()?;
        let right = is_right(knowledge, &example.case.expected, Subject::Entry(entry));
        Some((probability, right))
    });
    let mut best: Vec<(f32, bool)> = best.collect();
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
    best
}

/// The lowest threshold at which at most so large a share of the answers is wrong.
fn answered_from(
    predictions: &[(&Example<'_>, Ranking)],
    knowledge: &KnowledgeBase,
    most_wrong: f64,
) -> f32 {
    let mut threshold = 1.0;
    let mut wrong = 0_usize;
    for (count, (probability, right)) in best_entries(predictions, knowledge).iter().enumerate() {
        wrong += usize::from(!right);
        if wrong as f64 <= most_wrong * (count + 1) as f64 {
            threshold = *probability;
        }
    }
    threshold
}

/// The threshold at which most members are served: those whose question has an
/// answer are offered it, those whose question has none reach their desk.
fn suggested_from(
    predictions: &[(&Example<'_>, Ranking)],
    knowledge: &KnowledgeBase,
    answered_from: f32,
) -> f32 {
    /// Thresholds to each side that count along: a single one owes its figure to a few questions.
    const NEIGHBOURS: usize = 5;
    /// Share of the best figure that is as good.
    const AS_GOOD: f64 = 0.995;
    let served: Vec<u32> = (1..100_u8)
        .map(|percent| {
            served(
                predictions,
                knowledge,
                answered_from,
                f32::from(percent) / 100.0,
            )
        })
        .collect();
    let around = served.windows(2 * NEIGHBOURS + 1);
    let sums: Vec<u32> = around.map(|around| around.iter().sum()).collect();
    let best = sums.iter().copied().max().unwrap_or_default();
    let is_good = |sum: u32| f64::from(sum) >= AS_GOOD * f64::from(best);
    let good: Vec<usize> = (0..sums.len())
        .filter(|place| is_good(sums[*place]))
        .collect();
    // The figure hardly moves for a long way; its middle favours neither offers nor desks.
    let middle = good.get(good.len() / 2).copied().unwrap_or_default();
    (middle + NEIGHBOURS + 1) as f32 / 100.0
}

/// How many members are served by thresholds.
fn served(
    predictions: &[(&Example<'_>, Ranking)],
    knowledge: &KnowledgeBase,
    answered_from: f32,
    suggested_from: f32,
) -> u32 {
    let thresholds = Fitted {
        answered_from,
        suggested_from,
        ..Fitted::default()
    };
    let mut served = 0_u32;
    for (example, ranking) in predictions {
        let decision = judge(ranking, &knowledge.hand_offs, &thresholds).decision;
        match &example.case.expected {
            Expected::Entries(ids) => {
                let given: Vec<usize> = match decision {
                    Decision::Answer(entry) => vec![entry],
                    Decision::Suggest(entries) => entries,
                    _ => Vec::new(),
                };
                let mut given = given.iter().map(|index| &knowledge.entries[*index].id);
                served += u32::from(given.any(|id| ids.contains(id)));
            }
            Expected::Escalate(_) => {
                let stays = matches!(
                    decision,
                    Decision::Answer(_) | Decision::Suggest(_) | Decision::SmallTalk(_)
                );
                served += u32::from(!stays);
            }
            Expected::OffTopic | Expected::Chitchat => {}
        }
    }
    served
}

fn curve(
    predictions: &[(&Example<'_>, Ranking)],
    knowledge: &KnowledgeBase,
) -> Vec<(f64, f64, usize)> {
    let best = best_entries(predictions, knowledge);
    let mut tenths: Vec<Vec<(f32, bool)>> = vec![Vec::new(); 10];
    for (probability, right) in best {
        let tenth = ((probability * 10.0) as usize).min(9);
        tenths[tenth].push((probability, right));
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
