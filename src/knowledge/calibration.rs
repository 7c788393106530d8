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

/// The parameters for one kind of evidence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ByCoverage {
    /// For knowledge with many variants per entry; `dense` in TOML.
    pub well_covered: FittedParameters,
    /// For knowledge with few or no variants; `sparse` in TOML.
    pub thinly_covered: FittedParameters,
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
