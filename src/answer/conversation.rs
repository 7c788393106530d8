//! The state of a conversation between two questions, and its lifetime.
//!
//! Invariant: it holds ids of the knowledge and never a member's words, so it may be sent in a token.

use jiff::{SignedDuration, Timestamp};

use super::Outcome;
use crate::knowledge::{DeskId, EntryId};

/// Number of answers after which a list can no longer be chosen from.
const MAX_LIST_AGE: u8 = 2;

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
    /// The list that was shown before the last answers, which a number may still refer to.
    pub list: Vec<EntryId>,
    /// Number of answers since `list` was shown.
    pub list_age: u8,
    /// The outcome of the last message that was not small talk.
    pub last_outcome: Option<Outcome>,
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
            list: Vec::new(),
            list_age: 0,
            last_outcome: None,
            not_helpful: 0,
            expires_at: now + LIFETIME,
        }
    }

    /// Returns whether a message may depend on what was said before.
    pub(super) fn is_live(&self) -> bool {
        self.last_outcome.is_some() || self.last_entry.is_some() || self.is_choosing
    }

    /// Returns whether the last message was answered with an entry.
    pub(super) fn is_after_answer(&self) -> bool {
        self.last_outcome == Some(Outcome::Answered)
    }

    /// Returns whether contact points were shown last.
    pub(super) fn is_after_escalation(&self) -> bool {
        self.last_outcome == Some(Outcome::Escalated)
    }

    /// Returns the list that a number refers to; empty if none was offered recently.
    pub(super) fn list(&self) -> &[EntryId] {
        if self.is_choosing {
            &self.offered
        } else {
            &self.list
        }
    }

    /// Records an answer that shows no list to choose from.
    pub(super) fn after(self, outcome: Outcome) -> Self {
        let (mut list, list_age) = if self.is_choosing {
            (self.offered.clone(), 1)
        } else {
            (self.list, self.list_age.saturating_add(1))
        };
        if list_age > MAX_LIST_AGE {
            list.clear();
        }
        Self {
            is_choosing: false,
            list,
            list_age,
            last_outcome: Some(outcome),
            ..self
        }
    }

    /// Records a list that is shown to choose from.
    pub(super) fn offering(self, offered: Vec<EntryId>) -> Self {
        Self {
            offered,
            is_choosing: true,
            list: Vec::new(),
            list_age: 0,
            last_outcome: Some(Outcome::Suggested),
            ..self
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
