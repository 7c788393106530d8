//! Finds what a question is about: analysis, index, ranking.
//!
//! A question goes in, a [`Ranking`] comes out: every subject that shares something with it,
//! best first, each with the chance that it is meant. Only this folder knows tantivy and lindera.

mod analyzer;
mod error;
mod hit;
mod index;
mod lexicon;
mod meaning;
mod model;
mod negation;
mod normalize;
mod postings;
mod rank;
mod ranking;
mod romaji;
mod schema;
mod snippet;
mod subject;
mod terms;
mod token;
mod vocabulary;

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

pub use analyzer::{Analysis, Analyzer, WordTerm};
pub use error::Error;
pub use hit::{Hit, WORTH_SHOWING};
pub use index::{IndexOrigin, remove_all};
pub use model::{FEATURE_NAMES, FEATURES, Features, Model, softmax};
pub use rank::{Candidate, Found, Parts};
pub use ranking::{Ranked, Ranking};
pub use snippet::{Highlighter, Marked};
pub use subject::Subject;
pub use token::Token;

use crate::embedding::Embedding;
use crate::knowledge::{DeskId, Evidence, KnowledgeBase};
use meaning::Meaning;
use rank::Ranker;
use schema::Schema;
use subject::Document;

/// From this chance on words decide which subject is meant, if it is enough for an answer.
const SURE: f32 = 0.95;

/// An opened index with its analyzer and its ranking model.
pub struct Searcher {
    analyzer: Analyzer,
    ranker: Ranker,
    meaning: Option<Meaning>,
    /// For a question that is ranked by words alone.
    by_words: Model,
    /// For a question whose meaning was looked at.
    by_meaning: Model,
    /// From what chance on words decide without meaning.
    sure: f32,
    exact: HashMap<String, Subject>,
    desks: HashMap<Subject, DeskId>,
    desk_names: Vec<(DeskId, Vec<String>)>,
    phrases: Vec<String>,
    fingerprint: String,
}

/// What a search by words needs of an index.
struct Words {
    analyzer: Analyzer,
    ranker: Ranker,
    exact: HashMap<String, Subject>,
    phrases: Vec<String>,
}

impl Words {
    fn read(
        reader: &tantivy::Searcher,
        schema: &Schema,
        documents: &[Document<'_>],
        mut analyzer: Analyzer,
    ) -> Result<Self, Error> {
        let subjects = documents.iter().map(|document| document.subject).collect();
        let ranker = Ranker::new(reader.segment_reader(0), schema, subjects)?;
        analyzer.learn(index::vocabulary(reader.segment_reader(0), schema)?);
        let mut exact = HashMap::new();
        let mut phrases = Vec::new();
        for document in documents {
            for phrase in &document.phrases {
                let key = analyzer.exact_form(phrase);
                exact.entry(key).or_insert(document.subject);
                phrases.push((*phrase).to_owned());
            }
        }
        Ok(Self {
            analyzer,
            ranker,
            exact,
            phrases,
        })
    }
}

impl Searcher {
    /// Opens the index of the knowledge under a folder, building it if need be; without a folder
    /// it is held in memory. With an encoder it looks at meaning too, as far as that can embed
    /// the knowledge.
    ///
    /// # Errors
    /// [`Error`] if the dictionary, the lexicon's words or the folder cannot be used.
    pub fn open(
        knowledge: &KnowledgeBase,
        folder: Option<&Path>,
        embedding: Option<Embedding>,
    ) -> Result<(Self, IndexOrigin), Error> {
        let analyzer = Analyzer::new(knowledge)?;
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
        // Beside each other: reading what is kept of either takes as long.
        let (words, meaning) = thread::scope(|scope| {
            let words = scope.spawn(|| Words::read(&reader, &schema, &documents, analyzer));
            let meaning =
                embedding.and_then(|embedded| Meaning::open(embedded, &documents, folder));
            let words = words.join();
            (words.unwrap_or_else(|panic| resume_unwind(panic)), meaning)
        });
        let Words {
            analyzer,
            ranker,
            exact,
            phrases,
        } = words?;
        let model = |evidence| Model::from_named(&knowledge.fitted(evidence).weights);
        let searcher = Self {
            by_words: model(Evidence::Words),
            // Whoever is too sure for meaning must be sure enough to answer.
            sure: knowledge.fitted(Evidence::Words).answered_from.max(SURE),
            by_meaning: model(meaning.as_ref().map_or(Evidence::Words, Meaning::evidence)),
            meaning,
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

    /// Tells what a ranking goes by where the words alone do not decide.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let meaning = self.meaning.as_ref();
        meaning.map_or(Evidence::Words, Meaning::evidence)
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

    /// Tells whether a word is one of a desk's names.
    fn is_desk_name(&self, word: &str) -> bool {
        let mut names = self.desk_names.iter().flat_map(|(_, names)| names);
        names.any(|name| name == word)
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
