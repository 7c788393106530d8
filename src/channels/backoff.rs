//! How long to wait before trying again: ever longer, up to half a minute.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

/// Counts failures in a row of calls to a service.
#[derive(Debug)]
pub(super) struct Backoff {
    service: &'static str,
    failures: u32,
}

impl Backoff {
    /// Counts the failures of a service, by the name that the log has for it.
    pub(super) fn new(service: &'static str) -> Self {
        Self {
            service,
            failures: 0,
        }
    }

    /// Starts afresh.
    pub(super) fn succeed(&mut self) {
        if self.failures > 0 {
            let Self { service, failures } = self;
            tracing::info!(failures, "{service} can be reached again");
        }
        self.failures = 0;
    }

    /// Returns how long to wait after one more failure.
    pub(super) fn fail(&mut self) -> Duration {
        let wait = FIRST.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        wait.min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_have_an_end() {
        let mut backoff = Backoff::new("it");
        let waits: Vec<u128> = (0..8).map(|_| backoff.fail().as_millis()).collect();
        assert_eq!(waits[..4], [500, 1_000, 2_000, 4_000]);
        assert_eq!(waits[7], 30_000);
        backoff.succeed();
        assert_eq!(backoff.fail(), FIRST);
    }
}
