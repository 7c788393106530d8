//! The index's postings, decoded once into memory when the index is opened.
//!
//! tantivy keeps the index safe and small on disk, where each term of a question costs a search of
//! the term dictionary and the decoding of a block; a question has some hundred terms. Decoded, a
//! term costs one hash lookup and a walk over a slice. Memory: 8 bytes a posting.

use std::collections::HashMap;
use std::ops::Range;

use tantivy::postings::Postings as _;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, SegmentReader, TERMINATED};

use super::schema::Kind;
use crate::search::error::Error;

/// BM25's two constants.
#[derive(Debug, Clone, Copy)]
struct Saturation {
    k1: f32,
    b: f32,
}

/// A phrase is short, and one that is mostly the question's words is meant: length counts fully.
const PHRASE: Saturation = Saturation { k1: 3.0, b: 1.0 };
const TEXT: Saturation = Saturation { k1: 1.2, b: 0.75 };

/// A document that has a term.
#[derive(Debug, Clone, Copy)]
pub(in crate::search) struct Posting {
    /// A phrase, by its number; for a profile or a text, the subject.
    pub(in crate::search) place: u32,
    /// BM25's part for frequency and length: 1 for a term that stands once in a text of mean
    /// length.
    pub(in crate::search) gain: f32,
}

/// Where a term stands.
#[derive(Debug, Clone, Default)]
pub(in crate::search) struct TermPostings {
    /// Phrases that have it.
    pub(in crate::search) phrases: Range<usize>,
    /// Subjects that are asked for with it.
    pub(in crate::search) profiles: Range<usize>,
    /// Questions with answers that have it.
    pub(in crate::search) texts: Range<usize>,
    /// Whether only subjects that are nobody's business here are asked for with it.
    pub(in crate::search) is_foreign: bool,
}

/// The postings of one field.
pub(in crate::search) struct Postings {
    terms: HashMap<Box<str>, TermPostings>,
    list: Vec<Posting>,
}

/// What each document of the index is.
pub(in crate::search) struct Documents {
    kinds: Vec<Kind>,
    /// The subject of each phrase, by the phrase's number.
    pub(in crate::search) phrase_owners: Vec<u32>,
    /// The number of each document among those of its kind.
    numbers: Vec<u32>,
}

impl Documents {
    /// Reads what each document is.
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
    /// Decodes a field.
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
            // Texts that are empty (a referral has no answer) are not of the kind.
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
                let place = documents.numbers[index];
                let posting = |gain: f32| Posting { place, gain };
                match documents.kinds[index] {
                    Kind::Phrase => {
                        phrases.push(posting(PHRASE.saturate(frequency, length, mean_phrase)));
                    }
                    Kind::Profile => profiles.push(posting(1.0)),
                    Kind::Text => {
                        texts.push(posting(TEXT.saturate(frequency, length, mean_text)));
                    }
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

    /// Finds where a term stands.
    pub(in crate::search) fn get(&self, term: &str) -> Option<&TermPostings> {
        self.terms.get(term)
    }

    /// Marks the terms by which only subjects of a kind are asked for.
    pub(in crate::search) fn mark_foreign(&mut self, is_foreign: impl Fn(u32) -> bool) {
        for term in self.terms.values_mut() {
            let asked = self.list.get(term.profiles.clone()).unwrap_or_default();
            term.is_foreign = asked.iter().all(|posting| is_foreign(posting.place));
        }
    }

    /// Sums the rarity of each phrase's terms, a phrase a place.
    pub(in crate::search) fn phrase_norms(
        &self,
        phrases: usize,
        rarity: impl Fn(usize) -> f32,
    ) -> Vec<f32> {
        let mut norms = vec![0.0; phrases];
        for term in self.terms.values() {
            let rarity = rarity(term.profiles.len());
            for posting in self.slice(&term.phrases) {
                if let Some(norm) = norms.get_mut(posting.place as usize) {
                    *norm += rarity;
                }
            }
        }
        norms
    }

    /// Returns a part of a term's postings.
    pub(in crate::search) fn slice(&self, range: &Range<usize>) -> &[Posting] {
        self.list.get(range.clone()).unwrap_or_default()
    }
}

impl Saturation {
    fn saturate(self, frequency: u32, length: f32, mean: f32) -> f32 {
        let frequency = frequency as f32;
        let norm = self.k1 * (1.0 - self.b + self.b * length / mean.max(1.0));
        frequency * (self.k1 + 1.0) / (frequency + norm)
    }
}
