//! Fits the ranking model and the thresholds to question sets.
//!
//! Input: assistants and labelled questions. Output: [`Calibrated`] weights, thresholds and
//! calibration curve. The weights maximise the likelihood of the right alternatives under the
//! conditional logit model of `search::BlendedModel`, with a penalty on their distance from a prior.
//!
//! [`refit`] starts from the parameters in use and stays near them; it serves the questions of one's
//! own folder. [`fit_afresh`] starts from a prior that was written by hand, and can fit the parameters
//! of entries without variants to several organisations.
//!
//! Invariant: thresholds, curve and every figure are computed by cross-validation; no question is
//! predicted with weights that were fitted to it.

mod example;
mod fit;
mod thresholds;

use example::{Example, Prediction, examples, rank};
use fit::{OWN_STRENGTH, fit, penalty, prior};
pub use thresholds::Counts;
use thresholds::{counts, curve, fit_thresholds, log_likelihoods, with_thresholds};

use super::Case;
use crate::answer::Assistant;
use crate::knowledge::{ByCoverage, Evidence, FittedParameters, Thresholds};
use crate::search::{BlendedModel, Model};

/// Minimum number of questions for [`refit`]; fewer tell nothing in five parts.
pub const MIN_OWN_QUESTIONS: usize = 30;

/// Number of questions that count as much as the thresholds in use.
const THRESHOLD_STRENGTH: f32 = 200.0;

const FOLD_COUNT: usize = 5;

/// An end of coverage, whose parameters are fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The parameters of well-covered subjects and of "nothing".
    WellCovered,
    /// The parameters of entries without variants.
    ThinlyCovered,
}

/// The knowledge of an organisation and questions to it.
#[derive(Clone, Copy)]
pub struct Organisation<'a> {
    /// The knowledge.
    pub assistant: &'a Assistant,
    /// The questions. Messages with several requests, and turns of a conversation other than the
    /// first, are left out.
    pub cases: &'a [Case],
}

/// Fitted parameters with the result of cross-validation.
#[derive(Debug, Clone)]
pub struct Calibrated {
    /// The weights and thresholds.
    pub parameters: ByCoverage,
    /// For each tenth of the best entry's probability: mean probability, share of right entries,
    /// number of questions.
    pub curve: Vec<(f64, f64, usize)>,
    /// For each organisation, what its questions get from parameters that were not fitted to them.
    pub counts: Vec<Counts>,
}

/// The result of [`refit`].
#[derive(Debug, Clone)]
pub enum Refit {
    /// Parameters that are better by cross-validation, with what the questions get today.
    Better(Calibrated, Counts),
    /// Parameters that are no better: what the questions would get, and what they get today.
    NoBetter(Counts, Counts),
    /// Fewer than [`MIN_OWN_QUESTIONS`] questions.
    TooFew(usize),
}

/// Fits both ends to the questions of one organisation, near its parameters in use. The fewer the
/// questions, the nearer.
pub async fn refit(organisation: Organisation<'_>) -> Refit {
    let (evidence, examples) = examples(&[organisation]).await;
    let all: Vec<&Example<'_>> = examples.iter().collect();
    if all.len() < MIN_OWN_QUESTIONS {
        return Refit::TooFew(all.len());
    }
    let knowledge = organisation.assistant.knowledge();
    let current = knowledge.parameters(evidence);
    let Ok(start) = BlendedModel::new(current) else {
        return Refit::TooFew(0);
    };
    let fit_near = |examples: &[&Example<'_>]| {
        let strength = OWN_STRENGTH / examples.len().max(1) as f32;
        let well = fit(
            examples,
            &start,
            End::WellCovered,
            &start.well_covered,
            strength,
        );
        fit(
            examples,
            &well,
            End::ThinlyCovered,
            &start.thinly_covered,
            strength,
        )
    };
    let is_held_out = |index: usize, fold: usize| index % FOLD_COUNT == fold;
    let predictions = cross_validate(&all, FOLD_COUNT, is_held_out, fit_near);
    // In the order of the predictions, so that they can be compared one by one.
    let today = predictions
        .iter()
        .map(|(example, _)| (*example, rank(&start, example)));
    let today: Vec<Prediction<'_>> = today.collect();
    // The thresholds that matter are those at the coverage of the entries asked for.
    let coverage: f32 = today.iter().map(|(_, ranking)| ranking.coverage()).sum();
    let end = if coverage >= today.len() as f32 / 2.0 {
        End::WellCovered
    } else {
        End::ThinlyCovered
    };
    let fitted = fit_thresholds(&predictions, current, end, evidence);
    let share = all.len() as f32 / (all.len() as f32 + THRESHOLD_STRENGTH);
    let own = current.thresholds(match end {
        End::WellCovered => 1.0,
        End::ThinlyCovered => 0.0,
    });
    let blend = |own: f32, fitted: f32| own + share * (fitted - own);
    let near = with_thresholds(
        current,
        end,
        Thresholds {
            answered_from: blend(own.answered_from, fitted.answered_from),
            suggested_from: blend(own.suggested_from, fitted.suggested_from),
        },
    );
    let before = counts(&today, current);
    let (old, new) = (log_likelihoods(&today), log_likelihoods(&predictions));
    for thresholds in [&near, current] {
        let after = counts(&predictions, thresholds);
        if is_greater(&new, &old) && after.is_no_worse_than(&before) {
            let model = fit_near(&all);
            let calibrated = Calibrated {
                parameters: parameters(&model, thresholds),
                curve: curve(&predictions),
                counts: vec![after],
            };
            return Refit::Better(calibrated, before);
        }
    }
    Refit::NoBetter(counts(&predictions, &near), before)
}

/// Fits an end of coverage to one or more organisations, each of which has the same weight. `beside` is
/// the model of the other end; absent, the prior.
///
/// With several organisations, the thresholds and figures are those for each of them with weights
/// fitted to the others only.
pub async fn fit_afresh(
    organisations: &[Organisation<'_>],
    end: End,
    beside: Option<&Model>,
) -> Calibrated {
    let (evidence, examples) = examples(organisations).await;
    let all: Vec<&Example<'_>> = examples.iter().collect();
    let prior = prior(evidence);
    let start = BlendedModel {
        well_covered: beside.unwrap_or(&prior).clone(),
        thinly_covered: prior.clone(),
    };
    let fit_all = |examples: &[&Example<'_>]| fit(examples, &start, end, &prior, penalty(end));
    let predictions = if organisations.len() > 1 {
        let is_held_out = |index: usize, fold: usize| all[index].organisation == fold;
        cross_validate(&all, organisations.len(), is_held_out, fit_all)
    } else {
        let is_held_out = |index: usize, fold: usize| index % FOLD_COUNT == fold;
        cross_validate(&all, FOLD_COUNT, is_held_out, fit_all)
    };
    let unfitted = parameters(&start, &ByCoverage::default());
    let fitted = fit_thresholds(&predictions, &unfitted, end, evidence);
    let thresholds = with_thresholds(&unfitted, end, fitted);
    let of = |organisation: usize| {
        let own = predictions.iter();
        let own = own.filter(|(example, _)| example.organisation == organisation);
        let own: Vec<Prediction<'_>> = own.cloned().collect();
        counts(&own, &thresholds)
    };
    Calibrated {
        parameters: parameters(&fit_all(&all), &thresholds),
        curve: curve(&predictions),
        counts: (0..organisations.len()).map(of).collect(),
    }
}

/// Ranks each example by a model that was fitted to the examples of other parts.
fn cross_validate<'a>(
    all: &[&'a Example<'a>],
    folds: usize,
    is_held_out: impl Fn(usize, usize) -> bool,
    fit: impl Fn(&[&Example<'_>]) -> BlendedModel,
) -> Vec<Prediction<'a>> {
    let is_held_out = &is_held_out;
    let mut predictions = Vec::with_capacity(all.len());
    for fold in 0..folds {
        let part = |is_wanted: bool| {
            let numbered = all.iter().enumerate();
            let wanted = numbered.filter(move |(index, _)| is_held_out(*index, fold) == is_wanted);
            wanted.map(|(_, example)| *example).collect::<Vec<_>>()
        };
        let model = fit(&part(false));
        let held_out = part(true).into_iter();
        predictions.extend(held_out.map(|example| (example, rank(&model, example))));
    }
    predictions
}

/// Returns whether numbers are greater than their partners, on average and by more than the standard
/// error of the difference.
fn is_greater(new: &[f64], old: &[f64]) -> bool {
    let differences: Vec<f64> = new.iter().zip(old).map(|(new, old)| new - old).collect();
    let count = differences.len().max(2) as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let squares = differences
        .iter()
        .map(|difference| (difference - mean).powi(2));
    let variance = squares.sum::<f64>() / (count - 1.0);
    mean > (variance / count).sqrt()
}

/// Combines the weights of a model with thresholds.
fn parameters(model: &BlendedModel, thresholds: &ByCoverage) -> ByCoverage {
    let with = |model: &Model, thresholds: &FittedParameters| FittedParameters {
        weights: model.named(),
        ..thresholds.clone()
    };
    ByCoverage {
        well_covered: with(&model.well_covered, &thresholds.well_covered),
        thinly_covered: with(&model.thinly_covered, &thresholds.thinly_covered),
    }
}

/// Returns the kind of evidence that a searcher's questions are fitted for.
fn evidence_of(organisations: &[Organisation<'_>]) -> Evidence {
    let first = organisations.first();
    first.map_or(Evidence::Words, |first| {
        first.assistant.searcher().evidence()
    })
}
