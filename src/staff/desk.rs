//! Drafts and changes in the database, and the folder that they change.
//!
//! Invariants: edits of one process happen one after another; a change is stored before its files are
//! written, and removed again if they cannot be.

use std::path::PathBuf;

use jiff::Timestamp;
use tokio::sync::{Mutex, MutexGuard};

use super::change::FileChange;
use super::draft::Draft;
use super::git::{self, GitError};
use super::published::{Published, shortened};
use super::write::{WriteError, verify, write};
use crate::knowledge::Snapshot;
use crate::records::{Database, Error, OnDemand};

/// Drafts, the history, and publishing.
pub struct Desk {
    folder: PathBuf,
    records: OnDemand,
    is_reviewed: bool,
    /// Held while a change is published and committed in git. It is locked before `changing`.
    publishing: Mutex<()>,
    /// Held while a draft or the folder is changed.
    changing: Mutex<()>,
}

/// The right to publish, undo and commit. While one exists, there is no other of the same desk.
#[must_use]
pub struct Turn<'a> {
    _publishing: MutexGuard<'a, ()>,
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
    /// The files cannot be committed in git; they are published.
    #[error(transparent)]
    Git(#[from] GitError),
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
    /// The folder would have errors.
    #[error("the folder would have errors")]
    Unfit,
    /// The stored files of the change cannot be read.
    #[error("the stored files of the change cannot be read")]
    Damaged,
}

impl Desk {
    /// Opens the desk of a knowledge folder; with `is_reviewed`, another member must approve a draft.
    #[must_use]
    pub fn new(folder: PathBuf, records: OnDemand, is_reviewed: bool) -> Self {
        Self {
            folder,
            records,
            is_reviewed,
            publishing: Mutex::default(),
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
    /// Those of the database, and [`Error::Damaged`]; the stored draft is kept.
    pub async fn draft(&self, member: &str) -> Result<Draft, Error> {
        let mut drafts = self.database().await?.drafts().await?.into_iter();
        let own = drafts.find(|draft| draft.member == member);
        own.map_or_else(|| Ok(Draft::new(member)), Draft::from_stored)
    }

    /// Returns all drafts that change something, the last changed first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn drafts(&self) -> Result<Vec<Draft>, Error> {
        let drafts = self.database().await?.drafts().await?.into_iter();
        // The damaged draft of one member hides no others; the member learns of it at the next edit.
        let drafts = drafts.filter_map(|stored| {
            let draft = Draft::from_stored(stored);
            draft
                .inspect_err(|error| tracing::error!(%error, "staff: a draft cannot be read"))
                .ok()
        });
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
                database.keep_draft(&draft.stored()?).await?;
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
        self.database().await?.keep_draft(&draft.stored()?).await?;
        Ok(())
    }

    /// Waits for the turn to publish. A caller that commits in git takes it before publishing, so that no other
    /// change of the same file is written before the commit.
    pub async fn turn(&self) -> Turn<'_> {
        Turn {
            _publishing: self.publishing.lock().await,
        }
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
            is_damaged: false,
        };
        let id = self.commit(change).await?;
        let dropped = async { self.database().await?.drop_draft(member).await }.await;
        // The files are published: an error would say that nothing is written.
        if let Err(error) = dropped {
            tracing::error!(%error, member, change = id, "staff: the draft of a published change is not deleted");
        }
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
        let undone = self.change(id).await?.ok_or(Refusal::Nothing)?;
        if undone.is_damaged {
            return Err(Refusal::Damaged);
        }
        if shortened(reason).is_empty() {
            return Err(Refusal::WithoutReason);
        }
        // Only the member who did not publish the change may take it back without another approval.
        if self.is_reviewed && undone.member == member {
            return Err(Refusal::OwnDraft);
        }
        let files: Vec<FileChange> = undone.files.iter().map(FileChange::undone).collect();
        // The check takes long in a large folder, and members may edit meanwhile.
        let (folder, changes) = (self.folder.clone(), files.clone());
        let checked = tokio::task::spawn_blocking(move || {
            let before = Snapshot::read(&folder);
            if let Some(outdated) = outdated(&before, &changes) {
                return Err(outdated);
            }
            let undone = with_files(&changes, &before);
            match check(&undone) {
                true => Ok(undone.version()),
                false => Err(Refusal::Unfit),
            }
        });
        let checked = checked.await.map_err(|_| Refusal::Unfit)??;
        let _alone = self.changing.lock().await;
        let (folder, changes) = (self.folder.clone(), files.clone());
        let now_in_folder = tokio::task::spawn_blocking(move || {
            let before = Snapshot::read(&folder);
            (
                outdated(&before, &changes),
                with_files(&changes, &before).version(),
            )
        });
        let (outdated, version) = now_in_folder.await.map_err(|_| Refusal::Unchecked)?;
        if let Some(outdated) = outdated {
            return Err(outdated);
        }
        if version != checked {
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
            is_damaged: false,
        })
        .await
    }

    /// Commits the files of a change in git, in the name of its member, in the turn in which it was published.
    ///
    /// # Errors
    /// Those of the database, and [`Refusal::Git`]; the files stay published.
    pub async fn commit_in_git(&self, id: i64, _turn: &Turn<'_>) -> Result<(), Refusal> {
        let change = self.change(id).await?.ok_or(Refusal::Nothing)?;
        let folder = self.folder.clone();
        let committed = tokio::task::spawn_blocking(move || {
            let files: Vec<String> = change.files.into_iter().map(|file| file.path).collect();
            let undone = change.undoes.map(|id| format!("\nUndoes: #{id}"));
            let approved = change.approved_by.map(|by| format!("\nApproved-by: {by}"));
            let (undone, approved) = (undone.unwrap_or_default(), approved.unwrap_or_default());
            let message = format!("{}\n\nChange: #{id}{undone}{approved}", change.reason);
            git::commit(&folder, &files, &change.member, &message)
        });
        let committed = committed.await.map_err(|_| Refusal::Nothing)?;
        Ok(committed?)
    }

    /// Returns the last changes without their files, which may be large; the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn changes(&self, limit: u32) -> Result<Vec<Published>, Error> {
        let changes = self.database().await?.changes(limit).await?;
        Ok(changes.into_iter().map(Published::from_stored).collect())
    }

    /// Finds a change by its number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn change(&self, id: i64) -> Result<Option<Published>, Error> {
        let change = self.database().await?.change(id).await?;
        Ok(change.map(Published::from_stored))
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
        let (folder, files) = (self.folder.clone(), change.files.clone());
        // Before the change gets a number: those of refused changes would be missing in the history.
        let verified = tokio::task::spawn_blocking(move || verify(&folder, &files));
        verified.await.map_err(|_| Refusal::Nothing)??;
        let database = self.database().await?;
        let id = database.add_change(&change.stored()?).await?;
        let (folder, files) = (self.folder.clone(), change.files);
        let written = tokio::task::spawn_blocking(move || write(&folder, &files));
        let written = written.await.map_err(|_| Refusal::Nothing);
        if let Err(refusal) = written.and_then(|written| written.map_err(Refusal::from)) {
            if let Err(error) = database.drop_change(id).await {
                tracing::error!(%error, change = id, "staff: the history has a change that is not published");
            }
            return Err(refusal);
        }
        Ok(id)
    }
}

/// Returns the folder with the new texts of files.
fn with_files(files: &[FileChange], folder: &Snapshot) -> Snapshot {
    files.iter().fold(folder.clone(), |folder, file| {
        folder.with(&file.path, file.after.as_deref())
    })
}

/// Returns the refusal of files that no longer have the text of before.
fn outdated(folder: &Snapshot, files: &[FileChange]) -> Option<Refusal> {
    let outdated = files
        .iter()
        .filter(|file| folder.text(&file.path) != file.before.as_deref());
    let paths: Vec<String> = outdated.map(|file| file.path.clone()).collect();
    (!paths.is_empty()).then(|| WriteError::Outdated(paths).into())
}
