//! Choices and verdicts by button: an entry from a list, an answer that helped or did not.
//!
//! Ids and a verdict in, an [`Answer`] out. The same in words is recognised in `follow_up` and as
//! small talk, and leads to the same answers.

use jiff::Timestamp;

use super::{Answer, Assistant, Conversation, MAX_SUGGESTIONS, Outcome, Question};
use crate::knowledge::{EntryId, Language, Sentence};

impl Assistant {
    /// Answers with an entry that the member chose; `None` if the entry is not shown today.
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
        let question = Question {
            text: &entry.question,
            desk: None,
            language,
        };
        let related = self.knowledge.related(entry, today).into_iter();
        let related = related.take(MAX_SUGGESTIONS);
        let next = related.map(|entry| entry.id.clone()).collect();
        let conversation = conversation.resume(now);
        let escalator = self.escalator(language, now);
        Some(self.give(position, 1.0, &question, &escalator, conversation, next))
    }

    /// Responds to a verdict on the last answer: with thanks, or with other entries and then the desk.
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
            return Answer {
                outcome: Outcome::SmallTalk,
                confidence: 1.0,
                message: escalator.render(Sentence::HelpfulThanks, &[]),
                entry: None,
                suggestions: Vec::new(),
                escalation: None,
                conversation: Conversation {
                    not_helpful: 0,
                    is_choosing: false,
                    ..conversation
                },
            };
        }
        let question = Question {
            text: "",
            desk: None,
            language,
        };
        let hearing = self.hear(question, &Conversation::new(now), escalator);
        let mut answer = self.not_helpful(&hearing, conversation);
        answer.confidence = 1.0;
        answer
    }
}
