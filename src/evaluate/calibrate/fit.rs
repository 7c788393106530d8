//! Fits the weights of an end of coverage to examples.

use super::End;
use super::example::{Example, utilities};
use crate::knowledge::Evidence;
use crate::search::{BlendedModel, FEATURE_COUNT, Model, WEIGHT_NAMES, softmax};

/// Penalty on the squared distance of a weight from the weight in use, times the number of questions:
/// as if the weight in use had been seen in that many of them.
pub(super) const OWN_STRENGTH: f32 = 0.5;

/// Penalty on the squared distance of a weight from its prior.
const WELL_COVERED_PENALTY: f32 = 0.0005;

/// The same for entries without variants. The prior suits several organisations, so it has more weight there:
/// with 0.002, 0.006 and 0.01 about as many questions of four sets that the weights were not fitted to have the
/// right entry first (402, 406 and 405 of 608 with the built-in model, 2026-11-30), and with 0.0005 fewer (391).
const THINLY_COVERED_PENALTY: f32 = 0.006;

/// Prior weight of a phrase's cosine similarity: twice the prior weight of a text's lexical score.
const PRIOR_SIMILARITY_WEIGHT: f32 = 12.0;

const STEP_COUNT: usize = 400;
const STEP_SIZE: f32 = 0.08;

/// Returns the penalty for a fit that starts from the prior.
pub(super) fn penalty(end: End) -> f32 {
    match end {
        End::WellCovered => WELL_COVERED_PENALTY,
        End::ThinlyCovered => THINLY_COVERED_PENALTY,
    }
}

impl End {
    /// Returns the share of an end's weights in the utility of a subject with this coverage.
    fn share(self, coverage: f32) -> f32 {
        match self {
            Self::WellCovered => coverage,
            Self::ThinlyCovered => 1.0 - coverage,
        }
    }

    fn of(self, model: &mut BlendedModel) -> &mut Model {
        match self {
            Self::WellCovered => &mut model.well_covered,
            Self::ThinlyCovered => &mut model.thinly_covered,
        }
    }
}

/// Returns the prior of the weights, which limits overfitting to a small set of questions.
///
/// The ratio of text to phrase, 1 to 0.6, and of words to grams, 1 to 1, ranked best in two
/// collections without variants: 1,786 entries of a city, and the shipped entries with their
/// variants removed. "Nothing" is one alternative among hundreds; with the prior 0 its probability is
/// so low that the gradient vanishes. The last two encode rules: an exact phrase decides, a chosen
/// desk is preferred.
pub(super) fn prior(evidence: Evidence) -> Model {
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

/// Maximises the penalised likelihood with Adam, by the weights of one end; those of the other end stay
/// those of `start`. Deterministic: each step uses all questions.
pub(super) fn fit(
    examples: &[&Example<'_>],
    start: &BlendedModel,
    end: End,
    prior: &Model,
    penalty: f32,
) -> BlendedModel {
    let mut model = start.clone();
    *end.of(&mut model) = prior.clone();
    let sum: f32 = examples.iter().map(|example| example.weight).sum();
    let (mut mean, mut variance) = ([0.0_f32; FEATURE_COUNT], [0.0_f32; FEATURE_COUNT]);
    let (keep_mean, keep_variance) = (0.9_f32, 0.999_f32);
    for step in 1..=STEP_COUNT {
        let mut gradient = [0.0_f32; FEATURE_COUNT];
        for example in examples {
            add_gradient(&model, example, end, &mut gradient);
        }
        let weights = &mut end.of(&mut model).weights;
        for index in 0..FEATURE_COUNT {
            let slope = gradient[index] / sum.max(f32::MIN_POSITIVE)
                - 2.0 * penalty * (weights[index] - prior.weights[index]);
            mean[index] = keep_mean * mean[index] + (1.0 - keep_mean) * slope;
            variance[index] =
                keep_variance * variance[index] + (1.0 - keep_variance) * slope * slope;
            let step = i32::try_from(step).unwrap_or(i32::MAX);
            let unbiased_mean = mean[index] / (1.0 - keep_mean.powi(step));
            let unbiased_variance = variance[index] / (1.0 - keep_variance.powi(step));
            weights[index] += STEP_SIZE * unbiased_mean / (unbiased_variance.sqrt() + 1e-8);
        }
    }
    model
}

/// Adds the gradient of a question's log-likelihood: the features of the right alternatives minus
/// those that the model expects.
fn add_gradient(
    model: &BlendedModel,
    example: &Example<'_>,
    end: End,
    gradient: &mut [f32; FEATURE_COUNT],
) {
    let probabilities = softmax(&utilities(model, example));
    let pairs = probabilities.iter().zip(&example.is_right);
    let right = pairs.clone().filter(|(_, is_right)| **is_right);
    let right: f32 = right.map(|(probability, _)| probability).sum();
    let right = right.max(1e-9);
    for ((probability, is_right), (features, coverage)) in pairs.zip(&example.alternatives) {
        let target = if *is_right { probability / right } else { 0.0 };
        let difference = (target - probability) * end.share(*coverage) * example.weight;
        // Skips the many alternatives with a negligible probability.
        if difference.abs() < 1e-6 {
            continue;
        }
        for (slope, feature) in gradient.iter_mut().zip(features) {
            *slope += difference * feature;
        }
    }
}
