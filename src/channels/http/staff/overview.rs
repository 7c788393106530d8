//! What members asked lately, and the problems of the knowledge; computed in the background.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::blocking::blocking;
use super::settled::{Contexts, Settled};
use crate::answer::Assistant;
use crate::insights::{Group, Report, Scope, full_report};
use crate::knowledge::{KnowledgeBase, Problem};
use crate::records::Error;
use crate::staff::Desk;

/// Days that the report covers.
pub(super) const DAYS: i64 = 30;

/// Number of groups of questions without an answer.
pub(super) const MAX_GROUPS: usize = 300;

/// Age from which on an overview is computed again.
const MAX_AGE: Duration = Duration::from_secs(10);

/// Time that a page waits for a new overview; after it, the page shows the last one.
const PAGE_WAIT: Duration = Duration::from_secs(8);

/// The report and the problems.
pub(super) struct Overview {
    /// The report, without its questions that have no answer.
    pub(super) report: Report,
    /// The most frequent groups of questions without an answer, with the texts that are not settled since.
    pub(super) unanswered: Vec<Group>,
    /// Whether there are more such groups.
    pub(super) has_more: bool,
    /// The problems of the files in the folder.
    pub(super) problems: Vec<Problem>,
    /// The version of the files in the folder.
    pub(super) folder: String,
    served: String,
    at: Instant,
}

impl Overview {
    /// Returns whether it was computed with the knowledge that is served.
    pub(super) fn is_of(&self, knowledge: &KnowledgeBase) -> bool {
        self.served == knowledge.version
    }
}

type Outcome = Result<Arc<Overview>, Arc<Error>>;

/// Keeps the last overview.
#[derive(Default)]
pub(super) struct OverviewCache(Mutex<State>);

#[derive(Default)]
struct State {
    latest: Option<Arc<Overview>>,
    running: Option<watch::Receiver<Option<Outcome>>>,
    settled: Settled,
}

impl OverviewCache {
    /// Returns a new overview, or the last one if that takes long; `None` if there is none yet. Several
    /// requests at once compute it once, and it is computed to its end also if no request waits for it.
    pub(super) async fn get(
        self: &Arc<Self>,
        desk: &Arc<Desk>,
        assistant: &Arc<Assistant>,
        now: Timestamp,
    ) -> Result<Option<Arc<Overview>>, Arc<Error>> {
        let mut running = {
            let mut state = self.state();
            let is_fresh = |latest: &&Arc<Overview>| {
                latest.at.elapsed() < MAX_AGE && latest.is_of(assistant.knowledge())
            };
            if let Some(latest) = state.latest.as_ref().filter(is_fresh) {
                return Ok(Some(Arc::clone(latest)));
            }
            // The channel of a computation that panicked is closed.
            let running = state.running.clone();
            match running.filter(|running| running.has_changed().is_ok()) {
                Some(running) => running,
                None => self.start(&mut state, desk, assistant, now),
            }
        };
        let done = tokio::time::timeout(PAGE_WAIT, running.wait_for(Option::is_some));
        let done = match done.await {
            // It takes long, or has panicked.
            Err(_) | Ok(Err(_)) => None,
            Ok(Ok(outcome)) => outcome.clone(),
        };
        match done {
            Some(outcome) => outcome.map(Some),
            None => Ok(self.state().latest.clone()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(
        self: &Arc<Self>,
        state: &mut State,
        desk: &Arc<Desk>,
        assistant: &Arc<Assistant>,
        now: Timestamp,
    ) -> watch::Receiver<Option<Outcome>> {
        let (sender, running) = watch::channel(None);
        state.running = Some(running.clone());
        let mut settled = std::mem::take(&mut state.settled);
        let (cache, desk, assistant) = (Arc::clone(self), Arc::clone(desk), Arc::clone(assistant));
        tokio::spawn(async move {
            let outcome = compute(&desk, &assistant, &mut settled, now).await;
            let outcome = outcome.map_err(Arc::new);
            {
                let mut state = cache.state();
                if let Ok(overview) = &outcome {
                    state.latest = Some(Arc::clone(overview));
                }
                state.running = None;
                state.settled = settled;
            }
            sender.send_replace(Some(outcome));
        });
        running
    }
}

async fn compute(
    desk: &Desk,
    assistant: &Arc<Assistant>,
    settled: &mut Settled,
    now: Timestamp,
) -> Result<Arc<Overview>, Error> {
    let since = days_before(now, DAYS);
    let database = desk.database().await?;
    let turns = database.turns_since(since).await?;
    let counts = database.counts_since(assistant.today(since)).await?;
    let assistant = Arc::clone(assistant);
    let read = desk.reader();
    let mut known = std::mem::take(settled);
    let work = move || {
        let scope = Scope {
            from: assistant.today(since).to_string(),
            to: assistant.today(now).to_string(),
            desk: None,
        };
        let folder = read();
        let mut report = full_report(&assistant, &turns, &counts, scope);
        let groups = std::mem::take(&mut report.unanswered);
        let contexts = Contexts::of(&turns);
        known.begin(&assistant, now);
        let mut unanswered: Vec<Group> = Vec::new();
        for mut group in groups {
            // Groups only become smaller: all that follow are less frequent than those that are shown.
            let is_full = unanswered.len() > MAX_GROUPS;
            if is_full && unanswered[MAX_GROUPS - 1].count >= group.count {
                break;
            }
            known.keep_open(&assistant, &contexts, &mut group, now);
            if group.texts > 0 {
                let place = unanswered.partition_point(|other| other.count >= group.count);
                unanswered.insert(place, group);
            }
        }
        let has_more = unanswered.len() > MAX_GROUPS;
        unanswered.truncate(MAX_GROUPS);
        let overview = Overview {
            report,
            unanswered,
            has_more,
            problems: folder.load(assistant.today(now)).problems,
            folder: folder.version(),
            served: assistant.knowledge().version.clone(),
            at: Instant::now(),
        };
        (overview, known)
    };
    let (overview, known) = blocking(work).await;
    *settled = known;
    Ok(Arc::new(overview))
}

/// Returns the time of so many days before.
pub(super) fn days_before(now: Timestamp, days: i64) -> Timestamp {
    let past = now.checked_sub(SignedDuration::from_hours(24 * days));
    past.unwrap_or(Timestamp::UNIX_EPOCH)
}
