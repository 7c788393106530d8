//! Conversation tokens: `<uuid>.<base64url of the state>`, and the newest states in memory; names
//! of answers: `<uuid>-<turn>`, with `:<entry>` where one was given, so that a verdict on any
//! answer is booked on its entry wherever it arrives.
//!
//! The token alone is enough, so replicas share nothing. Memory serves clients that keep sending
//! the first token of a conversation: whichever of the two has more turns counts.
//!
//! Invariants: a token that cannot be read, has expired or names what is no longer known is never
//! an error; memory is bounded; nothing here holds a member's words.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::answer::Conversation;
use crate::knowledge::{DeskId, EntryId, KnowledgeBase};

/// A longer token is not ours.
const LONGEST_TOKEN: usize = 2_048;

/// Most entries that are read from a token as offered.
const MOST_OFFERED: usize = 9;

/// No conversation of half-hour pauses is longer.
const MOST_TURNS: u32 = 100_000;

/// Most verdicts that are remembered; older answers are out of sight.
const MOST_RATED: usize = 16;

/// A conversation with its place in the sequence of questions.
#[derive(Debug, Clone)]
pub(super) struct Ongoing {
    /// Its name.
    pub(super) id: Uuid,
    /// How many questions were answered in it.
    pub(super) turns: u32,
    /// The answers that the member rated, by their places in the sequence, the newest last.
    pub(super) rated: Vec<u32>,
    /// What the next answer depends on.
    pub(super) state: Conversation,
}

/// Names one answer of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AnswerId {
    /// The conversation.
    pub(super) conversation: Uuid,
    /// The place in the sequence of its answers, from 1.
    pub(super) turn: u32,
    /// The entry that was given, if one was.
    pub(super) entry: Option<EntryId>,
}

impl AnswerId {
    /// Reads a name as [`AnswerId`] writes it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (place, entry) = match text.split_once(':') {
            Some((place, entry)) => (place, Some(EntryId::parse(entry).ok()?)),
            None => (text, None),
        };
        let (conversation, turn) = place.rsplit_once('-')?;
        Some(Self {
            conversation: Uuid::try_parse(conversation).ok()?,
            turn: turn
                .parse()
                .ok()
                .filter(|turn| (1..=MOST_TURNS).contains(turn))?,
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

/// The newest states of the conversations that were last heard of.
pub(super) struct Conversations {
    half: usize,
    generations: Mutex<Generations>,
}

/// When the young are as many as half of what may be kept, they become the old, and the old go:
/// what was not heard of for longest is forgotten, at no cost per question.
#[derive(Default)]
struct Generations {
    young: HashMap<Uuid, Ongoing>,
    old: HashMap<Uuid, Ongoing>,
}

impl Generations {
    fn find(&self, id: Uuid) -> Option<&Ongoing> {
        self.young.get(&id).or_else(|| self.old.get(&id))
    }
}

impl Ongoing {
    /// Notes that an answer was rated; tells whether it was for the first time.
    pub(super) fn rate(&mut self, turn: u32) -> bool {
        if self.rated.contains(&turn) {
            return false;
        }
        if self.rated.len() >= MOST_RATED {
            self.rated.remove(0);
        }
        self.rated.push(turn);
        true
    }
}

impl Conversations {
    /// Keeps at most `most` conversations.
    pub(super) fn new(most: usize) -> Self {
        Self {
            half: (most / 2).max(1),
            generations: Mutex::default(),
        }
    }

    /// Goes on with the conversation of a token, or starts one.
    pub(super) fn resume(
        &self,
        token: Option<&str>,
        knowledge: &KnowledgeBase,
        now: Timestamp,
    ) -> Ongoing {
        let newest = token
            .and_then(parse)
            .map(|given| match self.find(given.id) {
                Some(kept) if kept.turns > given.turns => kept,
                _ => given,
            });
        still_good(newest, knowledge, now).unwrap_or_else(|| Ongoing {
            id: Uuid::new_v4(),
            turns: 0,
            rated: Vec::new(),
            state: Conversation::new(now),
        })
    }

    /// Goes on with the conversation of an answer, by the token if it is of the same one.
    pub(super) fn resume_from(
        &self,
        answer: &AnswerId,
        token: Option<&str>,
        knowledge: &KnowledgeBase,
        now: Timestamp,
    ) -> Ongoing {
        let given = Some(self.resume(token, knowledge, now));
        let given = given.filter(|ongoing| ongoing.id == answer.conversation);
        let kept = || still_good(self.find(answer.conversation), knowledge, now);
        let mut ongoing = given.or_else(kept).unwrap_or_else(|| Ongoing {
            id: answer.conversation,
            turns: 0,
            rated: Vec::new(),
            state: Conversation::new(now),
        });
        if answer.turn != ongoing.turns {
            // The verdict is on that answer, whatever was said since or is not known here.
            let entry = answer.entry.as_ref();
            let entry = entry.and_then(|id| knowledge.entry(id.as_str()));
            if let Some(entry) = entry {
                ongoing.state.last_entry = Some(entry.id.clone());
                ongoing.state.desk = Some(entry.desk.clone());
                ongoing.state.offered.clone_from(&entry.related);
                ongoing.state.is_choosing = false;
            }
            ongoing.turns = ongoing.turns.max(answer.turn);
        }
        ongoing
    }

    /// Keeps what an answer left, and returns the answer's name and the token.
    pub(super) fn keep(
        &self,
        before: &Ongoing,
        state: Conversation,
        entry: Option<&EntryId>,
    ) -> (AnswerId, String) {
        let mut generations = self.lock();
        // Of two questions at once, each gets a place of its own.
        let kept = generations.find(before.id).map_or(0, |kept| kept.turns);
        let ongoing = Ongoing {
            id: before.id,
            turns: before.turns.max(kept).saturating_add(1),
            rated: before.rated.clone(),
            state,
        };
        let answer = AnswerId {
            conversation: ongoing.id,
            turn: ongoing.turns,
            entry: entry.cloned(),
        };
        let token = write(&ongoing);
        if generations.young.len() >= self.half && !generations.young.contains_key(&ongoing.id) {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(ongoing.id, ongoing);
        (answer, token)
    }

    fn find(&self, id: Uuid) -> Option<Ongoing> {
        self.lock().find(id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        // Both maps are whole after any panic: each change is one call.
        self.generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state as it travels; short keys, since it travels with every question.
#[derive(Serialize, Deserialize)]
struct Wire {
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
    #[serde(rename = "n", default)]
    not_helpful: u8,
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    rated: Vec<u32>,
    #[serde(rename = "x")]
    expires_at: i64,
}

fn write(ongoing: &Ongoing) -> String {
    let state = &ongoing.state;
    let wire = Wire {
        turns: ongoing.turns,
        last_entry: state.last_entry.as_ref().map(ToString::to_string),
        desk: state.desk.as_ref().map(ToString::to_string),
        offered: state.offered.iter().map(ToString::to_string).collect(),
        is_choosing: state.is_choosing,
        not_helpful: state.not_helpful,
        rated: ongoing.rated.clone(),
        expires_at: state.expires_at.as_second(),
    };
    let json = serde_json::to_vec(&wire).unwrap_or_default();
    format!("{}.{}", ongoing.id, BASE64_URL_SAFE_NO_PAD.encode(json))
}

/// Reads a token; anything that is not one of ours is none.
fn parse(token: &str) -> Option<Ongoing> {
    if token.len() > LONGEST_TOKEN {
        return None;
    }
    let (id, state) = token.split_once('.')?;
    let json = BASE64_URL_SAFE_NO_PAD.decode(state).ok()?;
    let wire: Wire = serde_json::from_slice(&json).ok()?;
    let entry = |id: &String| EntryId::parse(id).ok();
    let offered = wire.offered.iter().take(MOST_OFFERED);
    Some(Ongoing {
        id: Uuid::try_parse(id).ok()?,
        turns: wire.turns,
        rated: wire.rated.into_iter().take(MOST_RATED).collect(),
        state: Conversation {
            last_entry: wire.last_entry.as_ref().and_then(entry),
            desk: wire.desk.and_then(|id| DeskId::parse(&id).ok()),
            offered: offered.filter_map(entry).collect(),
            is_choosing: wire.is_choosing,
            not_helpful: wire.not_helpful,
            expires_at: Timestamp::from_second(wire.expires_at).ok()?,
        },
    })
}

/// Returns a conversation that is not over, without what the knowledge does not have.
fn still_good(
    ongoing: Option<Ongoing>,
    knowledge: &KnowledgeBase,
    now: Timestamp,
) -> Option<Ongoing> {
    let mut ongoing = ongoing.filter(|ongoing| now < ongoing.state.expires_at)?;
    forget_unknown(&mut ongoing.state, knowledge);
    Some(ongoing)
}

/// Drops what the knowledge no longer has, or never had.
fn forget_unknown(state: &mut Conversation, knowledge: &KnowledgeBase) {
    let is_known = |id: &EntryId| knowledge.entry(id.as_str()).is_some();
    let count = state.offered.len();
    state.last_entry.take_if(|id| !is_known(id));
    state.offered.retain(is_known);
    // Numbers no longer mean what was shown.
    state.is_choosing &= state.offered.len() == count;
    state
        .desk
        .take_if(|id| knowledge.desk(id.as_str()).is_none());
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::knowledge::{Entry, Localized, Location, Markdown, Source};

    fn start() -> Timestamp {
        Timestamp::from_second(1_800_000_000).expect("a time")
    }

    fn entry_id(id: &str) -> EntryId {
        EntryId::parse(id).expect("an id")
    }

    fn knowledge() -> KnowledgeBase {
        let entry = |id| Entry {
            id: entry_id(id),
            desk: DeskId::parse("selas").expect("an id"),
            category: String::new(),
            question: String::new(),
            variants: Vec::new(),
            answer: Markdown {
                source: String::new(),
                html: String::new(),
                text: String::new(),
                links: Vec::new(),
            },
            source: Source {
                document: String::new(),
                section: String::new(),
            },
            related: Vec::new(),
            contact: None,
            valid_from: None,
            valid_until: None,
            review_by: None,
            location: Location::new("", 1),
        };
        let name = Localized {
            ja: String::new(),
            en: String::new(),
        };
        KnowledgeBase {
            desks: vec![crate::knowledge::Desk {
                id: DeskId::parse("selas").expect("an id"),
                name: name.clone(),
                programme: name,
                words: Vec::new(),
                featured: Vec::new(),
                contact_points: Vec::new(),
                hours: None,
                location: Location::new("", 1),
            }],
            entries: vec![entry("a"), entry("b"), entry("c")],
            ..KnowledgeBase::default()
        }
    }

    fn talked(last: &str, offered: &[&str]) -> Conversation {
        Conversation {
            last_entry: Some(entry_id(last)),
            desk: DeskId::parse("selas").ok(),
            offered: offered.iter().map(|id| entry_id(id)).collect(),
            is_choosing: true,
            not_helpful: 1,
            ..Conversation::new(start())
        }
    }

    #[test]
    fn another_replica_understands_the_token() {
        let (here, there) = (Conversations::new(10), Conversations::new(10));
        let ongoing = here.resume(None, &knowledge(), start());
        let (_, token) = here.keep(&ongoing, talked("a", &["b", "c"]), None);
        let resumed = there.resume(Some(&token), &knowledge(), start());
        assert_eq!(resumed.state, talked("a", &["b", "c"]));
        assert_eq!((resumed.id, resumed.turns), (ongoing.id, 1));
    }

    #[test]
    fn whichever_of_token_and_memory_has_more_turns_counts() {
        let conversations = Conversations::new(10);
        let knowledge = knowledge();
        let ongoing = conversations.resume(None, &knowledge, start());
        let (_, first) = conversations.keep(&ongoing, talked("a", &[]), None);
        let ongoing = conversations.resume(Some(&first), &knowledge, start());
        let (_, second) = conversations.keep(&ongoing, talked("b", &[]), None);
        for token in [&first, &second] {
            let resumed = conversations.resume(Some(token), &knowledge, start());
            assert_eq!(resumed.state, talked("b", &[]));
            assert_eq!(resumed.turns, 2);
        }
        // A replica that saw only the first question must not take the member back to it.
        let stale = Conversations::new(10);
        let ongoing = stale.resume(Some(&first), &knowledge, start());
        assert_eq!(ongoing.turns, 1);
        let resumed = stale.resume(Some(&second), &knowledge, start());
        assert_eq!(resumed.state, talked("b", &[]));
    }

    #[test]
    fn what_is_garbled_or_over_starts_anew() {
        let conversations = Conversations::new(10);
        let knowledge = knowledge();
        let ongoing = conversations.resume(None, &knowledge, start());
        let (_, token) = conversations.keep(&ongoing, talked("a", &[]), None);
        let id = ongoing.id;
        let json = |text: &str| format!("{id}.{}", BASE64_URL_SAFE_NO_PAD.encode(text));
        for garbled in [
            String::new(),
            ".".to_owned(),
            id.to_string(),
            format!("{id}."),
            format!("{id}.%%%"),
            token.replace('.', ""),
            token.replacen('-', "x", 1),
            json("{}"),
            json(r#"{"t":-1,"x":1800000001}"#),
            json(r#"{"t":9,"x":9223372036854775807}"#),
            json(r#"{"t":9,"x":1}"#),
            "あ.い".to_owned(),
            "x".repeat(10_000),
        ] {
            let resumed = conversations.resume(Some(&garbled), &knowledge, start());
            assert_eq!(resumed.turns, 0, "`{garbled}` was taken");
            assert_ne!(resumed.id, id, "`{garbled}` was taken");
        }
        let late = start() + SignedDuration::from_mins(30);
        let resumed = conversations.resume(Some(&token), &knowledge, late);
        assert_eq!((resumed.turns, resumed.state), (0, Conversation::new(late)));
    }

    #[test]
    fn what_is_no_longer_known_is_dropped() {
        let conversations = Conversations::new(10);
        let ongoing = conversations.resume(None, &knowledge(), start());
        let state = Conversation {
            desk: DeskId::parse("gone").ok(),
            ..talked("gone", &["a", "gone", "c"])
        };
        let (_, token) = conversations.keep(&ongoing, state, None);
        let resumed = conversations.resume(Some(&token), &knowledge(), start());
        assert_eq!(resumed.state.last_entry, None);
        assert_eq!(resumed.state.desk, None);
        assert_eq!(resumed.state.offered, [entry_id("a"), entry_id("c")]);
        assert!(!resumed.state.is_choosing, "`2` would mean another entry");
    }

    #[test]
    fn an_answers_name_leads_back_to_its_conversation() {
        let conversations = Conversations::new(10);
        let knowledge = knowledge();
        let ongoing = conversations.resume(None, &knowledge, start());
        let (answer, token) = conversations.keep(&ongoing, talked("a", &[]), None);
        assert_eq!(AnswerId::parse(&answer.to_string()), Some(answer.clone()));
        for token in [None, Some("garbled"), Some(token.as_str())] {
            let resumed = conversations.resume_from(&answer, token, &knowledge, start());
            assert_eq!((resumed.id, resumed.turns), (ongoing.id, 1));
            assert_eq!(resumed.state, talked("a", &[]));
        }
        // Another replica has only the token; without one it goes by the name.
        let replica = Conversations::new(10);
        let resumed = replica.resume_from(&answer, Some(&token), &knowledge, start());
        assert_eq!(resumed.state, talked("a", &[]));
        let named = AnswerId::parse(&format!("{answer}:b")).expect("a name");
        let resumed = replica.resume_from(&named, None, &knowledge, start());
        assert_eq!((resumed.id, resumed.turns), (ongoing.id, 1));
        assert_eq!(resumed.state.last_entry, Some(entry_id("b")));
        for garbled in ["", "-1", "x-1", "1", &ongoing.id.to_string()] {
            let read = AnswerId::parse(garbled);
            assert!(
                read.is_none_or(|read| read.conversation != ongoing.id),
                "{garbled}"
            );
        }
    }

    #[test]
    fn of_two_questions_at_once_each_answer_has_a_name_of_its_own() {
        let conversations = Conversations::new(10);
        let ongoing = conversations.resume(None, &knowledge(), start());
        let (first, _) = conversations.keep(&ongoing, talked("a", &[]), None);
        let (second, _) = conversations.keep(&ongoing, talked("b", &[]), None);
        assert_ne!(first, second);
    }

    #[test]
    fn memory_is_bounded_and_keeps_the_newest() {
        let conversations = Conversations::new(10);
        let knowledge = knowledge();
        let mut last = None;
        for _ in 0..100 {
            let ongoing = conversations.resume(None, &knowledge, start());
            conversations.keep(&ongoing, talked("a", &[]), None);
            last = Some(ongoing.id);
            let generations = conversations.lock();
            assert!(generations.young.len() + generations.old.len() <= 10);
        }
        assert!(last.and_then(|id| conversations.find(id)).is_some());
    }
}
