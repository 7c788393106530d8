//! Reads an index that was opened or built.

use tantivy::{Index, IndexReader, ReloadPolicy, Searcher, SegmentReader};

use super::schema::{READING_SEPARATOR, Schema};
use crate::search::analysis::CountedWord;
use crate::search::error::Error;

/// Returns a reader of an index, without tantivy's thread that watches for changes: an index never
/// changes, and a process that reads a memory-mapped file while it is truncated is killed (SIGBUS).
///
/// # Errors
/// [`Error::Index`] if a file cannot be read.
pub(in crate::search) fn searcher(index: &Index) -> Result<Searcher, Error> {
    let builder = index.reader_builder().reload_policy(ReloadPolicy::Manual);
    let reader: IndexReader = builder.try_into()?;
    Ok(reader.searcher())
}

/// Reads the words of an index with their readings, in order of decreasing frequency.
pub(in crate::search) fn vocabulary(
    segment: &SegmentReader,
    schema: &Schema,
) -> Result<Vec<CountedWord>, Error> {
    let index = segment.inverted_index(schema.vocabulary)?;
    let mut terms = index
        .terms()
        .stream()
        .map_err(tantivy::TantivyError::from)?;
    let mut entries = Vec::new();
    while terms.advance() {
        let term = String::from_utf8_lossy(terms.key());
        let mut parts = term.split(READING_SEPARATOR).skip(1);
        if let (Some(reading), Some(word), Some(count)) = (parts.next(), parts.next(), parts.next())
        {
            let count = count.parse().unwrap_or(1);
            entries.push((reading.to_owned(), word.to_owned(), count));
        }
    }
    Ok(entries)
}
