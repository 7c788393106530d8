//! Computes answers in tasks of their own: limits their number and contains their panics.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;
use tracing::Instrument;
use tracing::field::Empty;

/// Limits concurrent answers to the number of CPUs; more would only occupy threads.
pub(in crate::channels) struct AnswerPool {
    permits: Arc<Semaphore>,
    /// The channel in the traces.
    channel: &'static str,
}

impl AnswerPool {
    pub(in crate::channels) fn new(channel: &'static str) -> Self {
        let cpus = available_parallelism().map_or(1, NonZero::get);
        let permits = Arc::new(Semaphore::new(cpus));
        Self { permits, channel }
    }

    /// Runs `answer` to one update in a task of its own, with a span in the traces; `None` if it panics.
    ///
    /// The task runs to its end and keeps its permit, even if the caller stops waiting. An answer
    /// that waits for an embeddings server keeps its permit until the server's deadline.
    pub(in crate::channels) async fn run<T: Send + 'static>(
        &self,
        answer: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let span = tracing::trace_span!(
            "bot update",
            otel.kind = "consumer",
            channel = self.channel,
            outcome = Empty,
        );
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok()?;
        let task = async move {
            let _permit = permit;
            answer.await
        };
        tokio::spawn(task.instrument(span)).await.ok()
    }
}
