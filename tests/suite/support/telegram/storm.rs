//! Faults at random, from a seed, so that a run can be repeated.

use std::time::{Duration, Instant};

use super::{FakeTelegram, Fault};

/// One of so many calls fails.
const CALLS_PER_FAULT: u64 = 12;

/// Random numbers (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// Faults of any call at random, and times at which no message is accepted.
pub(super) struct Storm {
    random: Random,
    limited_until: Instant,
    pub(super) faults: u32,
}

impl Storm {
    /// Returns the fault of a call, if it has one.
    pub(super) fn fault(&mut self, method: &str) -> Option<Fault> {
        let limited = self.limited_until.saturating_duration_since(Instant::now());
        let fault = if method == "sendmessage" && !limited.is_zero() {
            Fault::TooMany(limited.as_secs() + 1)
        } else if self.random.below(CALLS_PER_FAULT) == 0 {
            match self.random.below(20) {
                0..8 => Fault::TooMany(1),
                8..14 => Fault::Dropped,
                14..19 => Fault::Slow(Duration::from_millis(300)),
                // teloxide waits ten seconds after it.
                _ => Fault::BadGateway,
            }
        } else {
            return None;
        };
        self.faults += 1;
        Some(fault)
    }
}

impl FakeTelegram {
    /// Makes calls fail at random.
    pub(crate) fn begin_storm(&self, seed: u64) {
        self.shared.lock().storm = Some(Storm {
            random: Random::new(seed),
            limited_until: Instant::now(),
            faults: 0,
        });
    }

    /// Accepts no messages for some time during a storm.
    pub(crate) fn limit_all(&self, time: Duration) {
        if let Some(storm) = &mut self.shared.lock().storm {
            storm.limited_until = Instant::now() + time;
        }
    }

    /// Ends the storm; returns the number of faults.
    pub(crate) fn end_storm(&self) -> u32 {
        let storm = self.shared.lock().storm.take();
        storm.map_or(0, |storm| storm.faults)
    }
}
