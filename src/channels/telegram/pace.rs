//! How fast the bot may speak: in one chat, and in all together.
//!
//! Each chat waits for itself. An adaptor that throttles all chats in one queue, and stops all of
//! them when Telegram asks one to wait, would let one chat's flood delay the others.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// How many messages Telegram lets a bot send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// In one chat, in a second.
    pub chat_per_second: usize,
    /// In one group, in a minute.
    pub group_per_minute: usize,
    /// In all chats, in a second.
    pub overall_per_second: usize,
}

impl Default for Limits {
    /// What Telegram's FAQ for bots names.
    fn default() -> Self {
        Self {
            chat_per_second: 1,
            group_per_minute: 20,
            overall_per_second: 30,
        }
    }
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// At most so many in so long.
#[derive(Debug)]
struct Window {
    most: usize,
    span: Duration,
    sent: VecDeque<Instant>,
}

impl Window {
    fn new(most: usize, span: Duration) -> Self {
        Self {
            most: most.max(1),
            span,
            sent: VecDeque::new(),
        }
    }

    /// Waits until there is room for one more, and takes it.
    async fn enter(&mut self) {
        if self.sent.len() >= self.most
            && let Some(oldest) = self.sent.pop_front()
        {
            sleep_until(oldest + self.span).await;
        }
        self.sent.push_back(Instant::now());
    }
}

/// The pace of one chat.
#[derive(Debug)]
pub(super) struct Pace {
    windows: Vec<Window>,
}

impl Pace {
    /// Starts a chat that has been silent for a minute.
    pub(super) fn new(limits: &Limits, is_group: bool) -> Self {
        let mut windows = vec![Window::new(limits.chat_per_second, SECOND)];
        if is_group {
            windows.push(Window::new(limits.group_per_minute, MINUTE));
        }
        Self { windows }
    }

    /// Waits until the chat, and then the bot, may send one more.
    pub(super) async fn enter(&mut self, overall: &Overall) {
        for window in &mut self.windows {
            window.enter().await;
        }
        overall.0.lock().await.enter().await;
    }
}

/// The pace of all chats together; who waits longest is next.
#[derive(Debug)]
pub(super) struct Overall(Mutex<Window>);

impl Overall {
    pub(super) fn new(limits: &Limits) -> Self {
        Self(Mutex::new(Window::new(limits.overall_per_second, SECOND)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_more_are_sent_than_allowed() {
        let limits = Limits {
            chat_per_second: 2,
            group_per_minute: 100,
            overall_per_second: 4,
        };
        let overall = Overall::new(&limits);
        let mut pace = Pace::new(&limits, true);
        let start = Instant::now();
        for _ in 0..3 {
            pace.enter(&overall).await;
        }
        assert!(start.elapsed() >= SECOND);
        // Another chat does not wait for the first.
        let start = Instant::now();
        Pace::new(&limits, false).enter(&overall).await;
        assert!(start.elapsed() < SECOND / 2);
    }
}
