//! The ranges of recorded questions that a draft is compared on.

/// The numbers of days to choose from; the first is the default.
pub(super) const DAYS: [i64; 2] = [30, 90];
