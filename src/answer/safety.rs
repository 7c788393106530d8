//! The reply to a message about suicide, self-harm or violence, before anything is ranked.
//!
//! Invariant: it contains no entry, no suggestion and no draft, and changes nothing in the
//! conversation but its end.

use jiff::Timestamp;

use super::{Answer, Assistant, Conversation, Decision, Judgement, Outcome, Trace};
use crate::knowledge::Language;
use crate::search::{Analysis, Ranking};

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
        let analysis = self.searcher.analyze(text);
        let conversation = conversation.clone().resume(now);
        Some(self.reply_to_danger(position, analysis, language, conversation))
    }

    /// Replies to a message about a danger by its position in the knowledge.
    pub(super) fn reply_to_danger(
        &self,
        position: usize,
        analysis: Analysis,
        language: Language,
        conversation: Conversation,
    ) -> Answer {
        let safety = &self.knowledge.safety;
        let danger = safety.dangers.get(position);
        let message = danger.map(|danger| safety.reply(danger, language));
        let ranking = Ranking::nothing();
        let judgement = Judgement {
            decision: Decision::Safety(position),
            confidence: 1.0,
            ..self.judge(&ranking)
        };
        let trace = Trace {
            message: Vec::new(),
            analysis,
            context: None,
            act: None,
            ranking,
            judgement,
        };
        Answer {
            trace: Some(Box::new(trace)),
            ..Answer::of_sentence(
                Outcome::Safety,
                1.0,
                message.unwrap_or_default(),
                conversation,
            )
        }
    }

    /// Returns whether a text is about a danger to a life, so that no entry is offered.
    #[must_use]
    pub fn is_danger(&self, text: &str) -> bool {
        self.searcher.danger(text).is_some()
    }
}
