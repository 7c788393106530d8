//! The postings of the index, decoded into memory when the index is opened.
//!
//! Input: a tantivy segment. Output: for each term, the phrases and subjects that have it. A question
//! has about a hundred terms; on disk each would cost a search of the term dictionary and the
//! decoding of a block, in memory it costs one hash lookup. Memory: 8 bytes per posting.

use std::collections::HashMap;
use std::ops::Range;

use tantivy::postings::Postings as _;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, SegmentReader, TERMINATED};

use super::schema::Kind;
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

/// A document that has a term.
#[derive(Debug, Clone, Copy)]
pub(in crate::search) struct Posting {
    /// The number of the phrase; for a profile or a text, the position of the subject.
    pub(in crate::search) number: u32,
    /// The TF component of BM25: 1 for a term that occurs once in a document of mean length, and
    /// always 1 for a profile.
    pub(in crate::search) tf: f32,
}

/// The postings of a term, as ranges for [`Postings::slice`].
#[derive(Debug, Clone, Default)]
pub(in crate::search) struct TermPostings {
    /// Phrases that have the term.
    pub(in crate::search) phrases: Range<usize>,
    /// Subjects with a phrase that has the term.
    pub(in crate::search) profiles: Range<usize>,
    /// Texts that have the term.
    pub(in crate::search) texts: Range<usize>,
    /// Whether only out-of-scope subjects have phrases with the term.
    pub(in crate::search) is_foreign: bool,
}

/// The postings of one field.
pub(in crate::search) struct Postings {
    terms: HashMap<Box<str>, TermPostings>,
    list: Vec<Posting>,
}

/// The documents of the index.
pub(in crate::search) struct Documents {
    kinds: Vec<Kind>,
    /// The position of each phrase's subject, by the number of the phrase.
    pub(in crate::search) phrase_owners: Vec<u32>,
    /// For each document its [`Posting::number`].
    numbers: Vec<u32>,
}

impl Documents {
    /// Reads the kinds and subjects of the documents.
    pub(in crate::search) fn read(segment: &SegmentReader) -> Result<Self, Error> {
        let kind = segment.fast_fields().u64("kind")?;
        let subject = segment.fast_fields().u64("subject")?;
        let mut documents = Self {
            kinds: Vec::new(),
            phrase_owners: Vec::new(),
            numbers: Vec::new(),
        };
        for doc in 0..segment.max_doc() {
            let owner = u32::try_from(subject.first(doc).unwrap_or(0)).unwrap_or(0);
            let kind = match kind.first(doc) {
                Some(0) => Kind::Phrase,
                Some(1) => Kind::Profile,
                Some(2) => Kind::Text,
                _ => Kind::Vocabulary,
            };
            if kind == Kind::Phrase {
                let number = u32::try_from(documents.phrase_owners.len()).unwrap_or(u32::MAX);
                documents.numbers.push(number);
                documents.phrase_owners.push(owner);
            } else {
                documents.numbers.push(owner);
            }
            documents.kinds.push(kind);
        }
        Ok(documents)
    }
}

impl Postings {
    /// Decodes the postings of a field.
    pub(in crate::search) fn read(
        segment: &SegmentReader,
        field: Field,
        documents: &Documents,
    ) -> Result<Self, Error> {
        let index = segment.inverted_index(field)?;
        let lengths = segment.get_fieldnorms_reader(field)?;
        let mean = |kind: Kind| {
            let docs = (0_u32..).zip(&documents.kinds);
            let own = docs.filter(|(_, other)| **other == kind);
            let lengths: Vec<u32> = own.map(|(doc, _)| lengths.fieldnorm(doc)).collect();
            // Empty documents do not count: a referral has no answer.
            let filled = lengths.iter().filter(|length| **length > 0).count();
            lengths.iter().map(|length| *length as f32).sum::<f32>() / filled.max(1) as f32
        };
        let (mean_phrase, mean_text) = (mean(Kind::Phrase), mean(Kind::Text));
        let mut postings = Self {
            terms: HashMap::new(),
            list: Vec::new(),
        };
        let io = tantivy::TantivyError::from;
        let mut terms = index.terms().stream().map_err(io)?;
        let (mut phrases, mut profiles, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        while terms.advance() {
            let info = terms.value();
            let mut found = index
                .read_postings_from_terminfo(info, IndexRecordOption::WithFreqs)
                .map_err(io)?;
            let mut doc = found.doc();
            while doc != TERMINATED {
                let frequency = found.term_freq();
                let length = lengths.fieldnorm(doc) as f32;
                let index = doc as usize;
                let number = documents.numbers[index];
                let posting = |tf: f32| Posting { number, tf };
                match documents.kinds[index] {
                    Kind::Phrase => {
                        phrases.push(posting(PHRASE_BM25.tf(frequency, length, mean_phrase)));
                    }
                    Kind::Profile => profiles.push(posting(1.0)),
                    Kind::Text => texts.push(posting(TEXT_BM25.tf(frequency, length, mean_text))),
                    Kind::Vocabulary => {}
                }
                doc = found.advance();
            }
            let term = String::from_utf8_lossy(terms.key()).into_owned();
            let entry = TermPostings {
                phrases: postings.append(&mut phrases),
                profiles: postings.append(&mut profiles),
                texts: postings.append(&mut texts),
                is_foreign: false,
            };
            postings.terms.insert(term.into_boxed_str(), entry);
        }
        Ok(postings)
    }

    fn append(&mut self, found: &mut Vec<Posting>) -> Range<usize> {
        let start = self.list.len();
        self.list.append(found);
        start..self.list.len()
    }

    /// Returns the postings of a term.
    pub(in crate::search) fn get(&self, term: &str) -> Option<&TermPostings> {
        self.terms.get(term)
    }

    /// Marks the terms whose phrases all belong to subjects for which `is_foreign` returns true.
    pub(in crate::search) fn mark_foreign(&mut self, is_foreign: impl Fn(u32) -> bool) {
        for term in self.terms.values_mut() {
            let subjects = self.list.get(term.profiles.clone()).unwrap_or_default();
            term.is_foreign = subjects.iter().all(|posting| is_foreign(posting.number));
        }
    }

    /// Returns for each phrase the sum of the rarity of its terms; `rarity` takes the number of
    /// subjects that have a term.
    pub(in crate::search) fn phrase_norms(
        &self,
        phrases: usize,
        rarity: impl Fn(usize) -> f32,
    ) -> Vec<f32> {
        let mut norms = vec![0.0; phrases];
        // In the order of the index: a sum in the order of the hash map would differ in its last
        // digits from run to run.
        let mut terms: Vec<&TermPostings> = self.terms.values().collect();
        terms.sort_unstable_by_key(|term| term.phrases.start);
        for term in terms {
            let rarity = rarity(term.profiles.len());
            for posting in self.slice(&term.phrases) {
                if let Some(norm) = norms.get_mut(posting.number as usize) {
                    *norm += rarity;
                }
            }
        }
        norms
    }

    /// Returns the postings in a range of [`TermPostings`].
    pub(in crate::search) fn slice(&self, range: &Range<usize>) -> &[Posting] {
        self.list.get(range.clone()).unwrap_or_default()
    }
}

impl Bm25 {
    fn tf(self, frequency: u32, length: f32, mean: f32) -> f32 {
        let frequency = frequency as f32;
        let norm = self.k1 * (1.0 - self.b + self.b * length / mean.max(1.0));
        frequency * (self.k1 + 1.0) / (frequency + norm)
    }
}
