//! The path of a question, from its text to the answer.
//!
//! 1. Choose: a number picks an entry that was offered.
//! 2. Analyze: text to terms.
//! 3. Rank by words.
//! 4. Embed, if words are not decisive. The only step that may wait.
//! 5. Rank with the embedding.
//! 6. Resolve the context: a question that depends on the conversation is ranked with it.
//! 7. Decide on the outcome: all rules are in `decision`.
//! 8. Compose the answer: the desk comes from `desk`, the sentences from `compose`.
//!
//! Invariant: every step but 4 is a pure function of the index, the question and the time.

use jiff::Timestamp;

use super::conversation::Conversation;
use super::understanding::{Trace, Understanding};
use super::{Answer, Assistant, MAX_QUESTION_CHARS, Question, compose, context, decision};
use crate::embedding::Vector;
use crate::knowledge::{DeskId, Language};
use crate::search::{Analysis, Candidates, Ranking, Subject};

/// A question after steps 1 to 3.
struct Reading<'a> {
    conversation: Conversation,
    language: Language,
    now: Timestamp,
    result: ReadingResult<'a>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "one value per question, never stored: a box would cost an allocation"
)]
enum ReadingResult<'a> {
    /// The member picked an entry, by position.
    Chosen(usize),
    /// The question, analyzed and ranked by words.
    Asked(Asked<'a>),
}

/// A question after step 3.
struct Asked<'a> {
    input: Input<'a>,
    candidates: Candidates,
    /// Absent if an embedding is needed in any case.
    by_words: Option<Ranking>,
    /// Whether step 4 has to embed the question.
    wants_embedding: bool,
}

impl Reading<'_> {
    /// Returns the text that step 4 has to embed, if words are not decisive.
    fn text_to_embed(&self) -> Option<&str> {
        match &self.result {
            ReadingResult::Asked(asked) if asked.wants_embedding => {
                Some(&asked.input.analysis.text)
            }
            _ => None,
        }
    }
}

/// A question after step 2.
struct Input<'a> {
    question: Question<'a>,
    /// The desk of the question, or that of the conversation.
    desk: Option<DeskId>,
    analysis: Analysis,
    now: Timestamp,
    /// Whether a decisive ranking by words is used without an embedding. False if subjects are
    /// removed from it afterwards, since the decisive one may be among them.
    may_skip_embedding: bool,
}

impl Assistant {
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
        let reading = self.read(*question, conversation, now);
        let embedding = match reading.text_to_embed() {
            Some(text) => self.searcher.embed(text).await,
            None => None,
        };
        self.conclude(reading, embedding)
    }

    /// Answers a question without waiting: sends no request to an embeddings server.
    #[must_use]
    pub fn answer_now(
        &self,
        question: &Question<'_>,
        conversation: Conversation,
        now: Timestamp,
    ) -> Answer {
        let reading = self.read(*question, conversation, now);
        let text = reading.text_to_embed();
        let embedding = text.and_then(|text| self.searcher.embed_in_process(text));
        self.conclude(reading, embedding)
    }

    /// Steps 1 to 3.
    fn read<'a>(
        &self,
        question: Question<'a>,
        conversation: Conversation,
        now: Timestamp,
    ) -> Reading<'a> {
        let mut conversation = conversation.resume(now);
        if let Some(desk) = question.desk {
            conversation.desk = Some(desk.clone());
        }
        let result = match self.chosen(&question, &conversation, now) {
            Some(entry) => ReadingResult::Chosen(entry),
            None => ReadingResult::Asked(self.rank_by_words(question, &conversation, now)),
        };
        Reading {
            conversation,
            language: question.language,
            now,
            result,
        }
    }

    /// Steps 2 and 3.
    fn rank_by_words<'a>(
        &self,
        question: Question<'a>,
        conversation: &Conversation,
        now: Timestamp,
    ) -> Asked<'a> {
        let end = question.text.char_indices().nth(MAX_QUESTION_CHARS);
        let text = &question.text[..end.map_or(question.text.len(), |(index, _)| index)];
        let input = Input {
            question: Question { text, ..question },
            desk: question.desk.or(conversation.desk.as_ref()).cloned(),
            analysis: self.searcher.analyze(text),
            now,
            may_skip_embedding: question.desk.is_none() && self.are_all_valid(now),
        };
        let candidates = self.searcher.score(&input.analysis, None);
        let wants_embedding = self.searcher.wants_embedding(&input.analysis, &candidates);
        let by_words = (!wants_embedding || input.may_skip_embedding)
            .then(|| self.rank_candidates(&input, &candidates));
        let may_need_context =
            conversation.last_entry.is_some() && context::is_fragment(&input.analysis);
        Asked {
            wants_embedding: wants_embedding
                && (may_need_context || !self.is_decisive(by_words.as_ref(), &input)),
            input,
            candidates,
            by_words,
        }
    }

    /// Steps 5 to 8.
    fn conclude(&self, reading: Reading<'_>, embedding: Option<Vector>) -> Answer {
        let Reading {
            conversation,
            language,
            now,
            result,
        } = reading;
        let escalator = self.escalator(language, now);
        let asked = match result {
            ReadingResult::Asked(asked) => asked,
            ReadingResult::Chosen(entry) => {
                // The draft quotes the chosen question, not the number that the member sent.
                let text = &self.knowledge.entries[entry].question;
                return compose::give(entry, 1.0, text, &escalator, conversation, Vec::new());
            }
        };
        let Asked {
            input,
            mut candidates,
            by_words,
            ..
        } = asked;
        let embedding = embedding.as_ref();
        let mut ranking = self.rank(&input, &mut candidates, by_words, embedding, None);
        let mut judgement = self.judge(&ranking);
        let last = conversation.last_entry.as_ref();
        let last = last.and_then(|id| self.position(id));
        let last = last.filter(|_| context::depends_on_conversation(&input.analysis, &judgement));
        if let Some(last) = last {
            ranking = self.rank_with_context(&input, embedding, last);
            judgement = self.judge(&ranking);
        }
        let mut understanding = Understanding {
            assistant: self,
            named_desks: self.searcher.named_desks(&input.analysis),
            question: input.question,
            conversation,
            escalator,
            analysis: input.analysis,
            candidates,
            ranking,
            context: last,
            judgement,
        };
        understanding.judgement.decision = decision::decide(&understanding);
        let mut answer = compose::answer(&understanding);
        answer.trace = Some(Box::new(Trace::from(understanding)));
        answer
    }

    /// Step 5: ranks with the embedding, unless the ranking by words is decisive.
    ///
    /// Removes entries that are not valid and, if the question is for one desk, the subjects of
    /// other desks.
    fn rank(
        &self,
        input: &Input<'_>,
        candidates: &mut Candidates,
        by_words: Option<Ranking>,
        embedding: Option<&Vector>,
        context: Option<&Analysis>,
    ) -> Ranking {
        let is_decisive = self.is_decisive(by_words.as_ref(), input);
        let mut ranking = match (embedding, by_words) {
            (Some(embedding), _) if !is_decisive => {
                self.searcher.add_embedding(candidates, embedding, context);
                self.rank_candidates(input, candidates)
            }
            (_, Some(by_words)) => by_words,
            (_, None) => self.rank_candidates(input, candidates),
        };
        self.hide_invalid(&mut ranking, input.now);
        if let Some(chosen) = input.question.desk {
            let is_other = |desk: &DeskId| desk != chosen;
            ranking.keep(|subject| !self.searcher.desk(subject).is_some_and(is_other));
        }
        ranking
    }

    /// Step 6: ranks the question together with the question of the last entry.
    fn rank_with_context(
        &self,
        input: &Input<'_>,
        embedding: Option<&Vector>,
        last: usize,
    ) -> Ranking {
        let entry = &self.knowledge.entries[last];
        let context = self.searcher.analyze(&entry.question);
        let mut candidates = self.searcher.score(&input.analysis, Some(&context));
        let by_words = (embedding.is_none() || input.may_skip_embedding)
            .then(|| self.rank_candidates(input, &candidates));
        let mut ranking = self.rank(input, &mut candidates, by_words, embedding, Some(&context));
        context::reweigh_last_entry(
            &mut ranking,
            &input.analysis,
            Subject::Entry(last),
            &entry.answer.text,
        );
        ranking
    }

    fn rank_candidates(&self, input: &Input<'_>, candidates: &Candidates) -> Ranking {
        self.searcher
            .rank(candidates, &input.analysis, input.desk.as_ref())
    }

    /// Returns whether a ranking by words needs no embedding.
    fn is_decisive(&self, by_words: Option<&Ranking>, input: &Input<'_>) -> bool {
        input.may_skip_embedding
            && by_words.is_some_and(|by_words| self.searcher.is_decisive(by_words))
    }

    fn are_all_valid(&self, now: Timestamp) -> bool {
        let today = self.today(now);
        let mut entries = self.knowledge.entries.iter();
        entries.all(|entry| entry.is_valid_on(today))
    }

    /// Removes the entries that are not valid at a time; their probability goes to "nothing".
    pub(super) fn hide_invalid(&self, ranking: &mut Ranking, now: Timestamp) {
        let today = self.today(now);
        let entries = &self.knowledge.entries;
        ranking.hide(|subject| match subject {
            Subject::Entry(index) => !entries[index].is_valid_on(today),
            _ => false,
        });
    }

    /// Step 1: finds the entry that a member picked by its number among those offered.
    fn chosen(
        &self,
        question: &Question<'_>,
        conversation: &Conversation,
        now: Timestamp,
    ) -> Option<usize> {
        if !conversation.is_choosing {
            return None;
        }
        let number = context::chosen_number(question.text)?;
        let id = conversation.offered.get(number.checked_sub(1)?)?;
        let (position, _) = self.knowledge.shown(id, self.today(now))?;
        Some(position)
    }
}
