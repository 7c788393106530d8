//! Whether the server is asked at all: how questions ended -> ask, or give it a rest.
//!
//! While the breaker is open no question is sent; a probe of our own finds out when the server is
//! back, so that no member waits for that. Invariants: it reads no clock; it opens once for any
//! number of questions that fail together.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::fault::Fault;

/// The first rest; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(1);

/// The longest rest of our own choice.
const LONGEST: Duration = Duration::from_secs(30);

/// The longest rest that the server may ask for; one mistaken header must not end the service.
const LONGEST_ASKED_FOR: Duration = Duration::from_secs(600);

/// How many of the last questions are remembered, and how many of them may go wrong by chance.
const REMEMBERED: usize = 10;
const MOST_BY_CHANCE: usize = 2;

/// Which time that the breaker was closed a question belongs to; what ends later says nothing
/// about the server of today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period(u64);

/// Lets questions through, or not.
#[derive(Debug)]
pub(super) struct Breaker {
    is_open: bool,
    period: u64,
    /// The rest to take next.
    next: Duration,
    closed_at: Option<Instant>,
    /// Whether each of the last questions went wrong by chance.
    recent: VecDeque<bool>,
}

impl Breaker {
    pub(super) fn new() -> Self {
        Self {
            is_open: false,
            period: 0,
            next: FIRST,
            closed_at: None,
            recent: VecDeque::with_capacity(REMEMBERED),
        }
    }

    /// Returns the period of a question that may be sent.
    pub(super) fn admit(&self) -> Option<Period> {
        (!self.is_open).then_some(Period(self.period))
    }

    /// Takes note of a question that was answered.
    pub(super) fn succeed(&mut self, period: Period) {
        if self.is_current(period) {
            self.remember(false);
        }
    }

    /// Takes note of a question that was not answered; returns the rest to take if the breaker
    /// opens by it.
    pub(super) fn fail(&mut self, period: Period, fault: &Fault, now: Instant) -> Option<Duration> {
        if !self.is_current(period) {
            return None;
        }
        if fault.may_be_chance() {
            self.remember(true);
            if self.recent.iter().filter(|wrong| **wrong).count() <= MOST_BY_CHANCE {
                return None;
            }
        }
        // One that has just come back and fails again is not asked, and not written about, every
        // second.
        let steady = |at: Instant| now.saturating_duration_since(at) > LONGEST;
        if self.closed_at.is_none_or(steady) {
            self.next = FIRST;
        }
        self.is_open = true;
        Some(self.rest(fault))
    }

    /// Returns the rest to take after a probe that failed, or after the breaker opened.
    pub(super) fn rest(&mut self, fault: &Fault) -> Duration {
        let rest = self.next;
        self.next = (rest * 2).min(LONGEST);
        let asked_for = fault.retry_after().unwrap_or_default();
        rest.max(asked_for.min(LONGEST_ASKED_FOR))
    }

    /// Lets questions through again.
    pub(super) fn close(&mut self, now: Instant) {
        self.is_open = false;
        self.period += 1;
        self.closed_at = Some(now);
        self.recent.clear();
    }

    fn is_current(&self, period: Period) -> bool {
        self.admit() == Some(period)
    }

    fn remember(&mut self, went_wrong: bool) {
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(went_wrong);
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
    fn rests_grow_and_have_an_end() {
        let now = Instant::now();
        let mut breaker = Breaker::new();
        let period = breaker.admit().expect("closed");
        let mut rests = vec![breaker.fail(period, &down(), now).expect("a rest")];
        assert_eq!(breaker.admit(), None);
        assert_eq!(breaker.fail(period, &down(), now), None);
        rests.extend((0..7).map(|_| breaker.rest(&down())));
        let seconds: Vec<u64> = rests.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn one_that_fails_again_at_once_rests_longer() {
        let now = Instant::now();
        let mut breaker = Breaker::new();
        let mut fail_at = |now| {
            let period = breaker.admit().expect("closed");
            let rest = breaker.fail(period, &down(), now);
            breaker.close(now);
            rest
        };
        assert_eq!(fail_at(now), Some(SECOND));
        assert_eq!(fail_at(now + SECOND), Some(2 * SECOND));
        assert_eq!(fail_at(now + 2 * SECOND), Some(4 * SECOND));
        assert_eq!(fail_at(now + 60 * SECOND), Some(SECOND));
    }

    #[test]
    fn three_slow_answers_of_ten_open_it() {
        let now = Instant::now();
        let mut breaker = Breaker::new();
        let period = breaker.admit().expect("closed");
        for _ in 0..5 {
            // Two of any ten.
            assert_eq!(breaker.fail(period, &Fault::Slow, now), None);
            (0..4).for_each(|_| breaker.succeed(period));
        }
        assert_eq!(breaker.fail(period, &Fault::Slow, now), None);
        assert_eq!(breaker.fail(period, &Fault::Slow, now), Some(SECOND));
        breaker.close(now);
        let next = breaker.admit().expect("closed");
        // Of before.
        assert_eq!(breaker.fail(period, &down(), now), None);
        assert_eq!(breaker.fail(next, &Fault::Slow, now), None);
    }

    #[test]
    fn the_rest_is_as_long_as_the_server_asks_for() {
        let limited = |seconds| Fault::Limited {
            retry_after: Some(Duration::from_secs(seconds)),
        };
        let mut breaker = Breaker::new();
        assert_eq!(breaker.rest(&limited(0)), SECOND);
        assert_eq!(breaker.rest(&limited(60)), 60 * SECOND);
        assert_eq!(breaker.rest(&limited(86_400)), LONGEST_ASKED_FOR);
    }
}
