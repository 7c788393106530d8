//! The fitted numbers of ranking and decision: data, made by `madoguchi calibrate`.

use std::collections::BTreeMap;

use super::problem::Location;

/// What a ranking goes by; each has numbers of its own, as a chance of 0.9 must be one whatever it
/// rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Words and readings alone.
    #[default]
    Words,
    /// Words, and meaning by the built-in encoder.
    BuiltIn,
    /// Words, and meaning by an embeddings server.
    Server,
}

impl Evidence {
    /// All of them, with their names in `calibration.toml` and for people.
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

/// The numbers of `calibration.toml`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calibration {
    /// For each kind of evidence.
    pub by_evidence: BTreeMap<Evidence, Densities>,
}

/// The numbers for one kind of evidence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Densities {
    /// For knowledge that says with many variants how people ask.
    pub dense: Fitted,
    /// For knowledge with few or no variants.
    pub sparse: Fitted,
}

/// The numbers for one kind of evidence and of knowledge.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fitted {
    /// The weights of the ranking model, by name.
    pub weights: BTreeMap<String, f32>,
    /// Position of the table, for error messages.
    pub location: Option<Location>,
    /// From what confidence on an entry is given as the answer, from 0 to 1.
    pub answered_from: f32,
    /// From what summed confidence of all entries on the likeliest are suggested, from 0 to 1.
    pub suggested_from: f32,
}
