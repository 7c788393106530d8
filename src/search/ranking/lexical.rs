//! Scores every subject for a question, term at a time.
//!
//! By words, a subject's score is a weighted sum of eight scores (`meaning` adds two), each divided by what it could reach at most,
//! so that scores of different fields can be added and scores of different questions compared:
//!
//! | part | what matches | fields |
//! |---|---|---|
//! | `phrase` | the best single way to ask, by BM25 | words, grams |
//! | `dice` | the same phrase, by what it and the question have in common of both | words, grams |
//! | `profile` | all ways to ask together: how much of the question they know | words, grams |
//! | `text` | question and answer | words, grams |
//!
//! A term's rarity is counted in *subjects* that ask with it, not in documents: forty variants of
//! the cancellation must not make 解約 a common word. A term that nothing has counts as the rarest
//! of all and lowers every part: that is how the ranking knows that a question is foreign.

use tantivy::SegmentReader;

use super::candidates::{Candidate, Candidates, Scores};
use crate::knowledge::Evidence;
use crate::search::analysis::{NEGATION_MARK, Terms, Weighted};
use crate::search::error::Error;
use crate::search::index::{Documents, Posting, Postings, Schema, Subject, TermPostings};

/// Reads the postings of one opened index.
pub(in crate::search) struct LexicalScorer {
    subjects: Vec<Subject>,
    phrase_owners: Vec<u32>,
    words: Postings,
    grams: Postings,
    texts: f32,
    word_norms: Vec<f32>,
    gram_norms: Vec<f32>,
}

/// What one field gave, by subject and by phrase.
struct FieldScores {
    /// Each phrase: BM25, and what it and the question have in common, of the mean of both. Side
    /// by side, as both are touched for every posting.
    phrases: Vec<[f32; 2]>,
    /// The share of the question, by rarity, that no subject asks with.
    unknown: f32,
    profiles: Vec<f32>,
    /// The part of `profiles` by terms that only subjects out of scope have.
    foreign: Vec<f32>,
    texts: Vec<f32>,
}

impl LexicalScorer {
    pub(in crate::search) fn new(
        segment: &SegmentReader,
        schema: &Schema,
        subjects: Vec<Subject>,
    ) -> Result<Self, Error> {
        let documents = Documents::read(segment)?;
        let is_entry = |subject: &&Subject| matches!(subject, Subject::Entry(_));
        let mut words = Postings::read(segment, schema.words, &documents)?;
        words.mark_foreign(|place| {
            matches!(subjects.get(place as usize), Some(Subject::OutOfScope(_)))
        });
        let grams = Postings::read(segment, schema.grams, &documents)?;
        let total = subjects.len() as f32;
        let phrases = documents.phrase_owners.len();
        Ok(Self {
            word_norms: words.phrase_norms(phrases, |count| rarity(total, count)),
            gram_norms: grams.phrase_norms(phrases, |count| rarity(total, count)),
            words,
            grams,
            phrase_owners: documents.phrase_owners,
            texts: subjects.iter().filter(is_entry).count() as f32,
            subjects,
        })
    }

    /// Scores the scores of every subject; those that share no term are not worth ranking.
    pub(in crate::search) fn score(&self, terms: &Terms) -> Candidates {
        let words = self.score_field(&self.words, &self.word_norms, &terms.words);
        let grams = self.score_field(&self.grams, &self.gram_norms, &terms.grams);
        let mut candidates: Vec<Candidate> = self
            .subjects
            .iter()
            .enumerate()
            .map(|(index, subject)| Candidate {
                subject: *subject,
                scores: Scores {
                    profile_words: words.profiles[index],
                    profile_grams: grams.profiles[index],
                    foreign_words: words.foreign[index],
                    text_words: words.texts[index],
                    text_grams: grams.texts[index],
                    ..Scores::default()
                },
                best_phrase: None,
                nearest_phrase: None,
                is_exact: false,
                is_worth_ranking: false,
            })
            .collect();
        // The best phrase as a whole, not the best of each field: half of one and half of
        // another is no way to ask.
        let phrases = words.phrases.iter().zip(&grams.phrases);
        for (number, ((words, grams), owner)) in phrases.zip(&self.phrase_owners).enumerate() {
            let dice = words[1] + grams[1];
            let Some(candidate) = candidates.get_mut(*owner as usize) else {
                continue;
            };
            let scores = &mut candidate.scores;
            if dice > scores.dice_words + scores.dice_grams {
                [scores.phrase_words, scores.dice_words] = *words;
                [scores.phrase_grams, scores.dice_grams] = *grams;
                candidate.best_phrase = u32::try_from(number).ok();
            }
        }
        for candidate in &mut candidates {
            candidate.is_worth_ranking = candidate.scores != Scores::default();
        }
        Candidates {
            all: candidates,
            unknown: words.unknown,
            nearest: 0.0,
            evidence: Evidence::Words,
        }
    }

    fn score_field(&self, postings: &Postings, norms: &[f32], list: &[Weighted]) -> FieldScores {
        let mut scores = FieldScores {
            phrases: vec![[0.0; 2]; self.phrase_owners.len()],
            unknown: 0.0,
            profiles: vec![0.0; self.subjects.len()],
            foreign: vec![0.0; self.subjects.len()],
            texts: vec![0.0; self.subjects.len()],
        };
        let found: Vec<Option<&TermPostings>> =
            list.iter().map(|(term, _)| postings.get(term)).collect();
        // Answers use words that no question does, so texts count rarity by themselves.
        let subjects = self.subjects.len() as f32;
        let (in_profiles, sum) = shares(list, &found, subjects, |term| term.profiles.len());
        let (in_texts, _) = shares(list, &found, self.texts, |term| term.texts.len());
        for ((term, in_profiles), in_texts) in found.iter().zip(&in_profiles).zip(&in_texts) {
            let Some(term) = term else {
                scores.unknown += in_profiles;
                continue;
            };
            for posting in postings.slice(&term.phrases) {
                let [bm25, dice] = &mut scores.phrases[posting.place as usize];
                *bm25 += in_profiles * posting.gain;
                *dice += in_profiles;
            }
            add(
                &mut scores.profiles,
                postings.slice(&term.profiles),
                *in_profiles,
            );
            if term.is_foreign {
                add(
                    &mut scores.foreign,
                    postings.slice(&term.profiles),
                    *in_profiles,
                );
            }
            add(&mut scores.texts, postings.slice(&term.texts), *in_texts);
        }
        for ([_, dice], norm) in scores.phrases.iter_mut().zip(norms) {
            if *dice > 0.0 {
                *dice *= 2.0 * sum / (sum + norm);
            }
        }
        scores
    }
}

/// BM25's IDF: how much it says that a text has a term which `count` of `total` have.
fn rarity(total: f32, count: usize) -> f32 {
    let count = count as f32;
    (1.0 + (total - count + 0.5) / (count + 0.5)).ln()
}

/// Each term's rarity times its weight, as a share of the sum over all terms; and the sum.
fn shares(
    list: &[Weighted],
    found: &[Option<&TermPostings>],
    total: f32,
    count: impl Fn(&TermPostings) -> usize,
) -> (Vec<f32>, f32) {
    let rated = list.iter().zip(found);
    let rated = rated.map(|((term, weight), found)| match found {
        // That a word is negated is known or says nothing: it is no foreign word.
        None if term.starts_with(NEGATION_MARK) => 0.0,
        found => weight * rarity(total, found.map_or(0, &count)),
    });
    let mut rated: Vec<f32> = rated.collect();
    let sum: f32 = rated.iter().sum();
    for share in &mut rated {
        *share /= sum.max(f32::MIN_POSITIVE);
    }
    (rated, sum)
}

fn add(scores: &mut [f32], postings: &[Posting], share: f32) {
    for posting in postings {
        if let Some(score) = scores.get_mut(posting.place as usize) {
            *score += share * posting.gain;
        }
    }
}
