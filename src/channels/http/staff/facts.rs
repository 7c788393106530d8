//! What members asked lately, and the problems of the knowledge; computed for all pages of some seconds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::blocking::blocking;
use super::settled::Settled;
use crate::answer::Assistant;
use crate::insights::{Group, Report, Scope, full_report};
use crate::knowledge::Problem;
use crate::records::Error;
use crate::staff::Desk;

/// Days that the report covers.
pub(super) const DAYS: i64 = 30;

/// Time for which the facts are kept.
const MAX_AGE: Duration = Duration::from_secs(10);

/// Number of groups of questions without an answer.
const MAX_GROUPS: usize = 300;

/// The report and the problems.
pub(super) struct Fact {
    /// The report, without its questions that have no answer.
    pub(super) report: Report,
    /// The groups of questions without an answer that are not settled since.
    pub(super) unanswered: Vec<Group>,
    /// The problems of the files in the folder.
    pub(super) problems: Vec<Problem>,
    /// The version of the files in the folder.
    pub(super) folder: String,
    served: String,
    at: Instant,
}

/// The facts of the last seconds.
#[derive(Default)]
pub(super) struct Facts(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    fact: Option<Arc<Fact>>,
    settled: Settled,
}

impl Facts {
    /// Returns the facts; several requests at once compute them once.
    pub(super) async fn get(
        &self,
        desk: &Desk,
        assistant: &Arc<Assistant>,
        now: Timestamp,
    ) -> Result<Arc<Fact>, Error> {
        let mut kept = self.0.lock().await;
        let served = &assistant.knowledge().version;
        let is_fresh = |fact: &&Arc<Fact>| fact.at.elapsed() < MAX_AGE && fact.served == *served;
        if let Some(fact) = kept.fact.as_ref().filter(is_fresh) {
            return Ok(Arc::clone(fact));
        }
        let since = days_before(now, DAYS);
        let database = desk.database().await?;
        let turns = database.turns_since(since).await?;
        let counts = database.counts_since(assistant.today(since)).await?;
        let assistant = Arc::clone(assistant);
        let snapshot = desk.reader();
        let mut settled = std::mem::take(&mut kept.settled);
        let work = move || {
            let scope = Scope {
                from: assistant.today(since).to_string(),
                to: assistant.today(now).to_string(),
                desk: None,
            };
            let folder = snapshot();
            let mut report = full_report(&assistant, &turns, &counts, scope);
            let mut unanswered = std::mem::take(&mut report.unanswered);
            settled.begin(&assistant, now);
            unanswered.retain(|group| !settled.has(&assistant, group, now));
            unanswered.truncate(MAX_GROUPS);
            let fact = Fact {
                report,
                unanswered,
                problems: folder.load(assistant.today(now)).problems,
                folder: folder.version(),
                served: assistant.knowledge().version.clone(),
                at: Instant::now(),
            };
            (fact, settled)
        };
        let (fact, settled) = blocking(work).await;
        let fact = Arc::new(fact);
        *kept = Kept {
            fact: Some(Arc::clone(&fact)),
            settled,
        };
        Ok(fact)
    }
}

/// Returns the time of so many days before.
pub(super) fn days_before(now: Timestamp, days: i64) -> Timestamp {
    let past = now.checked_sub(SignedDuration::from_hours(24 * days));
    past.unwrap_or(Timestamp::UNIX_EPOCH)
}
