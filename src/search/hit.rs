//! A hit: an entry that a search found.

use super::snippet::Marked;

/// An entry that a search found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The entry's position in the knowledge base.
    pub entry: usize,
    /// From 0 to 1: the entry's chance among all that was found.
    pub score: f32,
    /// The entry's question with the matches marked.
    pub question: Marked,
    /// An extract of the answer with the matches marked.
    pub snippet: Marked,
}

/// Share of the best hit's chance below which a hit is noise to a person: it merely shares a
/// syllable with the text. Where no hit is clearly meant all have such chances, and all stay.
pub const WORTH_SHOWING: f32 = 1e-4;
