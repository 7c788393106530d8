//! Positions and ids of TOML items, including items that could not be used.
//!
//! A knowledge base holds only valid items. The rules across files also need the line of a key,
//! and must not report an item as missing if it exists but is broken.

use std::collections::{BTreeMap, BTreeSet};

use super::problem::Location;

/// Positions and ids that were recorded while the files were read.
#[derive(Debug, Default)]
pub(super) struct SourceMap {
    keys: BTreeMap<(Location, &'static str), Location>,
    ids: BTreeSet<(&'static str, String)>,
    has_gaps: bool,
}

impl SourceMap {
    /// Records the position of a key in a table.
    pub(super) fn add_key(&mut self, table: &Location, key: &'static str, place: Location) {
        self.keys.insert((table.clone(), key), place);
    }

    /// Records that an item of a kind has this id, even if the item is broken.
    pub(super) fn add_id(&mut self, kind: &'static str, id: &str) {
        self.ids.insert((kind, id.to_owned()));
    }

    /// Records that a part of a file could not be read, so that any item may be missing.
    pub(super) fn add_gap(&mut self) {
        self.has_gaps = true;
    }

    /// Adds the positions of another file.
    pub(super) fn extend(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.ids.extend(other.ids);
        self.has_gaps |= other.has_gaps;
    }

    /// Returns the position of a key; the position of its table if the key was not recorded.
    pub(super) fn place(&self, table: &Location, key: &'static str) -> Location {
        let recorded = self.keys.get(&(table.clone(), key));
        recorded.unwrap_or(table).clone()
    }

    /// Returns whether such an item may exist: it was recorded, or a part could not be read.
    pub(super) fn may_have(&self, kind: &'static str, id: &str) -> bool {
        self.has_gaps || self.ids.contains(&(kind, id.to_owned()))
    }
}
