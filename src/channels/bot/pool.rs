//! Computes answers in tasks of their own: limits their number and contains their panics.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;

/// Limits concurrent answers to the number of CPUs; more would only occupy threads.
pub(in crate::channels) struct AnswerPool(Arc<Semaphore>);

impl AnswerPool {
    pub(in crate::channels) fn new() -> Self {
        let cpus = available_parallelism().map_or(1, NonZero::get);
        Self(Arc::new(Semaphore::new(cpus)))
    }

    /// Runs `answer` in a task of its own; `None` if it panics.
    ///
    /// The task runs to its end and keeps its permit, even if the caller stops waiting. An answer
    /// that waits for an embeddings server keeps its permit until the server's deadline.
    pub(in crate::channels) async fn run<T: Send + 'static>(
        &self,
        answer: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let permit = Arc::clone(&self.0).acquire_owned().await.ok()?;
        let task = async move {
            let _permit = permit;
            answer.await
        };
        tokio::spawn(task).await.ok()
    }
}
