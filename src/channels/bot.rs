//! What the bots of messengers share: what they answer from, how they think, when they stop.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Semaphore, watch};

use super::metrics::Metrics;
use crate::answer::Assistant;

/// Conversations kept in memory.
pub(super) const MAX_CONVERSATIONS: usize = 10_000;

/// How long answers under way may take once the service was told to stop.
pub(super) const GRACE: Duration = Duration::from_secs(10);

/// What a bot answers from.
#[derive(Clone)]
pub struct Service {
    /// Answers, from the newest knowledge that was fit to serve.
    pub assistant: Arc<ArcSwap<Assistant>>,
    /// Counts what every channel does.
    pub metrics: Arc<Metrics>,
}

/// Lets a bot think about as many at once as there are processors; more would only take threads.
pub(super) struct Thinking(Arc<Semaphore>);

impl Thinking {
    pub(super) fn new() -> Self {
        let turns = available_parallelism().map_or(1, NonZero::get);
        Self(Arc::new(Semaphore::new(turns)))
    }

    /// Computes something beside what waits for the network; `None` if a defect ends it.
    pub(super) async fn think<T: Send + 'static>(
        &self,
        thought: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let turn = Arc::clone(&self.0).acquire_owned().await.ok()?;
        let thought = move || {
            // Kept until it ends, also where nobody waits for it any more.
            let _turn = turn;
            thought()
        };
        tokio::task::spawn_blocking(thought).await.ok()
    }
}

/// Tells when to stop.
#[derive(Clone)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Stop {
    pub(super) fn new(receiver: watch::Receiver<bool>) -> Self {
        Self(receiver)
    }

    pub(super) fn is_told(&self) -> bool {
        *self.0.borrow()
    }

    pub(super) async fn told(&mut self) {
        // Whoever could tell is gone: so is the service.
        let _ = self.0.wait_for(|is_told| *is_told).await;
    }
}
