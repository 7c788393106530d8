//! question -> [`Answer`]: the heart. It reads no clock and knows no channel; that a question may be
//! embedded by a server is the search's affair.
//!
//! The order of decisions is in [`Assistant::answer_now`], on one screen; why an outcome is chosen is
//! in `policy`, who is contacted in `escalation`, what a conversation remembers in
//! `conversation`.

mod choice;
mod conversation;
mod escalation;
mod explain;
mod follow_up;
mod hearing;
mod outcome;
mod policy;
mod reply;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

pub use conversation::Conversation;
pub use escalation::{ContactStatus, Draft, Escalation, HoursStatus, Reason};
pub use explain::{Explanation, SubjectExplanation};
pub use outcome::{Answer, MAX_QUESTION_CHARS, Outcome, Question};
pub use policy::{Decision, Judgement, MAX_SUGGESTIONS, judge};
pub use reply::{Part, Reply, render, source};

use crate::embedding::Embedding;
use crate::knowledge::{Desk, DeskId, EntryId, HandOffReason, KnowledgeBase, Language, Sentence};
use crate::search::{self, Hit, IndexOrigin, Ranking, Searcher, Subject, WORTH_SHOWING};
use escalation::{Escalator, contact_status};
use hearing::Hearing;

/// Which of the entries that share something with a text are hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breadth {
    /// All of them.
    All,
    /// Those that are not noise beside the best one; see [`WORTH_SHOWING`].
    WorthShowing,
    /// The same, for a text that is still being typed.
    Typed,
}

/// Answers questions from one state of the knowledge. Cheap to share between threads.
pub struct Assistant {
    knowledge: Arc<KnowledgeBase>,
    searcher: Searcher,
}

impl Assistant {
    /// Opens the index of the knowledge under a folder, building it if need be; without a folder
    /// it is held in memory. With an encoder it looks at meaning too.
    ///
    /// # Errors
    /// [`search::Error`] if the dictionary or the folder cannot be used.
    pub fn open(
        knowledge: Arc<KnowledgeBase>,
        folder: Option<&Path>,
        embedding: Option<Embedding>,
    ) -> Result<(Self, IndexOrigin), search::Error> {
        let (searcher, origin) = Searcher::open(&knowledge, folder, embedding)?;
        let assistant = Self {
            knowledge,
            searcher,
        };
        Ok((assistant, origin))
    }

    /// Returns the knowledge that it answers from.
    #[must_use]
    pub fn knowledge(&self) -> &Arc<KnowledgeBase> {
        &self.knowledge
    }

    /// Returns the search that it stands on.
    #[must_use]
    pub fn searcher(&self) -> &Searcher {
        &self.searcher
    }

    /// Answers a question. Never fails: a question that cannot be understood is escalated.
    ///
    /// Where an embeddings server is set, waits for it up to its deadline; see
    /// [`Assistant::answer_now`] for the same without waiting.
    pub async fn answer(
        &self,
        question: &Question<'_>,
        conversation: Conversation,
        now: Timestamp,
    ) -> Answer {
        self.answer_now(question, conversation, now)
    }

    /// Answers a question without waiting for anything: an embeddings server is not asked.
    #[must_use]
    pub fn answer_now(
        &self,
        question: &Question<'_>,
        conversation: Conversation,
        now: Timestamp,
    ) -> Answer {
        let mut conversation = conversation.resume(now);
        if let Some(desk) = question.desk {
            conversation.desk = Some(desk.clone());
        }
        let escalator = self.escalator(question.language, now);
        if let Some(entry) = self.chosen(question, &conversation, now) {
            // A number is no matter to put to a desk: the question that was chosen is.
            let chosen = Question {
                text: &self.knowledge.entries[entry].question,
                ..*question
            };
            return self.give(entry, 1.0, &chosen, &escalator, conversation, Vec::new());
        }
        let hearing = self.hear(*question, &conversation, escalator);
        if hearing.analysis.normalized.is_empty() && !hearing.is_small_talk() {
            return hearing.escalate(None, Reason::Unreadable, conversation);
        }
        match &hearing.judgement.decision {
            Decision::Answer(entry) => {
                let next = self.next_best(&hearing, *entry);
                let confidence = hearing.judgement.confidence;
                self.give(
                    *entry,
                    confidence,
                    question,
                    &hearing.escalator,
                    conversation,
                    next,
                )
            }
            Decision::Suggest(entries) => hearing.suggest(entries, conversation),
            Decision::SmallTalk(index) => hearing.small_talk(*index, conversation),
            Decision::HandOff(HandOffReason::NotHelpful) => {
                self.not_helpful(&hearing, conversation)
            }
            Decision::HandOff(reason) => {
                let reason = match reason {
                    HandOffReason::Complaint => Reason::Complaint,
                    _ => Reason::PersonRequested,
                };
                let desk = hearing
                    .named_desk()
                    .or_else(|| hearing.remembered(&conversation));
                hearing.escalate(desk, reason, conversation)
            }
            Decision::Refer(index) => match hearing.in_named_desk(*index, &self.searcher) {
                Some(index) => hearing.refer(index, conversation),
                None => hearing.escalate(hearing.named_desk(), Reason::NotFound, conversation),
            },
            Decision::NotFound | Decision::OutOfScope if hearing.elsewhere.is_some() => {
                let entries: Vec<usize> = hearing.elsewhere.into_iter().collect();
                hearing.suggest(&entries, conversation)
            }
            Decision::OutOfScope => hearing.escalate(None, Reason::OutOfScope, conversation),
            Decision::NotFound => {
                let chosen = question
                    .desk
                    .and_then(|id| self.knowledge.desk(id.as_str()));
                let desk = hearing.named_desk().or(chosen);
                let desk = desk.or_else(|| hearing.likely_desk(&self.searcher));
                let desk = desk.or_else(|| hearing.remembered(&conversation));
                hearing.escalate(desk, Reason::NotFound, conversation)
            }
        }
    }

    /// Ranks the entries that share something with a text, best first, each with its chance.
    #[must_use]
    pub fn rank_entries(
        &self,
        text: &str,
        desk: Option<&DeskId>,
        now: Timestamp,
    ) -> Vec<(usize, f32)> {
        let ranking = self.searcher.rank(&self.searcher.analyze(text), None, None);
        self.shown_entries(&ranking, desk, now)
    }

    /// Ranks the entries for a text that is still being typed, from memory.
    #[must_use]
    pub fn suggest_entries(
        &self,
        text: &str,
        desk: Option<&DeskId>,
        now: Timestamp,
    ) -> Vec<(usize, f32)> {
        let ranking = self.searcher.rank_typed(&self.searcher.analyze(text));
        self.shown_entries(&ranking, desk, now)
    }

    /// Lists the entries of a ranking that are shown, best first, each with its chance.
    fn shown_entries(
        &self,
        ranking: &Ranking,
        desk: Option<&DeskId>,
        now: Timestamp,
    ) -> Vec<(usize, f32)> {
        let today = self.today(now);
        let subjects = ranking.subjects.iter();
        let entries = subjects.filter_map(|ranked| match ranked.candidate.subject {
            Subject::Entry(index) => Some((index, ranked.probability)),
            _ => None,
        });
        let shown = entries.filter(|(index, _)| {
            let entry = &self.knowledge.entries[*index];
            desk.is_none_or(|desk| *desk == entry.desk) && entry.is_valid_on(today)
        });
        shown.collect()
    }

    /// Finds the entries that match a text: a page of hits, best first, and how many there are in
    /// all.
    #[must_use]
    pub fn search(
        &self,
        text: &str,
        desk: Option<&DeskId>,
        page: Range<usize>,
        breadth: Breadth,
        now: Timestamp,
    ) -> (Vec<Hit>, usize) {
        let analysis = self.searcher.analyze(text);
        let ranking = match breadth {
            Breadth::Typed => self.searcher.rank_typed(&analysis),
            Breadth::All | Breadth::WorthShowing => self.searcher.rank(&analysis, None, None),
        };
        let mut ranked = self.shown_entries(&ranking, desk, now);
        let least = match (breadth, ranked.first()) {
            (Breadth::Typed | Breadth::WorthShowing, Some(best)) => best.1 * WORTH_SHOWING,
            _ => 0.0,
        };
        ranked.retain(|(_, chance)| *chance >= least);
        let highlighter = self.searcher.highlighter(&analysis);
        let shown = ranked.iter().skip(page.start).take(page.len());
        let hits = shown.map(|(index, score)| {
            let entry = &self.knowledge.entries[*index];
            Hit {
                entry: *index,
                score: *score,
                question: highlighter.mark(&entry.question),
                snippet: highlighter.extract(&entry.answer.text),
            }
        });
        (hits.collect(), ranked.len())
    }

    /// Describes every contact point of a desk as it is at a time.
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

    fn escalator(&self, language: Language, now: Timestamp) -> Escalator<'_> {
        Escalator {
            knowledge: &self.knowledge,
            language,
            now,
        }
    }

    /// Returns the day by which entries are valid; see [`KnowledgeBase::time_zone`].
    #[must_use]
    pub fn today(&self, now: Timestamp) -> jiff::civil::Date {
        now.to_zoned(self.knowledge.time_zone()).date()
    }

    /// Finds the entry that a member chose by its number among those offered.
    fn chosen(
        &self,
        question: &Question<'_>,
        conversation: &Conversation,
        now: Timestamp,
    ) -> Option<usize> {
        if !conversation.is_choosing {
            return None;
        }
        let number = follow_up::chosen_number(question.text)?;
        let id = conversation.offered.get(number.checked_sub(1)?)?;
        let (position, _) = self.knowledge.shown(id, self.today(now))?;
        Some(position)
    }

    fn position(&self, id: &EntryId) -> Option<usize> {
        self.knowledge
            .entries
            .iter()
            .position(|entry| entry.id == *id)
    }

    /// Gives an entry's answer.
    fn give(
        &self,
        index: usize,
        confidence: f32,
        question: &Question<'_>,
        escalator: &Escalator<'_>,
        conversation: Conversation,
        next: Vec<EntryId>,
    ) -> Answer {
        let entry = &self.knowledge.entries[index];
        let values = [("question", entry.question.as_str())];
        Answer {
            outcome: Outcome::Answered,
            confidence,
            message: escalator.render(Sentence::Answered, &values),
            entry: Some(index),
            suggestions: Vec::new(),
            escalation: escalator.named_in_answer(entry, question.text),
            conversation: Conversation {
                last_entry: Some(entry.id.clone()),
                desk: Some(entry.desk.clone()),
                offered: next,
                is_choosing: false,
                // What was chosen after a "no" is the second chance, and a further "no" counts;
                // another question starts afresh.
                not_helpful: if conversation.is_choosing {
                    conversation.not_helpful
                } else {
                    0
                },
                ..conversation
            },
        }
    }

    /// The entries that came after the one that is given, in case it does not help.
    fn next_best(&self, hearing: &Hearing<'_>, given: usize) -> Vec<EntryId> {
        let entry = &self.knowledge.entries[given];
        let mut next: Vec<EntryId> = Vec::new();
        let likely = policy::likely_entries(&hearing.ranking).into_iter().skip(1);
        let likely = likely.map(|(index, _)| &self.knowledge.entries[index].id);
        let today = self.today(hearing.escalator.now);
        for id in likely.chain(&entry.related) {
            let is_new = *id != entry.id && !next.contains(id);
            if is_new && next.len() < MAX_SUGGESTIONS && self.knowledge.shown(id, today).is_some()
            {
                next.push(id.clone());
            }
        }
        next
    }

    /// First other entries, then the desk.
    fn not_helpful(&self, hearing: &Hearing<'_>, conversation: Conversation) -> Answer {
        let has_context = conversation.last_entry.is_some() || !conversation.offered.is_empty();
        let today = self.today(hearing.escalator.now);
        let others: Vec<usize> = conversation
            .offered
            .iter()
            .filter_map(|id| Some(self.knowledge.shown(id, today)?.0))
            .collect();
        let is_first = conversation.not_helpful == 0 && !conversation.is_choosing;
        if has_context && is_first && !others.is_empty() {
            let conversation = Conversation {
                not_helpful: 1,
                ..conversation
            };
            let mut answer = hearing.suggest(&others, conversation);
            answer.message = hearing.escalator.render(Sentence::NotHelpful, &[]);
            return answer;
        }
        let desk = hearing
            .named_desk()
            .or_else(|| hearing.remembered(&conversation));
        let conversation = Conversation {
            not_helpful: 0,
            ..conversation
        };
        hearing.escalate(desk, Reason::NotHelpful, conversation)
    }
}
