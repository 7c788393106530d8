//! Channels: the ways in which members ask. Each shows the same [`crate::answer::Answer`].
//!
//! A channel reads bytes, calls the [`crate::answer::Assistant`] and formats the answer. Invariant:
//! no channel decides which parts an answer has, or changes its words. `bot` is the core of the bots
//! of messengers; `columns` aligns tables in plain text; `metrics` counts for all channels;
//! `privacy` masks a member's words before they are logged.

pub mod bot;
pub mod columns;
pub mod discord;
pub mod http;
pub mod metrics;
pub mod privacy;
pub mod telegram;

use std::sync::Arc;

use jiff::Timestamp;

/// Returns the current time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
