//! Drafts on trial: checked, and asked the questions of the last days, one after another in the background.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::{Semaphore, watch};

use super::overview::days_before;
use crate::insights::{Replay, as_answered_by, replay_on, replayable};
use crate::knowledge::Snapshot;
use crate::records::Recorded;
use crate::staff::{Desk, Draft, Trial, TrialSettings, run_trial};

/// Number of trials that are kept, with an index in memory each.
const MAX_KEPT: usize = 3;

/// Time that a page waits for a trial.
const WAIT: Duration = Duration::from_secs(8);

/// A finished trial.
pub(super) struct Finished {
    pub(super) trial: Arc<Trial>,
    /// What would change for the recorded questions; `None` if the draft has errors.
    pub(super) replay: Option<Replay>,
}

/// The state of a trial: `None` while it runs, then the result, or an error.
type State = Option<Result<Arc<Finished>, ()>>;

struct Job {
    version: String,
    questions: Questions,
    state: watch::Receiver<State>,
}

/// The questions that a draft is asked, and as of when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Questions {
    /// The number of days of which the recorded questions are.
    pub(super) days: i64,
    /// The day as of which the draft is asked, if it is not today.
    pub(super) day: Option<Date>,
}

/// The last trials.
pub(super) struct Trials {
    jobs: Mutex<Vec<Job>>,
    /// Allows one trial at a time: members who ask come first.
    turn: Arc<Semaphore>,
}

impl Default for Trials {
    fn default() -> Self {
        Self {
            jobs: Mutex::default(),
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

/// What a page shows of a trial.
pub(super) enum Progress {
    Running,
    Failed,
    Done(Arc<Finished>),
}

impl Trials {
    /// Returns the trial of a draft, and starts it if it is new; waits some seconds for it.
    pub(super) async fn progress(
        &self,
        desk: &Arc<Desk>,
        settings: TrialSettings,
        draft: &Draft,
        folder: &Snapshot,
        questions: Questions,
        asked_at: Timestamp,
    ) -> Progress {
        let version = draft.over(folder).version();
        let tried = self.finished(&version);
        let tried = tried.map(|finished| Arc::clone(&finished.trial));
        let (desk, draft, folder) = (Arc::clone(desk), draft.clone(), folder.clone());
        let turn = Arc::clone(&self.turn);
        let run = async move {
            let _turn = turn.acquire_owned().await.map_err(drop)?;
            let since = days_before(settings.now, questions.days);
            let turns = turns(&desk, since).await?;
            run(settings, draft, folder, tried, turns, asked_at).await
        };
        let mut state = self.find_or_start(&version, questions, run);
        let done = tokio::time::timeout(WAIT, state.wait_for(Option::is_some));
        let done = match done.await {
            Err(_) => return Progress::Running,
            Ok(Err(_)) => None,
            Ok(Ok(state)) => state.clone(),
        };
        match done {
            Some(Ok(finished)) => Progress::Done(finished),
            _ => {
                self.forget(&version);
                Progress::Failed
            }
        }
    }

    /// Returns the finished trial of a version.
    pub(super) fn finished(&self, version: &str) -> Option<Arc<Finished>> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut of_version = jobs.iter().filter(|job| job.version == version);
        of_version.find_map(|job| match &*job.state.borrow() {
            Some(Ok(finished)) => Some(Arc::clone(finished)),
            _ => None,
        })
    }

    fn forget(&self, version: &str) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.retain(|job| job.version != version);
    }

    fn find_or_start(
        &self,
        version: &str,
        questions: Questions,
        run: impl Future<Output = Result<Arc<Finished>, ()>> + Send + 'static,
    ) -> watch::Receiver<State> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = jobs.iter();
        if let Some(job) = known.find(|job| job.version == version && job.questions == questions) {
            return job.state.clone();
        }
        let (sender, state) = watch::channel(None);
        tokio::spawn(async move {
            sender.send_replace(Some(run.await));
        });
        jobs.insert(
            0,
            Job {
                version: version.to_owned(),
                questions,
                state: state.clone(),
            },
        );
        jobs.truncate(MAX_KEPT);
        state
    }
}

async fn turns(desk: &Desk, since: Timestamp) -> Result<Vec<Recorded>, ()> {
    let turns = async { desk.database().await?.turns_since(since).await };
    turns.await.map_err(|error| {
        tracing::error!(%error, "staff: the recorded questions cannot be read");
    })
}

/// Checks a draft, unless it was checked before, and asks it the questions as of a time.
async fn run(
    settings: TrialSettings,
    draft: Draft,
    folder: Snapshot,
    tried: Option<Arc<Trial>>,
    turns: Vec<Recorded>,
    asked_at: Timestamp,
) -> Result<Arc<Finished>, ()> {
    let finished = tokio::task::spawn_blocking(move || {
        let trial = match tried {
            Some(trial) => trial,
            None => Arc::new(run_trial(&draft, &folder, &settings)?),
        };
        let replay = trial.assistant.as_ref().map(|assistant| {
            let (questions, skipped) = asked_now(&settings, &turns);
            // One thread: the others answer members.
            replay_on(1, assistant, &questions, skipped, asked_at, |_| {})
        });
        Ok::<_, crate::search::Error>(Finished { trial, replay })
    });
    match finished.await {
        Ok(Ok(finished)) => Ok(Arc::new(finished)),
        Ok(Err(error)) => {
            let error = chain(&error);
            tracing::error!(error, "staff: the trial of a draft failed");
            Err(())
        }
        Err(_) => {
            tracing::error!("staff: the trial of a draft panicked");
            Err(())
        }
    }
}

/// Returns the recorded questions with the answers that the served knowledge gives.
fn asked_now(settings: &TrialSettings, turns: &[Recorded]) -> (Vec<crate::insights::Asked>, usize) {
    let (questions, skipped) = replayable(turns);
    let questions = as_answered_by(&settings.served, questions, settings.now);
    (questions, skipped)
}

fn chain(error: &crate::search::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
