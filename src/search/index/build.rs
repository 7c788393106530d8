//! Builds an index: analyzes all texts on all processors and writes their terms.
//!
//! Texts are analyzed in batches, so that the memory needed does not grow with the knowledge; while
//! one batch is written, the next one is analyzed.
//!
//! Invariant: the index does not depend on the number of processors.

use std::panic::resume_unwind;
use std::thread;

use tantivy::indexer::SingleSegmentIndexWriter;
use tantivy::{Directory, Index, TantivyDocument};

use super::exact::exact_hash;
use super::schema::{READING_SEPARATOR, SEPARATOR, Schema};
use super::subject::Document;
use crate::search::analysis::{Analyzer, Terms, VocabularyCounter};
use crate::search::error::Error;

/// Memory budget of the index writer; tantivy's minimum is 15 MB.
const WRITER_MEMORY_BYTES: usize = 64_000_000;

/// Length of a batch; its terms are about ten times as long.
const BATCH_BYTES: usize = 1_000_000;

/// A text to be indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Text<'a> {
    /// A phrase: its distinct terms and its exact form.
    Phrase(&'a str),
    /// An entry's question and answer: each occurrence of a term.
    Whole(&'a str),
}

/// An analyzed text as it is written.
struct Analyzed {
    words: String,
    grams: String,
    exact: Option<u64>,
}

/// Builds an index in a directory.
///
/// # Errors
/// [`Error::Index`] if tantivy fails.
pub(super) fn build(
    directory: impl Directory,
    schema: &Schema,
    documents: &[Document<'_>],
    analyzer: &Analyzer,
) -> Result<Index, Error> {
    let counter = VocabularyCounter::default();
    build_texts(directory, schema, &texts(documents), analyzer, counter)
}

/// Lists the texts of an index, in the order of its documents.
pub(super) fn texts<'a>(documents: &'a [Document<'_>]) -> Vec<Text<'a>> {
    let phrases = documents.iter().flat_map(|document| &document.phrases);
    let phrases = phrases.map(|phrase| Text::Phrase(phrase));
    let texts = documents.iter().map(|document| Text::Whole(&document.text));
    phrases.chain(texts).collect()
}

/// Counts the words of texts.
pub(super) fn count_words(texts: &[Text<'_>], analyzer: &Analyzer) -> VocabularyCounter {
    let mut counter = VocabularyCounter::default();
    for text in texts {
        counter.count(&analyzer.analyze(text.as_str()));
    }
    counter
}

/// Builds an index of texts; its last document is the vocabulary, with the words of `counter` and those
/// of the texts.
pub(super) fn build_texts(
    directory: impl Directory,
    schema: &Schema,
    texts: &[Text<'_>],
    analyzer: &Analyzer,
    mut counter: VocabularyCounter,
) -> Result<Index, Error> {
    let mut writer: SingleSegmentIndexWriter = Index::builder()
        .schema(schema.tantivy.clone())
        .tokenizers(Schema::tokenizers())
        .single_segment_index_writer(directory, WRITER_MEMORY_BYTES)?;
    thread::scope(|scope| {
        let mut batches = batches(texts);
        let mut next = batches.next();
        let mut analyzed = None;
        while next.is_some() || analyzed.is_some() {
            let analysis = next.map(|batch| scope.spawn(|| analyze(batch, analyzer)));
            for (texts, words) in analyzed.into_iter().flatten() {
                counter.add(words);
                for text in texts {
                    writer.add_document(document(schema, text))?;
                }
            }
            let joined = analysis.map(|analysis| analysis.join());
            analyzed = joined.map(|joined| joined.unwrap_or_else(|panic| resume_unwind(panic)));
            next = batches.next();
        }
        Ok::<(), Error>(())
    })?;
    writer.add_document(vocabulary(schema, counter))?;
    Ok(writer.finalize()?)
}

/// Splits the texts into batches of about [`BATCH_BYTES`].
fn batches<'a>(mut texts: &'a [Text<'a>]) -> impl Iterator<Item = &'a [Text<'a>]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let end = texts.iter().position(|text| {
            bytes += text.as_str().len();
            bytes > BATCH_BYTES
        });
        let (batch, rest) = texts.split_at(end.map_or(texts.len(), |end| end.max(1)));
        texts = rest;
        Some(batch).filter(|batch| !batch.is_empty())
    })
}

/// Analyzes a batch on all processors. Returns the texts in order, in parts, and counts of words.
fn analyze(batch: &[Text<'_>], analyzer: &Analyzer) -> Vec<(Vec<Analyzed>, VocabularyCounter)> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let part = batch.len().div_ceil(processors).max(1);
    thread::scope(|scope| {
        let parts = batch.chunks(part).map(|part| {
            scope.spawn(|| {
                let mut counter = VocabularyCounter::default();
                let texts = part.iter().map(|text| text.analyze(analyzer, &mut counter));
                (texts.collect(), counter)
            })
        });
        let parts: Vec<_> = parts.collect();
        let parts = parts.into_iter().map(|part| part.join());
        parts
            .map(|part| part.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}

impl<'a> Text<'a> {
    pub(super) fn as_str(&self) -> &'a str {
        match self {
            Self::Phrase(text) | Self::Whole(text) => text,
        }
    }

    fn analyze(&self, analyzer: &Analyzer, counter: &mut VocabularyCounter) -> Analyzed {
        let analysis = analyzer.analyze(self.as_str());
        counter.count(&analysis);
        let (terms, exact) = match self {
            Self::Phrase(_) => (
                Terms::distinct(&analysis),
                exact_hash(&analysis.exact_form()),
            ),
            Self::Whole(_) => (Terms::occurrences(&analysis), None),
        };
        Analyzed {
            words: join(terms.words.iter().map(|(word, _)| word), |text, word| {
                text.push_str(word);
            }),
            grams: join(terms.grams.iter(), |text, (gram, _)| gram.push_to(text)),
            exact,
        }
    }
}

fn document(schema: &Schema, text: Analyzed) -> TantivyDocument {
    let mut document = TantivyDocument::new();
    document.add_text(schema.words, text.words);
    document.add_text(schema.grams, text.grams);
    if let Some(exact) = text.exact {
        document.add_u64(schema.exact, exact);
    }
    document
}

fn vocabulary(schema: &Schema, counter: VocabularyCounter) -> TantivyDocument {
    let words = counter.entries().into_iter().enumerate();
    // tantivy sorts terms, so the rank comes first.
    let words = join(words, |text, (rank, (reading, word, count))| {
        let separator = READING_SEPARATOR;
        text.push_str(&format!(
            "{rank:08}{separator}{reading}{separator}{word}{separator}{count}"
        ));
    });
    let mut document = TantivyDocument::new();
    document.add_text(schema.vocabulary, words);
    document
}

/// Joins terms; `push` appends one of them.
fn join<T>(terms: impl Iterator<Item = T>, push: impl Fn(&mut String, T)) -> String {
    let mut text = String::new();
    for term in terms {
        if !text.is_empty() {
            text.push(SEPARATOR);
        }
        push(&mut text, term);
    }
    text
}
