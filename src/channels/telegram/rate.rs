//! Limits the rate of messages: in each chat, and in all chats together.
//!
//! Chats do not wait for each other. teloxide's own adaptor has one queue for all chats and stops
//! all of them when Telegram limits one, so that a flood in one chat would delay the others.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// The number of messages that a bot may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// In one chat, per second.
    pub chat_per_second: usize,
    /// In one group, per minute.
    pub group_per_minute: usize,
    /// In all chats, per second.
    pub overall_per_second: usize,
}

impl Default for Limits {
    /// The limits in Telegram's FAQ for bots.
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

/// A sliding window: at most `limit` messages in a `span`.
#[derive(Debug)]
struct Window {
    limit: usize,
    span: Duration,
    sent: VecDeque<Instant>,
}

impl Window {
    fn new(limit: usize, span: Duration) -> Self {
        Self {
            limit: limit.max(1),
            span,
            sent: VecDeque::new(),
        }
    }

    /// Waits until one more message may be sent, and counts it.
    async fn acquire(&mut self) {
        if self.sent.len() >= self.limit
            && let Some(oldest) = self.sent.pop_front()
        {
            sleep_until(oldest + self.span).await;
        }
        self.sent.push_back(Instant::now());
    }
}

/// Limits the messages in one chat.
#[derive(Debug)]
pub(super) struct RateLimiter {
    windows: Vec<Window>,
}

impl RateLimiter {
    /// Creates the limiter of a chat without messages in the last minute.
    pub(super) fn new(limits: &Limits, is_group: bool) -> Self {
        let mut windows = vec![Window::new(limits.chat_per_second, SECOND)];
        if is_group {
            windows.push(Window::new(limits.group_per_minute, MINUTE));
        }
        Self { windows }
    }

    /// Waits until the chat, and then the bot, may send one more message.
    pub(super) async fn acquire(&mut self, overall: &OverallLimiter) {
        for window in &mut self.windows {
            window.acquire().await;
        }
        overall.0.lock().await.acquire().await;
    }
}

/// Limits the messages in all chats, in the order of arrival.
#[derive(Debug)]
pub(super) struct OverallLimiter(Mutex<Window>);

impl OverallLimiter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self(Mutex::new(Window::new(limits.overall_per_second, SECOND)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_more_messages_are_sent_than_allowed() {
        let limits = Limits {
            chat_per_second: 2,
            group_per_minute: 100,
            overall_per_second: 4,
        };
        let overall = OverallLimiter::new(&limits);
        let mut chat = RateLimiter::new(&limits, true);
        let start = Instant::now();
        for _ in 0..3 {
            chat.acquire(&overall).await;
        }
        assert!(start.elapsed() >= SECOND);
        // Another chat does not wait for the first.
        let start = Instant::now();
        RateLimiter::new(&limits, false).acquire(&overall).await;
        assert!(start.elapsed() < SECOND / 2);
    }
}
