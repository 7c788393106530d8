//! The conversations of a bot, in memory.
//!
//! Invariants: memory is bounded, and the conversation that was silent for longest is forgotten
//! first; no words of a member are kept.

use std::hash::Hash;
use std::num::NonZero;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use lru::LruCache;

use crate::answer::Conversation;
use crate::knowledge::KnowledgeBase;

/// The state of a conversation.
#[derive(Debug, Clone)]
pub(in crate::channels) struct Ongoing {
    /// Input to the next answer.
    pub(in crate::channels) state: Conversation,
    /// The newest message whose answer was rated.
    pub(in crate::channels) rated: Option<i64>,
}

/// The most recent conversations by key: the chat and the member.
pub(in crate::channels) struct Conversations<K: Eq + Hash>(Mutex<LruCache<K, Ongoing>>);

impl<K: Eq + Hash> Conversations<K> {
    /// Keeps at most `capacity` conversations.
    pub(in crate::channels) fn new(capacity: usize) -> Self {
        let capacity = NonZero::new(capacity).unwrap_or(NonZero::<usize>::MIN);
        Self(Mutex::new(LruCache::sparse(capacity)))
    }

    /// Returns a conversation; a new one if there is none or it has expired.
    pub(in crate::channels) fn resume(
        &self,
        key: &K,
        knowledge: &KnowledgeBase,
        now: Timestamp,
    ) -> Ongoing {
        let kept = self.lock().get(key).cloned();
        let mut ongoing = kept.unwrap_or_else(|| Ongoing {
            state: Conversation::new(now),
            rated: None,
        });
        ongoing.state = ongoing.state.resume(now);
        let desk = &mut ongoing.state.desk;
        desk.take_if(|desk| knowledge.desk(desk.as_str()).is_none());
        ongoing
    }

    /// Stores the state after an answer.
    pub(in crate::channels) fn keep(&self, key: K, ongoing: Ongoing) {
        self.lock().put(key, ongoing);
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<K, Ongoing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn conversations_are_bounded_and_expire() {
        let conversations = Conversations::new(4);
        let knowledge = KnowledgeBase::default();
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        for chat in 0..100 {
            let mut ongoing = conversations.resume(&(chat, 1), &knowledge, now);
            assert_eq!(ongoing.state.not_helpful, 0);
            ongoing.state.not_helpful = 1;
            conversations.keep((chat, 1), ongoing);
        }
        assert_eq!(conversations.lock().len(), 4);
        let resume = |now| conversations.resume(&(99, 1), &knowledge, now).state;
        assert_eq!(resume(now).not_helpful, 1);
        assert_eq!(resume(now + SignedDuration::from_hours(1)).not_helpful, 0);
    }
}
