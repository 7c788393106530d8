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
