//! Question -> [`Answer`], without reading a clock and independently of the channel.
//!
//! | step | file |
//! |---|---|
//! | the order of the steps | `pipeline` |
//! | the ranking of one request | `request` |
//! | the requests of a message | `message`, `splitting`, `selection` |
//! | the rules of the decision | `decision` |
//! | the kind of value that a question asks for | `facet`, `values` |
//! | the desk of an escalation | `desk` |
//! | the entry that replaces one that is not valid | `succession` |
//! | the sentences of the answer | `compose`, `escalation` |
//! | what a message does in its conversation | `dialogue` |
//! | questions that depend on the conversation | `context`, `conversation` |
//! | a question in reply to another message | `replied` |
//! | the reply to a danger to a life | `safety` |
//!
//! Every [`Answer`] to a question carries the [`Trace`] of its decision; [`Explanation`] and the
//! self-retrieval check read it.

mod choice;
mod compose;
mod context;
mod conversation;
mod decision;
mod desk;
mod dialogue;
mod escalation;
mod explain;
mod facet;
mod hits;
mod judgement;
mod message;
mod outcome;
mod pipeline;
mod replied;
mod reply;
mod request;
mod safety;
mod selection;
mod self_retrieval;
mod splitting;
mod steps;
mod succession;
mod understanding;
mod values;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

pub use conversation::Conversation;
pub use decision::{MAX_SUGGESTIONS, judge};
pub use dialogue::Act;
pub use escalation::{ContactStatus, Draft, Escalation, HoursStatus, Reason};
pub use explain::{Explanation, SubjectExplanation};
pub use hits::{DeskHit, Hits};
pub use judgement::{Decision, Judgement};
pub use message::{ReadSentence, Role};
use outcome::MAX_READ_REQUESTS;
pub use outcome::{Answer, MAX_QUESTION_CHARS, MAX_REQUESTS, Outcome, Question};
pub use reply::{Part, Reply, render, source};
pub use self_retrieval::{Thoroughness, self_retrieval, self_retrieval_of, valid_entries};
pub use understanding::Trace;

use crate::embedding::Embedding;
use crate::knowledge::{Desk, EntryId, KnowledgeBase, Language, Thresholds};
use crate::search::{self, IndexOrigin, Ranking, Searcher, Snippets};
use escalation::{Escalator, contact_status};
use succession::Succession;

/// Answers questions from one state of the knowledge. Shared between threads by reference.
pub struct Assistant {
    knowledge: Arc<KnowledgeBase>,
    searcher: Searcher,
    /// Positions of the entries that are valid on some days only.
    dated_entries: Vec<usize>,
    succession: Succession,
    snippets: Snippets,
}

impl Assistant {
    /// Opens the index of the knowledge under a folder, and builds it first if it is missing or
    /// stale. Without a folder the index is held in memory. With an encoder, questions are also
    /// compared by embeddings.
    ///
    /// # Errors
    /// [`search::Error`] if the dictionary, the weights or the folder cannot be used.
    pub fn open(
        knowledge: Arc<KnowledgeBase>,
        folder: Option<&Path>,
        embedding: Option<Embedding>,
    ) -> Result<(Self, IndexOrigin), search::Error> {
        Self::replace(None, knowledge, folder, embedding)
    }

    /// As [`Assistant::open`], for knowledge that will replace that of `served`: texts that both have
    /// need no new analysis.
    ///
    /// # Errors
    /// As [`Assistant::open`].
    pub fn replace(
        served: Option<&Self>,
        knowledge: Arc<KnowledgeBase>,
        folder: Option<&Path>,
        embedding: Option<Embedding>,
    ) -> Result<(Self, IndexOrigin), search::Error> {
        let served = served.map(|served| &served.searcher);
        let (searcher, origin) = Searcher::open(&knowledge, folder, embedding, served)?;
        let entries = knowledge.entries.iter().enumerate();
        let dated =
            entries.filter(|(_, entry)| entry.valid_from.is_some() || entry.valid_until.is_some());
        let dated_entries: Vec<usize> = dated.map(|(index, _)| index).collect();
        let assistant = Self {
            succession: Succession::new(&knowledge, &dated_entries),
            dated_entries,
            snippets: Snippets::new(knowledge.entries.len()),
            knowledge,
            searcher,
        };
        Ok((assistant, origin))
    }

    /// Returns the knowledge that the answers come from.
    #[must_use]
    pub fn knowledge(&self) -> &Arc<KnowledgeBase> {
        &self.knowledge
    }

    /// Makes every search retrieve the subjects that it scores, as in large knowledge. For tests of
    /// retrieval with small knowledge, of which all subjects are scored otherwise.
    pub fn search_by_retrieval(&mut self) {
        self.searcher.search_by_retrieval();
    }

    /// Makes every search score all subjects in full. Slow: for tests and benchmarks of the limits
    /// that a search has otherwise.
    pub fn search_exhaustively(&mut self) {
        self.searcher.search_exhaustively();
    }

    /// Returns the search.
    #[must_use]
    pub fn searcher(&self) -> &Searcher {
        &self.searcher
    }

    /// Describes every contact point of a desk as of a time.
    #[must_use]
    pub fn contact_points(
        &self,
        desk: &Desk,
        language: Language,
        now: Timestamp,
    ) -> Vec<ContactStatus> {
        let escalator = self.escalator(language, now);
        let points = desk.contact_points.iter();
        points
            .map(|point| contact_status(desk, point, &escalator))
            .collect()
    }

    /// Returns the day by which entries are valid; see [`KnowledgeBase::time_zone`].
    #[must_use]
    pub fn today(&self, now: Timestamp) -> jiff::civil::Date {
        now.to_zoned(self.knowledge.time_zone()).date()
    }

    fn escalator(&self, language: Language, now: Timestamp) -> Escalator<'_> {
        Escalator {
            knowledge: &self.knowledge,
            language,
            now,
        }
    }

    fn position(&self, id: &EntryId) -> Option<usize> {
        self.knowledge.position(id.as_str())
    }

    /// Decides by the probabilities of a ranking alone.
    fn judge(&self, ranking: &Ranking) -> Judgement {
        judge(ranking, &self.knowledge.hand_offs, self.thresholds(ranking))
    }

    /// Returns the thresholds for the most probable entry of a ranking.
    fn thresholds(&self, ranking: &Ranking) -> Thresholds {
        let parameters = self.knowledge.parameters(ranking.evidence);
        parameters.thresholds(ranking.coverage())
    }
}
