//! Drafts on trial: checked, and asked the questions of the last days, one after another in the background.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::{Semaphore, watch};

use super::overview::days_before;
use crate::insights::{Replay, as_answered_by, replay_on, replayable};
use crate::knowledge::Snapshot;
use crate::records::Recorded;
use crate::staff::{Desk, Draft, Trial, TrialSettings, run_trial};

/// Number of versions of the folder whose trials are kept, with an index in memory each.
const MAX_VERSIONS: usize = 3;

/// Number of trials that are kept of a version, with other questions each.
const MAX_TRIALS: usize = 6;

/// Time that a page waits for a trial.
const PAGE_WAIT: Duration = Duration::from_secs(8);

/// A finished trial.
pub(super) struct Finished {
    pub(super) trial: Arc<Trial>,
    /// What would change for the recorded questions; `None` if the draft has errors.
    pub(super) replay: Option<Replay>,
}

/// The state of a trial: `None` while it runs, then the result, or an error.
type State = Option<Result<Arc<Finished>, ()>>;

/// The trials of a version of the folder with a draft, the last one first.
struct Tried {
    version: String,
    trials: Vec<(Questions, watch::Receiver<State>)>,
}

/// The questions that a draft is asked, and as of when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Questions {
    /// The number of days of which the recorded questions are.
    pub(super) days: i64,
    /// The day as of which the draft is asked, if it is not today.
    pub(super) day: Option<Date>,
}

/// The trials of the versions that were looked at last, the last one first.
pub(super) struct Trials {
    versions: Mutex<Vec<Tried>>,
    /// Allows one trial at a time: members who ask come first.
    permit: Arc<Semaphore>,
}

impl Default for Trials {
    fn default() -> Self {
        Self {
            versions: Mutex::default(),
            permit: Arc::new(Semaphore::new(1)),
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
        let permit = Arc::clone(&self.permit);
        let run = async move {
            let _permit = permit.acquire_owned().await.map_err(drop)?;
            let since = days_before(settings.now, questions.days);
            let turns = turns(&desk, since).await?;
            run(settings, draft, folder, tried, turns, asked_at).await
        };
        let mut state = self.find_or_start(&version, questions, run);
        let done = tokio::time::timeout(PAGE_WAIT, state.wait_for(Option::is_some));
        let done = match done.await {
            Err(_) => return Progress::Running,
            Ok(Err(_)) => None,
            Ok(Ok(state)) => state.clone(),
        };
        match done {
            Some(Ok(finished)) => Progress::Done(finished),
            _ => {
                self.forget(&version, questions);
                Progress::Failed
            }
        }
    }

    /// Returns a finished trial of a version.
    pub(super) fn finished(&self, version: &str) -> Option<Arc<Finished>> {
        let versions = self.versions();
        let tried = versions.iter().find(|tried| tried.version == version)?;
        tried
            .trials
            .iter()
            .find_map(|(_, state)| match &*state.borrow() {
                Some(Ok(finished)) => Some(Arc::clone(finished)),
                _ => None,
            })
    }

    fn versions(&self) -> MutexGuard<'_, Vec<Tried>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self, version: &str, questions: Questions) {
        let mut versions = self.versions();
        if let Some(tried) = versions.iter_mut().find(|tried| tried.version == version) {
            tried.trials.retain(|(known, _)| *known != questions);
        }
    }

    fn find_or_start(
        &self,
        version: &str,
        questions: Questions,
        run: impl Future<Output = Result<Arc<Finished>, ()>> + Send + 'static,
    ) -> watch::Receiver<State> {
        let mut versions = self.versions();
        let known = versions.iter().position(|tried| tried.version == version);
        let position = known.unwrap_or_else(|| {
            versions.push(Tried {
                version: version.to_owned(),
                trials: Vec::new(),
            });
            versions.len() - 1
        });
        versions[..=position].rotate_right(1);
        versions.truncate(MAX_VERSIONS);
        let trials = &mut versions[0].trials;
        if let Some((_, state)) = trials.iter().find(|(known, _)| *known == questions) {
            return state.clone();
        }
        let (sender, state) = watch::channel(None);
        tokio::spawn(async move {
            sender.send_replace(Some(run.await));
        });
        trials.insert(0, (questions, state.clone()));
        trials.truncate(MAX_TRIALS);
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
