//! The fitted parameters of ranking and decision: data, written by `madoguchi calibrate`.

use std::collections::BTreeMap;

use super::problem::Location;

/// The scorers behind a ranking. Each kind has parameters of its own, so that its probabilities are
/// calibrated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Lexical scores alone.
    #[default]
    Words,
    /// Lexical scores, and embeddings of the built-in model.
    BuiltIn,
    /// Lexical scores, and embeddings of a server.
    Server,
}

impl Evidence {
    /// Every kind with its name in `calibration.toml`, JSON and reports.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Words, "words"),
        (Self::BuiltIn, "built_in"),
        (Self::Server, "server"),
    ];

    /// Returns the name.
    #[must_use]
    pub fn name(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(evidence, _)| *evidence == self)
            .map_or("", |(_, name)| name)
    }
}

/// The parameters of `calibration.toml`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calibration {
    /// The parameters for each kind of evidence.
    pub by_evidence: BTreeMap<Evidence, ByCoverage>,
}

/// The parameters for one kind of evidence, at both ends of coverage; in between they are blended.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ByCoverage {
    /// For subjects with many ways to ask, and for "nothing"; `dense` in TOML.
    pub well_covered: FittedParameters,
    /// For entries without variants; `sparse` in TOML.
    pub thinly_covered: FittedParameters,
}

impl ByCoverage {
    /// No weights, and thresholds that nothing reaches.
    pub(super) const UNFITTED: Self = Self {
        well_covered: FittedParameters::UNFITTED,
        thinly_covered: FittedParameters::UNFITTED,
    };

    /// Returns the thresholds for an entry of this coverage, 0 to 1.
    #[must_use]
    pub fn thresholds(&self, coverage: f32) -> Thresholds {
        let blend = |thin: f32, well: f32| thin + coverage * (well - thin);
        let (thin, well) = (&self.thinly_covered, &self.well_covered);
        Thresholds {
            answered_from: blend(thin.answered_from, well.answered_from),
            suggested_from: blend(thin.suggested_from, well.suggested_from),
        }
    }
}

/// The probabilities from which entries are given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// Minimum probability of an entry that is given as the answer, 0 to 1.
    pub answered_from: f32,
    /// Minimum probability of all entries together at which the most probable ones are suggested, 0
    /// to 1.
    pub suggested_from: f32,
}

/// The weights and thresholds for one kind of evidence and one kind of coverage.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FittedParameters {
    /// The weights of the ranking model, by name.
    pub weights: BTreeMap<String, f32>,
    /// Position of the table, for error messages.
    pub location: Option<Location>,
    /// Minimum probability of an entry that is given as the answer, 0 to 1.
    pub answered_from: f32,
    /// Minimum probability of all entries together at which the most probable ones are suggested, 0
    /// to 1.
    pub suggested_from: f32,
}

impl FittedParameters {
    const UNFITTED: Self = Self {
        weights: BTreeMap::new(),
        answered_from: 1.0,
        suggested_from: 1.0,
        location: None,
    };
}
