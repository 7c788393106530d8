//! The state of a conversation between two questions, and its lifetime.
//!
//! Invariant: it holds ids of the knowledge and never a member's words, so it may be sent in a token.

use jiff::{SignedDuration, Timestamp};

use crate::knowledge::{DeskId, EntryId};

/// Time after the last question at which a conversation ends.
const LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// The state between two questions of one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The entry of the last answer.
    pub last_entry: Option<EntryId>,
    /// The desk that the member chose, or that of the last answer or escalation.
    pub desk: Option<DeskId>,
    /// The entries offered last, in the order shown; after an answer, the next most probable ones.
    pub offered: Vec<EntryId>,
    /// Whether `offered` was shown to choose from.
    pub is_choosing: bool,
    /// Number of consecutive answers that did not help, without a new question between them.
    pub not_helpful: u8,
    /// The time at which it ends.
    pub expires_at: Timestamp,
}

impl Conversation {
    /// Starts a conversation.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            last_entry: None,
            desk: None,
            offered: Vec::new(),
            is_choosing: false,
            not_helpful: 0,
            expires_at: now + LIFETIME,
        }
    }

    /// Continues the conversation, or starts a new one if it has ended.
    #[must_use]
    pub fn resume(self, now: Timestamp) -> Self {
        if self.expires_at <= now {
            return Self::new(now);
        }
        Self {
            expires_at: now + LIFETIME,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_ends_after_half_an_hour() {
        let start = Timestamp::from_second(1_800_000_000).expect("a time");
        let mut conversation = Conversation::new(start);
        conversation.not_helpful = 1;
        let soon = conversation
            .clone()
            .resume(start + SignedDuration::from_mins(29));
        assert_eq!(soon.not_helpful, 1);
        let late = conversation.resume(start + SignedDuration::from_mins(30));
        assert_eq!(late.not_helpful, 0);
    }
}
