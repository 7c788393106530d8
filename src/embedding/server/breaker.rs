//! Circuit breaker: decides from the results of questions whether the next one is sent.
//!
//! While the breaker is open, no question is sent; probes detect the recovery of the server, so no
//! member waits for it. Invariants: it reads no clock; concurrent failures open the breaker once.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::fault::Fault;

/// Delay before the first probe; it doubles with each further one.
const PROBE_DELAY: Duration = Duration::from_secs(1);

/// Upper limit of the doubled delay.
const MAX_PROBE_DELAY: Duration = Duration::from_secs(30);

/// Upper limit of `Retry-After`; a wrong header must not disable the server for long.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(600);

/// Number of recent questions among which incidental faults are counted, see
/// [`Fault::may_be_incidental`].
const RECENT_QUESTIONS: usize = 10;

/// Maximum number of incidental faults among them that leaves the breaker closed.
const MAX_INCIDENTAL_FAULTS: usize = 2;

/// The period in which a question is sent: the number of times that the breaker has closed before.
/// The result of a question from an earlier period is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period(u64);

/// A circuit breaker.
#[derive(Debug)]
pub(super) struct Breaker {
    is_open: bool,
    period: u64,
    /// Delay before the next probe.
    delay: Duration,
    closed_at: Option<Instant>,
    /// Whether each of the recent questions had an incidental fault.
    recent: VecDeque<bool>,
}

impl Breaker {
    pub(super) fn new() -> Self {
        Self {
            is_open: false,
            period: 0,
            delay: PROBE_DELAY,
            closed_at: None,
            recent: VecDeque::with_capacity(RECENT_QUESTIONS),
        }
    }

    /// Returns the period of a question that may be sent; `None` while the breaker is open.
    pub(super) fn admit(&self) -> Option<Period> {
        (!self.is_open).then_some(Period(self.period))
    }

    /// Records an answered question.
    pub(super) fn succeed(&mut self, period: Period) {
        if self.is_current(period) {
            self.record(false);
        }
    }

    /// Records a failed question; if that opens the breaker, returns the delay before a probe.
    pub(super) fn fail(&mut self, period: Period, fault: &Fault, now: Instant) -> Option<Duration> {
        if !self.is_current(period) {
            return None;
        }
        if fault.may_be_incidental() {
            self.record(true);
            if self.recent.iter().filter(|fault| **fault).count() <= MAX_INCIDENTAL_FAULTS {
                return None;
            }
        }
        // A server that fails again right after recovery keeps its longer delay, so that it is not
        // probed and logged every second.
        let was_stable = |at: Instant| now.saturating_duration_since(at) > MAX_PROBE_DELAY;
        if self.closed_at.is_none_or(was_stable) {
            self.delay = PROBE_DELAY;
        }
        self.is_open = true;
        Some(self.next_delay(fault))
    }

    /// Returns the delay before the next probe and doubles it.
    pub(super) fn next_delay(&mut self, fault: &Fault) -> Duration {
        let delay = self.delay;
        self.delay = (delay * 2).min(MAX_PROBE_DELAY);
        let retry_after = fault.retry_after().unwrap_or_default();
        delay.max(retry_after.min(MAX_RETRY_AFTER))
    }

    /// Closes the breaker: questions are sent again.
    pub(super) fn close(&mut self, now: Instant) {
        self.is_open = false;
        self.period += 1;
        self.closed_at = Some(now);
        self.recent.clear();
    }

    fn is_current(&self, period: Period) -> bool {
        self.admit() == Some(period)
    }

    fn record(&mut self, is_fault: bool) {
        if self.recent.len() == RECENT_QUESTIONS {
            self.recent.pop_front();
        }
        self.recent.push_back(is_fault);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn down() -> Fault {
        Fault::Unreachable(String::new())
    }

    #[test]
    fn delays_double_up_to_a_limit() {
        let now = Instant::now();
        let mut breaker = Breaker::new();
        let period = breaker.admit().expect("closed");
        let mut delays = vec![breaker.fail(period, &down(), now).expect("a delay")];
        assert_eq!(breaker.admit(), None);
        assert_eq!(breaker.fail(period, &down(), now), None);
        delays.extend((0..7).map(|_| breaker.next_delay(&down())));
        let seconds: Vec<u64> = delays.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn a_server_that_fails_again_at_once_has_a_longer_delay() {
        let now = Instant::now();
        let mut breaker = Breaker::new();
        let mut fail_at = |now| {
            let period = breaker.admit().expect("closed");
            let delay = breaker.fail(period, &down(), now);
            breaker.close(now);
            delay
        };
        assert_eq!(fail_at(now), Some(SECOND));
        assert_eq!(fail_at(now + SECOND), Some(2 * SECOND));
        assert_eq!(fail_at(now + 2 * SECOND), Some(4 * SECOND));
        assert_eq!(fail_at(now + 60 * SECOND), Some(SECOND));
    }

    #[test]
    fn three_slow_answers_of_ten_open_the_breaker() {
        let now = Instant::now();
        let mut breaker = Breaker::new();
        let period = breaker.admit().expect("closed");
        for _ in 0..5 {
            // Two of any ten questions.
            assert_eq!(breaker.fail(period, &Fault::Slow, now), None);
            (0..4).for_each(|_| breaker.succeed(period));
        }
        assert_eq!(breaker.fail(period, &Fault::Slow, now), None);
        assert_eq!(breaker.fail(period, &Fault::Slow, now), Some(SECOND));
        breaker.close(now);
        let next = breaker.admit().expect("closed");
        // From the period before.
        assert_eq!(breaker.fail(period, &down(), now), None);
        assert_eq!(breaker.fail(next, &Fault::Slow, now), None);
    }

    #[test]
    fn the_delay_respects_retry_after_up_to_a_limit() {
        let limited = |seconds| Fault::Limited {
            retry_after: Some(Duration::from_secs(seconds)),
        };
        let mut breaker = Breaker::new();
        assert_eq!(breaker.next_delay(&limited(0)), SECOND);
        assert_eq!(breaker.next_delay(&limited(60)), 60 * SECOND);
        assert_eq!(breaker.next_delay(&limited(86_400)), MAX_RETRY_AFTER);
    }
}
