//! What was written where, whether or not it could be used.
//!
//! The knowledge base holds what is right; the rules across files also need to know what was
//! meant, so that they name the line of a key and do not call missing what is only broken.

use std::collections::{BTreeMap, BTreeSet};

use crate::knowledge::problem::Location;

/// Notes taken while the files are read.
#[derive(Debug, Default)]
pub(in crate::knowledge) struct Written {
    keys: BTreeMap<(Location, &'static str), Location>,
    ids: BTreeSet<(&'static str, String)>,
    has_gaps: bool,
}

impl Written {
    /// Notes where a key of the table at a place stands.
    pub(super) fn note_key(&mut self, table: &Location, key: &'static str, place: Location) {
        self.keys.insert((table.clone(), key), place);
    }

    /// Notes that a thing of a kind has this id, broken as the thing may be.
    pub(super) fn note_id(&mut self, kind: &'static str, id: &str) {
        self.ids.insert((kind, id.to_owned()));
    }

    /// Notes that a part of a file could not be read, so that anything may be missing.
    pub(super) fn note_gap(&mut self) {
        self.has_gaps = true;
    }

    /// Adds the notes on another file.
    pub(super) fn extend(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.ids.extend(other.ids);
        self.has_gaps |= other.has_gaps;
    }

    /// Returns where a key of a table stands; the table's own place if that was not noted.
    pub(in crate::knowledge) fn place(&self, table: &Location, key: &'static str) -> Location {
        let noted = self.keys.get(&(table.clone(), key));
        noted.unwrap_or(table).clone()
    }

    /// Tells whether there may be such a thing: it was written, or a part could not be read.
    pub(in crate::knowledge) fn may_have(&self, kind: &'static str, id: &str) -> bool {
        self.has_gaps || self.ids.contains(&(kind, id.to_owned()))
    }
}
