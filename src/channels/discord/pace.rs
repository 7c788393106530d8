//! When messages may be sent: into one channel one after another, and none before Discord wants it.
//!
//! Invariants: at most [`MOST_WAITING`] answers wait for a channel, and at most [`MOST_CHANNELS`]
//! channels are known; a channel is forgotten only when nothing is held back in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::time::sleep;

/// Most answers that are under way into a channel; one that waits longer helps nobody.
const MOST_WAITING: usize = 16;

/// Most channels that are known at once.
const MOST_CHANNELS: usize = 10_000;

/// Least time between two signs in a channel that the bot is writing.
const BETWEEN_SIGNS: Duration = Duration::from_secs(5);

/// A channel, which takes one message after another.
pub(super) struct Lane {
    pub(super) channel: u64,
    /// When the next message may be sent; whoever holds it sends.
    pub(super) next: Mutex<Instant>,
    typed: Lock<Option<Instant>>,
}

impl Lane {
    /// Tells whether it may be shown that the bot is writing, once for all who wait.
    pub(super) fn may_type(&self, now: Instant) -> bool {
        let mut typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner);
        let may = typed.is_none_or(|typed| now.saturating_duration_since(typed) >= BETWEEN_SIGNS);
        if may {
            *typed = Some(now);
        }
        may
    }
}

/// The channels, and what holds for all calls.
#[derive(Default)]
pub(super) struct Pace {
    lanes: Lock<HashMap<u64, Arc<Lane>>>,
    held: Lock<Option<Instant>>,
}

impl Pace {
    /// Lines up for a channel, until what is returned is dropped; `None` if too many wait.
    pub(super) fn join(&self, channel: u64, now: Instant) -> Option<Arc<Lane>> {
        // Each change is one call that leaves the map whole.
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get(&channel) {
            // One is the map's own.
            return (Arc::strong_count(lane) <= MOST_WAITING).then(|| Arc::clone(lane));
        }
        if lanes.len() >= MOST_CHANNELS {
            lanes.retain(|_, lane| {
                Arc::strong_count(lane) > 1 || lane.next.try_lock().is_ok_and(|next| *next > now)
            });
        }
        if lanes.len() >= MOST_CHANNELS {
            return None;
        }
        let lane = Arc::new(Lane {
            channel,
            next: Mutex::new(now),
            typed: Lock::default(),
        });
        lanes.insert(channel, Arc::clone(&lane));
        Some(lane)
    }

    /// Holds back all calls.
    pub(super) fn hold(&self, until: Instant) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = (*held).max(Some(until));
    }

    /// Tells how long a call must wait that is held back until then itself.
    pub(super) fn wait(&self, next: Option<Instant>, now: Instant) -> Duration {
        let held = *self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let until = held.max(next).unwrap_or(now);
        until.saturating_duration_since(now)
    }

    /// Waits until a call may be made; where that takes longer than `longest`, returns how long.
    pub(super) async fn pass(
        &self,
        next: Option<Instant>,
        longest: Duration,
    ) -> Result<(), Duration> {
        loop {
            match self.wait(next, Instant::now()) {
                Duration::ZERO => return Ok(()),
                wait if wait > longest => return Err(wait),
                // Meanwhile all may have been held back for longer.
                wait => sleep(wait).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_has_room_for_so_many_and_is_forgotten_when_nothing_is_held_back() {
        let pace = Pace::default();
        let now = Instant::now();
        let mut waiting: Vec<_> = (0..MOST_WAITING)
            .map(|_| pace.join(1, now).expect("room"))
            .collect();
        assert!(pace.join(1, now).is_none());
        waiting.pop();
        assert!(pace.join(1, now).is_some());
        let later = now + Duration::from_secs(60);
        let held = pace.join(2, now).expect("room");
        *held.next.try_lock().expect("nobody sends") = later;
        drop(held);
        for channel in 3..50_000 {
            assert!(pace.join(channel, now).is_some(), "{channel}");
        }
        assert!(pace.lanes.lock().expect("lanes").len() <= MOST_CHANNELS);
        let held = pace.join(2, now).expect("room");
        assert_eq!(*held.next.try_lock().expect("nobody sends"), later);
        assert!(held.may_type(now) && !held.may_type(now));
        assert!(held.may_type(now + BETWEEN_SIGNS));
    }

    #[test]
    fn what_holds_for_all_and_what_holds_for_one_are_both_waited_for() {
        let pace = Pace::default();
        let now = Instant::now();
        let second = Duration::from_secs(1);
        assert_eq!(pace.wait(None, now), Duration::ZERO);
        pace.hold(now + 2 * second);
        pace.hold(now + second);
        assert_eq!(pace.wait(None, now), 2 * second);
        assert_eq!(pace.wait(Some(now + 3 * second), now), 3 * second);
        assert_eq!(pace.wait(Some(now), now + 2 * second), Duration::ZERO);
    }
}
