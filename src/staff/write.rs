//! Writes changes into the knowledge folder: all of them or none.
//!
//! Invariant: nothing is written if one of the files no longer has the text that the change began with.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::change::FileChange;
use crate::exchange::replace;

/// Why changes are not written. Then the files are as before.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// These files have changed meanwhile.
    #[error("changed meanwhile: {}", .0.join(", "))]
    Outdated(Vec<String>),
    /// A path leads out of the folder.
    #[error("`{0}` is not a file of the knowledge folder")]
    Path(String),
    /// A file cannot be read or written.
    #[error("cannot write `{0}`: {1}")]
    File(String, io::Error),
}

/// Fails if changes cannot be written, before anything is.
pub(super) fn verify(folder: &Path, changes: &[FileChange]) -> Result<(), WriteError> {
    if let Some(change) = changes.iter().find(|change| !change.is_in_folder()) {
        return Err(WriteError::Path(change.path.clone()));
    }
    let mut outdated = Vec::new();
    for change in changes {
        let now = read(&folder.join(&change.path));
        let now = now.map_err(|error| WriteError::File(change.path.clone(), error))?;
        if now.as_deref() != change.before.as_deref().map(str::as_bytes) {
            outdated.push(change.path.clone());
        }
    }
    match outdated.is_empty() {
        true => Ok(()),
        false => Err(WriteError::Outdated(outdated)),
    }
}

/// Writes changes.
pub(super) fn write(folder: &Path, changes: &[FileChange]) -> Result<(), WriteError> {
    verify(folder, changes)?;
    for (index, change) in changes.iter().enumerate() {
        if let Err(error) = set(folder, change) {
            for written in &changes[..index] {
                // The first error is the one to report.
                if let Err(error) = set(folder, &written.undone()) {
                    tracing::error!(%error, file = written.path, "staff: a file could not be restored");
                }
            }
            return Err(WriteError::File(change.path.clone(), error));
        }
    }
    Ok(())
}

fn set(folder: &Path, change: &FileChange) -> io::Result<()> {
    let path = folder.join(&change.path);
    match &change.after {
        Some(text) => replace(&path, text),
        None => fs::remove_file(path),
    }
}

/// Reads a file; `None` if there is none.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: &str, before: Option<&str>, after: Option<&str>) -> FileChange {
        FileChange {
            path: path.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        }
    }

    #[test]
    fn all_files_are_written_or_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let new = [
            change("a.toml", None, Some("a")),
            change("b/c.toml", None, Some("c")),
        ];
        write(folder, &new).expect("written files");
        let read = |path: &str| fs::read_to_string(folder.join(path)).ok();
        assert_eq!(read("b/c.toml").as_deref(), Some("c"));
        let outdated = [
            change("a.toml", Some("a"), Some("A")),
            change("b/c.toml", Some("other"), Some("C")),
        ];
        let refused = write(folder, &outdated);
        assert!(matches!(refused, Err(WriteError::Outdated(paths)) if paths == ["b/c.toml"]));
        assert_eq!(read("a.toml").as_deref(), Some("a"));
        // `a.toml` is a file, so nothing can be written below it.
        let failing = [
            change("a.toml", Some("a"), Some("A")),
            change("a.toml/c.toml", None, Some("C")),
        ];
        assert!(write(folder, &failing).is_err());
        assert_eq!(read("a.toml").as_deref(), Some("a"), "restored");
        let outside = [change("../a.toml", None, Some("a"))];
        assert!(matches!(write(folder, &outside), Err(WriteError::Path(_))));
        write(folder, &new.map(|change| change.undone())).expect("removed files");
        assert_eq!(read("b/c.toml"), None);
    }
}
