//! The reply to a message about suicide, self-harm or violence, before anything is ranked.
//!
//! Invariant: it contains no entry, no suggestion and no draft, and changes nothing in the
//! conversation but its end.

use jiff::Timestamp;

use super::{Answer, Assistant, Conversation, Decision, Judgement, Outcome, Trace};
use crate::knowledge::Language;
use crate::search::Ranking;

impl Assistant {
    /// Replies with public help lines if a text is about a danger to a life; the text may have any
    /// length. Takes a few microseconds for other texts.
    #[must_use]
    pub fn safety_reply(
        &self,
        text: &str,
        language: Language,
        conversation: &Conversation,
        now: Timestamp,
    ) -> Option<Answer> {
        let position = self.searcher.danger(text)?;
        let safety = &self.knowledge.safety;
        let danger = safety.dangers.get(position)?;
        let ranking = Ranking::nothing();
        let judgement = Judgement {
            decision: Decision::Safety(position),
            confidence: 1.0,
            ..self.judge(&ranking)
        };
        let trace = Trace {
            message: Vec::new(),
            analysis: self.searcher.analyze(text),
            context: None,
            act: None,
            ranking,
            judgement,
        };
        let message = safety.reply(danger, language);
        let conversation = conversation.clone().resume(now);
        Some(Answer {
            trace: Some(Box::new(trace)),
            ..Answer::of_sentence(Outcome::Safety, 1.0, message, conversation)
        })
    }

    /// Returns whether a text is about a danger to a life, so that no entry is offered.
    #[must_use]
    pub fn is_danger(&self, text: &str) -> bool {
        self.searcher.danger(text).is_some()
    }
}
