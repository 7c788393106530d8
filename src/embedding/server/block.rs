//! Waiting in a thread that may serve others: a blocking wait -> the same, with room made first.
//!
//! Invariant: on a multi-thread runtime no other task stands still for it.

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

/// Waits. A current-thread runtime has no other thread to give its tasks to; there, and outside of
/// any runtime, this thread alone waits.
pub(super) fn block<T>(wait: impl FnOnce() -> T) -> T {
    let flavor = Handle::try_current().map(|handle| handle.runtime_flavor());
    if matches!(flavor, Ok(RuntimeFlavor::MultiThread)) {
        block_in_place(wait)
    } else {
        wait()
    }
}
