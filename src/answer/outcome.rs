//! The input and the output of the assistant: a question, its answer, the outcome.

use super::conversation::Conversation;
use super::escalation::Escalation;
use super::understanding::Trace;
use crate::knowledge::{DeskId, Language};

/// Maximum length of a question, in characters.
pub const MAX_QUESTION_CHARS: usize = 500;

/// Maximum number of requests of one message that are answered.
pub const MAX_REQUESTS: usize = 3;

/// Maximum number of requests of one message that are read: one more than are answered, so that the
/// answer can state that requests were left out.
pub(super) const MAX_READ_REQUESTS: usize = MAX_REQUESTS + 1;

/// A question of a member.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The text; the part beyond [`MAX_QUESTION_CHARS`] is ignored.
    pub text: &'a str,
    /// The desk that the member chose, if any.
    pub desk: Option<&'a DeskId>,
    /// The language of everything but the answer itself.
    pub language: Language,
}

/// The reply to a member.
///
/// A message with several requests has one answer for each: the first one, and the others in
/// [`Self::also`].
#[derive(Debug, Clone)]
pub struct Answer {
    /// The part of the message that this answer is for; absent if it is for the whole message.
    pub asked: Option<String>,
    /// The outcome.
    pub outcome: Outcome,
    /// Confidence, 0 to 1.
    pub confidence: f32,
    /// The sentence that introduces it.
    pub message: String,
    /// The entry, if answered; by its position in the knowledge base.
    pub entry: Option<usize>,
    /// Entries to choose from, by position, with their probabilities.
    pub suggestions: Vec<(usize, f32)>,
    /// The desk and its contact points, if escalated or if the entry names a contact point.
    pub escalation: Option<Escalation>,
    /// The state to pass with the next question.
    pub conversation: Conversation,
    /// The record of the decision; absent after a choice or a rating, for which nothing is ranked.
    pub trace: Option<Box<Trace>>,
    /// The answers to the further requests of the message, in the order asked; at most
    /// [`MAX_REQUESTS`] less one. Each has `asked` and `trace`, an empty `also`, and the same
    /// `conversation` as the whole answer.
    pub also: Vec<Answer>,
}

impl Answer {
    /// Creates an answer that consists of a sentence alone.
    pub(super) fn of_sentence(
        outcome: Outcome,
        confidence: f32,
        message: String,
        conversation: Conversation,
    ) -> Self {
        Self {
            asked: None,
            outcome,
            confidence,
            message,
            entry: None,
            suggestions: Vec::new(),
            escalation: None,
            conversation,
            trace: None,
            also: Vec::new(),
        }
    }

    /// Iterates over the answer itself and [`Self::also`], in the order asked.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.also)
    }
}

/// The outcomes: four in the API, of which `small_talk` is also the safety reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// One entry answers the question.
    Answered,
    /// Several entries are likely.
    Suggested,
    /// The member is referred to a desk.
    Escalated,
    /// Small talk, without a question.
    SmallTalk,
    /// A message about a danger to a life, answered with public help lines.
    Safety,
}

impl Outcome {
    /// Returns the name in JSON. Every client shows the message of `small_talk` and nothing else, so
    /// the safety reply has this name too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Suggested => "suggested",
            Self::Escalated => "escalated",
            Self::SmallTalk | Self::Safety => "small_talk",
        }
    }

    /// Returns the label in the metrics.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Safety => "safety",
            other => other.name(),
        }
    }
}
