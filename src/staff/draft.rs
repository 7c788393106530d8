//! The draft of a member: the files that it changes, each with the text that the edit began with.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::change::FileChange;
use super::difference::merge;
use crate::knowledge::Snapshot;
use crate::records::{Error, StoredDraft};

/// The draft of a member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// The name of the member.
    pub member: String,
    /// The time of the last change.
    pub changed: Timestamp,
    /// The member who approved it; an edit takes the approval away.
    pub approved_by: Option<String>,
    files: BTreeMap<String, FileChange>,
}

impl Draft {
    /// Returns an empty draft.
    #[must_use]
    pub fn new(member: &str) -> Self {
        Self {
            member: member.to_owned(),
            ..Self::default()
        }
    }

    /// Reads a stored draft.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the text of its files is not what [`Self::stored`] writes.
    pub fn from_stored(stored: StoredDraft) -> Result<Self, Error> {
        let damaged = |reason: String| {
            let member = &stored.member;
            Error::Damaged(format!("the draft of `{member}` is damaged: {reason}"))
        };
        let files: Vec<FileChange> =
            serde_json::from_str(&stored.files).map_err(|error| damaged(error.to_string()))?;
        if let Some(file) = files.iter().find(|file| !file.is_in_folder()) {
            return Err(damaged(format!("`{}` is not in the folder", file.path)));
        }
        Ok(Self {
            files: files.into_iter().map(|it| (it.path.clone(), it)).collect(),
            member: stored.member,
            changed: stored.changed,
            approved_by: stored.approved_by,
        })
    }

    /// Returns the draft as it is stored.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it cannot be written as JSON.
    pub fn stored(&self) -> Result<StoredDraft, Error> {
        let files: Vec<&FileChange> = self.files().collect();
        let files = serde_json::to_string(&files);
        Ok(StoredDraft {
            member: self.member.clone(),
            changed: self.changed,
            files: files.map_err(|error| Error::Damaged(error.to_string()))?,
            approved_by: self.approved_by.clone(),
        })
    }

    /// Returns whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Returns the changed files, by path.
    pub fn files(&self) -> impl Iterator<Item = &FileChange> {
        self.files.values()
    }

    /// Sets the new text of a file. `before` is its text in the folder, used if the draft has no change of
    /// the file yet. A text that is as at the beginning is no change.
    pub fn set(&mut self, path: &str, before: Option<&str>, after: String) {
        let change = self.files.entry(path.to_owned());
        let change = change.or_insert_with(|| FileChange {
            path: path.to_owned(),
            before: before.map(str::to_owned),
            after: None,
        });
        change.after = Some(after);
        if change.before == change.after {
            self.files.remove(path);
        }
        self.approved_by = None;
    }

    /// Takes the changes of a file back.
    pub fn discard(&mut self, path: &str) {
        self.files.remove(path);
        self.approved_by = None;
    }

    /// Lays the draft over the files of the folder.
    #[must_use]
    pub fn over(&self, folder: &Snapshot) -> Snapshot {
        let files = self.files.values();
        files.fold(folder.clone(), |over, file| {
            over.with(&file.path, file.after.as_deref())
        })
    }

    /// Returns the files that have changed in the folder since the edit began.
    pub fn outdated<'a>(&'a self, folder: &'a Snapshot) -> impl Iterator<Item = &'a FileChange> {
        let files = self.files.values();
        files.filter(|file| folder.text(&file.path) != file.before.as_deref())
    }

    /// Brings the changes of the folder since the edit began into the draft. Returns the paths for which
    /// that is impossible, since both changed the same lines; they stay as they were.
    pub fn merge(&mut self, folder: &Snapshot) -> Vec<String> {
        let outdated: Vec<FileChange> = self.outdated(folder).cloned().collect();
        let mut conflicts = Vec::new();
        for file in outdated {
            let now = folder.text(&file.path).map(str::to_owned);
            let merged = match (&file.before, &file.after, &now) {
                (Some(before), Some(after), Some(now)) => merge(before, after, now),
                _ => None,
            };
            match merged {
                Some(after) => {
                    self.files.remove(&file.path);
                    self.set(&file.path, now.as_deref(), after);
                }
                None => conflicts.push(file.path),
            }
        }
        conflicts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(text: &str) -> Snapshot {
        let texts = [("a/b.toml".to_owned(), text.to_owned())].into();
        Snapshot::from_texts(std::path::Path::new("knowledge"), texts)
    }

    #[test]
    fn a_draft_keeps_the_first_text_and_forgets_a_change_that_was_taken_back() {
        let mut draft = Draft::new("sato");
        draft.set("a/b.toml", Some("x = 1\n"), "x = 2\n".to_owned());
        draft.set("a/b.toml", Some("x = 2\n"), "x = 3\n".to_owned());
        let file = draft.files().next().expect("a file").clone();
        assert_eq!(file.before.as_deref(), Some("x = 1\n"));
        let over = draft.over(&folder("x = 1\n"));
        assert_eq!(over.text("a/b.toml"), Some("x = 3\n"));
        let stored = draft.stored().expect("a draft");
        assert_eq!(Draft::from_stored(stored.clone()).expect("a draft"), draft);
        let outside = r#"[{"path":"../a.toml","before":null,"after":""}]"#;
        for damaged in ["", "[{", outside] {
            let files = damaged.to_owned();
            let stored = StoredDraft {
                files,
                ..stored.clone()
            };
            assert!(Draft::from_stored(stored).is_err(), "`{damaged}`");
        }
        draft.set("a/b.toml", None, "x = 1\n".to_owned());
        assert!(draft.is_empty());
    }

    #[test]
    fn edits_of_other_lines_are_merged_and_those_of_the_same_line_are_not() {
        let lines = |first: &str, last: &str| format!("{first}\n1\n2\n3\n4\n5\n6\n{last}\n");
        let mut draft = Draft::new("sato");
        draft.set("a/b.toml", Some(&lines("a", "z")), lines("b", "z"));
        assert_eq!(draft.outdated(&folder(&lines("a", "z"))).count(), 0);
        let other = folder(&lines("a", "y"));
        assert_eq!(draft.outdated(&other).count(), 1);
        assert_eq!(draft.merge(&other), Vec::<String>::new());
        assert_eq!(draft.outdated(&other).count(), 0);
        let merged = draft.over(&other);
        assert_eq!(merged.text("a/b.toml"), Some(&*lines("b", "y")));
        let same = folder(&lines("c", "y"));
        assert_eq!(draft.merge(&same), ["a/b.toml"]);
        assert_eq!(draft.outdated(&same).count(), 1);
    }
}
