//! The index of the shipped topics, for knowledge that has no small talk or no out-of-scope subjects of
//! its own.
//!
//! Input: a question. Output: the shipped topics that match it, with their scores.
//!
//! They have an index of their own, in memory: in that of the knowledge, two thousand phrases about
//! everything but its subjects would change the rarity of its terms, and so the scores of its entries.

use super::analysis::{Analyzer, Terms};
use super::error::Error;
use super::index::{self, Document, Schema, Subject};
use super::lexical_index::LexicalIndex;
use super::ranking::{Candidates, SemanticScorer};
use crate::embedding::Vector;
use crate::knowledge::KnowledgeBase;

/// The shipped topics, opened.
pub(super) struct Defaults {
    lexical: LexicalIndex,
    semantic: Option<SemanticScorer>,
}

/// Indexes shipped topics; `None` if there are none.
///
/// # Errors
/// [`Error::Index`] if tantivy fails.
pub(super) fn index(
    schema: &Schema,
    documents: &[Document<'_>],
    analyzer: &Analyzer,
) -> Result<Option<LexicalIndex>, Error> {
    if documents.is_empty() {
        return Ok(None);
    }
    let built = index::build_in_memory(schema, documents, analyzer)?;
    let reader = index::searcher(&built)?;
    let (lexical, _) = LexicalIndex::read(&reader, schema, documents)?;
    Ok(Some(lexical))
}

impl Defaults {
    pub(super) fn new(lexical: LexicalIndex, semantic: Option<SemanticScorer>) -> Self {
        Self { lexical, semantic }
    }

    /// Returns the topic one of whose phrases has an exact form.
    pub(super) fn exact_subject(
        &self,
        form: &str,
        knowledge: &KnowledgeBase,
        analyzer: &Analyzer,
    ) -> Option<Subject> {
        let phrase = self.lexical.phrase_of_form(form, knowledge, analyzer)?;
        let (subject, _) = self.lexical.scorer.phrase(phrase)?;
        Some(subject)
    }

    /// Scores the topics by the terms of a question; `form` is its exact form.
    pub(super) fn score(
        &self,
        terms: &Terms,
        form: &str,
        knowledge: &KnowledgeBase,
        analyzer: &Analyzer,
    ) -> Candidates {
        let exact = self.lexical.phrase_of_form(form, knowledge, analyzer);
        self.lexical.scorer.score(terms, exact)
    }

    /// Adds the similarity between a question and each topic to candidates of [`Self::score`].
    pub(super) fn add_embedding(&self, candidates: &mut Candidates, embedding: &Vector) {
        if let Some(semantic) = &self.semantic {
            semantic.add(candidates, embedding, &self.lexical.scorer);
        }
    }

    /// Returns a phrase by its number.
    pub(super) fn phrase<'a>(&self, number: u32, knowledge: &'a KnowledgeBase) -> Option<&'a str> {
        self.lexical.phrase(number, knowledge)
    }
}
