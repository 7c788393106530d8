//! The lexical scorer: terms of a question -> lexical scores of every subject.
//!
//! Input: [`Terms`] and the decoded postings. Output: [`Candidates`] with four scores in each of the
//! two fields, words and grams:
//!
//! | score | compares the question with | measure |
//! |---|---|---|
//! | `phrase` | the best phrase | BM25 |
//! | `dice` | the same phrase | Dice coefficient |
//! | `profile` | all phrases of the subject | share of the question's terms |
//! | `text` | question and answer | BM25 |
//!
//! A term contributes its rarity divided by the sum of the rarity of all terms of the question, so
//! that scores are comparable across fields and questions. Postings are processed term-at-a-time.
//!
//! The rarity of a term is its IDF over *subjects*, not documents: forty variants of a cancellation
//! do not make 解約 a common word. A term that the index does not contain has the greatest
//! rarity and lowers all scores, so that questions about unknown subjects have low scores.

use tantivy::SegmentReader;

use super::candidates::{Candidate, Candidates, Scores};
use super::quantities::QuantityMatch;
use crate::knowledge::Evidence;
use crate::search::analysis::{NEGATION_MARK, Terms, Weighted};
use crate::search::error::Error;
use crate::search::index::{Documents, Posting, Postings, Schema, Subject, TermPostings};

/// The decoded postings of an opened index.
pub(in crate::search) struct LexicalScorer {
    subjects: Vec<Subject>,
    phrase_owners: Vec<u32>,
    words: Postings,
    grams: Postings,
    /// Number of entries, which are the subjects with a text.
    text_count: f32,
    /// For each phrase, the sum of the rarity of its terms in the field `words`.
    word_norms: Vec<f32>,
    /// The same in the field `grams`.
    gram_norms: Vec<f32>,
}

/// The scores in one field.
struct FieldScores {
    /// BM25 and Dice coefficient of each phrase. Adjacent in memory, as each posting adds to both.
    phrases: Vec<[f32; 2]>,
    /// Share of the question's terms, weighted by rarity, that the index does not contain.
    unknown: f32,
    /// Profile score of each subject.
    profiles: Vec<f32>,
    /// The part of `profiles` from terms that only out-of-scope subjects have.
    foreign: Vec<f32>,
    /// Text score of each subject.
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
        words.mark_foreign(|position| {
            matches!(
                subjects.get(position as usize),
                Some(Subject::OutOfScope(_))
            )
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
            text_count: subjects.iter().filter(is_entry).count() as f32,
            subjects,
        })
    }

    /// Scores every subject; sets `is_worth_ranking` of those that share a term with the question.
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
                quantities: QuantityMatch::default(),
                is_exact: false,
                is_worth_ranking: false,
            })
            .collect();
        // The phrase scores of a subject are those of its best phrase; parts of several phrases do
        // not add up.
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
        // Answers have a vocabulary of their own, so rarity in texts is counted separately.
        let subjects = self.subjects.len() as f32;
        let (in_profiles, sum) = shares(list, &found, subjects, |term| term.profiles.len());
        let (in_texts, _) = shares(list, &found, self.text_count, |term| term.texts.len());
        for ((term, in_profiles), in_texts) in found.iter().zip(&in_profiles).zip(&in_texts) {
            let Some(term) = term else {
                scores.unknown += in_profiles;
                continue;
            };
            for posting in postings.slice(&term.phrases) {
                let [bm25, dice] = &mut scores.phrases[posting.number as usize];
                *bm25 += in_profiles * posting.tf;
                *dice += in_profiles;
            }
            let profiles = postings.slice(&term.profiles);
            add(&mut scores.profiles, profiles, *in_profiles);
            if term.is_foreign {
                add(&mut scores.foreign, profiles, *in_profiles);
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

/// Returns BM25's IDF of a term that `count` of `total` subjects or texts have.
fn rarity(total: f32, count: usize) -> f32 {
    let count = count as f32;
    (1.0 + (total - count + 0.5) / (count + 0.5)).ln()
}

/// Returns the weighted rarity of each term, divided by the sum over all terms; and that sum.
fn shares(
    list: &[Weighted],
    found: &[Option<&TermPostings>],
    total: f32,
    count: impl Fn(&TermPostings) -> usize,
) -> (Vec<f32>, f32) {
    let rated = list.iter().zip(found);
    let rated = rated.map(|((term, weight), found)| match found {
        // A negated term that the index does not contain must not lower the scores of all phrases.
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
        if let Some(score) = scores.get_mut(posting.number as usize) {
            *score += share * posting.tf;
        }
    }
}
