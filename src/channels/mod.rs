//! Channels: where members ask. Each renders the same [`crate::answer::Answer`].
//!
//! A channel reads bytes, calls the [`crate::answer::Assistant`] and formats what it says. None
//! decides what belongs to an answer, and none changes its words.

pub mod http;
pub mod metrics;
pub mod privacy;
