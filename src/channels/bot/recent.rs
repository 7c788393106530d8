//! Recently seen ids, so that an event that is delivered twice is handled once.
//!
//! Invariant: memory is bounded; the least recent id is dropped first.

use std::hash::Hash;
use std::num::NonZero;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

/// A bounded set of recently seen ids.
pub(in crate::channels) struct RecentIds<T: Eq + Hash>(Mutex<LruCache<T, ()>>);

impl<T: Eq + Hash> RecentIds<T> {
    /// Remembers at most `capacity` ids.
    pub(in crate::channels) fn new(capacity: usize) -> Self {
        let capacity = NonZero::new(capacity).unwrap_or(NonZero::<usize>::MIN);
        Self(Mutex::new(LruCache::sparse(capacity)))
    }

    /// Returns whether an id is remembered.
    pub(in crate::channels) fn contains(&self, id: &T) -> bool {
        self.lock().contains(id)
    }

    /// Remembers an id; `false` if it was remembered before.
    pub(in crate::channels) fn insert(&self, id: T) -> bool {
        self.lock().put(id, ()).is_none()
    }

    /// Forgets an id.
    pub(in crate::channels) fn remove(&self, id: &T) {
        self.lock().pop(id);
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<T, ()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_ids_are_remembered_and_old_ones_dropped() {
        let ids = RecentIds::new(4);
        assert!(ids.insert(1));
        assert!(!ids.insert(1));
        for other in 2..100 {
            assert!(ids.insert(other));
        }
        assert_eq!(ids.lock().len(), 4);
        assert!(ids.contains(&99));
        assert!(!ids.contains(&1));
        assert!(!ids.insert(99));
        assert!(ids.insert(1));
    }
}
