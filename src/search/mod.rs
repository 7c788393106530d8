//! Finds what a question is about: analysis, index, ranking.
//!
//! A question goes in, a [`Ranking`] comes out: every subject that shares something with it,
//! best first, each with the chance that it is meant. Only this folder knows tantivy and lindera.

mod analyzer;
mod error;
mod hit;
mod index;
mod lexicon;
mod model;
mod negation;
mod normalize;
mod postings;
mod rank;
mod romaji;
mod schema;
mod snippet;
mod subject;
mod terms;
mod token;
mod vocabulary;

use std::collections::HashMap;
use std::path::Path;

pub use analyzer::{Analysis, Analyzer, WordTerm};
pub use error::Error;
pub use hit::{Hit, WORTH_SHOWING};
pub use index::{IndexOrigin, remove_all};
pub use model::{FEATURE_NAMES, FEATURES, Features, Model, softmax};
pub use rank::{Candidate, Found, Parts};
pub use snippet::{Highlighter, Marked};
pub use subject::Subject;
pub use token::Token;

use crate::knowledge::{DeskId, KnowledgeBase};
use model::DeskSigns;
use rank::Ranker;
use schema::Schema;
use terms::Terms;

/// An opened index with its analyzer and its ranking model.
pub struct Searcher {
    analyzer: Analyzer,
    ranker: Ranker,
    model: Model,
    exact: HashMap<String, Subject>,
    desks: HashMap<Subject, DeskId>,
    desk_names: Vec<(DeskId, Vec<String>)>,
    phrases: Vec<String>,
    fingerprint: String,
}

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
    pub fn new(model: &Model, candidates: &[Candidate], described: &[Features]) -> Self {
        let utilities: Vec<f32> = described.iter().map(|f| model.utility(f)).collect();
        let mut shares = softmax(&utilities);
        let nothing = shares.pop().unwrap_or(1.0);
        let pairs = candidates.iter().zip(shares);
        let mut subjects: Vec<Ranked> = pairs
            .map(|(candidate, probability)| Ranked {
                candidate: *candidate,
                probability,
            })
            .collect();
        subjects.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        Self { subjects, nothing }
    }
}

impl Searcher {
    /// Opens the index of the knowledge under a folder, building it if need be; without a folder
    /// it is held in memory.
    ///
    /// # Errors
    /// [`Error`] if the dictionary, the lexicon's words or the folder cannot be used.
    pub fn open(
        knowledge: &KnowledgeBase,
        folder: Option<&Path>,
    ) -> Result<(Self, IndexOrigin), Error> {
        let mut analyzer = Analyzer::new(knowledge)?;
        let schema = Schema::new();
        let documents = subject::documents(knowledge);
        let fingerprint = index::fingerprint(knowledge, &documents);
        let (index, origin) = match folder {
            Some(folder) => {
                index::open_or_build(folder, &fingerprint, &schema, &documents, &analyzer)?
            }
            None => (
                index::build_in_memory(&schema, &documents, &analyzer)?,
                IndexOrigin::InMemory,
            ),
        };
        let reader = index::searcher(&index)?;
        let subjects = documents.iter().map(|document| document.subject).collect();
        let ranker = Ranker::new(reader.segment_reader(0), &schema, subjects)?;
        analyzer.learn(index::vocabulary(reader.segment_reader(0), &schema)?);
        let mut exact = HashMap::new();
        let mut phrases = Vec::new();
        for document in &documents {
            for phrase in &document.phrases {
                let key = analyzer.exact_form(phrase);
                exact.entry(key).or_insert(document.subject);
                phrases.push((*phrase).to_owned());
            }
        }
        let searcher = Self {
            model: Model::from_named(&knowledge.fitted().weights),
            desks: subject::desks(knowledge),
            desk_names: desk_names(knowledge, &analyzer),
            analyzer,
            ranker,
            exact,
            phrases,
            fingerprint,
        };
        Ok((searcher, origin))
    }

    /// Tells whether this knowledge's index in a folder passed the self-retrieval gate.
    #[must_use]
    pub fn is_accepted(&self, folder: &Path) -> bool {
        index::is_accepted(folder, &self.fingerprint)
    }

    /// Notes in a folder that this knowledge passed the self-retrieval gate.
    pub fn accept(&self, folder: &Path) {
        index::accept(folder, &self.fingerprint);
    }

    /// Analyzes a text as the index was analyzed.
    #[must_use]
    pub fn analyze(&self, text: &str) -> Analysis {
        self.analyzer.analyze(text)
    }

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
        let described = self.describe(&found, question, desk);
        Ranking::new(&self.model, &found.candidates, &described)
    }

    /// Scores the parts of every subject that shares a term with the question.
    #[must_use]
    pub fn find(&self, question: &Analysis, context: Option<&Analysis>) -> Found {
        /// Context decides between equals and never outweighs what was said now.
        const CONTEXT_WEIGHT: f32 = 0.4;
        let mut terms = Terms::distinct(question);
        if let Some(context) = context {
            terms.blend(&Terms::distinct(context), CONTEXT_WEIGHT);
        }
        let mut found = self.ranker.rank(&terms);
        if let Some(subject) = self.exact.get(&analyzer::without_spaces(question)) {
            for candidate in &mut found.candidates {
                candidate.is_exact = candidate.subject == *subject;
            }
        }
        found
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
        described.push(model::nothing(question, found.unknown));
        described
    }

    /// Returns the desks that a question names.
    #[must_use]
    pub fn named_desks(&self, question: &Analysis) -> Vec<&DeskId> {
        let is_named = |names: &[String]| {
            let tokens = question.tokens.iter();
            tokens.into_iter().any(|token| names.contains(&token.base))
        };
        let desks = self.desk_names.iter().filter(|(_, names)| is_named(names));
        desks.map(|(desk, _)| desk).collect()
    }

    /// Returns the desk that is all that a question names, and asks nothing about.
    #[must_use]
    pub fn named_alone(&self, question: &Analysis) -> Option<&DeskId> {
        let content = question.tokens.iter().filter(|token| token.is_content);
        let content: Vec<&str> = content.map(|token| token.base.as_str()).collect();
        let is_all = |names: &[String]| content.iter().all(|base| names.iter().any(|n| n == base));
        let mut desks = self.desk_names.iter().filter(|(_, names)| is_all(names));
        let (desk, _) = desks.next().filter(|_| !content.is_empty())?;
        Some(desk)
    }

    /// Returns the phrase with a number of [`Candidate::best_phrase`].
    #[must_use]
    pub fn phrase(&self, number: u32) -> Option<&str> {
        let phrase = self.phrases.get(usize::try_from(number).ok()?)?;
        Some(phrase)
    }

    /// Returns the desk that looks after a subject, if one does.
    #[must_use]
    pub fn desk(&self, subject: Subject) -> Option<&DeskId> {
        self.desks.get(&subject)
    }

    /// Returns a highlighter for what a question's terms match.
    #[must_use]
    pub fn highlighter<'a>(&'a self, question: &Analysis) -> Highlighter<'a> {
        Highlighter::new(&self.analyzer, question)
    }
}

/// Analyzes each desk's names to the tokens that questions have.
fn desk_names(knowledge: &KnowledgeBase, analyzer: &Analyzer) -> Vec<(DeskId, Vec<String>)> {
    let desks = knowledge.desks.iter().map(|desk| {
        let tokens = desk
            .words
            .iter()
            .flat_map(|word| analyzer.analyze(word).tokens);
        let content = tokens.filter(|token| token.is_content);
        (desk.id.clone(), content.map(|token| token.base).collect())
    });
    desks.collect()
}
