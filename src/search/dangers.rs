//! The search for messages about a danger to a life, see `knowledge::Safety`.

use super::Searcher;
use super::analysis::{Analysis, Analyzer, PhraseFinder};
use super::error::Error;
use crate::knowledge::{KnowledgeBase, Variant};

impl Searcher {
    /// Returns the position of the danger in the knowledge's safety that a text is about, if any.
    #[must_use]
    pub fn danger(&self, text: &str) -> Option<usize> {
        self.dangers.find(&self.analyzer, text)
    }

    /// Returns [`Searcher::analyze`] and [`Searcher::danger`] of a text, which costs less than both by
    /// themselves.
    #[must_use]
    pub fn analyze_and_screen(&self, text: &str) -> (Analysis, Option<usize>) {
        self.dangers.analyze_and_find(&self.analyzer, text)
    }
}

/// Builds the search; the group of a phrase is the position of its danger.
pub(super) fn finder(
    knowledge: &KnowledgeBase,
    analyzer: &Analyzer,
) -> Result<PhraseFinder, Error> {
    let dangers = || knowledge.safety.dangers.iter().enumerate();
    let phrases = dangers().flat_map(|(group, danger)| texts(group, &danger.variants));
    let exceptions = dangers().flat_map(|(group, danger)| texts(group, &danger.exceptions));
    PhraseFinder::new(analyzer, phrases, exceptions)
}

fn texts(group: usize, variants: &[Variant]) -> impl Iterator<Item = (usize, &str)> {
    let texts = variants.iter().flat_map(|variant| &variant.texts);
    texts.map(move |text| (group, text.as_str()))
}
