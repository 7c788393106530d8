//! The progress of a long step: a bar on a terminal, log lines elsewhere.
//!
//! Invariant: a step shorter than [`MIN_SHOWN`] shows nothing.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Time after which a step shows its progress.
const MIN_SHOWN: Duration = Duration::from_secs(1);

/// Time between two log lines.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// The progress of one step. Threads share it by reference.
pub(crate) struct Progress {
    step: &'static str,
    total: usize,
    done: AtomicUsize,
    started: Instant,
    display: Display,
}

enum Display {
    Bar(ProgressBar),
    /// The time of the next log line.
    Log(Mutex<Instant>),
}

impl Progress {
    /// Starts a step of `total` equal parts.
    pub(crate) fn new(step: &'static str, total: usize) -> Self {
        let started = Instant::now();
        let display = if std::io::stderr().is_terminal() {
            let bar = ProgressBar::hidden();
            let template = "{msg} {wide_bar} {pos}/{len}, {eta}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_length(total as u64);
            bar.set_message(step);
            Display::Bar(bar)
        } else {
            Display::Log(Mutex::new(started + LOG_INTERVAL))
        };
        Self {
            step,
            total,
            done: AtomicUsize::new(0),
            started,
            display,
        }
    }

    /// Adds finished parts.
    pub(crate) fn advance(&self, parts: usize) {
        let done = parts + self.done.fetch_add(parts, Ordering::Relaxed);
        match &self.display {
            Display::Bar(bar) => {
                if bar.is_hidden() && self.started.elapsed() > MIN_SHOWN {
                    bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
                }
                bar.inc(parts as u64);
            }
            Display::Log(next) => {
                let now = Instant::now();
                if let Ok(mut next) = next.try_lock()
                    && now >= *next
                {
                    *next = now + LOG_INTERVAL;
                    tracing::info!(done, total = self.total, "{}", self.step);
                }
            }
        }
    }

    /// Removes the bar.
    pub(crate) fn finish(&self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }
}
