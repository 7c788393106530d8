//! What a conversation remembers: the last entry, the desk, what was offered, how often it did
//! not help; and for how long.
//!
//! Invariant: it never holds what a member typed, only ids of the knowledge, so it may travel in
//! a token.

use jiff::{SignedDuration, Timestamp};

use crate::knowledge::{DeskId, EntryId};

/// How long after the last question a conversation is over.
const LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// The state between two questions of one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The entry that was last given as an answer.
    pub last_entry: Option<EntryId>,
    /// The desk that the member chose or was last led to.
    pub desk: Option<DeskId>,
    /// Entries last offered, in the order shown; for an answer, those that came next.
    pub offered: Vec<EntryId>,
    /// Whether `offered` was shown to choose from.
    pub is_choosing: bool,
    /// How often in a row the member said that it did not help.
    pub not_helpful: u8,
    /// When it ends.
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

    /// Goes on with a conversation, or starts anew if it is over.
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
    fn a_conversation_is_forgotten_after_half_an_hour() {
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
