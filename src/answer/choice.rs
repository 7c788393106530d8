//! Answers to buttons: an entry chosen from a list, "helped" and "did not help".
//!
//! The same replies typed as text get the same answers: `context` recognises a number, the ranking
//! recognises small talk and hand-offs.

use jiff::Timestamp;

use super::understanding::Understanding;
use super::{Answer, Assistant, Conversation, MAX_SUGGESTIONS, Outcome, Question, compose};
use crate::knowledge::{EntryId, Language, Sentence};

impl Assistant {
    /// Gives the answer of an entry that the member chose; `None` if it is not shown today.
    #[must_use]
    pub fn choose(
        &self,
        entry: &EntryId,
        language: Language,
        conversation: Conversation,
        now: Timestamp,
    ) -> Option<Answer> {
        let today = self.today(now);
        let (position, entry) = self.knowledge.shown(entry, today)?;
        let related = self.knowledge.related(entry, today).into_iter();
        let related = related.take(MAX_SUGGESTIONS);
        let next = related.map(|entry| entry.id.clone()).collect();
        let conversation = conversation.resume(now);
        let escalator = self.escalator(language, now);
        Some(compose::give(
            position,
            1.0,
            &entry.question,
            &escalator,
            conversation,
            next,
        ))
    }

    /// Replies to a rating of the last answer: with thanks, or with other entries the first time and
    /// the desk the second time.
    #[must_use]
    pub fn rate(
        &self,
        is_helpful: bool,
        language: Language,
        conversation: Conversation,
        now: Timestamp,
    ) -> Answer {
        let conversation = conversation.resume(now);
        let escalator = self.escalator(language, now);
        if is_helpful {
            let thanks = escalator.render(Sentence::HelpfulThanks, &[]);
            let conversation = Conversation {
                not_helpful: 0,
                is_choosing: false,
                ..conversation
            };
            return Answer::of_sentence(Outcome::SmallTalk, 1.0, thanks, conversation);
        }
        let question = Question {
            text: "",
            desk: None,
            language,
        };
        let understanding = Understanding::of_rating(self, question, conversation, escalator);
        let mut answer = compose::not_helpful(&understanding);
        answer.confidence = 1.0;
        answer
    }
}
