//! The core of the bots of messengers: what a bot answers from, and what it does about a message.
//!
//! A channel such as `telegram` or `discord` reads what its service sends, lets the core answer,
//! and translates the result into the service's own format.

pub(in crate::channels) mod browse;
pub mod command;
mod conversations;
mod pool;
mod recent;
mod retry;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

pub(in crate::channels) use conversations::{Conversations, Ongoing};
pub(in crate::channels) use pool::AnswerPool;
pub(in crate::channels) use recent::RecentIds;
pub(in crate::channels) use retry::{Retry, Unfinished, retry_until_cancelled};

use super::metrics::Metrics;
use crate::answer::Assistant;

/// Conversations kept in memory.
pub(in crate::channels) const MAX_CONVERSATIONS: usize = 10_000;

/// Time that answers under way get after the shutdown signal.
pub(in crate::channels) const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// Everything that a bot shares with the other channels.
#[derive(Clone)]
pub struct Service {
    /// Answers from the newest knowledge that passed its checks.
    pub assistant: Arc<ArcSwap<Assistant>>,
    /// Counters of all channels.
    pub metrics: Arc<Metrics>,
}
