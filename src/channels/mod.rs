//! Channels: where members ask. Each renders the same [`crate::answer::Answer`].
//!
//! A channel reads bytes, calls the [`crate::answer::Assistant`] and formats what it says. None
//! decides what belongs to an answer, and none changes its words. `metrics` counts for all of them;
//! `privacy` masks what may be written down of a member's words. `bot` is shared by the bots of
//! messengers; `columns` aligns tables in plain text.

pub mod bot;
pub mod columns;
pub mod discord;
pub mod http;
pub mod metrics;
pub mod privacy;
pub mod telegram;

use std::sync::Arc;

use jiff::Timestamp;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
