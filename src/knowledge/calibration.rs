//! The fitted numbers of ranking and decision: data, made by `madoguchi calibrate`.

use std::collections::BTreeMap;

/// The numbers of `calibration.toml`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calibration {
    /// For knowledge that says with many variants how people ask.
    pub dense: Fitted,
    /// For knowledge with few or no variants.
    pub sparse: Fitted,
}

/// The numbers for one kind of knowledge.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fitted {
    /// The weights of the ranking model, by name.
    pub weights: BTreeMap<String, f32>,
    /// From what confidence on an entry is given as the answer, from 0 to 1.
    pub answered_from: f32,
    /// From what summed confidence of all entries on the likeliest are suggested, from 0 to 1.
    pub suggested_from: f32,
}
