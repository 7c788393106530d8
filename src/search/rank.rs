//! Scores every subject for a question, term at a time.
//!
//! A subject's score is a weighted sum of six parts, each divided by what it could reach at most,
//! so that parts of different fields can be added and scores of different questions compared:
//!
//! | part | what matches | fields |
//! |---|---|---|
//! | `phrase` | the best single way to ask | words, grams |
//! | `profile` | all ways to ask together: how much of the question they know | words, grams |
//! | `text` | question and answer | words, grams |
//!
//! A term's rarity is counted in *subjects* that ask with it, not in documents: forty variants of
//! the cancellation must not make 解約 a common word. A term that nothing has counts as the rarest
//! of all and lowers every part: that is how the ranking knows that a question is foreign.

use tantivy::SegmentReader;

use super::error::Error;
use super::postings::{Documents, Posting, Postings, TermPostings};
use super::schema::Schema;
use super::subject::Subject;
use super::terms::{Terms, Weighted};

/// A subject with its score, and what the score is made of.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    /// What the question may be about.
    pub subject: Subject,
    /// The parts of its score.
    pub parts: Parts,
    /// The number of its best phrase in the index, for explanation.
    pub best_phrase: Option<u32>,
    /// Whether the question is one of its phrases to the letter (after normalisation).
    pub is_exact: bool,
}

/// Shares of the possible maximum, about 0 to 1 (a short phrase can exceed it a little).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Parts {
    /// Words of the best phrase.
    pub phrase_words: f32,
    /// Grams of the best phrase.
    pub phrase_grams: f32,
    /// Words of all phrases together.
    pub profile_words: f32,
    /// Grams of all phrases together.
    pub profile_grams: f32,
    /// Words of question and answer.
    pub text_words: f32,
    /// Grams of question and answer.
    pub text_grams: f32,
}

/// Reads the postings of one opened index.
pub(super) struct Ranker {
    subjects: Vec<Subject>,
    phrase_owners: Vec<u32>,
    words: Postings,
    grams: Postings,
    texts: f32,
}

/// The relative weight of grams beside words when a subject's best phrase is chosen.
const GRAMS_IN_PHRASE: f32 = 1.0;

/// What one field gave, by subject and by phrase.
struct FieldScores {
    phrases: Vec<f32>,
    profiles: Vec<f32>,
    texts: Vec<f32>,
}

impl Ranker {
    pub(super) fn new(
        segment: &SegmentReader,
        schema: &Schema,
        subjects: Vec<Subject>,
    ) -> Result<Self, Error> {
        let documents = Documents::read(segment)?;
        let is_entry = |subject: &&Subject| matches!(subject, Subject::Entry(_));
        Ok(Self {
            words: Postings::read(segment, schema.words, &documents)?,
            grams: Postings::read(segment, schema.grams, &documents)?,
            phrase_owners: documents.phrase_owners,
            texts: subjects.iter().filter(is_entry).count() as f32,
            subjects,
        })
    }

    /// Scores every subject that shares a term with the question, in the knowledge's order.
    pub(super) fn rank(&self, terms: &Terms) -> Vec<Candidate> {
        let words = self.score_field(&self.words, &terms.words);
        let grams = self.score_field(&self.grams, &terms.grams);
        let mut candidates: Vec<Candidate> = self
            .subjects
            .iter()
            .enumerate()
            .map(|(index, subject)| Candidate {
                subject: *subject,
                parts: Parts {
                    profile_words: words.profiles[index],
                    profile_grams: grams.profiles[index],
                    text_words: words.texts[index],
                    text_grams: grams.texts[index],
                    ..Parts::default()
                },
                best_phrase: None,
                is_exact: false,
            })
            .collect();
        // The best phrase as a whole, not the best of each field: half of one and half of
        // another is no way to ask.
        let phrases = words.phrases.iter().zip(&grams.phrases);
        for (number, ((words, grams), owner)) in (0_u32..).zip(phrases.zip(&self.phrase_owners)) {
            let Some(candidate) = candidates.get_mut(*owner as usize) else {
                continue;
            };
            let parts = &mut candidate.parts;
            let best = parts.phrase_words + GRAMS_IN_PHRASE * parts.phrase_grams;
            if words + GRAMS_IN_PHRASE * grams > best {
                parts.phrase_words = *words;
                parts.phrase_grams = *grams;
                candidate.best_phrase = Some(number);
            }
        }
        candidates.retain(|candidate| candidate.parts != Parts::default());
        candidates
    }

    fn score_field(&self, postings: &Postings, list: &[Weighted]) -> FieldScores {
        let mut scores = FieldScores {
            phrases: vec![0.0; self.phrase_owners.len()],
            profiles: vec![0.0; self.subjects.len()],
            texts: vec![0.0; self.subjects.len()],
        };
        let found: Vec<Option<&TermPostings>> =
            list.iter().map(|(term, _)| postings.get(term)).collect();
        // Answers use words that no question does, so texts count rarity by themselves.
        let subjects = self.subjects.len() as f32;
        let in_profiles = shares(list, &found, subjects, |term| term.profiles.len());
        let in_texts = shares(list, &found, self.texts, |term| term.texts.len());
        for ((term, in_profiles), in_texts) in found.iter().zip(&in_profiles).zip(&in_texts) {
            let Some(term) = term else {
                continue;
            };
            add(
                &mut scores.phrases,
                postings.slice(&term.phrases),
                *in_profiles,
            );
            add(
                &mut scores.profiles,
                postings.slice(&term.profiles),
                *in_profiles,
            );
            add(&mut scores.texts, postings.slice(&term.texts), *in_texts);
        }
        scores
    }
}

/// Each term's rarity (BM25's IDF) times its weight, as a share of the sum over all terms.
fn shares(
    list: &[Weighted],
    found: &[Option<&TermPostings>],
    total: f32,
    count: impl Fn(&TermPostings) -> usize,
) -> Vec<f32> {
    let rated = list.iter().zip(found).map(|((_, weight), found)| {
        let frequency = found.map_or(0, &count) as f32;
        weight * (1.0 + (total - frequency + 0.5) / (frequency + 0.5)).ln()
    });
    let mut rated: Vec<f32> = rated.collect();
    let sum: f32 = rated.iter().sum();
    for share in &mut rated {
        *share /= sum.max(f32::MIN_POSITIVE);
    }
    rated
}

fn add(scores: &mut [f32], postings: &[Posting], share: f32) {
    for posting in postings {
        if let Some(score) = scores.get_mut(posting.place as usize) {
            *score += share * posting.gain;
        }
    }
}
