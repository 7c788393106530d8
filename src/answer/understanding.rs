//! Everything known about one question when its outcome is decided, and the trace that remains.

use super::context::Context;
use super::conversation::Conversation;
use super::dialogue::Act;
use super::escalation::{Escalator, Written};
use super::judgement::{Decision, Judgement};
use super::message::{ReadSentence, Request};
use super::{Assistant, Question};
use crate::knowledge::{Desk, DeskId};
use crate::search::{Analysis, Candidates, Ranking};

/// Everything known about one question.
pub(super) struct Understanding<'a> {
    pub(super) assistant: &'a Assistant,
    /// The whole message.
    pub(super) question: Question<'a>,
    /// The part of it that is decided.
    pub(super) request: Request,
    pub(super) conversation: Conversation,
    pub(super) escalator: Escalator<'a>,
    pub(super) analysis: Analysis,
    /// The desks that the question names.
    pub(super) named_desks: Vec<&'a DeskId>,
    /// The scores of the question by itself, without the conversation.
    pub(super) candidates: Candidates,
    /// The ranking that the decision uses.
    pub(super) ranking: Ranking,
    /// The conversation that the ranking was weighed with.
    pub(super) context: Option<Context>,
    /// Whether the question is the previous one, put to another desk.
    pub(super) is_moved: bool,
    /// The dialogue act of the message, if it is no question.
    pub(super) act: Option<Act>,
    pub(super) judgement: Judgement,
}

/// The record of the decision behind an answer.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The sentences of the message with their roles; empty if it is a single sentence.
    pub message: Vec<ReadSentence>,
    /// Normalised text, tokens, reading and terms.
    pub analysis: Analysis,
    /// Position of the conversation's entry that the question was ranked with.
    pub context: Option<usize>,
    /// The dialogue act of the message, if it is no question; then nothing was ranked.
    pub act: Option<Act>,
    /// The ranking that the decision used.
    pub ranking: Ranking,
    /// The decision, and the probabilities that it follows from.
    pub judgement: Judgement,
}

impl Trace {
    /// Returns the position of the referral that was decided on, if any.
    #[must_use]
    pub fn referral(&self) -> Option<usize> {
        match self.judgement.decision {
            Decision::Refer(index) => Some(index),
            _ => None,
        }
    }
}

impl<'a> Understanding<'a> {
    /// Returns the understanding of a rating, which has no text.
    pub(super) fn of_rating(
        assistant: &'a Assistant,
        question: Question<'a>,
        conversation: Conversation,
        escalator: Escalator<'a>,
    ) -> Self {
        let analysis = assistant.searcher.analyze(question.text);
        let candidates = assistant.searcher.score(&analysis, None);
        let ranking = Ranking::nothing();
        Self {
            judgement: assistant.judge(&ranking),
            assistant,
            question,
            request: Request::whole(question.text),
            conversation,
            escalator,
            analysis,
            named_desks: Vec::new(),
            candidates,
            ranking,
            context: None,
            is_moved: false,
            act: None,
        }
    }

    /// Returns what a draft quotes: the request, and the message that it is a part of.
    pub(super) fn written(&self) -> Written<'_> {
        let asked = self.request.asked.as_str();
        match self.request.is_part {
            true => Written {
                asked,
                message: self.question.text,
            },
            false => Written::whole(asked),
        }
    }

    /// Returns the desk that the question names, if it is only one.
    pub(super) fn named_desk(&self) -> Option<&'a Desk> {
        match self.named_desks.as_slice() {
            [id] => self.escalator.knowledge.desk(id.as_str()),
            _ => None,
        }
    }
}

impl From<Understanding<'_>> for Trace {
    fn from(understanding: Understanding<'_>) -> Self {
        Self {
            message: Vec::new(),
            analysis: understanding.analysis,
            context: understanding.context.and_then(|context| context.last),
            act: understanding.act,
            ranking: understanding.ranking,
            judgement: understanding.judgement,
        }
    }
}
