//! Answer ids: `<uuid>-<turn>`, with `:<entry>` appended if the answer is an entry.
//!
//! The entry in the id lets any replica attribute a verdict to it without shared state.

use std::fmt;

use uuid::Uuid;

use crate::knowledge::EntryId;

/// Upper bound of the turn number in an id; real conversations stay far below it.
const MAX_TURNS: u32 = 100_000;

/// Identifies one answer of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AnswerId {
    /// The conversation.
    pub(super) conversation: Uuid,
    /// The number of the answer within the conversation, from 1.
    pub(super) turn: u32,
    /// The entry that was the answer, if any.
    pub(super) entry: Option<EntryId>,
}

impl AnswerId {
    /// Identifies the answer to another request of the same message.
    pub(super) fn with_entry(&self, entry: Option<&EntryId>) -> Self {
        Self {
            entry: entry.cloned(),
            ..self.clone()
        }
    }

    /// Parses the form that `Display` writes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (place, entry) = match text.split_once(':') {
            Some((place, entry)) => (place, Some(EntryId::parse(entry).ok()?)),
            None => (text, None),
        };
        let (conversation, turn) = place.rsplit_once('-')?;
        let turn = turn.parse().ok();
        Some(Self {
            conversation: Uuid::try_parse(conversation).ok()?,
            turn: turn.filter(|turn| (1..=MAX_TURNS).contains(turn))?,
            entry,
        })
    }
}

impl fmt::Display for AnswerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.conversation, self.turn)?;
        match &self.entry {
            Some(entry) => write!(formatter, ":{entry}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_formatting_and_parsing_and_garbage_is_refused() {
        let plain = AnswerId {
            conversation: Uuid::new_v4(),
            turn: 3,
            entry: None,
        };
        let with_entry = AnswerId {
            entry: EntryId::parse("b").ok(),
            ..plain.clone()
        };
        for id in [&plain, &with_entry] {
            assert_eq!(AnswerId::parse(&id.to_string()).as_ref(), Some(id));
        }
        let conversation = plain.conversation.to_string();
        let turns = ["-0", "-100001", "-x", "-1:", "-1:<b>"];
        let turns = turns.map(|turn| format!("{conversation}{turn}"));
        let garbage = ["", "-1", "x-1", "1"].map(str::to_owned);
        for text in turns.iter().chain(&garbage) {
            assert_eq!(AnswerId::parse(text), None, "{text}");
        }
        // The end of a bare uuid may be parsed as a turn, but never with the whole uuid.
        let bare = AnswerId::parse(&conversation);
        assert!(bare.is_none_or(|id| id.conversation != plain.conversation));
    }
}
