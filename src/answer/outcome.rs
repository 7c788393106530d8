//! What goes into the heart and what comes out: a question, an answer, its outcome.

use super::conversation::Conversation;
use super::escalation::Escalation;
use crate::knowledge::{DeskId, Language};

/// Longest question, in characters.
pub const MAX_QUESTION_CHARS: usize = 500;

/// What a member asks.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The member's words; anything beyond [`MAX_QUESTION_CHARS`] is not read.
    pub text: &'a str,
    /// The desk that the member chose, if one was.
    pub desk: Option<&'a DeskId>,
    /// The language of everything but the answer itself.
    pub language: Language,
}

/// What the member is told.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Which of the four it is.
    pub outcome: Outcome,
    /// How sure, from 0 to 1.
    pub confidence: f32,
    /// The sentence that introduces it.
    pub message: String,
    /// The entry, if answered; by its position in the knowledge base.
    pub entry: Option<usize>,
    /// Entries to choose from, by position, with their chances.
    pub suggestions: Vec<(usize, f32)>,
    /// The way to a person, if escalated or if the entry names a contact.
    pub escalation: Option<Escalation>,
    /// What to pass with the next question.
    pub conversation: Conversation,
}

/// The four outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// One entry is clearly right.
    Answered,
    /// A few are likely.
    Suggested,
    /// A desk is to be asked.
    Escalated,
    /// Nothing was asked.
    SmallTalk,
}

impl Outcome {
    /// Returns the name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Suggested => "suggested",
            Self::Escalated => "escalated",
            Self::SmallTalk => "small_talk",
        }
    }
}
