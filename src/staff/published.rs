//! A published change, and how it is stored.

use jiff::Timestamp;

use super::change::FileChange;
use crate::records::{Error, StoredChange};

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
    /// Whether the stored files cannot be read; then none are listed, and it cannot be undone.
    pub is_damaged: bool,
}

impl Published {
    /// Reads a stored change.
    pub(super) fn from_stored(stored: StoredChange) -> Self {
        let files = serde_json::from_str(&stored.files);
        let files = files.inspect_err(|error| {
            tracing::error!(%error, id = stored.id, "staff: a change of the history cannot be read");
        });
        Self {
            id: stored.id,
            at: stored.at,
            member: stored.member,
            approved_by: stored.approved_by,
            reason: stored.reason,
            is_damaged: files.is_err(),
            files: files.unwrap_or_default(),
            undoes: stored.undoes,
        }
    }

    /// Returns the change as it is stored.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the files cannot be written as JSON.
    pub(super) fn stored(&self) -> Result<StoredChange, Error> {
        let files = serde_json::to_string(&self.files);
        Ok(StoredChange {
            id: self.id,
            at: self.at,
            member: self.member.clone(),
            approved_by: self.approved_by.clone(),
            reason: self.reason.clone(),
            files: files.map_err(|error| Error::Damaged(error.to_string()))?,
            undoes: self.undoes,
        })
    }
}

/// Returns a reason in one line, without what the field of the form would not take.
pub(super) fn shortened(reason: &str) -> String {
    /// Longest reason, in characters.
    const MAX_REASON_CHARS: usize = 200;
    let line = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(MAX_REASON_CHARS).collect()
}
