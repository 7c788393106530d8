//! The core of the bots of all messengers: a message or a press -> `View`s and `Action`s.
//!
//! A channel such as `telegram`, `discord` or `line` parses the events of its service, passes them to a
//! `Turn`, and formats the `View` that it returns. Invariant: the core does not change the parts
//! of an answer, see [`crate::answer::render`].

mod answers;
mod bodies;
pub(in crate::channels) mod browse;
pub mod command;
mod conversations;
mod core;
mod delayed;
mod guess;
mod kept;
mod pending;
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
pub(in crate::channels) use bodies::Bodies;
pub(in crate::channels) use conversations::Key;
pub(in crate::channels) use guess::guessed_language;
pub(in crate::channels) use kept::{Kept, Ticket};
pub(in crate::channels) use pending::Keeper;
pub(in crate::channels) use press::Press;
pub(in crate::channels) use recent::RecentIds;
pub(in crate::channels) use retry::{Retry, Unfinished, retry_until_cancelled};
pub use running::Running;
pub(in crate::channels) use turn::Turn;
pub(in crate::channels) use view::{Action, Button, Content, View};
