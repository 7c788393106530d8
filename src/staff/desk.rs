//! Drafts and changes in the database, and the folder that they change.
//!
//! Invariants: edits of one process happen one after another; a change is stored before its files are
//! written, and removed again if they cannot be.

use std::path::PathBuf;

use jiff::Timestamp;
use tokio::sync::Mutex;

use super::change::FileChange;
use super::draft::Draft;
use super::write::{WriteError, write};
use crate::knowledge::Snapshot;
use crate::records::{Database, Error, OnDemand, StoredChange};

/// Drafts, the history, and publishing.
pub struct Desk {
    folder: PathBuf,
    records: OnDemand,
    is_reviewed: bool,
    /// Held while a draft or the folder is changed.
    changing: Mutex<()>,
}

/// A change of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its number, from 1.
    pub id: i64,
    /// The time.
    pub at: Timestamp,
    /// The member who published it.
    pub member: String,
    /// The member who approved it.
    pub approved_by: Option<String>,
    /// The reason.
    pub reason: String,
    /// The files before and after.
    pub files: Vec<FileChange>,
    /// The number of the change that it undoes.
    pub undoes: Option<i64>,
}

/// Why something is not done. Drafts and files are as before.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] Error),
    /// The files cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The draft changes nothing, or there is no such change.
    #[error("there is nothing to publish or undo")]
    Nothing,
    /// No reason was given.
    #[error("a reason is missing")]
    WithoutReason,
    /// Another member must approve the draft first.
    #[error("another member must approve the draft first")]
    Unapproved,
    /// A member cannot approve an own draft.
    #[error("a member cannot approve an own draft")]
    OwnDraft,
    /// The draft, or the folder, is no longer what was checked.
    #[error("the draft or the folder has changed since the check")]
    Unchecked,
}

impl Desk {
    /// Opens the desk of a knowledge folder; with `is_reviewed`, another member must approve a draft.
    #[must_use]
    pub fn new(folder: PathBuf, records: OnDemand, is_reviewed: bool) -> Self {
        Self {
            folder,
            records,
            is_reviewed,
            changing: Mutex::default(),
        }
    }

    /// Returns whether another member must approve a draft.
    #[must_use]
    pub fn is_reviewed(&self) -> bool {
        self.is_reviewed
    }

    /// Returns the database.
    ///
    /// # Errors
    /// Those of opening it.
    pub async fn database(&self) -> Result<Database, Error> {
        self.records.database().await
    }

    /// Returns a function that reads the files of the folder, for a thread that may block.
    pub fn reader(&self) -> impl Fn() -> Snapshot + Send + 'static + use<> {
        let folder = self.folder.clone();
        move || Snapshot::read(&folder)
    }

    /// Returns the draft of a member; an empty one if there is none.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn draft(&self, member: &str) -> Result<Draft, Error> {
        let drafts = self.drafts().await?.into_iter();
        let mut own = drafts.filter(|draft| draft.member == member);
        Ok(own.next().unwrap_or_else(|| Draft::new(member)))
    }

    /// Returns all drafts that change something, the last changed first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn drafts(&self) -> Result<Vec<Draft>, Error> {
        let drafts = self.database().await?.drafts().await?.into_iter();
        let drafts = drafts.map(Draft::from_stored);
        Ok(drafts.filter(|draft| !draft.is_empty()).collect())
    }

    /// Changes the draft of a member, and stores it if `edit` succeeds.
    ///
    /// # Errors
    /// Those of the database; the error of the edit is in the result.
    pub async fn edit<T, E>(
        &self,
        member: &str,
        now: Timestamp,
        edit: impl FnOnce(&mut Draft, &Snapshot) -> Result<T, E> + Send + 'static,
    ) -> Result<Result<T, E>, Refusal>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let _alone = self.changing.lock().await;
        let mut draft = self.draft(member).await?;
        let folder = self.folder.clone();
        // Loading the knowledge takes long in a large folder.
        let edited = tokio::task::spawn_blocking(move || {
            let done = edit(&mut draft, &Snapshot::read(&folder));
            (draft, done)
        });
        let (mut draft, done) = edited.await.map_err(|_| Refusal::Nothing)?;
        if done.is_ok() {
            draft.changed = now;
            let database = self.database().await?;
            if draft.is_empty() {
                database.drop_draft(member).await?;
            } else {
                database.keep_draft(&draft.stored()).await?;
            }
        }
        Ok(done)
    }

    /// Deletes the draft of a member.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn drop_draft(&self, member: &str) -> Result<(), Error> {
        let _alone = self.changing.lock().await;
        self.database().await?.drop_draft(member).await
    }

    /// Approves the draft of another member, as it was when `version` of the folder with it was checked.
    ///
    /// # Errors
    /// [`Refusal`] if it is an own draft, empty, or not the checked one.
    pub async fn approve(&self, author: &str, by: &str, version: &str) -> Result<(), Refusal> {
        let _alone = self.changing.lock().await;
        if author == by {
            return Err(Refusal::OwnDraft);
        }
        let mut draft = self.draft(author).await?;
        self.verify(&draft, version).await?;
        draft.approved_by = Some(by.to_owned());
        self.database().await?.keep_draft(&draft.stored()).await?;
        Ok(())
    }

    /// Publishes the draft of a member: writes its files, and moves it into the history. `version` is that
    /// of the folder with the draft as it was checked. Returns the number of the change.
    ///
    /// # Errors
    /// [`Refusal`]; then nothing is written.
    pub async fn publish(
        &self,
        member: &str,
        reason: &str,
        version: &str,
        now: Timestamp,
    ) -> Result<i64, Refusal> {
        let _alone = self.changing.lock().await;
        let draft = self.draft(member).await?;
        self.verify(&draft, version).await?;
        if self.is_reviewed && draft.approved_by.is_none() {
            return Err(Refusal::Unapproved);
        }
        let change = Published {
            id: 0,
            at: now,
            member: member.to_owned(),
            approved_by: draft.approved_by.clone(),
            reason: shortened(reason),
            files: draft.files().cloned().collect(),
            undoes: None,
        };
        let id = self.commit(change).await?;
        self.database().await?.drop_draft(member).await?;
        Ok(id)
    }

    /// Undoes a change: writes the texts of before. Where drafts are reviewed, another member than the one who
    /// published it does so, so that two have agreed on what is served. `check` decides whether the folder with them may be
    /// served. Returns the number of the new change.
    ///
    /// # Errors
    /// [`Refusal`]; then nothing is written.
    pub async fn undo(
        &self,
        id: i64,
        member: &str,
        reason: &str,
        now: Timestamp,
        check: impl FnOnce(&Snapshot) -> bool + Send + 'static,
    ) -> Result<i64, Refusal> {
        let _alone = self.changing.lock().await;
        let undone = self.change(id).await?.ok_or(Refusal::Nothing)?;
        // Only the member who did not publish the change may take it back without another approval.
        if self.is_reviewed && undone.member == member {
            return Err(Refusal::OwnDraft);
        }
        let files: Vec<FileChange> = undone.files.iter().map(FileChange::undone).collect();
        let (folder, laid) = (self.folder.clone(), files.clone());
        let is_fit = tokio::task::spawn_blocking(move || {
            let before = Snapshot::read(&folder);
            let over = laid.iter().fold(before, |over, file| {
                over.with(&file.path, file.after.as_deref())
            });
            check(&over)
        });
        if !is_fit.await.unwrap_or(false) {
            return Err(Refusal::Unchecked);
        }
        self.commit(Published {
            id: 0,
            at: now,
            member: member.to_owned(),
            approved_by: None,
            reason: shortened(reason),
            files,
            undoes: Some(id),
        })
        .await
    }

    /// Returns the last changes, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn changes(&self, limit: u32) -> Result<Vec<Published>, Error> {
        let changes = self.database().await?.changes(limit).await?;
        Ok(changes.into_iter().map(published).collect())
    }

    /// Finds a change by its number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn change(&self, id: i64) -> Result<Option<Published>, Error> {
        let change = self.database().await?.change(id).await?;
        Ok(change.map(published))
    }

    /// Fails unless the draft changes something, and the folder with it is the checked one.
    async fn verify(&self, draft: &Draft, version: &str) -> Result<(), Refusal> {
        if draft.is_empty() {
            return Err(Refusal::Nothing);
        }
        let (folder, draft) = (self.folder.clone(), draft.clone());
        let state = tokio::task::spawn_blocking(move || {
            let folder = Snapshot::read(&folder);
            let outdated = draft.outdated(&folder).map(|file| file.path.clone());
            (outdated.collect::<Vec<_>>(), draft.over(&folder).version())
        });
        let (outdated, now) = state.await.map_err(|_| Refusal::Unchecked)?;
        if !outdated.is_empty() {
            return Err(WriteError::Outdated(outdated).into());
        }
        match now == version {
            true => Ok(()),
            false => Err(Refusal::Unchecked),
        }
    }

    /// Stores a change and writes its files; returns its number.
    async fn commit(&self, change: Published) -> Result<i64, Refusal> {
        if change.reason.is_empty() {
            return Err(Refusal::WithoutReason);
        }
        let database = self.database().await?;
        let id = database.add_change(&stored(&change)).await?;
        let (folder, files) = (self.folder.clone(), change.files);
        let written = tokio::task::spawn_blocking(move || write(&folder, &files));
        let written = written.await.map_err(|_| Refusal::Nothing);
        if let Err(refusal) = written.and_then(|written| written.map_err(Refusal::from)) {
            database.drop_change(id).await?;
            return Err(refusal);
        }
        Ok(id)
    }
}

/// Returns a reason without blanks around it, and without what the field of the form would not take.
fn shortened(reason: &str) -> String {
    /// Longest reason, in characters.
    const MAX_REASON_CHARS: usize = 200;
    reason.trim().chars().take(MAX_REASON_CHARS).collect()
}

fn published(stored: StoredChange) -> Published {
    Published {
        id: stored.id,
        at: stored.at,
        member: stored.member,
        approved_by: stored.approved_by,
        reason: stored.reason,
        files: serde_json::from_str(&stored.files).unwrap_or_default(),
        undoes: stored.undoes,
    }
}

fn stored(change: &Published) -> StoredChange {
    StoredChange {
        id: change.id,
        at: change.at,
        member: change.member.clone(),
        approved_by: change.approved_by.clone(),
        reason: change.reason.clone(),
        files: serde_json::to_string(&change.files).unwrap_or_default(),
        undoes: change.undoes,
    }
}
