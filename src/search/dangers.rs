//! Builds the search for messages about a danger to a life, see `knowledge::Safety`.

use super::analysis::{Analyzer, PhraseFinder};
use super::error::Error;
use crate::knowledge::{KnowledgeBase, Variant};

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
