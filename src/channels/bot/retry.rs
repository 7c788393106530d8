//! Retries calls of a messenger's API until they succeed, fail permanently, or the service stops.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio_util::sync::CancellationToken;

/// Delay after the first failure; it doubles with each further failure.
const MIN_DELAY: Duration = Duration::from_millis(500);

/// Upper bound of the delay.
const MAX_DELAY: Duration = Duration::from_secs(30);

/// The reaction to a failed call.
pub(in crate::channels) enum Retry {
    /// Another attempt would fail as well.
    Never,
    /// Another attempt may succeed.
    After {
        /// Lower bound of the delay, zero if the messenger sent none; the backoff may be longer.
        at_least: Duration,
        /// The error for the log, without secrets.
        cause: String,
    },
}

impl Retry {
    /// Returns a retry after the backoff alone.
    pub(in crate::channels) fn later(cause: impl Into<String>) -> Self {
        Self::After {
            at_least: Duration::ZERO,
            cause: cause.into(),
        }
    }
}

/// The reason why a call has no result.
#[derive(Debug)]
pub(in crate::channels) enum Unfinished<E> {
    /// The call failed permanently.
    Failed(E),
    /// The service stops.
    Cancelled,
}

/// Returns the delays between attempts: 0.5 s, doubled up to 30 s, without end.
fn backoff() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::new()
        .with_min_delay(MIN_DELAY)
        .with_max_delay(MAX_DELAY)
        .without_max_times()
        .build()
}

/// Calls `attempt` until it succeeds; the log identifies it by `service` and `action`.
///
/// Logs each failure that is retried, and the recovery. Cancellation also ends an attempt in
/// progress.
///
/// # Errors
/// [`Unfinished`] if `classify` gives up or the token is cancelled.
pub(in crate::channels) async fn retry_until_cancelled<T, E, F>(
    service: &str,
    action: &str,
    cancellation: &CancellationToken,
    mut attempt: impl FnMut() -> F,
    classify: impl Fn(&E) -> Retry,
) -> Result<T, Unfinished<E>>
where
    F: Future<Output = Result<T, E>>,
{
    for (failures, delay) in backoff().enumerate() {
        let Some(result) = cancellation.run_until_cancelled(attempt()).await else {
            return Err(Unfinished::Cancelled);
        };
        let error = match result {
            Ok(done) => {
                if failures > 0 {
                    tracing::info!(failures, action, "{service}: recovered");
                }
                return Ok(done);
            }
            Err(error) => error,
        };
        let Retry::After { at_least, cause } = classify(&error) else {
            return Err(Unfinished::Failed(error));
        };
        let delay = delay.max(at_least);
        let seconds = delay.as_secs_f32();
        tracing::warn!(action, cause, seconds, "{service}: call failed, retrying");
        let slept = cancellation.run_until_cancelled(tokio::time::sleep(delay));
        if slept.await.is_none() {
            return Err(Unfinished::Cancelled);
        }
    }
    Err(Unfinished::Cancelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_maximum() {
        let delays: Vec<u128> = backoff().take(8).map(|delay| delay.as_millis()).collect();
        assert_eq!(delays[..4], [500, 1_000, 2_000, 4_000]);
        assert_eq!(delays[7], 30_000);
    }

    #[tokio::test]
    async fn a_call_is_retried_until_it_succeeds_fails_permanently_or_is_cancelled() {
        let token = CancellationToken::new();
        let mut attempts = 0;
        let call = || {
            attempts += 1;
            std::future::ready(if attempts == 2 {
                Ok(attempts)
            } else {
                Err("lost")
            })
        };
        let done = retry_until_cancelled("it", "call", &token, call, |e| Retry::later(*e)).await;
        assert!(matches!(done, Ok(2)));
        let fail = || std::future::ready(Err::<(), _>("refused"));
        let done = retry_until_cancelled("it", "call", &token, fail, |_| Retry::Never).await;
        assert!(matches!(done, Err(Unfinished::Failed("refused"))));
        token.cancel();
        let done = retry_until_cancelled("it", "call", &token, fail, |e| Retry::later(*e)).await;
        assert!(matches!(done, Err(Unfinished::Cancelled)));
    }
}
