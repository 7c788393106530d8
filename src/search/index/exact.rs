//! The exact forms of the phrases, by which a question that equals a phrase finds it.
//!
//! Only hashes are kept; whoever looks up a form compares it with that of the phrase.

use tantivy::SegmentReader;

use super::postings::hash;
use super::schema::EXACT_NAME;
use crate::search::error::Error;

/// The hashes of the exact forms with the numbers of their phrases.
pub(in crate::search) struct ExactForms(Vec<(u64, u32)>);

impl ExactForms {
    /// Reads the hashes of an index.
    pub(in crate::search) fn read(segment: &SegmentReader) -> Result<Self, Error> {
        let hashes = segment.fast_fields().u64(EXACT_NAME)?;
        let documents = 0..segment.max_doc();
        let forms = documents.filter_map(|phrase| Some((hashes.first(phrase)?, phrase)));
        let mut forms: Vec<(u64, u32)> = forms.collect();
        forms.sort_unstable();
        Ok(Self(forms))
    }

    /// Returns the first phrase whose exact form probably is `form`.
    pub(in crate::search) fn find(&self, form: &str) -> Option<u32> {
        let hash = exact_hash(form)?;
        let index = self.0.partition_point(|(other, _)| *other < hash);
        let (found, phrase) = self.0.get(index)?;
        (*found == hash).then_some(*phrase)
    }
}

/// Returns the hash of an exact form; `None` for an empty one, which equals no question.
pub(super) fn exact_hash(form: &str) -> Option<u64> {
    (!form.is_empty()).then(|| hash(form.as_bytes()))
}
