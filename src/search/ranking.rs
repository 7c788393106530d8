//! A question -> a [`Ranking`]: words first, meaning where it is wanted, chances by the model.
//!
//! Invariant: the chances of all subjects and of "nothing" sum to 1.

use super::meaning::Meaning;
use super::model::{self, DeskSigns, Features, Model, softmax};
use super::rank::{Candidate, Found};
use super::terms::Terms;
use super::{Analysis, Searcher, Subject, analyzer};
use crate::embedding::Vector;
use crate::knowledge::{DeskId, Evidence};

/// Context decides between equals and never outweighs what was said now.
const CONTEXT_WEIGHT: f32 = 0.4;

/// A subject with the chance that the question is about it.
#[derive(Debug, Clone, Copy)]
pub struct Ranked {
    /// The subject and the parts of its score.
    pub candidate: Candidate,
    /// From 0 to 1; with all others and "nothing" it sums to 1.
    pub probability: f32,
}

/// What a question may be about.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// Best first; ties keep the order of the knowledge.
    pub subjects: Vec<Ranked>,
    /// The chance that the knowledge has nothing on it, from 0 to 1.
    pub nothing: f32,
    /// What the chances rest on.
    pub evidence: Evidence,
}

impl Ranking {
    /// Keeps the subjects for which a condition holds, with the chances that they have without
    /// the others.
    pub fn keep(&mut self, is_kept: impl Fn(Subject) -> bool) {
        self.subjects
            .retain(|ranked| is_kept(ranked.candidate.subject));
        let kept: f32 = self.subjects.iter().map(|ranked| ranked.probability).sum();
        let sum = kept + self.nothing;
        if sum > 0.0 {
            for ranked in &mut self.subjects {
                ranked.probability /= sum;
            }
            self.nothing /= sum;
        }
    }

    /// Ranks candidates by a model; `described` has a description of each, and last that of
    /// "nothing".
    #[must_use]
    pub fn new(model: &Model, found: &Found, described: &[Features]) -> Self {
        let utilities: Vec<f32> = described.iter().map(|f| model.utility(f)).collect();
        let mut shares = softmax(&utilities);
        let nothing = shares.pop().unwrap_or(1.0);
        let pairs = found.candidates.iter().zip(shares);
        let mut subjects: Vec<Ranked> = pairs
            .map(|(candidate, probability)| Ranked {
                candidate: *candidate,
                probability,
            })
            .collect();
        subjects.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        Self {
            subjects,
            nothing,
            evidence: found.evidence,
        }
    }
}

impl Searcher {
    /// Scores every subject for a question; `context` is a text spoken before, whose terms count
    /// a little, and `desk` the desk that the member chose.
    #[must_use]
    pub fn rank(
        &self,
        question: &Analysis,
        context: Option<&Analysis>,
        desk: Option<&DeskId>,
    ) -> Ranking {
        let found = self.find(question, context);
        self.rank_found(&found, question, desk)
    }

    /// Does the same, but looks at meaning only where words leave a doubt which subject is meant:
    /// enough for an answer. What comes after the first may be in another order.
    ///
    /// Measured on the project's own sets by cross-validation: words alone are that sure of 0.58
    /// of the questions, and of those 0.987 are right, with and without meaning.
    #[must_use]
    pub fn rank_for_answer(
        &self,
        question: &Analysis,
        context: Option<&Analysis>,
        desk: Option<&DeskId>,
    ) -> Ranking {
        if self.meaning.is_none() {
            return self.rank(question, context, desk);
        }
        let mut found = self.find_by_words(question, context);
        let mut worthy = found.clone();
        worthy.keep_worthy();
        let by_words = self.rank_found(&worthy, question, desk);
        let best = by_words.subjects.first();
        if best.is_some_and(|best| best.probability >= self.sure) {
            return by_words;
        }
        self.add_meaning(&mut found, question, context);
        found.keep_worthy();
        self.rank_found(&found, question, desk)
    }

    /// Scores every subject for a text that is still being typed, from memory: a server is not
    /// asked at every key.
    #[must_use]
    pub fn rank_typed(&self, text: &Analysis) -> Ranking {
        if self.evidence() != Evidence::Server {
            return self.rank(text, None, None);
        }
        let mut found = self.find_by_words(text, None);
        found.keep_worthy();
        self.rank_found(&found, text, None)
    }

    /// Ranks a phrase of the knowledge as if nobody had written it and its subject were not there.
    #[must_use]
    pub fn rank_as_unknown(&self, phrase: &Analysis, own: Subject) -> Ranking {
        let mut found = self.find_by_words(phrase, None);
        for candidate in &mut found.candidates {
            candidate.is_exact = false;
        }
        self.add_meaning(&mut found, phrase, None);
        found.keep_worthy();
        found.candidates.retain(|other| other.subject != own);
        found.nearest = 0.0;
        for candidate in &found.candidates {
            found.nearest = found.nearest.max(candidate.parts.meaning_phrase);
        }
        self.rank_found(&found, phrase, None)
    }

    /// Scores the parts of every subject that shares a term with the question or is near it in
    /// meaning.
    #[must_use]
    pub fn find(&self, question: &Analysis, context: Option<&Analysis>) -> Found {
        let mut found = self.find_by_words(question, context);
        self.add_meaning(&mut found, question, context);
        found.keep_worthy();
        found
    }

    fn find_by_words(&self, question: &Analysis, context: Option<&Analysis>) -> Found {
        let terms_of = |text| Terms::of_question(text, |word| self.is_desk_name(word));
        let mut terms = terms_of(question);
        if let Some(context) = context {
            terms.blend(&terms_of(context), CONTEXT_WEIGHT);
        }
        let mut found = self.ranker.rank(&terms);
        if let Some(subject) = self.exact.get(&analyzer::without_spaces(question)) {
            for candidate in &mut found.candidates {
                candidate.is_exact = candidate.subject == *subject;
            }
        }
        found
    }

    /// Adds how near each subject is in meaning, unless the question is a phrase of the knowledge
    /// to the letter, or is written in hiragana or romaji: models know words, and hardly what they
    /// sound like. Measured by cross-validation on the project's own sets: 0.943 of 105 questions
    /// in kana come first with and without meaning.
    ///
    /// After the words, although a server could be asked meanwhile: they take a thousandth of what
    /// it takes, and what they decide need not leave the house.
    fn add_meaning(&self, found: &mut Found, question: &Analysis, context: Option<&Analysis>) {
        let is_exact = found.candidates.iter().any(|candidate| candidate.is_exact);
        let meaning = self.meaning.as_ref();
        let Some(meaning) = meaning.filter(|_| !is_exact && !question.is_sounds) else {
            return;
        };
        let Some(vector) = meaning.direction(question) else {
            return;
        };
        let context = context.and_then(|context| self.known_vector(meaning, context));
        let blended = context.map(|context| vector.blend(&context, CONTEXT_WEIGHT));
        meaning.add(found, blended.as_ref().unwrap_or(vector));
    }

    /// Returns the direction of a phrase of the knowledge, which was embedded with it.
    fn known_vector(&self, meaning: &Meaning, phrase: &Analysis) -> Option<Vector> {
        let number = self.phrases.iter().position(|own| *own == phrase.text)?;
        meaning.vector(u32::try_from(number).ok()?)
    }

    fn rank_found(&self, found: &Found, question: &Analysis, desk: Option<&DeskId>) -> Ranking {
        let described = self.describe(found, question, desk);
        let model = match found.evidence {
            Evidence::Words => &self.by_words,
            Evidence::BuiltIn | Evidence::Server => &self.by_meaning,
        };
        Ranking::new(model, found, &described)
    }

    /// Describes what was found to the model, and last the alternative "nothing".
    #[must_use]
    pub fn describe(
        &self,
        found: &Found,
        question: &Analysis,
        chosen: Option<&DeskId>,
    ) -> Vec<Features> {
        let named = self.named_desks(question);
        let described = found.candidates.iter().map(|candidate| {
            let own = self.desks.get(&candidate.subject);
            let is_named = own.is_some_and(|own| named.contains(&own));
            let signs = DeskSigns {
                is_chosen: chosen.is_some() && own == chosen,
                is_named,
                is_other_named: !named.is_empty() && !is_named,
            };
            model::features(candidate, question, signs)
        });
        let mut described: Vec<Features> = described.collect();
        described.push(model::nothing(question, found));
        described
    }
}
