//! Limits the rate at which the bot connects to the gateway and identifies.
//!
//! Invariant: far fewer than 1,000 IDENTIFY in a day, after which Discord resets the bot's token.
//! `InMemoryQueue` sends them five seconds apart and counts those of a day; [`IdentifyQueue`]
//! delays them further while sessions end early, so that a failure does not use up the daily limit.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serenity::model::gateway::SessionStartLimit;
use tokio::sync::oneshot;
use tokio::time::sleep;
use twilight_gateway::queue::{InMemoryQueue, Queue};

/// A delay that doubles with each attempt that ends early.
#[derive(Debug, Clone)]
pub(super) struct GrowingDelay {
    min: Duration,
    max: Duration,
    /// An attempt that lasts this long counts as a success.
    stable_after: Duration,
    failures: u32,
    last_attempt: Option<Instant>,
}

impl GrowingDelay {
    /// Returns the delay between connections.
    pub(super) const fn between_connections() -> Self {
        Self::new(
            Duration::from_millis(250),
            Duration::from_secs(30),
            Duration::from_secs(10),
        )
    }

    /// Returns the delay between sessions.
    const fn between_sessions() -> Self {
        Self::new(
            Duration::from_secs(5),
            Duration::from_secs(900),
            Duration::from_secs(600),
        )
    }

    const fn new(min: Duration, max: Duration, stable_after: Duration) -> Self {
        Self {
            min,
            max,
            stable_after,
            failures: 0,
            last_attempt: None,
        }
    }

    /// Returns the delay before the next attempt: zero at first and after a success; the remaining
    /// delay if the last attempt is still delayed.
    pub(super) fn next(&mut self, now: Instant) -> Duration {
        if let Some(last) = self.last_attempt {
            if now < last {
                return last - now;
            }
            let is_stable = now - last >= self.stable_after;
            self.failures = if is_stable { 0 } else { self.failures + 1 };
        }
        let delay = match self.failures {
            0 => Duration::ZERO,
            count => {
                let factor = 2_u32.saturating_pow(count - 1);
                self.min.saturating_mul(factor).min(self.max)
            }
        };
        self.last_attempt = Some(now + delay);
        delay
    }
}

/// The queue of all shards that wait to identify.
#[derive(Debug, Clone)]
pub(super) struct IdentifyQueue {
    limits: InMemoryQueue,
    delays: Arc<Mutex<HashMap<u32, GrowingDelay>>>,
}

impl IdentifyQueue {
    /// Starts with Discord's default limits; must be called within a runtime.
    pub(super) fn new() -> Self {
        Self {
            limits: InMemoryQueue::default(),
            delays: Arc::default(),
        }
    }

    /// Applies the limits of `GET /gateway/bot`.
    pub(super) fn update(&self, limit: &SessionStartLimit) {
        let total = u32::try_from(limit.total).unwrap_or(u32::MAX);
        let remaining = u32::try_from(limit.remaining).unwrap_or(u32::MAX);
        self.limits.update(
            // Zero would switch the queue off.
            u16::try_from(limit.max_concurrency).unwrap_or(1).max(1),
            remaining,
            Duration::from_millis(limit.reset_after),
            total.max(remaining),
        );
    }
}

impl Queue for IdentifyQueue {
    fn enqueue(&self, shard: u32) -> oneshot::Receiver<()> {
        let delay = {
            let mut delays = self.delays.lock().unwrap_or_else(PoisonError::into_inner);
            let delay = delays
                .entry(shard)
                .or_insert_with(GrowingDelay::between_sessions);
            delay.next(Instant::now())
        };
        if delay.is_zero() {
            return self.limits.enqueue(shard);
        }
        let seconds = delay.as_secs();
        tracing::warn!(
            shard,
            seconds,
            "Discord gateway: session ended early, delaying the next"
        );
        let (mut sender, receiver) = oneshot::channel();
        let limits = self.limits.clone();
        tokio::spawn(async move {
            let granted = async {
                sleep(delay).await;
                limits.enqueue(shard).await
            };
            tokio::select! {
                granted = granted => if granted.is_ok() {
                    // The shard may have lost its connection meanwhile.
                    let _ = sender.send(());
                },
                () = sender.closed() => {}
            }
        });
        receiver
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts the attempts of a day that each last `lifetime`.
    fn attempts_in_a_day(mut delay: GrowingDelay, lifetime: Duration) -> u32 {
        let start = Instant::now();
        let (mut now, mut attempts) = (start, 0);
        while now - start < Duration::from_secs(24 * 60 * 60) {
            now += delay.next(now) + lifetime;
            attempts += 1;
        }
        attempts
    }

    #[test]
    fn sessions_that_end_early_stay_far_below_the_daily_limit() {
        for seconds in [0, 1, 60, 599, 600, 601] {
            let lifetime = Duration::from_secs(seconds);
            let attempts = attempts_in_a_day(GrowingDelay::between_sessions(), lifetime);
            assert!(attempts < 150, "{attempts} sessions of {seconds} s");
        }
    }

    #[test]
    fn delays_double_and_end_after_a_stable_attempt() {
        let mut delay = GrowingDelay::between_connections();
        let mut now = Instant::now();
        for expected in [0, 250, 500, 1_000] {
            let next = delay.next(now);
            assert_eq!(next.as_millis(), expected);
            now += next;
        }
        let next = delay.next(now);
        // A second request while the attempt is still delayed.
        assert_eq!(delay.next(now + next / 4), next - next / 4);
        for _ in 0..40 {
            now += delay.next(now);
        }
        assert_eq!(delay.next(now), Duration::from_secs(30));
        now += Duration::from_secs(40);
        assert_eq!(delay.next(now), Duration::ZERO);
    }
}
