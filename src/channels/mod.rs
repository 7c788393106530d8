//! Channels: the ways in which members ask. Each shows the same [`crate::answer::Answer`].
//!
//! A channel parses requests, calls the [`crate::answer::Assistant`] and formats the answer.
//! Invariant: a channel neither selects the parts of an answer nor changes its words. `bot` is the
//! core of the bots of messengers; `collectors` reads values for the metrics; `columns` aligns tables in plain
//! text; `mcp` answers assistants; `metrics` has the counters of all channels; `recording` makes a
//! record of each answer; `repeated` limits log lines that clients can cause; `url` encodes links.

pub mod bot;
mod collectors;
pub mod columns;
pub mod discord;
pub mod http;
pub mod line;
pub mod mcp;
pub mod metrics;
mod recording;
mod repeated;
pub mod telegram;
mod url;

use std::sync::Arc;

use jiff::Timestamp;

/// Returns the current time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
