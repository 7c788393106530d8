//! One question under a deadline: a text -> its vector, or `None` and the reason counted.
//!
//! Invariants: who waits is told at the deadline at the latest; what became of a question is
//! counted before; a server that fails is written about once, until it is back.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout, timeout_at};

use super::block::block;
use super::breaker::{Breaker, Period};
use super::call::Caller;
use super::counts::{Counters, Ending};
use super::fault::{Fault, Unusable};
use super::wire;

/// Most questions under way at a time.
const MOST: usize = 64;

/// Longest question in characters, which the context of most models holds. What a question is
/// about is said by then, and servers refuse a text that is too long.
const LONGEST: usize = 500;

/// How long an answer is waited for in the background once its question was given up, and how long
/// a probe may take: a server that loads its model into memory breaks that off when its client
/// goes away.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a probe asks for.
const PROBE: &str = "こんにちは";

/// What may help where questions are answered late.
const SLOW_HINT: &str = "the model may still be loading; if it stays slow, use a smaller model, a nearer server or a longer MADOGUCHI_EMBEDDINGS_DEADLINE";

/// How much later than the deadline the word of it may come; only a thread that got no processor
/// is later.
const GRACE: Duration = Duration::from_millis(50);

/// What all questions have in common.
pub(super) struct Shared {
    pub(super) caller: Caller,
    pub(super) model: String,
    pub(super) query_prefix: String,
    pub(super) deadline: Duration,
    pub(super) dimensions: OnceLock<usize>,
    pub(super) counters: Counters,
    breaker: Mutex<Breaker>,
    under_way: AtomicUsize,
}

impl Shared {
    pub(super) fn new(
        caller: Caller,
        model: String,
        query_prefix: String,
        deadline: Duration,
    ) -> Self {
        Self {
            caller,
            model,
            query_prefix,
            deadline,
            dimensions: OnceLock::new(),
            counters: Counters::default(),
            breaker: Mutex::new(Breaker::new()),
            under_way: AtomicUsize::new(0),
        }
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses vectors that cannot be compared with those of before. The first decide.
    pub(super) fn check_dimensions(&self, vectors: &[Vec<f32>]) -> Result<(), Unusable> {
        let Some(first) = vectors.first() else {
            return Ok(());
        };
        let expected = *self.dimensions.get_or_init(|| first.len());
        wire::same_dimensions(vectors, expected)
    }

    /// Asks for the vector of one text.
    async fn embed(&self, text: &str) -> Result<Vec<f32>, Fault> {
        let text = Cow::Owned(format!("{}{text}", self.query_prefix));
        let body = wire::request(&self.model, &[text]);
        let answer = self.caller.send(body).await?;
        let mut vectors = wire::response(&answer, 1)?;
        self.check_dimensions(&vectors)?;
        vectors.pop().ok_or(Fault::Unusable(Unusable::Garbage))
    }

    /// Asks one question and tells who waits.
    async fn ask(
        self: Arc<Self>,
        text: String,
        until: Instant,
        mut ticket: Ticket,
        waiting: SyncSender<Option<Vec<f32>>>,
    ) {
        let embed = self.embed(&text);
        tokio::pin!(embed);
        // Who waits may be gone; then the answer is of no use to anybody.
        let tell = |answer| drop(waiting.send(answer));
        match timeout_at(until.into(), &mut embed).await {
            Ok(Ok(vector)) => {
                ticket.end(Ending::Answered);
                self.breaker().succeed(ticket.period);
                tell(Some(vector));
            }
            Ok(Err(fault)) => {
                self.fail(&mut ticket, fault);
                tell(None);
            }
            Err(_) => {
                self.fail(&mut ticket, Fault::Slow);
                tell(None);
                let _ = timeout(PATIENCE, embed).await;
            }
        }
    }

    /// Counts a fault; opens the breaker if it is enough.
    fn fail(self: &Arc<Self>, ticket: &mut Ticket, fault: Fault) {
        ticket.end(Ending::from(&fault));
        let rest = self.breaker().fail(ticket.period, &fault, Instant::now());
        if let Some(rest) = rest {
            let hint = match fault {
                Fault::Slow => SLOW_HINT,
                _ => fault.hint(),
            };
            tracing::warn!(
                server = self.caller.address().place(),
                fault = fault.kind(),
                cause = %fault,
                seconds = rest.as_secs_f32(),
                hint,
                "the embeddings server does not serve; questions are answered by their words alone until it does"
            );
            tokio::spawn(Arc::clone(self).recover(rest));
        }
    }

    /// Probes until the server answers in time, then closes the breaker.
    async fn recover(self: Arc<Self>, mut rest: Duration) {
        let since = Instant::now();
        loop {
            sleep(rest).await;
            let started = Instant::now();
            let probed = timeout(PATIENCE, self.embed(PROBE)).await;
            let fault = match probed {
                Ok(Ok(_)) if started.elapsed() <= self.deadline => break,
                Ok(Err(fault)) => fault,
                Ok(Ok(_)) | Err(_) => Fault::Slow,
            };
            rest = self.breaker().rest(&fault);
            tracing::debug!(cause = %fault, seconds = rest.as_secs_f32(), "a probe failed");
        }
        self.breaker().close(Instant::now());
        tracing::info!(
            server = self.caller.address().place(),
            seconds = since.elapsed().as_secs_f32(),
            "the embeddings server serves again"
        );
    }
}

/// A question under way: it takes one of the places until it is dropped.
struct Ticket {
    shared: Arc<Shared>,
    period: Period,
    has_ended: bool,
}

impl Ticket {
    /// Takes a place if there is one and the server is asked at present.
    fn take(shared: &Arc<Shared>) -> Option<Self> {
        let period = shared.breaker().admit()?;
        let under_way = &shared.under_way;
        let more = |under_way| (under_way < MOST).then_some(under_way + 1);
        under_way
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .ok()?;
        Some(Self {
            shared: Arc::clone(shared),
            period,
            has_ended: false,
        })
    }

    fn end(&mut self, ending: Ending) {
        self.has_ended = true;
        self.shared.counters.end(ending);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.has_ended {
            self.end(Ending::Cancelled);
        }
        self.shared.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Starts a question.
pub(super) fn begin(shared: &Arc<Shared>, runtime: &Handle, question: &str) -> Pending {
    let until = Instant::now() + shared.deadline;
    shared.counters.ask();
    // Servers refuse an empty text, which says nothing about them.
    let is_empty = question.trim().is_empty();
    let ticket = (!is_empty).then(|| Ticket::take(shared)).flatten();
    let Some(ticket) = ticket else {
        shared.counters.end(Ending::Skipped);
        return Pending(None);
    };
    let (sender, answer) = sync_channel(1);
    let text = question.chars().take(LONGEST).collect();
    let asking = Arc::clone(shared).ask(text, until, ticket, sender);
    let asking = runtime.spawn(asking).abort_handle();
    Pending(Some(UnderWay {
        answer,
        until,
        asking,
    }))
}

/// A question that was begun. Dropping it cancels the question.
#[must_use = "dropping it cancels the question"]
pub struct Pending(Option<UnderWay>);

struct UnderWay {
    answer: Receiver<Option<Vec<f32>>>,
    until: Instant,
    asking: AbortHandle,
}

impl Pending {
    /// Waits for the vector, of length one; `None` at the deadline, or as soon as there is
    /// something wrong with the server. Blocks the thread; on a multi-thread runtime its other
    /// tasks go on.
    #[must_use]
    pub fn wait(mut self) -> Option<Vec<f32>> {
        let UnderWay { answer, until, .. } = self.0.as_ref()?;
        let end = match answer.try_recv() {
            Ok(answer) => Ok(answer),
            Err(TryRecvError::Disconnected) => Err(RecvTimeoutError::Disconnected),
            // Handing over a worker of the runtime costs more than looking first.
            Err(TryRecvError::Empty) => block(|| {
                let left = until.saturating_duration_since(Instant::now());
                answer.recv_timeout(left + GRACE)
            }),
        };
        // Not dropped: a question that is late goes on in the background, see `PATIENCE`.
        self.0 = None;
        end.ok().flatten()
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(under_way) = &self.0 {
            under_way.asking.abort();
        }
    }
}
