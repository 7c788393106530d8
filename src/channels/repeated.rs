//! Log lines of events that a client can cause at will: one at first, then one a minute.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Least time between two log lines of one kind.
const INTERVAL: Duration = Duration::from_secs(60);

/// Counts events of one kind between log lines.
#[derive(Default)]
pub(super) struct Repeated(Mutex<State>);

#[derive(Default)]
struct State {
    logged: Option<Instant>,
    count: u64,
}

impl Repeated {
    /// Counts an event. Returns the number of events since the last log line if it is time for the
    /// next one.
    pub(super) fn note(&self) -> Option<u64> {
        self.note_at(Instant::now())
    }

    fn note_at(&self, now: Instant) -> Option<u64> {
        // A poisoned counter would only lose a log line.
        let mut state = self.0.lock().ok()?;
        state.count += 1;
        let is_due = |logged| now.duration_since(logged) >= INTERVAL;
        if !state.logged.is_none_or(is_due) {
            return None;
        }
        state.logged = Some(now);
        Some(std::mem::take(&mut state.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_events_is_logged_once_a_minute_with_its_number() {
        let repeated = Repeated::default();
        let start = Instant::now();
        assert_eq!(repeated.note_at(start), Some(1));
        for second in 1..60 {
            assert_eq!(repeated.note_at(start + Duration::from_secs(second)), None);
        }
        assert_eq!(repeated.note_at(start + INTERVAL), Some(60));
    }
}
