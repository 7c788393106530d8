//! Positions and ids of TOML items, including items that could not be used.
//!
//! A knowledge base holds only valid items. The rules across files also need the line of a key,
//! and must not report an item as missing if it exists but is broken.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::problem::Location;

/// The lines of keys, by the line of their table and their name.
type Lines = FxHashMap<(usize, &'static str), usize>;

/// Positions and ids that were recorded while the files were read.
#[derive(Debug, Default)]
pub(super) struct SourceMap {
    /// By file: comparing paths for each of half a million keys would take seconds.
    keys: BTreeMap<Arc<Path>, Lines>,
    ids: BTreeSet<(&'static str, String)>,
    has_gaps: bool,
}

impl SourceMap {
    /// Records the position of a key in a table.
    pub(super) fn add_key(&mut self, table: &Location, key: &'static str, place: &Location) {
        let lines = self.keys.entry(Arc::clone(&table.file)).or_default();
        lines.insert((table.line, key), place.line);
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
        for (file, lines) in other.keys {
            self.keys.entry(file).or_default().extend(lines);
        }
        self.ids.extend(other.ids);
        self.has_gaps |= other.has_gaps;
    }

    /// Returns the position of a key; the position of its table if the key was not recorded.
    pub(super) fn place(&self, table: &Location, key: &'static str) -> Location {
        let lines = self.keys.get(&table.file);
        let line = lines.and_then(|lines| lines.get(&(table.line, key)));
        Location {
            file: Arc::clone(&table.file),
            line: line.copied().unwrap_or(table.line),
        }
    }

    /// Returns whether such an item may exist: it was recorded, or a part could not be read.
    pub(super) fn may_have(&self, kind: &'static str, id: &str) -> bool {
        self.has_gaps || self.ids.contains(&(kind, id.to_owned()))
    }
}
