//! Finds what a question is about: analysis, index, ranking.
//!
//! A question goes in, a [`Ranking`] comes out: every subject that shares something with it,
//! best first, each with the chance that it is meant. Only this folder knows tantivy and lindera.

mod analyzer;
mod error;
mod hit;
mod index;
mod model;
mod normalize;
mod postings;
mod rank;
mod romaji;
mod schema;
mod snippet;
mod subject;
mod terms;

use std::collections::HashMap;
use std::path::Path;

pub use analyzer::{Analysis, Analyzer, Token, WordTerm};
pub use error::Error;
pub use hit::Hit;
pub use index::IndexOrigin;
pub use model::{FEATURE_NAMES, FEATURES, Features, Model, features, nothing, softmax};
pub use rank::{Candidate, Parts};
pub use snippet::{Highlighter, Marked};
pub use subject::Subject;

use crate::knowledge::{Calibration, DeskId, KnowledgeBase};
use rank::Ranker;
use schema::Schema;
use terms::Terms;

/// From this many variants an entry on, how people ask is known and answers matter less.
const DENSE_VARIANTS: usize = 8;

/// An opened index with its analyzer and its ranking model.
pub struct Searcher {
    analyzer: Analyzer,
    ranker: Ranker,
    model: Model,
    exact: HashMap<String, Subject>,
    desks: HashMap<Subject, DeskId>,
    phrases: Vec<String>,
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
        let analyzer = Analyzer::new(knowledge)?;
        let schema = Schema::new();
        let documents = subject::documents(knowledge);
        let (index, origin) = match folder {
            Some(folder) => {
                let fingerprint = index::fingerprint(knowledge, &documents);
                index::open_or_build(folder, &fingerprint, &schema, &documents, &analyzer)?
            }
            None => (
                index::build_in_memory(&schema, &documents, &analyzer)?,
                IndexOrigin::InMemory,
            ),
        };
        let reader = index.reader()?.searcher();
        let subjects = documents.iter().map(|document| document.subject).collect();
        let ranker = Ranker::new(reader.segment_reader(0), &schema, subjects)?;
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
            model: Model::from_named(weights(knowledge)),
            desks: subject::desks(knowledge),
            analyzer,
            ranker,
            exact,
            phrases,
        };
        Ok((searcher, origin))
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
        let candidates = self.candidates(question, context);
        let described = candidates.iter().map(|candidate| {
            let own = self.desks.get(&candidate.subject);
            features(candidate, question, desk.is_some() && own == desk)
        });
        let mut utilities: Vec<f32> = described.map(|f| self.model.utility(&f)).collect();
        utilities.push(self.model.utility(&nothing(question)));
        let mut shares = softmax(&utilities);
        let nothing = shares.pop().unwrap_or(1.0);
        let pairs = candidates.into_iter().zip(shares);
        let mut subjects: Vec<Ranked> = pairs
            .map(|(candidate, probability)| Ranked {
                candidate,
                probability,
            })
            .collect();
        subjects.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        Ranking { subjects, nothing }
    }

    /// Scores the parts of every subject that shares a term with the question, in the
    /// knowledge's order; what [`crate::search::Model`] is fitted on.
    #[must_use]
    pub fn candidates(&self, question: &Analysis, context: Option<&Analysis>) -> Vec<Candidate> {
        /// Context decides between equals and never outweighs what was said now.
        const CONTEXT_WEIGHT: f32 = 0.4;
        let mut terms = Terms::distinct(question);
        if let Some(context) = context {
            terms.blend(&Terms::distinct(context), CONTEXT_WEIGHT);
        }
        let mut candidates = self.ranker.rank(&terms);
        if let Some(subject) = self.exact.get(&analyzer::without_spaces(question)) {
            for candidate in &mut candidates {
                candidate.is_exact = candidate.subject == *subject;
            }
        }
        candidates
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

/// Chooses the weights that fit how much the knowledge says about how people ask.
fn weights(knowledge: &KnowledgeBase) -> &std::collections::BTreeMap<String, f32> {
    let calibration: &Calibration = &knowledge.calibration;
    if is_dense(knowledge) {
        &calibration.dense
    } else {
        &calibration.sparse
    }
}

/// Tells whether the knowledge has enough variants that the dense weights hold.
#[must_use]
pub fn is_dense(knowledge: &KnowledgeBase) -> bool {
    let variants: usize = knowledge
        .entries
        .iter()
        .map(|entry| entry.variants.len())
        .sum();
    variants >= DENSE_VARIANTS * knowledge.entries.len().max(1)
}
