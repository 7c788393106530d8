//! The core of the bots of messengers: decides what a bot shows and does, for every messenger.
//!
//! Invariants: a channel such as `telegram` or `discord` reads what its service sends, asks a
//! [`Turn`] what to do, and translates the [`View`] that it gets into the format of its service;
//! the core decides nothing that belongs to an answer, see [`crate::answer::render`].

pub(in crate::channels) mod browse;
pub mod command;
mod conversations;
mod core;
mod pool;
mod press;
mod recent;
mod retry;
mod running;
pub(in crate::channels) mod split;
mod turn;
mod view;

pub use self::core::Service;
pub(in crate::channels) use self::core::{Core, Profile, SHUTDOWN_GRACE};
pub(in crate::channels) use press::Press;
pub(in crate::channels) use recent::RecentIds;
pub(in crate::channels) use retry::{Retry, Unfinished, retry_until_cancelled};
pub use running::Running;
pub(in crate::channels) use turn::Turn;
pub(in crate::channels) use view::{Action, Button, Content, View};
