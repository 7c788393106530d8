//! The ranking model: weighted features -> probabilities.
//!
//! A conditional logit model. The alternatives are the candidates and "nothing": the knowledge has
//! nothing on the question. The utility of an alternative is the weighted sum of its features; the
//! [`softmax`] of the utilities gives the probabilities. The weights are data (`calibration.toml`),
//! fitted by `madoguchi calibrate`, for each kind of evidence a set for well-covered subjects and one for
//! thinly covered entries, between which the coverage of a subject blends.
//!
//! Invariant: the probabilities of all subjects and of "nothing" sum to 1.

use std::collections::BTreeMap;

use super::candidates::{Candidate, Candidates};
use super::features::{FEATURE_COUNT, Features, NAMES};
use crate::knowledge::{ByCoverage, Evidence, KnowledgeBase, Localized, Problem, localized};
use crate::search::index::Subject;

/// A subject with the probability that the question is about it.
#[derive(Debug, Clone, Copy)]
pub struct Ranked {
    /// The subject with its scores.
    pub candidate: Candidate,
    /// 0 to 1; sums to 1 with all others and "nothing".
    pub probability: f32,
}

/// The subjects that a question may be about.
#[derive(Debug, Clone, Default)]
pub struct Ranking {
    /// The most probable first; ties keep the order of the knowledge.
    pub subjects: Vec<Ranked>,
    /// Probability that the knowledge has nothing on the question.
    pub nothing: f32,
    /// The scorers that contributed.
    pub evidence: Evidence,
    /// Whether the question has kana or kanji.
    pub is_japanese: bool,
    /// Share of the question's words, weighted by rarity, that no subject has; 0 to 1.
    pub unknown: f32,
}

impl Ranking {
    /// Returns a ranking without subjects, in which "nothing" has the probability 1.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            nothing: 1.0,
            ..Self::default()
        }
    }

    /// Iterates over the ranked entries: position in the knowledge and probability.
    pub fn entries(&self) -> impl Iterator<Item = (usize, f32)> {
        self.subjects
            .iter()
            .filter_map(|ranked| match ranked.candidate.subject {
                Subject::Entry(index) => Some((index, ranked.probability)),
                _ => None,
            })
    }

    /// Returns whether the question equals a phrase of the knowledge after normalisation.
    #[must_use]
    pub fn has_exact(&self) -> bool {
        self.subjects.iter().any(|ranked| ranked.candidate.is_exact)
    }

    /// Returns the coverage of the most probable entry; 1 without entries.
    #[must_use]
    pub fn coverage(&self) -> f32 {
        let mut subjects = self.subjects.iter();
        let entry = subjects.find(|ranked| matches!(ranked.candidate.subject, Subject::Entry(_)));
        entry.map_or(1.0, |ranked| ranked.candidate.coverage)
    }

    /// Returns the probability of a subject; 0 if it is not ranked.
    #[must_use]
    pub fn probability(&self, subject: Subject) -> f32 {
        let mut subjects = self.subjects.iter();
        let found = subjects.find(|ranked| ranked.candidate.subject == subject);
        found.map_or(0.0, |ranked| ranked.probability)
    }

    /// Keeps some subjects and renormalises their probabilities and that of "nothing".
    pub fn keep(&mut self, is_kept: impl Fn(Subject) -> bool) {
        self.subjects
            .retain(|ranked| is_kept(ranked.candidate.subject));
        self.normalise();
    }

    /// Returns the ranking without shipped topics.
    #[must_use]
    pub fn without_defaults(&self) -> Self {
        let mut own = self.clone();
        own.subjects.retain(|ranked| !ranked.candidate.is_default);
        own.normalise();
        own
    }

    /// Removes subjects and adds their probability to "nothing".
    pub fn hide(&mut self, is_hidden: impl Fn(Subject) -> bool) {
        let mut hidden = 0.0;
        self.subjects.retain(|ranked| {
            let hide = is_hidden(ranked.candidate.subject);
            hidden += if hide { ranked.probability } else { 0.0 };
            !hide
        });
        self.nothing += hidden;
    }

    /// Returns the number of the phrase of a subject that the question is most like by words.
    #[must_use]
    pub fn best_phrase(&self, subject: Subject) -> Option<u32> {
        let mut subjects = self.subjects.iter();
        let ranked = subjects.find(|ranked| ranked.candidate.subject == subject)?;
        ranked.candidate.best_phrase
    }

    /// Removes a subject and adds its probability to that of another one, which is then as exact a match.
    /// Changes nothing if either is not ranked.
    pub fn give(&mut self, from: Subject, to: Subject) {
        let position = |subject| {
            let mut subjects = self.subjects.iter();
            subjects.position(|ranked| ranked.candidate.subject == subject)
        };
        let (Some(from), Some(to)) = (position(from), position(to)) else {
            return;
        };
        let given = self.subjects[from];
        let taker = &mut self.subjects[to];
        taker.probability += given.probability;
        taker.candidate.is_exact |= given.candidate.is_exact;
        self.subjects.remove(from);
        self.subjects
            .sort_by(|a, b| b.probability.total_cmp(&a.probability));
    }

    /// Multiplies the probability of a subject, then renormalises and sorts.
    pub fn reweigh(&mut self, subject: Subject, factor: f32) {
        for ranked in &mut self.subjects {
            if ranked.candidate.subject == subject {
                ranked.probability *= factor;
            }
        }
        self.normalise();
        self.subjects
            .sort_by(|a, b| b.probability.total_cmp(&a.probability));
    }

    /// Multiplies each probability by that of another ranking to the power of `weight`, then
    /// renormalises and sorts: a product of experts, in which `other` is the weaker one. A subject
    /// that `other` lacks counts as improbable, not as impossible.
    pub fn blend(&mut self, other: &Self, weight: f32) {
        /// The least probability of a subject in `other`.
        const LEAST: f32 = 1e-4;
        let least = LEAST.powf(weight);
        let positions = other.subjects.iter().map(|own| own.candidate.position);
        let mut factors = vec![least; positions.max().map_or(0, |last| last as usize + 1)];
        for own in other.subjects.iter().filter(|own| own.probability > LEAST) {
            factors[own.candidate.position as usize] = own.probability.powf(weight);
        }
        for ranked in &mut self.subjects {
            let factor = factors.get(ranked.candidate.position as usize);
            ranked.probability *= factor.copied().unwrap_or(least);
        }
        self.nothing *= other.nothing.max(LEAST).powf(weight);
        self.normalise();
        self.subjects
            .sort_by(|a, b| b.probability.total_cmp(&a.probability));
    }

    /// Multiplies the probability of every subject by its factor, then renormalises and sorts.
    pub fn reweigh_all(&mut self, factor: impl Fn(Subject) -> f32) {
        for ranked in &mut self.subjects {
            ranked.probability *= factor(ranked.candidate.subject);
        }
        self.normalise();
        self.subjects
            .sort_by(|a, b| b.probability.total_cmp(&a.probability));
    }

    fn normalise(&mut self) {
        let kept: f32 = self.subjects.iter().map(|ranked| ranked.probability).sum();
        let sum = kept + self.nothing;
        if sum > 0.0 {
            for ranked in &mut self.subjects {
                ranked.probability /= sum;
            }
            self.nothing /= sum;
        }
    }

    /// Ranks candidates by their utilities: one for each of [`Candidates::iter`], then the utility
    /// of "nothing".
    #[must_use]
    pub fn new(candidates: &Candidates, utilities: &[f32]) -> Self {
        let mut probabilities = softmax(utilities);
        let nothing = probabilities.pop().unwrap_or(1.0);
        let subjects = by_probability(&probabilities).map(|index| Ranked {
            candidate: candidates.all[index],
            probability: probabilities[index],
        });
        Self {
            subjects: subjects.collect(),
            nothing,
            evidence: candidates.evidence,
            is_japanese: candidates.query.is_japanese,
            unknown: candidates.unknown,
        }
    }
}

/// Returns the indices of probabilities, the greatest first; ties keep their order. Sorts numbers,
/// since a candidate is twenty times as long.
fn by_probability(probabilities: &[f32]) -> impl Iterator<Item = usize> {
    let numbered = (0_u32..).zip(probabilities);
    // The bits of numbers that are not negative have the order of the numbers.
    let keys = numbered.map(|(index, probability)| {
        let key = u64::from(!probability.to_bits()) << u32::BITS;
        key | u64::from(index)
    });
    let mut keys: Vec<u64> = keys.collect();
    keys.sort_unstable();
    keys.into_iter().map(|key| (key as u32) as usize)
}

/// A weight of `calibration.toml` that the model does not have, or that it lacks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeightError {
    /// No feature has this name.
    #[error("the weight `{0}` is unknown")]
    Unknown(String),
    /// A feature without a weight.
    #[error("the weight `{0}` is missing")]
    Missing(&'static str),
}

impl WeightError {
    /// Describes the mistake for the author of the file.
    fn text(&self) -> Localized {
        match self {
            Self::Unknown(name) => localized!(
                ja: "`{name}` という重みはありません",
                en: "the weight `{name}` is unknown",
            ),
            Self::Missing(name) => localized!(
                ja: "重み `{name}` が書かれていません",
                en: "the weight `{name}` is missing",
            ),
        }
    }

    /// Returns the remedy.
    fn hint(&self) -> Localized {
        let remedy = localized!(
            ja: "`madoguchi calibrate` で作り直すか、ファイルを消して付属の値を使ってください",
            en: "write the file with `madoguchi calibrate`, or delete it to use the shipped one",
        );
        match self {
            Self::Unknown(name) => {
                let names = NAMES.into_iter();
                let nearest = names.min_by_key(|known| strsim::levenshtein(known, name));
                let nearest = nearest.unwrap_or_default();
                localized!(
                    remedy;
                    ja: "`{nearest}` ではありませんか。{remedy}",
                    en: "did you mean `{nearest}`? {remedy}",
                )
            }
            Self::Missing(_) => remedy,
        }
    }
}

/// Lists the weights of `calibration.toml` that the model does not have, and those that it lacks.
#[must_use]
pub fn check_weights(knowledge: &KnowledgeBase) -> Vec<Problem> {
    let sections = knowledge.calibration.by_evidence.values();
    let sections = sections.flat_map(|section| [&section.well_covered, &section.thinly_covered]);
    let problems = sections.flat_map(|parameters| {
        let location = parameters.location.as_ref();
        location.into_iter().flat_map(|location| {
            let errors = Model::check(&parameters.weights).into_iter();
            errors.map(|error| Problem::error(location.clone(), error.text(), error.hint()))
        })
    });
    problems.collect()
}

/// The weights of the ranking model.
#[derive(Debug, Clone)]
pub struct Model {
    /// One weight per feature, in the order of [`NAMES`].
    pub weights: [f32; FEATURE_COUNT],
}

impl Model {
    /// Creates a model from weights by name.
    ///
    /// # Errors
    /// [`WeightError`] for the first name that is unknown or missing.
    pub fn from_named(named: &BTreeMap<String, f32>) -> Result<Self, WeightError> {
        if let Some(error) = Self::check(named).into_iter().next() {
            return Err(error);
        }
        let weight = |name: &str| named.get(name).copied().unwrap_or_default();
        Ok(Self {
            weights: NAMES.map(weight),
        })
    }

    /// Lists the weights that are unknown or missing.
    #[must_use]
    pub fn check(named: &BTreeMap<String, f32>) -> Vec<WeightError> {
        let names = NAMES;
        let unknown = named.keys().filter(|name| !names.contains(&name.as_str()));
        let unknown = unknown.map(|name| WeightError::Unknown(name.clone()));
        let missing = names.into_iter().filter(|name| !named.contains_key(*name));
        unknown.chain(missing.map(WeightError::Missing)).collect()
    }

    /// Returns the weights by name.
    #[must_use]
    pub fn named(&self) -> BTreeMap<String, f32> {
        let names = NAMES.map(str::to_owned);
        names.into_iter().zip(self.weights).collect()
    }

    /// Returns the utility of an alternative with these features.
    #[must_use]
    pub fn utility(&self, features: &Features) -> f32 {
        // Several sums, since each addition would wait for the one before.
        const LANES: usize = 4;
        let (weights, last_weights) = self.weights.as_chunks::<LANES>();
        let (features, last_features) = features.as_chunks::<LANES>();
        let mut sums = [0.0; LANES];
        for (weights, features) in weights.iter().zip(features) {
            for (lane, sum) in sums.iter_mut().enumerate() {
                *sum += weights[lane] * features[lane];
            }
        }
        let last = last_weights.iter().zip(last_features);
        sums.iter().sum::<f32>() + last.map(|(w, f)| w * f).sum::<f32>()
    }
}

/// The weights at both ends of coverage.
#[derive(Debug, Clone)]
pub struct BlendedModel {
    /// The weights at coverage 1.
    pub well_covered: Model,
    /// The weights at coverage 0.
    pub thinly_covered: Model,
}

impl BlendedModel {
    /// Creates a model from fitted parameters.
    ///
    /// # Errors
    /// [`WeightError`] for the first name that is unknown or missing.
    pub fn new(parameters: &ByCoverage) -> Result<Self, WeightError> {
        Ok(Self {
            well_covered: Model::from_named(&parameters.well_covered.weights)?,
            thinly_covered: Model::from_named(&parameters.thinly_covered.weights)?,
        })
    }

    /// Returns the utility of an alternative with these features and this coverage.
    #[must_use]
    pub fn utility(&self, features: &Features, coverage: f32) -> f32 {
        // Most subjects of well-kept knowledge need one of the two sums.
        if coverage >= 1.0 {
            return self.well_covered.utility(features);
        }
        let thinly_covered = self.thinly_covered.utility(features);
        thinly_covered + coverage * (self.well_covered.utility(features) - thinly_covered)
    }
}

/// Turns utilities into probabilities that sum to 1.
#[must_use]
pub fn softmax(utilities: &[f32]) -> Vec<f32> {
    let greatest = utilities.iter().copied().fold(f32::MIN, f32::max);
    let exponentials = utilities.iter().map(|u| (u - greatest).exp());
    let mut probabilities: Vec<f32> = exponentials.collect();
    let sum: f32 = probabilities.iter().sum();
    for probability in &mut probabilities {
        *probability /= sum.max(f32::MIN_POSITIVE);
    }
    probabilities
}
