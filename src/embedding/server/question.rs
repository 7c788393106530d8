//! Embeds one question under a deadline; counts the reason if there is no embedding.
//!
//! Invariants: the caller gets a result at the deadline at the latest; a result is counted before
//! the caller gets it; a failing server is logged once until it recovers.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{sleep, timeout, timeout_at};
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::Options;
use super::breaker::{Breaker, Period};
use super::counts::{Counters, Ending};
use super::fault::{Fault, Unusable};
use super::transport::Transport;
use super::wire;

/// Maximum number of concurrent requests for questions; further questions get no embedding.
const MAX_IN_FLIGHT: usize = 64;

/// Maximum length of a question. A longer one is truncated, because servers reject a text that
/// exceeds the context of the model.
const MAX_QUESTION_CHARS: usize = 500;

/// Time limit of a probe, and of a request after the deadline of its question. The request is not
/// dropped at the deadline, because a server aborts the loading of its model if the client
/// disconnects.
const BACKGROUND_TIMEOUT: Duration = Duration::from_secs(30);

/// The text that a probe embeds.
const PROBE: &str = "こんにちは";

/// Hint for questions that exceed their deadline.
const SLOW_HINT: &str = "the model may still be loading; if it stays slow, use a smaller model, a nearer server or a longer MADOGUCHI_EMBEDDINGS_DEADLINE";

/// State of a client, shared by all its tasks.
pub(super) struct ServerState {
    pub(super) transport: Transport,
    pub(super) model: String,
    pub(super) query_prefix: String,
    pub(super) passage_prefix: String,
    pub(super) dimensions: OnceLock<usize>,
    pub(super) counters: Counters,
    deadline: Duration,
    breaker: Mutex<Breaker>,
    in_flight: Arc<Semaphore>,
}

impl ServerState {
    pub(super) fn new(transport: Transport, options: Options) -> Self {
        Self {
            transport,
            model: options.model,
            query_prefix: options.query_prefix,
            passage_prefix: options.passage_prefix,
            dimensions: OnceLock::new(),
            counters: Counters::default(),
            deadline: options.deadline,
            breaker: Mutex::new(Breaker::new()),
            in_flight: Arc::new(Semaphore::new(MAX_IN_FLIGHT)),
        }
    }

    /// Returns host, port and path of the server.
    pub(super) fn place(&self) -> String {
        self.transport.address().place()
    }

    /// Rejects vectors whose dimensions differ from the expected ones. If none are expected yet,
    /// the first vector sets them.
    pub(super) fn check_dimensions(&self, vectors: &[Vec<f32>]) -> Result<(), Unusable> {
        let Some(first) = vectors.first() else {
            return Ok(());
        };
        let expected = *self.dimensions.get_or_init(|| first.len());
        wire::same_dimensions(vectors, expected)
    }

    /// Embeds a question in a task of `runtime`; dropping the future cancels the task.
    pub(super) async fn embed_question(
        self: &Arc<Self>,
        question: &str,
        runtime: &Handle,
    ) -> Option<Vec<f32>> {
        let deadline = Instant::now() + self.deadline;
        self.counters.ask();
        // Servers reject an empty text, which is not a fault.
        let is_empty = question.trim().is_empty();
        let attempt = (!is_empty).then(|| Attempt::begin(self)).flatten();
        let Some(attempt) = attempt else {
            self.counters.end(Ending::Skipped);
            return None;
        };
        let text = question.chars().take(MAX_QUESTION_CHARS).collect();
        let (sender, receiver) = oneshot::channel();
        let span = tracing::trace_span!("embeddings request", otel.kind = "client", result = Empty);
        runtime.spawn(
            Arc::clone(self)
                .ask(text, deadline, attempt, sender)
                .instrument(span),
        );
        receiver.await.ok().flatten()
    }

    /// Sends one question and reports its result; lets the request finish after the deadline.
    async fn ask(
        self: Arc<Self>,
        text: String,
        deadline: Instant,
        mut attempt: Attempt,
        mut caller: oneshot::Sender<Option<Vec<f32>>>,
    ) {
        let request = self.embed(&text);
        tokio::pin!(request);
        let result = tokio::select! {
            result = timeout_at(deadline.into(), &mut request) => result,
            // `attempt` counts the question as cancelled when it is dropped.
            () = caller.closed() => return,
        };
        let is_late = result.is_err();
        let vector = match result.unwrap_or(Err(Fault::Slow)) {
            Ok(vector) => {
                attempt.end(Ending::Answered);
                self.breaker().succeed(attempt.period);
                Some(vector)
            }
            Err(fault) => {
                attempt.end(Ending::from(&fault));
                self.fail(attempt.period, &fault);
                None
            }
        };
        // The caller may have dropped its future.
        let _ = caller.send(vector);
        if is_late {
            let _ = timeout(BACKGROUND_TIMEOUT, request).await;
        }
    }

    /// Requests the embedding of one text.
    async fn embed(&self, text: &str) -> Result<Vec<f32>, Fault> {
        let text = Cow::Owned(format!("{}{text}", self.query_prefix));
        let body = wire::request(&self.model, &[text]);
        let answer = self.transport.send(body).await?;
        let mut vectors = wire::response(&answer, 1)?;
        self.check_dimensions(&vectors)?;
        vectors.pop().ok_or(Fault::Unusable(Unusable::Garbage))
    }

    /// Reports a fault to the breaker; if that opens it, logs the fault and starts to probe.
    fn fail(self: &Arc<Self>, period: Period, fault: &Fault) {
        let Some(delay) = self.breaker().fail(period, fault, Instant::now()) else {
            return;
        };
        let hint = match fault {
            Fault::Slow => SLOW_HINT,
            _ => fault.hint(),
        };
        tracing::warn!(
            server = self.place(),
            fault = fault.kind(),
            cause = %fault,
            seconds = delay.as_secs_f32(),
            hint,
            "keyword search only: embeddings server unavailable"
        );
        tokio::spawn(Self::recover(Arc::downgrade(self), delay));
    }

    /// Probes until the server answers within the deadline, then closes the breaker. Ends when the
    /// client is dropped.
    async fn recover(state: Weak<Self>, mut delay: Duration) {
        let since = Instant::now();
        loop {
            sleep(delay).await;
            let Some(state) = state.upgrade() else {
                return;
            };
            let started = Instant::now();
            let fault = match timeout(BACKGROUND_TIMEOUT, state.embed(PROBE)).await {
                Ok(Ok(_)) if started.elapsed() <= state.deadline => {
                    state.breaker().close(Instant::now());
                    let seconds = since.elapsed().as_secs_f32();
                    tracing::info!(
                        server = state.place(),
                        seconds,
                        "embeddings server available"
                    );
                    return;
                }
                Ok(Err(fault)) => fault,
                Ok(Ok(_)) | Err(_) => Fault::Slow,
            };
            delay = state.breaker().next_delay(&fault);
            let seconds = delay.as_secs_f32();
            tracing::debug!(cause = %fault, seconds, "embeddings server probe failed");
        }
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question in flight; counted as cancelled if it is dropped before it ends.
struct Attempt {
    state: Arc<ServerState>,
    period: Period,
    has_ended: bool,
    _permit: OwnedSemaphorePermit,
}

impl Attempt {
    /// Returns `None` if the breaker is open or too many questions are in flight.
    fn begin(state: &Arc<ServerState>) -> Option<Self> {
        Some(Self {
            period: state.breaker().admit()?,
            _permit: Arc::clone(&state.in_flight).try_acquire_owned().ok()?,
            state: Arc::clone(state),
            has_ended: false,
        })
    }

    fn end(&mut self, ending: Ending) {
        self.has_ended = true;
        self.state.counters.end(ending);
        Span::current().record("result", ending.name());
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.has_ended {
            self.end(Ending::Cancelled);
        }
    }
}
