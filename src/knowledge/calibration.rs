//! The fitted numbers of ranking and decision: data, made by `madoguchi calibrate`.

use std::collections::BTreeMap;

/// The numbers of `calibration.toml`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calibration {
    /// Weights for knowledge with many variants, by name.
    pub dense: BTreeMap<String, f32>,
    /// Weights for knowledge with few or no variants, by name.
    pub sparse: BTreeMap<String, f32>,
    /// From what confidence on an entry is given as the answer, from 0 to 1.
    pub answered_from: f32,
    /// From what summed confidence of all entries on the likeliest are suggested, from 0 to 1.
    pub suggested_from: f32,
}
