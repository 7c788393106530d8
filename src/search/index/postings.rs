//! The postings of a field, decoded into memory when the index is opened.
//!
//! Input: a field of a tantivy segment. Output: a [`Field`]: for each term the phrases, subjects and
//! texts that have it, and for each phrase its terms. A question has about a hundred terms; on disk
//! each would cost a search of the term dictionary and the decoding of a block, in memory it costs
//! one hash lookup. Memory: 4 bytes for each occurrence, and about 2 for the other direction.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use tantivy::postings::Postings as _;
use tantivy::schema::{self, IndexRecordOption};
use tantivy::{DocSet, SegmentReader, TERMINATED};

use super::lists::{CompactLists, Lists, count_u32};
use crate::search::analysis::Gram;
use crate::search::error::Error;

/// The parameters of BM25.
#[derive(Debug, Clone, Copy)]
struct Bm25 {
    k1: f32,
    b: f32,
}

/// Full length normalisation: phrases are short, and other words in a phrase count against it.
const PHRASE_BM25: Bm25 = Bm25 { k1: 3.0, b: 1.0 };

/// The usual parameters, the defaults of Lucene and tantivy.
const TEXT_BM25: Bm25 = Bm25 { k1: 1.2, b: 0.75 };

/// Greatest TF component of a term in a text.
pub(in crate::search) const MAX_TEXT_TF: f32 = TEXT_BM25.k1 + 1.0;

/// One of the two fields, decoded.
#[derive(Debug, Default)]
pub(in crate::search) struct Field {
    terms: TermNumbers,
    /// For each term the phrases that have it.
    pub(in crate::search) phrases: Lists,
    /// For each term the subjects with a phrase that has it, until [`Field::weigh`].
    profiles: Lists,
    /// For each term the number of these subjects.
    pub(in crate::search) subject_counts: Vec<u32>,
    /// For each term the subjects with a text that has it.
    pub(in crate::search) texts: Lists,
    /// How often the term is in the text, in the order of `texts`.
    text_frequencies: Vec<u8>,
    /// For each phrase its terms.
    pub(in crate::search) phrase_terms: CompactLists,
    /// For each subject the terms of its phrases.
    pub(in crate::search) profile_terms: CompactLists,
    /// For each subject the terms of its text.
    pub(in crate::search) text_terms: Lists,
    /// How often the text has the term, in the order of `text_terms`.
    text_term_frequencies: Vec<u8>,
    /// For each phrase the TF component of BM25 of each of its terms: 1 in a phrase of mean length.
    pub(in crate::search) phrase_tf: Vec<f32>,
    /// For each text the length component of BM25.
    text_lengths: Vec<f32>,
    /// For each phrase the sum of the rarity of its terms.
    pub(in crate::search) norms: Vec<f32>,
    /// For each term its rarity over subjects.
    pub(in crate::search) rarities: Vec<f32>,
    /// For each term its rarity over texts.
    pub(in crate::search) text_rarities: Vec<f32>,
    /// Whether only out-of-scope subjects have phrases with the term, for each term.
    pub(in crate::search) is_foreign: Vec<bool>,
}

/// The documents of an index: first the phrases, then one text for each subject.
#[derive(Debug, Clone, Copy)]
pub(in crate::search) struct Layout<'a> {
    /// The subject of each phrase, as a position in the list of subjects.
    pub(in crate::search) owners: &'a [u32],
    /// Number of subjects.
    pub(in crate::search) subjects: usize,
}

/// Maps terms to their numbers by a 64-bit hash. Two of a million terms have the same hash with a
/// probability of 1 in 10⁷.
type TermNumbers = HashMap<u64, u32, BuildHasherDefault<HashedKey>>;

/// Passes on a key that is a hash already.
#[derive(Default)]
pub(in crate::search) struct HashedKey(u64);

impl Hasher for HashedKey {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes);
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// Returns the 64-bit FNV-1a hash of a text. It is stored in the index, so it must not change.
pub(in crate::search) fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

impl Field {
    /// Decodes all postings of a field.
    pub(in crate::search) fn read(
        segment: &SegmentReader,
        field: schema::Field,
        layout: Layout<'_>,
    ) -> Result<Self, Error> {
        let mut read = Self::default();
        read.read_lengths(segment, field, layout)?;
        let index = segment.inverted_index(field)?;
        let io = tantivy::TantivyError::from;
        let mut terms = index.terms().stream().map_err(io)?;
        let phrases = count_u32(layout.owners.len());
        while terms.advance() {
            read.terms.insert(hash(terms.key()), read.phrases.len());
            let info = terms.value();
            let mut found = index
                .read_postings_from_terminfo(info, IndexRecordOption::WithFreqs)
                .map_err(io)?;
            let mut doc = found.doc();
            let mut last_owner = None;
            while doc != TERMINATED {
                if doc < phrases {
                    read.phrases.push(doc);
                    // The phrases of a subject follow each other.
                    let owner = layout.owners[doc as usize];
                    if last_owner != Some(owner) {
                        read.profiles.push(owner);
                        last_owner = Some(owner);
                    }
                } else {
                    read.texts.push(doc - phrases);
                    let frequency = u8::try_from(found.term_freq()).unwrap_or(u8::MAX);
                    read.text_frequencies.push(frequency);
                }
                doc = found.advance();
            }
            for lists in [&mut read.phrases, &mut read.profiles, &mut read.texts] {
                lists.finish_list();
            }
        }
        read.profile_terms = CompactLists::new(&read.profiles.inverse(layout.subjects));
        for lists in [&mut read.phrases, &mut read.texts] {
            lists.shrink();
        }
        read.phrase_terms = CompactLists::new(&read.phrases.inverse(layout.owners.len()));
        let mut frequencies = vec![0; read.text_frequencies.len()];
        read.text_terms = read.texts.inverse_with(layout.subjects, |from, to| {
            frequencies[to] = read.text_frequencies[from];
        });
        read.text_term_frequencies = frequencies;
        Ok(read)
    }

    fn read_lengths(
        &mut self,
        segment: &SegmentReader,
        field: schema::Field,
        layout: Layout<'_>,
    ) -> Result<(), Error> {
        let lengths = segment.get_fieldnorms_reader(field)?;
        let phrases = count_u32(layout.owners.len());
        let texts = count_u32(layout.subjects);
        let lengths = |first: u32, count: u32| -> Vec<u32> {
            let documents = first..first + count;
            documents.map(|doc| lengths.fieldnorm(doc)).collect()
        };
        let mean = |lengths: &[u32]| {
            // Empty documents do not count: a referral has no answer.
            let filled = lengths.iter().filter(|length| **length > 0).count();
            let sum: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
            sum as f32 / filled.max(1) as f32
        };
        let of_phrases = lengths(0, phrases);
        let of_texts = lengths(phrases, texts);
        let (mean_phrase, mean_text) = (mean(&of_phrases), mean(&of_texts));
        let phrase_tf = of_phrases.into_iter().map(|length| {
            // A phrase has each term once.
            PHRASE_BM25.tf(1.0, PHRASE_BM25.length(length, mean_phrase))
        });
        self.phrase_tf = phrase_tf.collect();
        let text_lengths = of_texts.into_iter();
        let text_lengths = text_lengths.map(|length| TEXT_BM25.length(length, mean_text));
        self.text_lengths = text_lengths.collect();
        Ok(())
    }

    /// Computes what depends on the rarity of terms; `rarity` takes the positions of the subjects
    /// that have a term, `text_rarity` that of texts, `is_foreign` the position of a subject.
    pub(in crate::search) fn weigh(
        &mut self,
        rarity: impl Fn(&[u32]) -> f32,
        text_rarity: impl Fn(usize) -> f32,
        is_foreign: impl Fn(u32) -> bool,
    ) {
        // Not kept: the subjects of a term follow from its phrases.
        let profiles = std::mem::take(&mut self.profiles);
        let subjects = profiles.iter();
        self.is_foreign = subjects
            .map(|subjects| subjects.iter().all(|subject| is_foreign(*subject)))
            .collect();
        let counts = profiles.iter().map(|subjects| count_u32(subjects.len()));
        self.subject_counts = counts.collect();
        let rarities = profiles.iter().map(rarity);
        self.rarities = rarities.collect();
        let text_rarities = self.texts.iter().map(|texts| text_rarity(texts.len()));
        self.text_rarities = text_rarities.collect();
        let rarities = &self.rarities;
        let phrases = self.phrase_terms.iter();
        let norms = phrases.map(|terms| terms.map(|term| rarities[term as usize]).sum());
        self.norms = norms.collect();
    }

    /// Returns the number of a term.
    pub(in crate::search) fn term(&self, term: &str) -> Option<u32> {
        self.terms.get(&hash(term.as_bytes())).copied()
    }

    /// Returns the number of a term of the field `grams`; `text` is working memory.
    pub(in crate::search) fn gram(&self, gram: Gram, text: &mut String) -> Option<u32> {
        text.clear();
        gram.push_to(text);
        self.term(text)
    }

    /// Returns the number of terms.
    pub(in crate::search) fn term_count(&self) -> usize {
        self.is_foreign.len()
    }

    /// Returns the TF component of BM25 of a posting of `texts`.
    #[inline]
    pub(in crate::search) fn text_tf(&self, posting: usize, subject: u32) -> f32 {
        let frequency = f32::from(self.text_frequencies[posting]);
        TEXT_BM25.tf(frequency, self.text_lengths[subject as usize])
    }

    /// Returns the TF component of BM25 of a posting of `text_terms`.
    #[inline]
    pub(in crate::search) fn text_term_tf(&self, posting: usize, subject: u32) -> f32 {
        let frequency = f32::from(self.text_term_frequencies[posting]);
        TEXT_BM25.tf(frequency, self.text_lengths[subject as usize])
    }
}

impl Bm25 {
    /// Returns the length component of a document.
    fn length(self, length: u32, mean: f32) -> f32 {
        self.k1 * (1.0 - self.b + self.b * length as f32 / mean.max(1.0))
    }

    /// Returns the TF component: 1 for a term that occurs once in a document of mean length.
    #[inline]
    fn tf(self, frequency: f32, length: f32) -> f32 {
        frequency * (self.k1 + 1.0) / (frequency + length)
    }
}
