//! Reads the lexical part of an opened index: postings, exact forms and the vocabulary.
//!
//! Input: an index and its documents. Output: a [`LexicalIndex`], which finds phrases by their exact
//! forms.

use std::panic::resume_unwind;
use std::thread;

use super::analysis::{Analyzer, Vocabulary};
use super::error::Error;
use super::index::{self, Document, ExactForms, Field, Layout, Schema, Subject};
use super::ranking::LexicalScorer;
use crate::knowledge::KnowledgeBase;

/// The lexical part of an opened index.
pub(super) struct LexicalIndex {
    pub(super) scorer: LexicalScorer,
    exact: ExactForms,
    pub(super) subject_count: u32,
    pub(super) phrase_count: u32,
}

impl LexicalIndex {
    /// Reads an index, and the words that it recognises by their readings.
    pub(super) fn read(
        reader: &tantivy::Searcher,
        schema: &Schema,
        documents: &[Document<'_>],
    ) -> Result<(Self, Vocabulary), Error> {
        let segment = reader.segment_reader(0);
        let subjects: Vec<Subject> = documents.iter().map(|document| document.subject).collect();
        let owners = (0..).zip(documents);
        let owners =
            owners.flat_map(|(position, document)| document.phrases.iter().map(move |_| position));
        let owners: Vec<u32> = owners.collect();
        let layout = Layout {
            owners: &owners,
            subjects: subjects.len(),
        };
        let (words, grams) = thread::scope(|scope| {
            let words = scope.spawn(|| Field::read(segment, schema.words, layout));
            let grams = Field::read(segment, schema.grams, layout);
            let words = words.join();
            (words.unwrap_or_else(|panic| resume_unwind(panic)), grams)
        });
        let vocabulary = index::vocabulary(segment, schema)?;
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let lexical = Self {
            subject_count: count(subjects.len()),
            phrase_count: count(owners.len()),
            scorer: LexicalScorer::new(subjects, owners, [words?, grams?]),
            exact: ExactForms::read(segment)?,
        };
        Ok((lexical, Vocabulary::new(&vocabulary)))
    }

    /// Returns the number of the first phrase with an exact form.
    pub(super) fn phrase_of_form(
        &self,
        form: &str,
        knowledge: &KnowledgeBase,
        analyzer: &Analyzer,
    ) -> Option<u32> {
        let number = self.exact.find(form)?;
        let phrase = self.phrase(number, knowledge)?;
        (analyzer.exact_form(phrase) == form).then_some(number)
    }

    /// Returns a phrase by its number.
    pub(super) fn phrase<'a>(&self, number: u32, knowledge: &'a KnowledgeBase) -> Option<&'a str> {
        let (subject, index) = self.scorer.phrase(number)?;
        index::phrase(knowledge, subject, index)
    }
}
