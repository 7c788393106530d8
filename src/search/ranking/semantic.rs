//! The semantic scorer: cosine similarity between a question's embedding and the knowledge's.
//!
//! Each phrase and each text has an embedding. A subject has two scores: the similarity of its most
//! similar phrase, and that of its text. Models differ in the range of their cosines, so a
//! similarity is rescaled: 0 is the baseline similarity of unrelated phrases, 1 is the same text.
//! The scores are features of the ranking model like the lexical ones, not a second ranking to be
//! merged.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::LexicalScorer;
use super::candidates::{Candidate, Candidates};
use crate::embedding::{Embedding, Encoder, Vector, Vectors};
use crate::knowledge::Evidence;
use crate::search::index::Document;

/// Maximum number of subjects that become candidates by similarity alone.
const MAX_SIMILAR_SUBJECTS: usize = 50;

/// Maximum baseline similarity: with a model for which all texts are alike, the rescaling would
/// otherwise divide by almost zero.
const MAX_BASELINE: f32 = 0.95;

/// Maximum number of vectors that are all compared with a question, which takes about a
/// millisecond. Of more, only those of the subjects that match by words are compared.
const MAX_SCANNED_VECTORS: usize = 20_000;

/// The embeddings of the knowledge.
pub(in crate::search) struct SemanticScorer {
    encoder: Arc<Encoder>,
    /// The vectors of each subject's phrases, followed by that of its text if it has one.
    vectors: Vectors,
    /// For each subject the index of its first vector and the number of its first phrase.
    subjects: Vec<Start>,
    /// Mean cosine similarity between phrases of different subjects.
    baseline: f32,
    max_scanned: usize,
}

/// The begin of a subject's vectors and phrases; the last one is the end of all.
#[derive(Debug, Clone, Copy, Default)]
struct Start {
    vector: usize,
    phrase: u32,
}

/// The texts of an index that are embedded.
struct Texts<'a> {
    texts: Vec<&'a str>,
    /// The subject of each text that is a phrase, as a position.
    owners: Vec<Option<usize>>,
    subjects: Vec<Start>,
}

impl<'a> Texts<'a> {
    fn of(documents: &'a [Document<'_>]) -> Self {
        let mut texts: Vec<&str> = Vec::new();
        let mut owners: Vec<Option<usize>> = Vec::new();
        let mut subjects = vec![Start::default()];
        let mut start = Start::default();
        for (position, document) in documents.iter().enumerate() {
            for phrase in &document.phrases {
                texts.push(phrase);
                owners.push(Some(position));
                start.phrase += 1;
            }
            if !document.text.is_empty() {
                texts.push(&document.text);
                owners.push(None);
            }
            start.vector = texts.len();
            subjects.push(start);
        }
        Self {
            texts,
            owners,
            subjects,
        }
    }
}

/// Splits vectors into the first `count` and the others.
fn split(vectors: &Vectors, count: usize) -> (Vectors, Vectors) {
    let part = |range: Range<usize>| {
        let mut part = Vectors::default();
        for index in range {
            part.push_from(vectors, index);
        }
        part
    };
    (part(0..count), part(count..vectors.len()))
}

/// The rescaled similarities of one subject.
#[derive(Debug, Clone, Copy, Default)]
struct Similarity {
    phrase: f32,
    text: f32,
    nearest: Option<u32>,
}

impl SemanticScorer {
    /// Embeds the subjects of two indexes, or reads their embeddings from a folder. `None` if embeddings
    /// are missing and [`Missing::Skip`](crate::embedding::Missing) is set, or if the server fails.
    ///
    /// Embeds both at once, since the cache of the folder keeps what is in use.
    pub(in crate::search) fn open(
        Embedding { encoder, missing }: Embedding,
        lists: [&[Document<'_>]; 2],
        folder: Option<&Path>,
    ) -> Option<[Self; 2]> {
        let [own, defaults] = lists.map(Texts::of);
        let texts: Vec<&str> = own.texts.iter().chain(&defaults.texts).copied().collect();
        let vectors = match encoder.embed(&texts, folder, missing) {
            Ok(vectors) => vectors?,
            Err(error) => {
                tracing::warn!(%error, "keyword search only: knowledge not embedded");
                return None;
            }
        };
        let (first, rest) = if defaults.texts.is_empty() {
            (vectors, Vectors::default())
        } else {
            split(&vectors, own.texts.len())
        };
        let defaults = Self::new(Arc::clone(&encoder), defaults, rest);
        Some([Self::new(encoder, own, first), defaults])
    }

    fn new(encoder: Arc<Encoder>, texts: Texts<'_>, vectors: Vectors) -> Self {
        Self {
            encoder,
            baseline: vectors.mean_cosine(&texts.owners).clamp(0.0, MAX_BASELINE),
            vectors,
            subjects: texts.subjects,
            max_scanned: MAX_SCANNED_VECTORS,
        }
    }

    /// Compares all vectors with each question, however many there are.
    pub(in crate::search) fn scan_all(&mut self) {
        self.max_scanned = usize::MAX;
    }

    /// Returns the encoder that made the embeddings.
    pub(in crate::search) fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// Returns the kind of evidence of a ranking with these embeddings.
    pub(in crate::search) fn evidence(&self) -> Evidence {
        match *self.encoder {
            Encoder::BuiltIn(_) => Evidence::BuiltIn,
            Encoder::Server(_) => Evidence::Server,
        }
    }

    /// Returns the embedding of a phrase by its number.
    pub(in crate::search) fn vector(&self, phrase: u32) -> Option<Vector> {
        let position = self
            .subjects
            .partition_point(|start| start.phrase <= phrase);
        let start = self.subjects.get(position.checked_sub(1)?)?;
        let index = usize::try_from(phrase - start.phrase).ok()?;
        self.vectors.get(start.vector + index)
    }

    /// Adds the similarity scores to candidates, and makes the most similar subjects candidates: the
    /// lexical scorer scores them. Leaves the candidates as they are if the embedding has other
    /// dimensions.
    pub(in crate::search) fn add(
        &self,
        candidates: &mut Candidates,
        question: &Vector,
        lexical: &LexicalScorer,
    ) {
        if question.dimensions() != self.vectors.dimensions() {
            return;
        }
        candidates.evidence = self.evidence();
        if self.vectors.len() > self.max_scanned {
            for candidate in &mut candidates.all {
                self.similarity(candidate.position, question).set(candidate);
            }
        } else {
            let subjects = u32::try_from(self.subjects.len() - 1).unwrap_or(u32::MAX);
            let similarities = (0..subjects).map(|position| self.similarity(position, question));
            let similarities: Vec<Similarity> = similarities.collect();
            lexical.add(candidates, &most_similar(&similarities));
            for candidate in &mut candidates.all {
                similarities[candidate.position as usize].set(candidate);
            }
        }
        candidates.find_nearest();
    }

    /// Returns the similarities of a subject.
    fn similarity(&self, position: u32, question: &Vector) -> Similarity {
        let bounds = self.subjects.get(position as usize..position as usize + 2);
        let Some(&[start, end]) = bounds else {
            return Similarity::default();
        };
        let mut similarity = Similarity::default();
        let cosines = self.vectors.cosines_in(start.vector..end.vector, question);
        for (phrase, cosine) in (start.phrase..).zip(cosines) {
            let rescaled = ((cosine - self.baseline) / (1.0 - self.baseline)).max(0.0);
            if phrase == end.phrase {
                similarity.text = rescaled;
            } else if rescaled > similarity.phrase {
                similarity.phrase = rescaled;
                similarity.nearest = Some(phrase);
            }
        }
        similarity
    }
}

impl Similarity {
    fn set(self, candidate: &mut Candidate) {
        candidate.scores.meaning_phrase = self.phrase;
        candidate.scores.meaning_text = self.text;
        candidate.nearest_phrase = self.nearest;
    }
}

/// Returns the positions of the [`MAX_SIMILAR_SUBJECTS`] with the most similar phrases.
fn most_similar(similarities: &[Similarity]) -> Vec<u32> {
    let mut phrases: Vec<f32> = similarities.iter().map(|found| found.phrase).collect();
    let threshold = if phrases.len() > MAX_SIMILAR_SUBJECTS {
        let (_, threshold, _) =
            phrases.select_nth_unstable_by(MAX_SIMILAR_SUBJECTS, |a, b| b.total_cmp(a));
        *threshold
    } else {
        0.0
    };
    let similar = (0..).zip(similarities);
    let similar = similar.filter(|(_, similarity)| similarity.phrase > threshold);
    similar.map(|(position, _)| position).collect()
}
