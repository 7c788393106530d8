//! Reads the lexical part of an opened index: postings, exact forms and the vocabulary.

use std::panic::resume_unwind;
use std::thread;

use super::analysis::{Analyzer, Vocabulary};
use super::error::Error;
use super::index::{self, Document, ExactForms, Field, Layout, Schema, Subject};
use super::ranking::LexicalScorer;

/// The lexical part of an opened index.
pub(super) struct LexicalIndex {
    pub(super) analyzer: Analyzer,
    pub(super) scorer: LexicalScorer,
    pub(super) exact: ExactForms,
}

impl LexicalIndex {
    pub(super) fn read(
        reader: &tantivy::Searcher,
        schema: &Schema,
        documents: &[Document<'_>],
        mut analyzer: Analyzer,
    ) -> Result<Self, Error> {
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
        analyzer.set_vocabulary(Vocabulary::new(&vocabulary));
        Ok(Self {
            analyzer,
            scorer: LexicalScorer::new(subjects, owners, [words?, grams?]),
            exact: ExactForms::read(segment)?,
        })
    }
}
