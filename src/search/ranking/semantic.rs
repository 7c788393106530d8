//! The semantic scorer: cosine similarity between a question's embedding and the knowledge's.
//!
//! Each phrase and each text has an embedding. A subject has two scores: the similarity of its most
//! similar phrase, and that of its text. Models differ in the range of their cosines, so a
//! similarity is rescaled: 0 is the baseline similarity of unrelated phrases, 1 is the same text.
//! The scores are features of the ranking model like the lexical ones, not a second ranking to be
//! merged.

use std::path::Path;
use std::sync::Arc;

use super::candidates::Candidates;
use crate::embedding::{Embedding, Encoder, Vector, Vectors};
use crate::knowledge::Evidence;
use crate::search::index::Document;

/// Maximum number of subjects that become candidates by similarity alone.
const MAX_SIMILAR_SUBJECTS: usize = 50;

/// Maximum baseline similarity: with a model for which all texts are alike, the rescaling would
/// otherwise divide by almost zero.
const MAX_BASELINE: f32 = 0.95;

/// The embeddings of the knowledge.
pub(in crate::search) struct SemanticScorer {
    encoder: Arc<Encoder>,
    vectors: Vectors,
    owners: Vec<Owner>,
    subjects: usize,
    /// Mean cosine similarity between phrases of different subjects.
    baseline: f32,
}

/// The text that a vector was made from.
#[derive(Debug, Clone, Copy)]
struct Owner {
    /// Position of the subject in the index.
    subject: usize,
    /// Number of the phrase in the index; `None` for a text.
    phrase: Option<u32>,
}

/// The rescaled similarities of one subject.
#[derive(Debug, Clone, Copy, Default)]
struct Similarity {
    phrase: f32,
    text: f32,
    nearest: Option<u32>,
}

impl SemanticScorer {
    /// Embeds the knowledge, or reads its embeddings from a folder. `None` if embeddings are
    /// missing and [`Missing::Skip`](crate::embedding::Missing) is set, or if the server fails.
    pub(in crate::search) fn open(
        Embedding { encoder, missing }: Embedding,
        documents: &[Document<'_>],
        folder: Option<&Path>,
    ) -> Option<Self> {
        let mut texts: Vec<&str> = Vec::new();
        let mut owners = Vec::new();
        let mut number = 0;
        for (subject, document) in documents.iter().enumerate() {
            for phrase in &document.phrases {
                texts.push(phrase);
                owners.push(Owner {
                    subject,
                    phrase: Some(number),
                });
                number += 1;
            }
            if !document.text.is_empty() {
                texts.push(&document.text);
                owners.push(Owner {
                    subject,
                    phrase: None,
                });
            }
        }
        let vectors = match encoder.embed(&texts, folder, missing) {
            Ok(vectors) => vectors?,
            Err(error) => {
                tracing::warn!(%error, "keyword search only: knowledge not embedded");
                return None;
            }
        };
        let subject_of_phrase = |owner: &Owner| owner.phrase.map(|_| owner.subject);
        let groups: Vec<_> = owners.iter().map(subject_of_phrase).collect();
        let baseline = vectors.mean_cosine(&groups).clamp(0.0, MAX_BASELINE);
        Some(Self {
            subjects: documents.len(),
            encoder,
            vectors,
            owners,
            baseline,
        })
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
        let mut owners = self.owners.iter();
        let position = owners.position(|owner| owner.phrase == Some(phrase))?;
        self.vectors.get(position)
    }

    /// Adds the similarity scores to candidates, and makes the most similar subjects worth
    /// ranking. Leaves the candidates as they are if the embedding has other dimensions.
    pub(in crate::search) fn add(&self, candidates: &mut Candidates, question: &Vector) {
        if question.dimensions() != self.vectors.dimensions() {
            return;
        }
        let similarities = self.similarities(question);
        let mut phrases: Vec<f32> = similarities.iter().map(|found| found.phrase).collect();
        candidates.nearest = phrases.iter().copied().fold(0.0, f32::max);
        let threshold = if phrases.len() > MAX_SIMILAR_SUBJECTS {
            *phrases
                .select_nth_unstable_by(MAX_SIMILAR_SUBJECTS, |a, b| b.total_cmp(a))
                .1
        } else {
            0.0
        };
        candidates.evidence = self.evidence();
        for (candidate, similarity) in candidates.all.iter_mut().zip(&similarities) {
            candidate.scores.meaning_phrase = similarity.phrase;
            candidate.scores.meaning_text = similarity.text;
            candidate.nearest_phrase = similarity.nearest;
            candidate.is_worth_ranking |= similarity.phrase > threshold;
        }
    }

    /// Returns the similarities of every subject, in the order of the index.
    fn similarities(&self, question: &Vector) -> Vec<Similarity> {
        let mut all = vec![Similarity::default(); self.subjects];
        for (cosine, owner) in self.vectors.cosines(question).into_iter().zip(&self.owners) {
            let rescaled = ((cosine - self.baseline) / (1.0 - self.baseline)).max(0.0);
            let Some(similarity) = all.get_mut(owner.subject) else {
                continue;
            };
            if owner.phrase.is_none() {
                similarity.text = rescaled;
            } else if rescaled > similarity.phrase {
                similarity.phrase = rescaled;
                similarity.nearest = owner.phrase;
            }
        }
        all
    }
}
