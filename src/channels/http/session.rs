//! Web sessions and their tokens: `<uuid>.<base64url of the JSON state>`.
//!
//! The token alone is sufficient, so replicas share nothing. Invariants: a token that is malformed,
//! expired or contains unknown ids is never an error; neither a session nor its token contains a
//! member's words.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::answer_id::AnswerId;
use crate::answer::{Conversation, Outcome};
use crate::knowledge::{DeskId, EntryId, KnowledgeBase};

/// Longest token that is parsed, in bytes.
const MAX_TOKEN_BYTES: usize = 4_096;

/// Maximum number of offered entries that are read from a token.
const MAX_OFFERED_ENTRIES: usize = 9;

/// Maximum number of rated answers in a session; older answers have scrolled out of the widget.
const MAX_RATED_ANSWERS: usize = 16;

/// The outcomes that a token can hold, by their number in it.
const OUTCOMES: [Outcome; 4] = [
    Outcome::Answered,
    Outcome::Suggested,
    Outcome::Escalated,
    Outcome::SmallTalk,
];

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde calls"
)]
fn is_zero(number: &u8) -> bool {
    *number == 0
}

/// A conversation with its id and the number of its turns.
#[derive(Debug, Clone)]
pub(super) struct Session {
    /// The id of the conversation.
    pub(super) id: Uuid,
    /// The number of answers given.
    pub(super) turns: u32,
    /// The answers that the member rated, oldest first.
    rated: Vec<Rated>,
    /// The state that the next answer depends on.
    pub(super) state: Conversation,
}

/// A rated answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Rated {
    /// Any answer of a turn: as an earlier version counted.
    Turn(u32),
    /// The answer of a turn that is this entry, empty for one without an entry. A turn has an answer for
    /// each request of the message.
    Answer(u32, String),
}

/// The state in a token; the keys are short because every request carries it.
#[derive(Serialize, Deserialize)]
struct TokenState {
    #[serde(rename = "t")]
    turns: u32,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    last_entry: Option<String>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    desk: Option<String>,
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    offered: Vec<String>,
    #[serde(rename = "c", default, skip_serializing_if = "std::ops::Not::not")]
    is_choosing: bool,
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    list: Vec<String>,
    #[serde(rename = "a", default, skip_serializing_if = "is_zero")]
    list_age: u8,
    /// The last outcome, as its place in [`OUTCOMES`].
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    last_outcome: Option<u8>,
    #[serde(rename = "n", default)]
    not_helpful: u8,
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    rated: Vec<Rated>,
    #[serde(rename = "x")]
    expires_at: i64,
}

impl Session {
    /// Starts a session.
    pub(super) fn new(id: Uuid, now: Timestamp) -> Self {
        Self {
            id,
            turns: 0,
            rated: Vec::new(),
            state: Conversation::new(now),
        }
    }

    /// Marks an answer as rated. Returns false if it already was.
    pub(super) fn rate(&mut self, answer: &AnswerId) -> bool {
        let entry = answer.entry.as_ref().map(ToString::to_string);
        let rated = Rated::Answer(answer.turn, entry.unwrap_or_default());
        if self.rated.contains(&Rated::Turn(answer.turn)) || self.rated.contains(&rated) {
            return false;
        }
        if self.rated.len() >= MAX_RATED_ANSWERS {
            self.rated.remove(0);
        }
        self.rated.push(rated);
        true
    }

    /// Returns the session with references to unknown entries and desks removed, or `None` if it
    /// has expired.
    pub(super) fn revalidated(mut self, knowledge: &KnowledgeBase, now: Timestamp) -> Option<Self> {
        let state = &mut self.state;
        let is_known = |id: &EntryId| knowledge.entry(id.as_str()).is_some();
        let offered = state.offered.len();
        state.last_entry.take_if(|id| !is_known(id));
        state.offered.retain(is_known);
        let list = state.list.len();
        state.list.retain(is_known);
        if state.list.len() < list {
            state.list.clear();
        }
        // Without one of its entries, the numbers no longer match the list that was shown.
        state.is_choosing &= state.offered.len() == offered;
        let desk = &mut state.desk;
        desk.take_if(|id| knowledge.desk(id.as_str()).is_none());
        (now < state.expires_at).then_some(self)
    }

    /// Encodes the session.
    pub(super) fn to_token(&self) -> String {
        let state = TokenState {
            turns: self.turns,
            last_entry: self.state.last_entry.as_ref().map(ToString::to_string),
            desk: self.state.desk.as_ref().map(ToString::to_string),
            offered: self.state.offered.iter().map(ToString::to_string).collect(),
            is_choosing: self.state.is_choosing,
            list: self.state.list.iter().map(ToString::to_string).collect(),
            list_age: self.state.list_age,
            last_outcome: self.state.last_outcome.and_then(|last| {
                let number = OUTCOMES.iter().position(|outcome| *outcome == last)?;
                u8::try_from(number).ok()
            }),
            not_helpful: self.state.not_helpful,
            rated: self.rated.clone(),
            expires_at: self.state.expires_at.as_second(),
        };
        let json = serde_json::to_vec(&state).unwrap_or_default();
        format!("{}.{}", self.id, BASE64_URL_SAFE_NO_PAD.encode(json))
    }

    /// Decodes a token; returns `None` if it is malformed.
    pub(super) fn from_token(token: &str) -> Option<Self> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let (id, state) = token.split_once('.')?;
        let json = BASE64_URL_SAFE_NO_PAD.decode(state).ok()?;
        let state: TokenState = serde_json::from_slice(&json).ok()?;
        let entry = |id: &String| EntryId::parse(id).ok();
        let ids = |list: &[String]| -> Vec<EntryId> {
            let list = list.iter().take(MAX_OFFERED_ENTRIES);
            list.filter_map(entry).collect()
        };
        let offered = ids(&state.offered);
        let outcome = state.last_outcome.map(usize::from);
        Some(Self {
            id: Uuid::try_parse(id).ok()?,
            turns: state.turns,
            rated: state.rated.into_iter().take(MAX_RATED_ANSWERS).collect(),
            state: Conversation {
                last_entry: state.last_entry.as_ref().and_then(entry),
                desk: state.desk.and_then(|id| DeskId::parse(&id).ok()),
                list: ids(&state.list),
                list_age: state.list_age,
                last_outcome: outcome.and_then(|number| OUTCOMES.get(number).copied()),
                offered,
                is_choosing: state.is_choosing,
                not_helpful: state.not_helpful,
                expires_at: Timestamp::from_second(state.expires_at).ok()?,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Timestamp {
        Timestamp::from_second(1_800_000_000).expect("a time")
    }

    #[test]
    fn a_token_keeps_the_earlier_list_and_the_last_outcome() {
        let mut session = Session::new(Uuid::nil(), start());
        session.state.list = vec![EntryId::parse("a").expect("an id")];
        session.state.list_age = 2;
        session.state.last_outcome = Some(Outcome::Escalated);
        let read = Session::from_token(&session.to_token()).expect("a token");
        assert_eq!(read.state, session.state);
    }

    #[test]
    fn each_answer_of_a_turn_is_rated_once() {
        let id = |turn, entry: Option<&str>| AnswerId {
            conversation: Uuid::nil(),
            turn,
            entry: entry.map(|id| EntryId::parse(id).expect("an id")),
        };
        let mut session = Session::new(Uuid::nil(), start());
        assert!(session.rate(&id(1, Some("a"))));
        assert!(session.rate(&id(1, Some("b"))));
        assert!(session.rate(&id(1, None)));
        let mut read = Session::from_token(&session.to_token()).expect("a token");
        assert!(!read.rate(&id(1, Some("a"))));
        assert!(!read.rate(&id(1, None)));
        assert!(read.rate(&id(2, Some("a"))));
        // An earlier version counted turns.
        let json = br#"{"t":3,"r":[3],"x":1800000000}"#;
        let token = format!("{}.{}", Uuid::nil(), BASE64_URL_SAFE_NO_PAD.encode(json));
        let mut read = Session::from_token(&token).expect("a token");
        assert!(!read.rate(&id(3, Some("a"))));
    }

    #[test]
    fn a_token_of_an_earlier_version_is_read() {
        let json = br#"{"t":3,"e":"a","o":["b","c"],"c":true,"n":1,"x":1800000000}"#;
        let token = format!("{}.{}", Uuid::nil(), BASE64_URL_SAFE_NO_PAD.encode(json));
        let read = Session::from_token(&token).expect("a token");
        assert_eq!(read.turns, 3);
        assert!(read.state.is_choosing && read.state.offered.len() == 2);
        assert_eq!(read.state.last_outcome, None);
        assert!(read.state.list.is_empty());
        // An unknown outcome is no error.
        let json = br#"{"t":3,"k":99,"x":1800000000}"#;
        let token = format!("{}.{}", Uuid::nil(), BASE64_URL_SAFE_NO_PAD.encode(json));
        let read = Session::from_token(&token).expect("a token");
        assert_eq!(read.state.last_outcome, None);
    }
}
