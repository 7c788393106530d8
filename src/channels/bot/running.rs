//! A bot that runs in a task of its own.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Time limit of a shutdown: for closing the connections, then for the answers in progress.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(25);

/// A running bot.
pub struct Running {
    name: &'static str,
    router: Option<axum::Router>,
    task: JoinHandle<()>,
}

impl Running {
    /// Runs a bot in a task, until it returns; `name` is its name in the log.
    pub(in crate::channels) fn spawn(
        name: &'static str,
        router: Option<axum::Router>,
        bot: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let task = tokio::spawn(bot);
        Self { name, router, task }
    }

    /// Takes the route to which the messenger delivers events, if there is one.
    pub fn router(&mut self) -> Option<axum::Router> {
        self.router.take()
    }

    /// Waits until the bot has stopped after a cancellation, for at most 25 seconds.
    pub async fn stopped(mut self) {
        let name = self.name;
        match timeout(SHUTDOWN_TIMEOUT, &mut self.task).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => tracing::error!("{name} bot: task panicked"),
            Err(_) => {
                self.task.abort();
                tracing::warn!("{name} bot: shutdown timed out");
            }
        }
    }
}
