//! Rate limits of messages: one queue per channel, and a pause of all calls if Discord requires it.
//!
//! Invariants: at most [`MAX_WAITING`] answers wait for a channel, and at most [`MAX_CHANNELS`]
//! channels are known; a channel with a pending delay is never dropped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::sleep;

/// Upper bound of answers in progress for one channel; a later answer would be too late to help.
const MAX_WAITING: usize = 16;

/// Upper bound of known channels.
const MAX_CHANNELS: usize = 10_000;

/// Minimum time between two typing indicators in a channel.
const TYPING_INTERVAL: Duration = Duration::from_secs(5);

/// A channel's queue: messages are sent one after another.
pub(super) struct ChannelQueue {
    pub(super) channel: u64,
    /// The earliest time of the next message; locked while a message is sent.
    pub(super) next: tokio::sync::Mutex<Instant>,
    last_typing: Mutex<Option<Instant>>,
}

impl ChannelQueue {
    /// Returns whether a typing indicator is due, and counts it as sent.
    pub(super) fn may_type(&self, now: Instant) -> bool {
        let mut last = self
            .last_typing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|at| now.saturating_duration_since(at) >= TYPING_INTERVAL);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}

/// The queues of all channels, and the pause of all calls.
#[derive(Default)]
pub(super) struct RateLimiter {
    queues: Mutex<HashMap<u64, Arc<ChannelQueue>>>,
    paused_until: Mutex<Option<Instant>>,
}

impl RateLimiter {
    /// Enters a channel's queue until the result is dropped; `None` if the queue is full.
    pub(super) fn join(&self, channel: u64, now: Instant) -> Option<Arc<ChannelQueue>> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(&channel) {
            // One reference is the map's own.
            return (Arc::strong_count(queue) <= MAX_WAITING).then(|| Arc::clone(queue));
        }
        if queues.len() >= MAX_CHANNELS {
            queues.retain(|_, queue| {
                Arc::strong_count(queue) > 1 || queue.next.try_lock().is_ok_and(|next| *next > now)
            });
        }
        if queues.len() >= MAX_CHANNELS {
            return None;
        }
        let queue = Arc::new(ChannelQueue {
            channel,
            next: tokio::sync::Mutex::new(now),
            last_typing: Mutex::default(),
        });
        queues.insert(channel, Arc::clone(&queue));
        Some(queue)
    }

    /// Pauses all calls.
    pub(super) fn pause(&self, until: Instant) {
        let mut paused = self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *paused = (*paused).max(Some(until));
    }

    /// Returns the delay of a call; `next` is the earliest time in its channel.
    pub(super) fn delay(&self, next: Option<Instant>, now: Instant) -> Duration {
        let paused = *self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let until = paused.max(next).unwrap_or(now);
        until.saturating_duration_since(now)
    }

    /// Waits until a call may be made.
    ///
    /// # Errors
    /// The delay, if it is longer than `max`.
    pub(super) async fn wait(&self, next: Option<Instant>, max: Duration) -> Result<(), Duration> {
        loop {
            match self.delay(next, Instant::now()) {
                Duration::ZERO => return Ok(()),
                delay if delay > max => return Err(delay),
                // The pause may be extended meanwhile.
                delay => sleep(delay).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_bounded_and_dropped_only_without_a_delay() {
        let limiter = RateLimiter::default();
        let now = Instant::now();
        let mut waiting: Vec<_> = (0..MAX_WAITING)
            .map(|_| limiter.join(1, now).expect("room"))
            .collect();
        assert!(limiter.join(1, now).is_none());
        waiting.pop();
        assert!(limiter.join(1, now).is_some());
        let later = now + Duration::from_secs(60);
        let delayed = limiter.join(2, now).expect("room");
        *delayed.next.try_lock().expect("an unlocked queue") = later;
        drop(delayed);
        for channel in 3..50_000 {
            assert!(limiter.join(channel, now).is_some(), "{channel}");
        }
        assert!(limiter.queues.lock().expect("queues").len() <= MAX_CHANNELS);
        let delayed = limiter.join(2, now).expect("room");
        assert_eq!(*delayed.next.try_lock().expect("an unlocked queue"), later);
        assert!(delayed.may_type(now) && !delayed.may_type(now));
        assert!(delayed.may_type(now + TYPING_INTERVAL));
    }

    #[test]
    fn a_call_waits_for_the_pause_and_for_its_channel() {
        let limiter = RateLimiter::default();
        let now = Instant::now();
        let second = Duration::from_secs(1);
        assert_eq!(limiter.delay(None, now), Duration::ZERO);
        limiter.pause(now + 2 * second);
        limiter.pause(now + second);
        assert_eq!(limiter.delay(None, now), 2 * second);
        assert_eq!(limiter.delay(Some(now + 3 * second), now), 3 * second);
        assert_eq!(limiter.delay(Some(now), now + 2 * second), Duration::ZERO);
    }
}
