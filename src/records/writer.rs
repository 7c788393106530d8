//! Takes turns from the queue and writes them in batches; lives through outages of the database.
//!
//! A batch that cannot be written is kept and tried again, with growing delays. Meanwhile the queue
//! fills up, and further turns are lost: counted, and logged once when the database is back. Everything
//! that waits for the database has a time limit: a lock or a network that swallows packets is an outage,
//! too, and must not hold up the stop.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::mpsc::Receiver;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::database::{Database, Error, Location};
use super::recorder::{Counts, Recorder};
use super::salt::Salts;
use super::turn::Turn;

/// Turns that wait for the writer: some seconds of the fastest traffic, about 3 MB.
const QUEUE_CAPACITY: usize = 8_192;

/// Greatest number of rows of a statement.
const MAX_BATCH: usize = 1_000;

/// Time in which a batch gathers.
const BATCH_DELAY: Duration = Duration::from_millis(500);

/// Delays after failures, the last one repeated.
const RETRY_DELAYS: [Duration; 6] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// Failures after which a batch that the database refuses, while it works, is given up.
const MAX_REFUSALS: usize = 3;

/// Time between two rounds of deleting old rows and counting popular entries.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(600);

/// Time after which a round that failed is tried again.
const UPKEEP_RETRY_DELAY: Duration = Duration::from_secs(60);

/// Time limit for a round: the first one after the retention was shortened deletes many rows.
const UPKEEP_TIMEOUT: Duration = Duration::from_secs(60);

/// Days that popular entries are counted over.
const POPULAR_DAYS: i64 = 30;

/// Time limit for a batch, with opening the database.
const WRITE_TIMEOUT: Duration = Duration::from_secs(15);

/// Time limit for the last batches and for closing the database when the service stops.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(10);

/// Time that the task may be late at the stop, such as in a call of the file system that hangs.
const STOP_TOLERANCE: Duration = Duration::from_secs(1);

/// Settings of the records.
#[derive(Clone)]
pub struct Options {
    /// The database.
    pub location: Location,
    /// Days after which rows are deleted; 0 keeps them.
    pub retention_days: u32,
}

/// The running writer.
pub struct Writer {
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Writer {
    /// Starts writing in the background. Never fails: a database that cannot be opened is tried again.
    pub fn start(options: Options) -> (Recorder, Self) {
        let counts = Counts::default();
        let popular = Arc::new(ArcSwap::default());
        let (recorder, queue) = Recorder::new(QUEUE_CAPACITY, counts.clone(), Arc::clone(&popular));
        let stop = CancellationToken::new();
        let task = Task {
            options,
            queue,
            counts,
            popular,
            stop: stop.clone(),
            database: None,
            salts: Salts::default(),
            next_upkeep: Instant::now(),
            is_upkeep_failing: false,
            outage: None,
            failures: 0,
        };
        let task = tokio::spawn(task.run());
        (recorder, Self { stop, task })
    }

    /// Writes what is queued and stops, both within about `FLUSH_TIMEOUT`.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let end = timeout(FLUSH_TIMEOUT + STOP_TOLERANCE, &mut self.task);
        if end.await.is_err() {
            self.task.abort();
            tracing::warn!("records: the writer did not stop in time");
        }
    }
}

struct Task {
    options: Options,
    queue: Receiver<Turn>,
    counts: Counts,
    popular: Arc<ArcSwap<Vec<String>>>,
    stop: CancellationToken,
    database: Option<Database>,
    salts: Salts,
    next_upkeep: Instant,
    /// Apart from `outage`: rows may be writable where they cannot be deleted.
    is_upkeep_failing: bool,
    /// The number of lost records when the current outage began.
    outage: Option<u64>,
    failures: usize,
}

/// A turn with the part of its key that makes it unique, so that a batch whose commit was not confirmed
/// can be written again.
type Keyed = (Turn, i64);

impl Task {
    async fn run(mut self) {
        let stop = self.stop.clone();
        let mut batch: Vec<Keyed> = Vec::with_capacity(MAX_BATCH);
        let mut end = None;
        while !self.stop.is_cancelled() {
            if batch.is_empty() {
                self.gather(&mut batch).await;
            }
            if batch.is_empty() && Instant::now() < self.next_upkeep {
                continue;
            }
            let written = {
                let mut write = pin!(limited(WRITE_TIMEOUT, self.write(&mut batch)));
                tokio::select! {
                    written = &mut write => written,
                    () = stop.cancelled() => {
                        // The write in progress goes on: begun again, it would take twice the time on
                        // a slow disk.
                        end = Some(Instant::now() + FLUSH_TIMEOUT);
                        limited(FLUSH_TIMEOUT, write).await
                    }
                }
            };
            if let Err(error) = written {
                self.note_failure(&error, &mut batch);
                let delay = RETRY_DELAYS[self.failures.min(RETRY_DELAYS.len()) - 1];
                tokio::select! {
                    () = sleep(delay) => {}
                    () = stop.cancelled() => {}
                }
            } else if Instant::now() >= self.next_upkeep {
                tokio::select! {
                    () = self.upkeep() => {}
                    () = stop.cancelled() => {}
                }
            }
        }
        let end = end.unwrap_or_else(|| Instant::now() + FLUSH_TIMEOUT);
        self.flush(batch, end).await;
        let left = end.saturating_duration_since(Instant::now());
        // What is stored is safe without it.
        let _ = timeout(left, self.close()).await;
    }

    /// Waits for a turn or the next upkeep, then gathers a batch.
    async fn gather(&mut self, batch: &mut Vec<Keyed>) {
        let stop = self.stop.clone();
        let idle = self.next_upkeep.saturating_duration_since(Instant::now());
        let first = tokio::select! {
            turn = self.queue.recv() => turn,
            () = sleep(idle) => None,
            () = stop.cancelled() => None,
        };
        let Some(first) = first else {
            // All recorders are gone: nothing is left to do until the stop.
            if self.queue.is_closed() {
                stop.cancelled().await;
            }
            return;
        };
        batch.push(keyed(first));
        if self.queue.len() < MAX_BATCH {
            tokio::select! {
                () = sleep(BATCH_DELAY) => {}
                () = stop.cancelled() => {}
            }
        }
        self.fill(batch);
    }

    /// Takes what is queued, up to a whole batch.
    fn fill(&mut self, batch: &mut Vec<Keyed>) {
        while batch.len() < MAX_BATCH
            && let Ok(turn) = self.queue.try_recv()
        {
            batch.push(keyed(turn));
        }
    }

    /// Opens the database if it is not open, and writes a batch.
    async fn write(&mut self, batch: &mut Vec<Keyed>) -> Result<(), Error> {
        if self
            .database
            .as_ref()
            .is_some_and(|open| !open.is_in_place())
        {
            self.close().await;
        }
        if self.database.is_none() {
            self.salts = Salts::default();
            self.database = Some(Database::open(&self.options.location).await?);
        }
        let Some(database) = self.database.clone() else {
            return Ok(());
        };
        if !batch.is_empty() {
            let days = batch.iter().map(|(turn, _)| turn.day);
            self.salts.read(&database, days).await?;
            let row = |(turn, nonce): &Keyed| {
                turn.row(*nonce, &self.salts.hash(turn.day, &turn.conversation))
            };
            let rows: Vec<Value> = batch.iter().map(row).collect();
            database.insert(rows).await?;
            self.counts.add_written(batch.len() as u64);
            batch.clear();
        }
        self.note_success();
        Ok(())
    }

    /// Does a round of upkeep. A failure is logged once and costs no records.
    async fn upkeep(&mut self) {
        let Some(database) = self.database.clone() else {
            return;
        };
        let done = limited(UPKEEP_TIMEOUT, self.tidy(&database)).await;
        let delay = match &done {
            Ok(()) => UPKEEP_INTERVAL,
            Err(_) => UPKEEP_RETRY_DELAY,
        };
        self.next_upkeep = Instant::now() + delay;
        match &done {
            Ok(()) if self.is_upkeep_failing => {
                tracing::info!("records: old rows can be deleted again");
            }
            Err(error) if !self.is_upkeep_failing => tracing::warn!(
                error = %error,
                hint = "the role of the database needs SELECT, INSERT, UPDATE and DELETE; records are written",
                "records: old rows cannot be deleted now, trying again"
            ),
            _ => {}
        }
        self.is_upkeep_failing = done.is_err();
        if matches!(done, Err(Error::Timeout(_))) {
            self.abandon();
        }
    }

    /// Counts the popular entries, and deletes old rows and salts.
    async fn tidy(&mut self, database: &Database) -> Result<(), Error> {
        let now = Timestamp::now();
        let days_ago = |days: i64| now - SignedDuration::from_hours(24 * days);
        // First, since it needs no right to delete.
        let popular = database.popular_since(days_ago(POPULAR_DAYS)).await?;
        self.popular.store(Arc::new(popular));
        if self.options.retention_days > 0 {
            let oldest = days_ago(self.options.retention_days.into());
            let deleted = database.forget_before(oldest).await?;
            if deleted > 0 {
                tracing::info!(deleted, "records: old rows deleted, their counts kept");
            }
        }
        // Yesterday in every time zone.
        let yesterday = days_ago(2).to_zoned(jiff::tz::TimeZone::UTC).date();
        database.forget_salts(yesterday).await?;
        self.salts.forget_old();
        Ok(())
    }

    /// Counts and logs the begin of an outage; gives up a batch that the database refuses for its
    /// content.
    fn note_failure(&mut self, error: &Error, batch: &mut Vec<Keyed>) {
        self.failures += 1;
        self.counts.add_failure();
        if matches!(error, Error::Timeout(_)) {
            self.abandon();
        }
        if self.outage.is_none() {
            self.outage = Some(self.counts.dropped());
            tracing::warn!(
                error = %error,
                hint = "check MADOGUCHI_RECORDS; answers are not affected",
                "records: cannot be written now, trying again"
            );
        }
        if self.failures >= MAX_REFUSALS && is_refusal(error) && !batch.is_empty() {
            self.counts.add_dropped(batch.len() as u64);
            tracing::error!(
                error = %error,
                lost = batch.len(),
                "records: the database refused a batch"
            );
            batch.clear();
        }
    }

    fn note_success(&mut self) {
        self.failures = 0;
        if let Some(dropped) = self.outage.take() {
            let lost = self.counts.dropped() - dropped;
            tracing::info!(lost, "records: written again");
        }
    }

    /// Writes the rest when the service stops; what cannot be written until `end` is lost.
    async fn flush(&mut self, mut batch: Vec<Keyed>, end: Instant) {
        self.queue.close();
        loop {
            self.fill(&mut batch);
            if batch.is_empty() {
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            if let Err(error) = limited(left, self.write(&mut batch)).await {
                let lost = batch.len() + self.queue.len();
                self.counts.add_dropped(lost as u64);
                tracing::warn!(error = %error, lost, "records: not written before the stop");
                return;
            }
        }
    }

    async fn close(&mut self) {
        if let Some(database) = self.database.take() {
            database.close().await;
        }
    }

    /// Gives up the connections after a time limit: they would only be free again after their statements.
    fn abandon(&mut self) {
        if let Some(database) = self.database.take() {
            tokio::spawn(async move { database.close().await });
        }
    }
}

/// Waits for the database; a time limit that is reached is a failure like any other.
async fn limited<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    timeout(limit, work)
        .await
        .unwrap_or(Err(Error::Timeout(limit)))
}

fn keyed(turn: Turn) -> Keyed {
    let (high, low) = Uuid::new_v4().as_u64_pair();
    let nonce = (high ^ low) >> 1;
    (turn, i64::try_from(nonce).unwrap_or_default())
}

/// Returns whether a database that works refused the content of rows.
fn is_refusal(error: &Error) -> bool {
    let Error::Database(sqlx::Error::Database(error)) = error else {
        return false;
    };
    // PostgreSQL: data exceptions and violated constraints.
    let code = error.code();
    code.is_some_and(|code| code.len() == 5 && (code.starts_with("22") || code.starts_with("23")))
}
