//! What all pages of the staff desk share.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use axum::http::HeaderName;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::sync::{Mutex, Semaphore};

use super::overview::OverviewCache;
use super::trials::Trials;
use crate::channels::http::state::AppState;
use crate::embedding::Encoder;
use crate::records::{Error, Location, OnDemand, StaffAction};
use crate::staff::{Desk, TrialSettings, Turn};

/// Attempts to sign in of one client, and new sessions of one user of a proxy, per minute and at once.
const ATTEMPTS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(5).expect("not 0");

/// A user with a token.
#[derive(Clone)]
pub struct StaffUser {
    /// The name.
    pub name: String,
    /// The token.
    pub token: String,
}

/// Settings of the staff desk.
#[derive(Clone)]
pub struct StaffOptions {
    /// The users with a token.
    pub users: Vec<StaffUser>,
    /// The header with which a trusted proxy names a user that it has signed in.
    pub user_header: Option<String>,
    /// Whether another user must approve a draft.
    pub review: bool,
    /// Whether published files are committed in git.
    pub git: bool,
    /// The database of the records.
    pub records: Location,
    /// The knowledge folder.
    pub knowledge: PathBuf,
    /// The embedding model, for the check of drafts.
    pub encoder: Option<Arc<Encoder>>,
}

/// The state of the staff desk.
pub(super) struct Staff {
    pub(super) app: Arc<AppState>,
    /// The names of the users with the digests of their tokens.
    users: Vec<(String, [u8; 32])>,
    pub(super) user_header: Option<HeaderName>,
    /// Drafts, history, publishing, and the database.
    pub(super) desk: Arc<Desk>,
    encoder: Option<Arc<Encoder>>,
    uses_git: bool,
    /// What members asked lately.
    pub(super) overview: Arc<OverviewCache>,
    /// Allows one report at a time: members who ask come first.
    pub(super) report_permit: Arc<Semaphore>,
    /// Drafts on trial.
    pub(super) trials: Trials,
    /// Held while a file to import is read, which may take much memory.
    pub(super) importing: Arc<Mutex<()>>,
    attempts: DefaultKeyedRateLimiter<IpAddr>,
    /// New sessions of users of a proxy.
    entries: DefaultKeyedRateLimiter<String>,
}

impl Staff {
    pub(super) fn new(app: Arc<AppState>, options: StaffOptions) -> Self {
        let users = options.users.into_iter();
        let users = users.map(|user| (user.name, Sha256::digest(user.token).into()));
        let header = options.user_header;
        let records = OnDemand::new(options.records);
        Self {
            app,
            users: users.collect(),
            user_header: header.and_then(|name| name.parse().ok()),
            desk: Arc::new(Desk::new(options.knowledge, records, options.review)),
            encoder: options.encoder,
            uses_git: options.git,
            overview: Arc::default(),
            report_permit: Arc::new(Semaphore::new(1)),
            trials: Trials::default(),
            importing: Arc::default(),
            attempts: RateLimiter::keyed(Quota::per_minute(ATTEMPTS_PER_MINUTE)),
            entries: RateLimiter::keyed(Quota::per_minute(ATTEMPTS_PER_MINUTE)),
        }
    }

    /// Returns whether the settings have a user of this name.
    pub(super) fn is_user(&self, name: &str) -> bool {
        self.users.iter().any(|(known, _)| known == name)
    }

    /// Returns the name of the user of a token; compares with each token in constant time.
    pub(super) fn user(&self, token: &str) -> Option<&str> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let mut found = None;
        for (name, known) in &self.users {
            if bool::from(known.ct_eq(&digest)) {
                found = Some(name.as_str());
            }
        }
        found
    }

    /// Returns whether a client may try to sign in once more.
    pub(super) fn may_try(&self, client: IpAddr) -> bool {
        self.attempts.retain_recent();
        self.attempts.check_key(&client).is_ok()
    }

    /// Returns whether a user of a proxy may begin one more session.
    pub(super) fn may_enter(&self, user: &str) -> bool {
        self.entries.retain_recent();
        self.entries.check_key(&user.to_owned()).is_ok()
    }

    /// Returns what a trial of a draft needs now.
    pub(super) fn trial_settings(&self) -> TrialSettings {
        TrialSettings {
            served: self.app.assistant(),
            encoder: self.encoder.clone(),
            now: self.app.now(),
        }
    }

    /// Commits a change in git, if the settings say so; returns `false` if that fails. A failure is logged:
    /// the change is published all the same.
    pub(super) async fn commit_in_git(&self, change: i64, turn: &Turn<'_>) -> bool {
        if !self.uses_git {
            return true;
        }
        let committed = self.desk.commit_in_git(change, turn).await;
        if let Err(error) = &committed {
            tracing::warn!(%error, change, "staff: a published change is not committed in git");
        }
        committed.is_ok()
    }

    /// Adds an action to the log of the database, and to that of the service.
    pub(super) async fn log(
        &self,
        member: &str,
        action: &str,
        detail: &str,
        at: Timestamp,
    ) -> Result<(), Error> {
        tracing::info!(member, action, "staff: action");
        let action = StaffAction {
            at,
            member: member.to_owned(),
            action: action.to_owned(),
            detail: detail.to_owned(),
        };
        let database = self.desk.database().await?;
        database.log_staff_action(&action).await
    }

    /// Adds an action to the logs after its files were published. A failure is logged only: the page must not
    /// say that nothing was changed.
    pub(super) async fn log_published(
        &self,
        member: &str,
        action: &str,
        detail: &str,
        at: Timestamp,
    ) {
        if let Err(error) = self.log(member, action, detail, at).await {
            tracing::error!(%error, member, action, detail, "staff: an action is missing in the log of actions");
        }
    }
}
