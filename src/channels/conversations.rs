//! The conversations of a bot: by whoever has them, in memory.
//!
//! Invariants: memory is bounded, what was not heard of for longest is forgotten first; nothing
//! here holds a member's words.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::answer::Conversation;
use crate::knowledge::KnowledgeBase;

/// What is known of a conversation.
#[derive(Debug, Clone)]
pub(super) struct Ongoing {
    /// What the next answer depends on.
    pub(super) state: Conversation,
    /// The newest message whose answer was rated.
    pub(super) rated: Option<i64>,
}

/// The conversations that were last heard of.
///
/// `K` says whose conversation it is: the chat, and who speaks in it.
pub(super) struct Conversations<K> {
    half: usize,
    generations: Mutex<Generations<K>>,
}

/// When the young are as many as half of what may be kept, they become the old, and the old go.
struct Generations<K> {
    young: HashMap<K, Ongoing>,
    old: HashMap<K, Ongoing>,
}

impl<K: Eq + Hash> Conversations<K> {
    /// Keeps at most `most` conversations.
    pub(super) fn new(most: usize) -> Self {
        Self {
            half: (most / 2).max(1),
            generations: Mutex::new(Generations {
                young: HashMap::new(),
                old: HashMap::new(),
            }),
        }
    }

    /// Goes on with a conversation, or starts one if there is none or it is over.
    pub(super) fn resume(&self, key: &K, knowledge: &KnowledgeBase, now: Timestamp) -> Ongoing {
        let generations = self.lock();
        let kept = generations
            .young
            .get(key)
            .or_else(|| generations.old.get(key));
        let mut ongoing = kept.cloned().unwrap_or_else(|| Ongoing {
            state: Conversation::new(now),
            rated: None,
        });
        drop(generations);
        ongoing.state = ongoing.state.resume(now);
        let desk = &mut ongoing.state.desk;
        desk.take_if(|desk| knowledge.desk(desk.as_str()).is_none());
        ongoing
    }

    /// Keeps what an answer left.
    pub(super) fn keep(&self, key: K, ongoing: Ongoing) {
        let mut generations = self.lock();
        if generations.young.len() >= self.half && !generations.young.contains_key(&key) {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key, ongoing);
    }

    fn lock(&self) -> MutexGuard<'_, Generations<K>> {
        // Both maps are whole after any panic: each change is one call.
        let locked = self.generations.lock();
        locked.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn conversations_are_few_and_end() {
        let conversations = Conversations::new(4);
        let knowledge = KnowledgeBase::default();
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        for chat in 0..100 {
            let mut ongoing = conversations.resume(&(chat, 1), &knowledge, now);
            assert_eq!(ongoing.state.not_helpful, 0);
            ongoing.state.not_helpful = 1;
            conversations.keep((chat, 1), ongoing);
        }
        let kept = conversations.lock();
        assert!(kept.young.len() + kept.old.len() <= 4);
        drop(kept);
        let resume = |now| conversations.resume(&(99, 1), &knowledge, now).state;
        assert_eq!(resume(now).not_helpful, 1);
        assert_eq!(resume(now + SignedDuration::from_hours(1)).not_helpful, 0);
    }
}
