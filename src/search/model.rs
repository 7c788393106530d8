//! The ranking model: a candidate's parts -> its utility, by fitted weights.
//!
//! Utilities are those of a conditional logit model: among all subjects and the alternative
//! "nothing here", the chance that a question is about one of them is its share of the summed
//! exponentials ([`softmax`]). So the same numbers order the hits and say how sure
//! the order is. The weights are data (`calibration.toml`), fitted by `madoguchi calibrate`.
//!
//! Kana questions have weights of their own: their words cannot be trusted, their grams can.
//! Questions whose meaning was looked at have a model of their own.

use std::collections::BTreeMap;

use super::analyzer::Analysis;
use super::rank::{Candidate, Found};
use super::subject::Subject;

/// How many weights a model has.
pub const FEATURES: usize = 45;

/// The names of the weights in `calibration.toml`, in the order of the features.
pub const FEATURE_NAMES: [&str; FEATURES] = [
    "phrase_words",
    "phrase_grams",
    "dice_words",
    "dice_grams",
    "profile_words",
    "profile_grams",
    "text_words",
    "text_grams",
    "long_phrase_words",
    "long_phrase_grams",
    "long_dice_words",
    "long_dice_grams",
    "long_profile_words",
    "long_profile_grams",
    "long_text_words",
    "long_text_grams",
    "kana_phrase_words",
    "kana_phrase_grams",
    "kana_dice_words",
    "kana_dice_grams",
    "kana_profile_words",
    "kana_profile_grams",
    "kana_text_words",
    "kana_text_grams",
    "exact",
    "entry",
    "referral",
    "small_talk",
    "hand_off",
    "out_of_scope",
    "nothing",
    "nothing_long",
    "nothing_kana",
    "nothing_unknown",
    "out_of_scope_foreign",
    "chosen_desk",
    "named_desk",
    "other_desk_named",
    "meaning_phrase",
    "meaning_text",
    "long_meaning_phrase",
    "long_meaning_text",
    "latin_meaning_phrase",
    "latin_meaning_text",
    "nothing_nearest",
];

/// How many parts a candidate's score has.
const PARTS: usize = 8;

/// Places of the features that are not parts.
const EXACT: usize = 3 * PARTS;
const KIND: usize = EXACT + 1;
const NOTHING: usize = KIND + 5;
const OUT_OF_SCOPE_FOREIGN: usize = NOTHING + 4;
const DESK: usize = OUT_OF_SCOPE_FOREIGN + 1;
const MEANING: usize = DESK + 3;
const NOTHING_NEAREST: usize = MEANING + 6;

/// Fitted weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// One weight a feature, in the order of [`FEATURE_NAMES`].
    pub weights: [f32; FEATURES],
}

/// What an alternative is to the model; the utility is linear in it.
pub type Features = [f32; FEATURES];

impl Model {
    /// Takes weights by name; a missing one is 0.
    #[must_use]
    pub fn from_named(named: &BTreeMap<String, f32>) -> Self {
        let weight = |name: &str| named.get(name).copied().unwrap_or(0.0);
        Self {
            weights: FEATURE_NAMES.map(weight),
        }
    }

    /// Returns the utility of an alternative.
    #[must_use]
    pub fn utility(&self, features: &Features) -> f32 {
        let products = self.weights.iter().zip(features).map(|(w, f)| w * f);
        products.sum()
    }
}

/// How long a question is, on a scale on which keywords are near 0 and a letter is near 1: a long
/// question shares less of itself with any phrase and is none the less clear for it.
fn length(analysis: &Analysis) -> f32 {
    let words = analysis.words.len().max(1) as f32;
    (words.ln() / 3.0).min(1.5)
}

fn kana(analysis: &Analysis) -> f32 {
    f32::from(u8::from(analysis.is_kana))
}

/// Whether the question is in another language, where meaning is all there is.
fn latin(analysis: &Analysis) -> f32 {
    f32::from(u8::from(analysis.normalized.is_ascii()))
}

/// What the question says of desks, as seen from a candidate.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct DeskSigns {
    /// The member chose the candidate's desk.
    pub is_chosen: bool,
    /// The question names the candidate's desk.
    pub is_named: bool,
    /// The question names a desk, and not the candidate's.
    pub is_other_named: bool,
}

/// Describes a candidate to the model.
#[must_use]
pub(super) fn features(candidate: &Candidate, analysis: &Analysis, desk: DeskSigns) -> Features {
    let parts = &candidate.parts;
    let parts: [f32; PARTS] = [
        parts.phrase_words,
        parts.phrase_grams,
        parts.dice_words,
        parts.dice_grams,
        parts.profile_words,
        parts.profile_grams,
        parts.text_words,
        parts.text_grams,
    ];
    let flag = |is_so: bool| f32::from(u8::from(is_so));
    let mut features = [0.0; FEATURES];
    let (length, kana) = (length(analysis), kana(analysis));
    for (index, part) in parts.into_iter().enumerate() {
        // A phrase of one word reaches several times BM25's mean; beyond 1.5 it says no more.
        let part = part.min(1.5);
        features[index] = part;
        features[PARTS + index] = part * length;
        features[2 * PARTS + index] = part * kana;
    }
    features[EXACT] = flag(candidate.is_exact);
    let kind = match candidate.subject {
        Subject::Entry(_) => 0,
        Subject::Referral(_) => 1,
        Subject::SmallTalk(_) => 2,
        Subject::HandOff(_) => 3,
        Subject::OutOfScope(_) => 4,
    };
    features[KIND + kind] = 1.0;
    let foreign = candidate.parts.foreign_words;
    if matches!(candidate.subject, Subject::OutOfScope(_)) {
        features[OUT_OF_SCOPE_FOREIGN] = foreign;
    }
    features[DESK] = flag(desk.is_chosen);
    features[DESK + 1] = flag(desk.is_named);
    features[DESK + 2] = flag(desk.is_other_named);
    let meaning = [candidate.parts.meaning_phrase, candidate.parts.meaning_text];
    for (index, part) in meaning.into_iter().enumerate() {
        let kinds = [1.0, length, latin(analysis)];
        for (kind, weight) in kinds.into_iter().enumerate() {
            features[MEANING + 2 * kind + index] = part * weight;
        }
    }
    features
}

/// Describes the alternative that the knowledge has nothing on the question.
#[must_use]
pub(super) fn nothing(analysis: &Analysis, found: &Found) -> Features {
    let mut features = [0.0; FEATURES];
    features[NOTHING] = 1.0;
    features[NOTHING + 1] = length(analysis);
    features[NOTHING + 2] = kana(analysis);
    features[NOTHING + 3] = found.unknown;
    features[NOTHING_NEAREST] = found.nearest;
    features
}

/// Turns utilities into probabilities that sum to 1.
#[must_use]
pub fn softmax(utilities: &[f32]) -> Vec<f32> {
    let greatest = utilities.iter().copied().fold(f32::MIN, f32::max);
    let mut shares: Vec<f32> = utilities.iter().map(|u| (u - greatest).exp()).collect();
    let sum: f32 = shares.iter().sum();
    for share in &mut shares {
        *share /= sum.max(f32::MIN_POSITIVE);
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_sum_to_one_and_keep_the_order() {
        let shares = softmax(&[1.0, 3.0, -200.0]);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(shares[1] > shares[0] && shares[0] > shares[2]);
    }
}
