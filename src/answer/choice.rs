//! Answers to buttons: an entry chosen from a list, none of a list, "helped" and "did not help".
//!
//! The same replies typed as text get the same answers: `dialogue` recognises a choice, the ranking
//! recognises small talk and hand-offs.

use jiff::Timestamp;

use super::escalation::Written;
use super::understanding::Understanding;
use super::{Answer, Assistant, Conversation, MAX_SUGGESTIONS, Outcome, Question, Reason, compose};
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
            Written::whole(&entry.question),
            &escalator,
            conversation,
            next,
        ))
    }

    /// Escalates after the member declined all entries that were offered.
    ///
    /// The question is the one that they were offered for; its desk is that of all of them, if it is
    /// one. Without a text, which a channel may not have kept, the draft leaves it blank.
    #[must_use]
    pub fn decline(
        &self,
        question: &Question<'_>,
        conversation: Conversation,
        now: Timestamp,
    ) -> Answer {
        let language = question.language;
        if let Some(reply) = self.safety_reply(question.text, language, &conversation, now) {
            return reply;
        }
        let mut conversation = conversation.resume(now);
        let is_known = !question.text.trim().is_empty();
        // An entry shown before is the subject of the draft only if it did not help.
        if is_known || conversation.not_helpful == 0 {
            conversation.last_entry = None;
        }
        let escalator = self.escalator(language, now);
        let mut u = Understanding::of_rating(self, *question, conversation, escalator);
        let reason = if is_known {
            u.ranking = self
                .searcher
                .rank(&u.candidates, &u.analysis, question.desk);
            u.named_desks = self.searcher.named_desks(&u.analysis);
            Reason::NotFound
        } else {
            Reason::NotHelpful
        };
        let mut answer = compose::escalate(&u, reason);
        answer.confidence = 1.0;
        answer.conversation.not_helpful = 0;
        // The list was declined: a number no longer chooses from it.
        answer.conversation.list.clear();
        answer
    }

    /// Replies to a rating of the last answer: with thanks, or with other entries and the desk the first
    /// time and the desk alone the second time.
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
