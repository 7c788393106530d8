//! The updates that were taken and are not answered yet, and the offset that confirms the others.
//!
//! Invariant: the offset never passes an update that is held, so that a messenger that counts updates
//! (Telegram) delivers it again after a crash. An update that is released is no longer held: it is stored in `delayed`, or kept in
//! memory if it cannot be stored.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// The updates that are not answered yet.
#[derive(Default)]
pub(in crate::channels) struct Pending {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    updates: HashMap<u64, Taken>,
    held: BTreeSet<u64>,
    /// The updates in the order in which they were taken.
    order: BTreeSet<(Instant, u64)>,
    /// The id after that of the newest update.
    next: Option<u64>,
}

struct Taken {
    since: Instant,
    keeper: Keeper,
    /// The JSON, for storing it.
    json: String,
}

/// Who keeps an update until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::channels) enum Keeper {
    /// The messenger, which delivers it again until it is confirmed.
    Messenger,
    /// In the folder of delayed updates.
    Folder,
    /// In the memory of the process alone.
    Memory,
}

impl Pending {
    /// Adds an update.
    pub(in crate::channels) fn insert(&self, id: u64, keeper: Keeper, json: String) {
        let mut state = self.lock();
        let since = Instant::now();
        state.order.insert((since, id));
        state.updates.insert(
            id,
            Taken {
                since,
                keeper,
                json,
            },
        );
        if keeper == Keeper::Messenger {
            state.held.insert(id);
        }
    }

    /// Removes an answered update; returns who kept it.
    pub(in crate::channels) fn remove(&self, id: u64) -> Option<Keeper> {
        let mut state = self.lock();
        state.held.remove(&id);
        let taken = state.updates.remove(&id);
        if let Some(taken) = &taken {
            state.order.remove(&(taken.since, id));
        }
        drop(state);
        self.changed.notify_waiters();
        taken.map(|taken| taken.keeper)
    }

    /// Releases an update to another keeper; `false` if it was answered meanwhile.
    pub(in crate::channels) fn release(&self, id: u64, keeper: Keeper) -> bool {
        let mut state = self.lock();
        let Some(taken) = state.updates.get_mut(&id) else {
            return false;
        };
        taken.keeper = keeper;
        taken.json.clear();
        state.held.remove(&id);
        drop(state);
        self.changed.notify_waiters();
        true
    }

    /// Notes that an update was delivered, taken or not.
    pub(in crate::channels) fn note_delivered(&self, id: u64) {
        self.lock().next = id.checked_add(1);
    }

    /// Returns the offset of the next poll: it confirms all updates before the oldest that is held.
    pub(in crate::channels) fn offset(&self) -> Option<u64> {
        let state = self.lock();
        let oldest = state.held.first().copied();
        state
            .next
            .map(|next| oldest.map_or(next, |id| next.min(id)))
    }

    /// Returns the time since an update was taken; `None` if it is not pending.
    pub(in crate::channels) fn age(&self, id: u64) -> Option<Duration> {
        let state = self.lock();
        state.updates.get(&id).map(|taken| taken.since.elapsed())
    }

    /// Returns the JSON of an update that is held.
    pub(in crate::channels) fn held_json(&self, id: u64) -> Option<String> {
        let state = self.lock();
        let taken = state.updates.get(&id)?;
        (taken.keeper == Keeper::Messenger).then(|| taken.json.clone())
    }

    /// Returns the ids of the updates that have been held for longer than `age`.
    pub(in crate::channels) fn held_for(&self, age: Duration) -> Vec<u64> {
        let state = self.lock();
        let held = state.held.iter().copied();
        held.filter(|id| {
            let taken = state.updates.get(id);
            taken.is_some_and(|taken| taken.since.elapsed() >= age)
        })
        .collect()
    }

    /// Returns the number of pending updates.
    pub(in crate::channels) fn len(&self) -> usize {
        self.lock().updates.len()
    }

    /// Returns the number of pending updates, and the age of the oldest one.
    pub(in crate::channels) fn count_and_age(&self) -> (usize, Option<Duration>) {
        let state = self.lock();
        let oldest = state.order.first();
        let age = oldest.map(|(since, _)| since.elapsed());
        (state.updates.len(), age)
    }

    /// Returns the number of pending updates that one keeper has.
    pub(in crate::channels) fn count(&self, keeper: Keeper) -> usize {
        let state = self.lock();
        let updates = state.updates.values();
        updates.filter(|taken| taken.keeper == keeper).count()
    }

    /// Waits until at most `most` updates are held.
    pub(in crate::channels) async fn until_held(&self, most: usize) {
        self.until(|state| state.held.len() <= most).await;
    }

    /// Waits until an update is answered.
    pub(in crate::channels) async fn until_answered(&self, id: u64) {
        self.until(|state| !state.updates.contains_key(&id)).await;
    }

    /// Waits until all updates are answered.
    pub(in crate::channels) async fn until_all_answered(&self) {
        self.until(|state| state.updates.is_empty()).await;
    }

    /// Waits until all updates are answered or stored.
    pub(in crate::channels) async fn until_safe(&self) {
        self.until(|state| {
            let mut updates = state.updates.values();
            updates.all(|taken| taken.keeper == Keeper::Folder)
        })
        .await;
    }

    async fn until(&self, test: impl Fn(&State) -> bool) {
        loop {
            let changed = self.changed.notified();
            if test(&self.lock()) {
                return;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_never_passes_an_update_that_is_held() {
        let pending = Pending::default();
        assert_eq!(pending.offset(), None);
        for id in 5..9 {
            pending.note_delivered(id);
            pending.insert(id, Keeper::Messenger, String::new());
        }
        assert_eq!(pending.offset(), Some(5));
        assert_eq!(pending.remove(6), Some(Keeper::Messenger));
        assert_eq!(pending.offset(), Some(5));
        assert_eq!(pending.remove(5), Some(Keeper::Messenger));
        assert_eq!(pending.offset(), Some(7));
        // A stored update is safe without Telegram.
        assert!(pending.release(7, Keeper::Folder));
        assert_eq!(pending.offset(), Some(8));
        pending.remove(8);
        assert_eq!(pending.offset(), Some(9));
        assert_eq!(pending.len(), 1);
        assert_eq!(pending.remove(7), Some(Keeper::Folder));
        assert!(!pending.release(7, Keeper::Folder));
        assert_eq!(pending.offset(), Some(9));
    }

    #[test]
    fn the_age_is_that_of_the_oldest_update_that_is_not_answered() {
        let pending = Pending::default();
        assert_eq!(pending.count_and_age(), (0, None));
        pending.insert(5, Keeper::Messenger, String::new());
        std::thread::sleep(Duration::from_millis(5));
        pending.insert(6, Keeper::Messenger, String::new());
        let (count, first) = pending.count_and_age();
        assert_eq!(count, 2);
        assert!(first >= Some(Duration::from_millis(5)), "{first:?}");
        pending.release(5, Keeper::Folder);
        assert!(pending.count_and_age().1 >= first);
        pending.remove(5);
        let (count, second) = pending.count_and_age();
        assert_eq!(count, 1);
        assert!(second < pending.age(6).map(|age| age + Duration::from_millis(5)));
        pending.remove(6);
        assert_eq!(pending.count_and_age(), (0, None));
    }
}
