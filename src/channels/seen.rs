//! What has come before, so that what comes twice is answered once.
//!
//! Invariant: memory is bounded, what was seen longest ago is forgotten first.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Remembers things that were seen.
pub(super) struct Seen<T> {
    half: usize,
    sets: Mutex<(HashSet<T>, HashSet<T>)>,
}

impl<T: Eq + Hash> Seen<T> {
    /// Remembers at least half of `most` things, and at most as many.
    pub(super) fn new(most: usize) -> Self {
        Self {
            half: (most / 2).max(1),
            sets: Mutex::new((HashSet::new(), HashSet::new())),
        }
    }

    /// Tells whether a thing was seen before.
    pub(super) fn knows(&self, thing: &T) -> bool {
        let sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        sets.0.contains(thing) || sets.1.contains(thing)
    }

    /// Takes note of a thing; `false` if it was seen before.
    pub(super) fn is_new(&self, thing: T) -> bool {
        // Each change is one call that leaves the sets whole.
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        let (young, old) = &mut *sets;
        if young.contains(&thing) || old.contains(&thing) {
            return false;
        }
        if young.len() >= self.half {
            *old = std::mem::take(young);
        }
        young.insert(thing);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_again_soon_is_known() {
        let seen = Seen::new(4);
        assert!(seen.is_new(1));
        assert!(!seen.is_new(1));
        for other in 2..100 {
            assert!(seen.is_new(other));
        }
        let sets = seen.sets.lock().expect("the sets");
        assert!(sets.0.len() + sets.1.len() <= 4);
        drop(sets);
        assert!(seen.knows(&99));
        assert!(!seen.knows(&1));
        assert!(!seen.is_new(99));
        assert!(seen.is_new(1));
    }
}
