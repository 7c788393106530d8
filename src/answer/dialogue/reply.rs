//! An act -> the answer, by a decision that needs no ranking.

use jiff::Timestamp;

use super::Act;
use crate::answer::conversation::Conversation;
use crate::answer::judgement::{Decision, Judgement};
use crate::answer::message::Request;
use crate::answer::understanding::{Trace, Understanding};
use crate::answer::{Answer, Assistant, Question, compose};
use crate::knowledge::HandOffReason;
use crate::search::{Analysis, Candidates, Ranking};

impl Assistant {
    /// Answers a message that is no question.
    pub(in crate::answer) fn perform(
        &self,
        act: Act,
        question: Question<'_>,
        analysis: Analysis,
        conversation: Conversation,
        now: Timestamp,
    ) -> Answer {
        let decision = match &act {
            Act::Choose(entry) | Act::Repeat(entry) => Decision::Answer(*entry),
            Act::Narrow(entries) => Decision::Suggest(entries.clone()),
            Act::AskContact => Decision::AskedContact,
            Act::SmallTalk(index) => Decision::SmallTalk(*index),
            Act::Close => Decision::Close,
            Act::NotHelped => Decision::HandOff(HandOffReason::NotHelpful),
            Act::Unreadable => Decision::Unreadable,
        };
        let request = match &decision {
            // The draft quotes the chosen question, not the number that the member sent.
            Decision::Answer(entry) => Request::whole(&self.knowledge.entries[*entry].question),
            _ => Request::whole(question.text),
        };
        let understanding = Understanding {
            assistant: self,
            named_desks: self.searcher.named_desks(&analysis),
            question,
            request,
            conversation,
            escalator: self.escalator(question.language, now),
            candidates: Candidates::none(),
            analysis,
            ranking: Ranking::nothing(),
            context: None,
            is_moved: false,
            act: Some(act),
            judgement: Judgement::certain(decision),
        };
        let mut answer = compose::answer(&understanding);
        answer.trace = Some(Box::new(Trace::from(understanding)));
        answer
    }
}
