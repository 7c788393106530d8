//! The conversations of a bot, in memory.
//!
//! Invariants: memory is bounded, and the least recently used conversation is dropped first; no
//! words of a member are stored.

use std::num::NonZero;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use lru::LruCache;

use crate::answer::Conversation;
use crate::knowledge::KnowledgeBase;

/// Identifies a conversation: the chat, and the member in it.
pub(in crate::channels) type Key = (u64, u64);

/// The most recent conversations.
pub(super) struct Conversations(Mutex<LruCache<Key, Conversation>>);

impl Conversations {
    /// Keeps at most `capacity` conversations.
    pub(super) fn new(capacity: usize) -> Self {
        let capacity = NonZero::new(capacity).unwrap_or(NonZero::<usize>::MIN);
        Self(Mutex::new(LruCache::sparse(capacity)))
    }

    /// Returns a conversation; a new one if there is none or it has expired.
    pub(super) fn resume(
        &self,
        key: &Key,
        knowledge: &KnowledgeBase,
        now: Timestamp,
    ) -> Conversation {
        let kept = self.lock().get(key).cloned();
        let mut conversation = kept.unwrap_or_else(|| Conversation::new(now)).resume(now);
        let desk = &mut conversation.desk;
        desk.take_if(|desk| knowledge.desk(desk.as_str()).is_none());
        conversation
    }

    /// Stores the state of a conversation after an answer.
    pub(super) fn keep(&self, key: Key, conversation: Conversation) {
        self.lock().put(key, conversation);
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<Key, Conversation>> {
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
            let mut conversation = conversations.resume(&(chat, 1), &knowledge, now);
            assert_eq!(conversation.not_helpful, 0);
            conversation.not_helpful = 1;
            conversations.keep((chat, 1), conversation);
        }
        assert_eq!(conversations.lock().len(), 4);
        let resume = |now| conversations.resume(&(99, 1), &knowledge, now);
        assert_eq!(resume(now).not_helpful, 1);
        assert_eq!(resume(now + SignedDuration::from_hours(1)).not_helpful, 0);
    }
}
