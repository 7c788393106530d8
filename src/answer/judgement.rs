//! A decision, and the probabilities that it follows from.

use crate::knowledge::HandOffReason;

/// The outcome of a question. Each index is a position in the knowledge's list of entries, small
/// talk or referrals.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Give an entry's answer.
    Answer(usize),
    /// Offer entries to choose from.
    Suggest(Vec<usize>),
    /// Reply to small talk.
    SmallTalk(usize),
    /// Escalate to a person: a request for a person, a complaint or an unhelpful answer.
    HandOff(HandOffReason),
    /// Escalate to the desk of a referral.
    Refer(usize),
    /// Out of scope for the organisation.
    OutOfScope,
    /// No answer.
    NotFound,
    /// The text contains no words.
    Unreadable,
    /// Reply with help lines to a danger; decided before anything is ranked. The index is a position
    /// in the knowledge's safety.
    Safety(usize),
    /// Show a desk's contact points and business hours.
    AskedContact,
    /// Reply to a message that closes the subject.
    Close,
}

impl Decision {
    /// Returns the name in JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answer",
            Self::Suggest(_) => "suggest",
            Self::SmallTalk(_) => "small_talk",
            Self::HandOff(_) => "hand_off",
            Self::Refer(_) => "refer",
            Self::OutOfScope => "out_of_scope",
            Self::NotFound | Self::Unreadable => "not_found",
            Self::Safety(_) => "safety",
            Self::AskedContact => "contact",
            Self::Close => "close",
        }
    }
}

/// The probabilities by kind of subject, and the decision.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The outcome.
    pub decision: Decision,
    /// Probability of the outcome, 0 to 1: of the entry for `Answer`, of [`Self::elsewhere`] for
    /// `OutOfScope` and `NotFound`, otherwise summed over the subjects of the outcome's kind.
    pub confidence: f32,
    /// Probability that an entry answers the question.
    pub entries: f32,
    /// Probability of a referral.
    pub referrals: f32,
    /// Probability of a request for a person or a complaint.
    pub hand_offs: f32,
    /// Probability of small talk.
    pub small_talk: f32,
    /// Probability that the question is out of scope or that the knowledge has nothing on it.
    pub elsewhere: f32,
}

impl Judgement {
    /// Returns the judgement of a decision that needs no ranking.
    pub(super) fn certain(decision: Decision) -> Self {
        Self {
            decision,
            confidence: 1.0,
            entries: 0.0,
            referrals: 0.0,
            hand_offs: 0.0,
            small_talk: 0.0,
            elsewhere: 0.0,
        }
    }
}
