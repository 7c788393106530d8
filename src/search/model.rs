//! The ranking model: a candidate's parts -> its utility, by fitted weights.
//!
//! Utilities are those of a conditional logit model: among all subjects and the alternative
//! "nothing here", the chance that a question is about one of them is its share of the summed
//! exponentials ([`softmax`]). So the same numbers order the hits and say how sure
//! the order is. The weights are data (`calibration.toml`), fitted by `madoguchi calibrate`.
//!
//! Kana questions have weights of their own: their words cannot be trusted, their grams can.

use std::collections::BTreeMap;

use super::analyzer::Analysis;
use super::rank::Candidate;
use super::subject::Subject;

/// How many weights a model has.
pub const FEATURES: usize = 28;

/// The names of the weights in `calibration.toml`, in the order of [`features`].
pub const FEATURE_NAMES: [&str; FEATURES] = [
    "phrase_words",
    "phrase_grams",
    "profile_words",
    "profile_grams",
    "text_words",
    "text_grams",
    "long_phrase_words",
    "long_phrase_grams",
    "long_profile_words",
    "long_profile_grams",
    "long_text_words",
    "long_text_grams",
    "kana_phrase_words",
    "kana_phrase_grams",
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
    "chosen_desk",
];

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

/// Describes a candidate to the model.
#[must_use]
pub fn features(candidate: &Candidate, analysis: &Analysis, in_chosen_desk: bool) -> Features {
    let parts = &candidate.parts;
    let parts = [
        parts.phrase_words,
        parts.phrase_grams,
        parts.profile_words,
        parts.profile_grams,
        parts.text_words,
        parts.text_grams,
    ];
    let mut features = [0.0; FEATURES];
    let (length, kana) = (length(analysis), kana(analysis));
    for (index, part) in parts.into_iter().enumerate() {
        features[index] = part;
        features[6 + index] = part * length;
        features[12 + index] = part * kana;
    }
    features[18] = f32::from(u8::from(candidate.is_exact));
    let kind = match candidate.subject {
        Subject::Entry(_) => 19,
        Subject::Referral(_) => 20,
        Subject::SmallTalk(_) => 21,
        Subject::HandOff(_) => 22,
        Subject::OutOfScope(_) => 23,
    };
    features[kind] = 1.0;
    features[27] = f32::from(u8::from(in_chosen_desk));
    features
}

/// Describes the alternative that the knowledge has nothing on the question.
#[must_use]
pub fn nothing(analysis: &Analysis) -> Features {
    let mut features = [0.0; FEATURES];
    features[24] = 1.0;
    features[25] = length(analysis);
    features[26] = kana(analysis);
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
