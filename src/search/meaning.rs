//! How near a question's meaning is to what the knowledge says: the part of a score that needs no
//! shared word.
//!
//! Each phrase and each text has a direction; a subject is as near as its nearest phrase. Cosines
//! of different models have different ranges, so they are stretched to one: 0 is how near any two
//! subjects are, 1 is the same. Scores are added, never ranks: see `model`.

use std::path::Path;
use std::sync::Arc;

use super::analyzer::Analysis;
use super::rank::Found;
use super::subject::Document;
use crate::embedding::{Embedding, Encoder, Vector, Vectors};
use crate::knowledge::Evidence;

/// Subjects that share no word with a question and are considered nevertheless.
const NEAREST: usize = 50;

/// The directions of what the knowledge says.
pub(super) struct Meaning {
    encoder: Arc<Encoder>,
    vectors: Vectors,
    owners: Vec<Owner>,
    subjects: usize,
    /// How near two subjects are that have nothing to do with each other.
    usual: f32,
}

/// What a vector stands for.
#[derive(Debug, Clone, Copy)]
struct Owner {
    /// The subject's place among all.
    subject: usize,
    /// The phrase's number among all, or none for a text.
    phrase: Option<u32>,
}

/// How near a subject is, on the scale that all models share.
#[derive(Debug, Clone, Copy, Default)]
struct Nearness {
    phrase: f32,
    text: f32,
    nearest: Option<u32>,
}

impl Meaning {
    /// Embeds what the knowledge says, as far as a folder does not have it from earlier; `None` if
    /// that is not to be done now, or the server does not answer.
    pub(super) fn open(
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
                tracing::warn!(%error, "the knowledge is not embedded; the search goes by words");
                return None;
            }
        };
        let usual = usual(&vectors, &owners);
        Some(Self {
            subjects: documents.len(),
            encoder,
            vectors,
            owners,
            usual,
        })
    }

    /// Tells what a ranking with it goes by.
    pub(super) fn evidence(&self) -> Evidence {
        match *self.encoder {
            Encoder::BuiltIn(_) => Evidence::BuiltIn,
            Encoder::Server(_) => Evidence::Server,
        }
    }

    /// Returns the direction of a phrase by its number.
    pub(super) fn vector(&self, phrase: u32) -> Option<Vector> {
        let mut owners = self.owners.iter();
        let place = owners.position(|owner| owner.phrase == Some(phrase))?;
        self.vectors.get(place)
    }

    /// Returns the direction of a text, made once; a question is ranked again with what was
    /// spoken of before.
    pub(super) fn direction<'a>(&self, text: &'a Analysis) -> Option<&'a Vector> {
        let embed = || {
            if self.encoder.is_remote() {
                tokio::task::block_in_place(|| self.encoder.embed_question_blocking(&text.text))
            } else {
                self.encoder.embed_in_process(&text.text)
            }
        };
        text.meaning.get_or_init(embed).as_ref()
    }

    /// Returns how near every subject is, in the order of the subjects.
    fn nearness(&self, question: &Vector) -> Vec<Nearness> {
        let mut all = vec![Nearness::default(); self.subjects];
        for (cosine, owner) in self.vectors.cosines(question).into_iter().zip(&self.owners) {
            let stretched = ((cosine - self.usual) / (1.0 - self.usual)).max(0.0);
            let Some(nearness) = all.get_mut(owner.subject) else {
                continue;
            };
            if owner.phrase.is_none() {
                nearness.text = stretched;
            } else if stretched > nearness.phrase {
                nearness.phrase = stretched;
                nearness.nearest = owner.phrase;
            }
        }
        all
    }

    /// Adds to what was found by words how near each subject is, and marks the nearest as worth
    /// ranking.
    pub(super) fn add(&self, found: &mut Found, question: &Vector) {
        if question.dimensions() != self.vectors.dimensions() {
            return;
        }
        let nearness = self.nearness(question);
        let mut phrases: Vec<f32> = nearness.iter().map(|near| near.phrase).collect();
        found.nearest = phrases.iter().copied().fold(0.0, f32::max);
        let least = if phrases.len() > NEAREST {
            *phrases
                .select_nth_unstable_by(NEAREST, |a, b| b.total_cmp(a))
                .1
        } else {
            0.0
        };
        found.evidence = self.evidence();
        for (candidate, near) in found.candidates.iter_mut().zip(&nearness) {
            candidate.parts.meaning_phrase = near.phrase;
            candidate.parts.meaning_text = near.text;
            candidate.nearest_phrase = near.nearest;
            candidate.is_worth_ranking |= near.phrase > least;
        }
    }
}

/// The mean cosine of phrases of different subjects.
fn usual(vectors: &Vectors, owners: &[Owner]) -> f32 {
    let subject = |owner: &Owner| owner.phrase.map(|_| owner.subject);
    let subjects: Vec<_> = owners.iter().map(subject).collect();
    // A model to which all is one would make every difference infinite.
    vectors.mean_cosine(&subjects).clamp(0.0, 0.95)
}
