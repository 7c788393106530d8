//! Conversations in progress: continues each from its token or from memory.
//!
//! A client may send an old token again. If the stored session has more turns than the token, the
//! stored session is used. Invariant: memory is bounded, least recently used sessions are dropped
//! first.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use lru::LruCache;
use uuid::Uuid;

use super::answer_id::AnswerId;
use super::session::Session;
use crate::answer::Conversation;
use crate::knowledge::{EntryId, KnowledgeBase};

/// The most recent sessions.
pub(super) struct Conversations {
    sessions: Mutex<LruCache<Uuid, Session>>,
}

impl Conversations {
    /// Creates a store of at most `capacity` sessions.
    pub(super) fn new(capacity: NonZeroUsize) -> Self {
        Self {
            sessions: Mutex::new(LruCache::new(capacity)),
        }
    }

    /// Continues the session of a token, or starts one.
    pub(super) fn resume(
        &self,
        token: Option<&str>,
        knowledge: &KnowledgeBase,
        now: Timestamp,
    ) -> Session {
        let given = token.and_then(Session::from_token);
        let newest = given.map(|given| match self.find(given.id) {
            Some(stored) if stored.turns > given.turns => stored,
            _ => given,
        });
        let valid = newest.and_then(|session| session.revalidated(knowledge, now));
        valid.unwrap_or_else(|| Session::new(Uuid::new_v4(), now))
    }

    /// Continues the session of an answer; uses the token if it belongs to the same conversation.
    pub(super) fn resume_from(
        &self,
        answer: &AnswerId,
        token: Option<&str>,
        knowledge: &KnowledgeBase,
        now: Timestamp,
    ) -> Session {
        let id = answer.conversation;
        let given = Some(self.resume(token, knowledge, now)).filter(|session| session.id == id);
        let stored = || self.find(id)?.revalidated(knowledge, now);
        let session = given.or_else(stored);
        let mut session = session.unwrap_or_else(|| Session::new(id, now));
        let is_of_other =
            answer.entry.is_some() && answer.entry.as_ref() != session.state.last_entry.as_ref();
        if answer.turn != session.turns || is_of_other {
            // The verdict refers to this answer, even if others followed it.
            let entry = answer.entry.as_ref();
            let entry = entry.and_then(|id| knowledge.entry(id.as_str()));
            if let Some(entry) = entry {
                session.state.last_entry = Some(entry.id.clone());
                session.state.desk = Some(entry.desk.clone());
                session.state.offered.clone_from(&entry.related);
                session.state.is_choosing = false;
            }
            session.turns = session.turns.max(answer.turn);
        }
        session
    }

    /// Stores the state after an answer; returns the answer's id and the new token.
    pub(super) fn store(
        &self,
        before: &Session,
        state: Conversation,
        entry: Option<&EntryId>,
    ) -> (AnswerId, String) {
        let mut sessions = self.lock();
        // Two concurrent questions with the same token get different turn numbers.
        let stored = sessions.peek(&before.id).map_or(0, |stored| stored.turns);
        let mut session = before.clone();
        session.turns = before.turns.max(stored).saturating_add(1);
        session.state = state;
        let answer = AnswerId {
            conversation: session.id,
            turn: session.turns,
            entry: entry.cloned(),
        };
        let token = session.to_token();
        sessions.put(session.id, session);
        (answer, token)
    }

    fn find(&self, id: Uuid) -> Option<Session> {
        self.lock().get(&id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<Uuid, Session>> {
        // No code that holds the lock can panic half-way through a change.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use jiff::SignedDuration;

    use super::*;
    use crate::knowledge::{DeskId, Entry, Localized, Location, Markdown, Source};

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
            english_title: None,
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
                categories: Vec::new(),
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

    fn state(last: &str, offered: &[&str]) -> Conversation {
        Conversation {
            last_entry: Some(entry_id(last)),
            desk: DeskId::parse("selas").ok(),
            offered: offered.iter().map(|id| entry_id(id)).collect(),
            is_choosing: true,
            not_helpful: 1,
            ..Conversation::new(start())
        }
    }

    fn store() -> Conversations {
        Conversations::new(NonZeroUsize::new(10).expect("not 0"))
    }

    #[test]
    fn another_replica_reads_the_token() {
        let (here, there) = (store(), store());
        let session = here.resume(None, &knowledge(), start());
        let (_, token) = here.store(&session, state("a", &["b", "c"]), None);
        let resumed = there.resume(Some(&token), &knowledge(), start());
        assert_eq!(resumed.state, state("a", &["b", "c"]));
        assert_eq!((resumed.id, resumed.turns), (session.id, 1));
    }

    #[test]
    fn the_token_or_the_stored_session_with_more_turns_is_used() {
        let conversations = store();
        let knowledge = knowledge();
        let session = conversations.resume(None, &knowledge, start());
        let (_, first) = conversations.store(&session, state("a", &[]), None);
        let session = conversations.resume(Some(&first), &knowledge, start());
        let (_, second) = conversations.store(&session, state("b", &[]), None);
        for token in [&first, &second] {
            let resumed = conversations.resume(Some(token), &knowledge, start());
            assert_eq!(resumed.state, state("b", &[]));
            assert_eq!(resumed.turns, 2);
        }
        // A replica that stored only the first question must not return to that older state.
        let stale = store();
        let session = stale.resume(Some(&first), &knowledge, start());
        assert_eq!(session.turns, 1);
        let resumed = stale.resume(Some(&second), &knowledge, start());
        assert_eq!(resumed.state, state("b", &[]));
    }

    #[test]
    fn a_malformed_or_expired_token_starts_a_new_conversation() {
        let conversations = store();
        let knowledge = knowledge();
        let session = conversations.resume(None, &knowledge, start());
        let (_, token) = conversations.store(&session, state("a", &[]), None);
        let id = session.id;
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
            assert_eq!(resumed.turns, 0, "`{garbled}` was accepted");
            assert_ne!(resumed.id, id, "`{garbled}` was accepted");
        }
        let late = start() + SignedDuration::from_mins(30);
        let resumed = conversations.resume(Some(&token), &knowledge, late);
        assert_eq!((resumed.turns, resumed.state), (0, Conversation::new(late)));
    }

    #[test]
    fn entries_and_desks_that_no_longer_exist_are_dropped() {
        let conversations = store();
        let session = conversations.resume(None, &knowledge(), start());
        let state = Conversation {
            desk: DeskId::parse("gone").ok(),
            ..state("gone", &["a", "gone", "c"])
        };
        let (_, token) = conversations.store(&session, state, None);
        let resumed = conversations.resume(Some(&token), &knowledge(), start());
        assert_eq!(resumed.state.last_entry, None);
        assert_eq!(resumed.state.desk, None);
        assert_eq!(resumed.state.offered, [entry_id("a"), entry_id("c")]);
        assert!(!resumed.state.is_choosing, "`2` would mean another entry");
    }

    #[test]
    fn an_answer_id_leads_back_to_its_conversation() {
        let conversations = store();
        let knowledge = knowledge();
        let session = conversations.resume(None, &knowledge, start());
        let (mut answer, token) = conversations.store(&session, state("a", &[]), None);
        for token in [None, Some("garbled"), Some(token.as_str())] {
            let resumed = conversations.resume_from(&answer, token, &knowledge, start());
            assert_eq!((resumed.id, resumed.turns), (session.id, 1));
            assert_eq!(resumed.state, state("a", &[]));
        }
        // Another replica has only the token or, without one, the id.
        let replica = store();
        let resumed = replica.resume_from(&answer, Some(&token), &knowledge, start());
        assert_eq!(resumed.state, state("a", &[]));
        answer.entry = Some(entry_id("b"));
        let resumed = replica.resume_from(&answer, None, &knowledge, start());
        assert_eq!((resumed.id, resumed.turns), (session.id, 1));
        assert_eq!(resumed.state.last_entry, Some(entry_id("b")));
    }

    #[test]
    fn answers_to_concurrent_questions_have_different_ids() {
        let conversations = store();
        let session = conversations.resume(None, &knowledge(), start());
        let (first, _) = conversations.store(&session, state("a", &[]), None);
        let (second, _) = conversations.store(&session, state("b", &[]), None);
        assert_ne!(first, second);
    }

    #[test]
    fn the_store_is_bounded_and_keeps_the_newest() {
        let conversations = store();
        let knowledge = knowledge();
        let mut last = None;
        for _ in 0..100 {
            let session = conversations.resume(None, &knowledge, start());
            conversations.store(&session, state("a", &[]), None);
            last = Some(session.id);
        }
        assert_eq!(conversations.lock().len(), 10);
        assert!(last.and_then(|id| conversations.find(id)).is_some());
    }
}
