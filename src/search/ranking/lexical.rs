//! The lexical scorer: terms of a question -> lexical scores of the subjects that match best.
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
//! that scores are comparable across fields and questions. In small knowledge `exhaustive` scores all
//! subjects. In large knowledge there are two steps: `retrieval` finds the best phrases and texts;
//! their subjects are then scored with all terms.
//!
//! The rarity of a term is its IDF over *subjects*, not documents: forty variants of a cancellation
//! do not make 解約 a common word. A term that the index does not contain has the greatest
//! rarity and lowers all scores, so that questions about unknown subjects have low scores.

use std::cell::RefCell;
use std::ops::Range;

use super::candidates::{Candidate, Candidates};
use super::coverage::{coverage, rarity_weight};
use super::exhaustive::{ExhaustiveScorer, Sums};
use super::query::{Query, QueryTerm, dice, rarity};
use super::retrieval::{Accumulator, Measure, TermList};
use crate::knowledge::Evidence;
use crate::search::analysis::Terms;
use crate::search::index::{Field, Lists, MAX_TEXT_TF, Subject};

/// Number of subjects that retrieval finds by their phrases; knowledge with no more is scored
/// exhaustively. More than the shipped knowledge has: the weights are fitted to rankings in which each subject that shares a term has its probability.
/// With 40 subjects the first one is the same for all 1,072 questions of `tests/questions/`, but
/// another outcome is decided for 19, since the rest of the probability is missing.
const MAX_BY_PHRASES: usize = 256;

/// Number of subjects that retrieval finds by their texts.
const MAX_BY_TEXTS: usize = 64;

thread_local! {
    /// Working memory, reused because clearing it would cost more than a ranking.
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// The decoded postings of an opened index.
pub(in crate::search) struct LexicalScorer {
    pub(super) subjects: Vec<Subject>,
    /// The subject of each phrase, as a position in `subjects`.
    pub(super) owners: Vec<u32>,
    /// The coverage of each subject.
    pub(super) coverage: Vec<f32>,
    /// Words and grams.
    pub(super) fields: [Field; 2],
    /// Sum of the weights of all subjects in the rarity of terms.
    subject_count: f32,
    /// Number of entries, which are the subjects with a text.
    text_count: f32,
    /// Scores all subjects; absent if the knowledge is too large for that.
    exhaustive: Option<ExhaustiveScorer>,
    pub(super) max_by_phrases: usize,
    pub(super) max_by_texts: usize,
}

#[derive(Default)]
struct Memory {
    phrases: Accumulator,
    texts: Accumulator,
    sums: Sums,
    /// For each field and term, its shares in the question.
    shares: [Vec<Shares>; 2],
    /// For each subject, its position among the candidates plus 1; 0 for others.
    slots: Vec<u32>,
}

/// The shares of a term in a question, see [`QueryTerm`]; 0 for a term that it does not have.
#[derive(Debug, Clone, Copy, Default)]
struct Shares {
    phrase: f32,
    text: f32,
}

impl LexicalScorer {
    pub(in crate::search) fn new(
        subjects: Vec<Subject>,
        owners: Vec<u32>,
        mut fields: [Field; 2],
    ) -> Self {
        let coverage = coverage(&subjects, &owners, &fields[0]);
        let weights: Vec<f32> = coverage.iter().copied().map(rarity_weight).collect();
        let subject_count = weights.iter().sum();
        let weight = |position: &u32| weights[*position as usize];
        let is_foreign = |position: u32| {
            let subject = subjects.get(position as usize);
            matches!(subject, Some(Subject::OutOfScope(_)))
        };
        let is_entry = |subject: &&Subject| matches!(subject, Subject::Entry(_));
        let text_count = subjects.iter().filter(is_entry).count() as f32;
        for field in &mut fields {
            field.weigh(
                |having| rarity(subject_count, having.iter().map(weight).sum()),
                |count| rarity(text_count, count as f32),
                is_foreign,
            );
        }
        let is_small = subjects.len() <= MAX_BY_PHRASES;
        Self {
            text_count,
            coverage,
            subject_count,
            exhaustive: is_small
                .then(|| ExhaustiveScorer::new(&subjects, &owners, &fields))
                .flatten(),
            subjects,
            owners,
            fields,
            max_by_phrases: MAX_BY_PHRASES,
            max_by_texts: MAX_BY_TEXTS,
        }
    }

    /// Scores all subjects that share a term with a question, not only the best.
    pub(in crate::search) fn score_all(&mut self) {
        (self.max_by_phrases, self.max_by_texts) = (usize::MAX, usize::MAX);
        self.exhaustive = ExhaustiveScorer::new(&self.subjects, &self.owners, &self.fields);
    }

    /// Scores the subjects that retrieval finds, also in small knowledge.
    pub(in crate::search) fn retrieve(&mut self) {
        self.exhaustive = None;
    }

    /// Returns the subject of a phrase, and the phrase's index among those of the subject.
    pub(in crate::search) fn phrase(&self, number: u32) -> Option<(Subject, usize)> {
        let position = *self.owners.get(number as usize)?;
        let subject = *self.subjects.get(position as usize)?;
        let first = self.phrases_of(position).start;
        Some((subject, (number - first) as usize))
    }

    /// Returns the coverage of a subject.
    pub(in crate::search) fn coverage(&self, subject: Subject) -> f32 {
        // The subjects are in the order of their kinds and positions.
        let position = self.subjects.binary_search(&subject);
        position.map_or(1.0, |position| self.coverage[position])
    }

    /// Looks up the terms of a question and weighs them.
    pub(in crate::search) fn query(&self, terms: &Terms) -> Query {
        Query::new(&self.fields, terms, self.subject_count, self.text_count)
    }

    /// Scores the subjects that match the question best, and that of a phrase that equals it.
    pub(in crate::search) fn score(&self, terms: &Terms, exact: Option<u32>) -> Candidates {
        let query = self.query(terms);
        let all = MEMORY.with_borrow_mut(|memory| match &self.exhaustive {
            Some(scorer) => scorer.score(&self.fields, &query, exact, &mut memory.sums),
            None => self.score_best(&query, exact, memory),
        });
        let exact = exact.map(|exact| self.owners[exact as usize]);
        let mut candidates = Candidates {
            all,
            unknown: query.unknown,
            query,
            quantities: Vec::new(),
            nearest: 0.0,
            evidence: Evidence::Words,
            defaults: None,
        };
        for candidate in &mut candidates.all {
            candidate.coverage = self.coverage[candidate.position as usize];
            candidate.is_exact = exact == Some(candidate.position);
        }
        self.add_unasked_words(&mut candidates);
        candidates
    }

    /// Scores the subjects that retrieval finds.
    fn score_best(&self, query: &Query, exact: Option<u32>, memory: &mut Memory) -> Vec<Candidate> {
        let mut phrases = self.best_phrases(query, memory);
        if let Some(exact) = exact
            && let Err(position) = phrases.binary_search(&exact)
        {
            phrases.insert(position, exact);
        }
        let texts = self.best_texts(query, memory);
        let owners = phrases.iter().map(|phrase| self.owners[*phrase as usize]);
        let mut positions: Vec<u32> = owners.chain(texts).collect();
        positions.sort_unstable();
        positions.dedup();
        self.score_subjects(query, &positions, phrases.iter().copied(), memory)
    }

    /// Adds subjects, by increasing position, to the candidates of a question.
    pub(in crate::search) fn add(&self, candidates: &mut Candidates, positions: &[u32]) {
        let known = |position: &u32| {
            let all = &candidates.all;
            let found = all.binary_search_by_key(position, |candidate| candidate.position);
            found.is_ok()
        };
        let positions: Vec<u32> = positions.iter().copied().filter(|p| !known(p)).collect();
        let phrases = positions
            .iter()
            .flat_map(|position| self.phrases_of(*position));
        let added = MEMORY.with_borrow_mut(|memory| {
            self.score_subjects(&candidates.query, &positions, phrases, memory)
        });
        candidates
            .all
            .extend(added.into_iter().map(|candidate| Candidate {
                coverage: self.coverage[candidate.position as usize],
                ..candidate
            }));
        self.add_unasked_words(candidates);
        candidates.all.sort_by_key(|candidate| candidate.position);
    }

    /// Returns the numbers of a subject's phrases.
    fn phrases_of(&self, position: u32) -> Range<u32> {
        let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        let start = self.owners.partition_point(|owner| *owner < position);
        let end = self.owners.partition_point(|owner| *owner <= position);
        number(start)..number(end)
    }

    /// Finds the best phrases of the subjects with the best phrases, by the sum of both Dice
    /// coefficients.
    fn best_phrases(&self, query: &Query, memory: &mut Memory) -> Vec<u32> {
        let terms = self.term_lists(query, |field| &field.phrases, |term| term.share);
        let [words, grams] = &self.fields;
        let [word_sum, gram_sum] = [query.fields[0].sum, query.fields[1].sum];
        let measure = Measure {
            tf: |_, _, _| 1.0,
            score: |phrase: u32, [word_share, gram_share]: [f32; 2]| {
                dice(word_share, word_sum, words.norms[phrase as usize])
                    + dice(gram_share, gram_sum, grams.norms[phrase as usize])
            },
            // A term's weight is at most 2, so the norm of a phrase is at least half of the sum that
            // its common terms have in the question.
            bound: |rest: [f32; 2]| {
                rest.iter()
                    .map(|rest| dice(*rest, 1.0, rest / 2.0))
                    .sum::<f32>()
            },
            owner: |phrase: u32| self.owners[phrase as usize],
        };
        let sizes = (self.owners.len(), self.subjects.len());
        memory
            .phrases
            .best(terms, self.max_by_phrases, sizes, &measure)
    }

    /// Finds the subjects with the best texts, by the sum of both BM25 scores.
    fn best_texts(&self, query: &Query, memory: &mut Memory) -> Vec<u32> {
        let terms = self.term_lists(query, |field| &field.texts, |term| term.text_share);
        let measure = Measure {
            tf: |field: usize, posting, subject| self.fields[field].text_tf(posting, subject),
            score: |_, [words, grams]: [f32; 2]| words + grams,
            bound: |rest: [f32; 2]| rest.iter().sum::<f32>() * MAX_TEXT_TF,
            owner: |text| text,
        };
        let sizes = (self.subjects.len(), self.subjects.len());
        memory.texts.best(terms, self.max_by_texts, sizes, &measure)
    }

    fn term_lists<'a>(
        &'a self,
        query: &Query,
        lists: impl Fn(&Field) -> &Lists,
        share: impl Fn(&QueryTerm) -> f32,
    ) -> Vec<TermList<'a>> {
        let fields = self.fields.iter().zip(&query.fields).enumerate();
        let terms = fields.flat_map(|(number, (field, query))| {
            let lists = lists(field);
            let share = &share;
            query.terms.iter().map(move |term| TermList {
                field: number,
                share: share(term),
                documents: lists.get(term.number),
                first: lists.range(term.number).start,
            })
        });
        terms.collect()
    }

    /// Scores subjects by increasing position, with some of their phrases by increasing number.
    fn score_subjects(
        &self,
        query: &Query,
        positions: &[u32],
        phrases: impl Iterator<Item = u32>,
        memory: &mut Memory,
    ) -> Vec<Candidate> {
        let candidates = positions
            .iter()
            .map(|position| Candidate::new(*position, self.subjects[*position as usize]));
        let mut candidates: Vec<Candidate> = candidates.collect();
        memory
            .slots
            .resize(self.subjects.len().max(memory.slots.len()), 0);
        for (slot, position) in (1..).zip(positions) {
            memory.slots[*position as usize] = slot;
        }
        let parts = self.fields.iter().zip(&query.fields);
        for ((field, query), shares) in parts.zip(&mut memory.shares) {
            shares.resize(field.term_count().max(shares.len()), Shares::default());
            for term in &query.terms {
                shares[term.number as usize] = Shares {
                    phrase: term.share,
                    text: term.text_share,
                };
            }
        }
        self.score_phrases(query, &mut candidates, phrases, memory);
        self.score_profiles_and_texts(&mut candidates, &memory.shares);
        for position in positions {
            memory.slots[*position as usize] = 0;
        }
        for (query, shares) in query.fields.iter().zip(&mut memory.shares) {
            for term in &query.terms {
                shares[term.number as usize] = Shares::default();
            }
        }
        candidates
    }

    /// Sets the phrase scores, those of the best phrase: parts of several phrases do not add up.
    fn score_phrases(
        &self,
        query: &Query,
        candidates: &mut [Candidate],
        phrases: impl Iterator<Item = u32>,
        memory: &Memory,
    ) {
        let share = |number: usize, phrase: u32| -> f32 {
            let terms = self.fields[number].phrase_terms.get(phrase);
            let shares = terms.map(|term| memory.shares[number][term as usize].phrase);
            // The sum of no numbers is -0.0, which an explanation would show.
            shares.sum::<f32>() + 0.0
        };
        for phrase in phrases {
            let index = phrase as usize;
            let slot = memory.slots[self.owners[index] as usize] as usize;
            let Some(candidate) = candidates.get_mut(slot.wrapping_sub(1)) else {
                continue;
            };
            let [words, grams] = &self.fields;
            let (word_share, gram_share) = (share(0, phrase), share(1, phrase));
            let dice_words = dice(word_share, query.fields[0].sum, words.norms[index]);
            let dice_grams = dice(gram_share, query.fields[1].sum, grams.norms[index]);
            let scores = &mut candidate.scores;
            if dice_words + dice_grams > scores.dice_words + scores.dice_grams {
                scores.dice_words = dice_words;
                scores.dice_grams = dice_grams;
                scores.phrase_words = word_share * words.phrase_tf[index];
                scores.phrase_grams = gram_share * grams.phrase_tf[index];
                candidate.best_phrase = Some(phrase);
            }
        }
    }

    /// Sets the scores of profiles and texts, by the terms of each subject: their number does not grow
    /// with the knowledge, as the lists of subjects of the question's terms do.
    fn score_profiles_and_texts(&self, candidates: &mut [Candidate], shares: &[Vec<Shares>; 2]) {
        for (number, (field, shares)) in self.fields.iter().zip(shares).enumerate() {
            let is_words = number == 0;
            for candidate in &mut *candidates {
                let position = candidate.position;
                let (mut profile, mut foreign, mut text, mut held) = (0.0, 0.0, 0.0, 0.0);
                for term in field.profile_terms.get(position) {
                    let share = shares[term as usize].phrase;
                    profile += share;
                    if share > 0.0 && field.is_foreign[term as usize] {
                        foreign += share;
                    }
                }
                let first = field.text_terms.range(position).start;
                for (posting, term) in (first..).zip(field.text_terms.get(position)) {
                    let share = shares[*term as usize];
                    if share.text > 0.0 {
                        text += share.text * field.text_term_tf(posting, position);
                        held += share.phrase;
                    }
                }
                let scores = &mut candidate.scores;
                if is_words {
                    scores.profile_words = profile;
                    scores.foreign_words = foreign;
                    scores.text_words = text;
                    scores.held_words = held;
                } else {
                    scores.profile_grams = profile;
                    scores.text_grams = text;
                }
            }
        }
    }
}
