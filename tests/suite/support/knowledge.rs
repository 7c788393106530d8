//! Knowledge folders for tests: a small base, overlaid with the files of a test.
//!
//! `tests/fixtures/base` is a small knowledge of a fictitious city with two desks. A folder of
//! `tests/fixtures/broken` holds the difference to it: files under `knowledge/` that are added or
//! replaced, and `removed.txt` with one name per line to remove.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::civil::{Date, date};
use madoguchi::answer::Assistant;
use madoguchi::knowledge::{KnowledgeBase, load};
use tempfile::TempDir;

/// The day as of which every fixture is read, so that no test depends on the calendar.
pub(crate) const TODAY: Date = date(2026, 11, 22);

/// Returns noon of [`TODAY`] in Japan.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T12:00:00+09:00".parse().expect("an instant")
}

/// Returns a path in the project.
pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Copies the base into a new folder.
pub(crate) fn base() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    copy(&project("tests/fixtures/base"), folder.path());
    folder
}

/// Copies the base into a new folder and applies `tests/fixtures/broken/<mistake>`.
pub(crate) fn broken(mistake: &str) -> TempDir {
    let folder = base();
    let fixture = project("tests/fixtures/broken").join(mistake);
    let overlay = fixture.join("knowledge");
    if overlay.exists() {
        copy(&overlay, folder.path());
    }
    for name in fs::read_to_string(fixture.join("removed.txt"))
        .unwrap_or_default()
        .lines()
    {
        // Collecting drops a `.`, which means the whole folder.
        let path: PathBuf = folder.path().join(name).components().collect();
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.unwrap_or_else(|error| panic!("{mistake}/removed.txt: `{name}`: {error}"));
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("a file");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// Loads a folder that has no errors.
pub(crate) fn loaded(folder: &Path) -> Arc<KnowledgeBase> {
    match load(folder, TODAY).into_result() {
        Ok(knowledge) => Arc::new(knowledge),
        Err(problems) => {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            panic!("`{}` has errors:\n{}", folder.display(), lines.join("\n"));
        }
    }
}

/// Returns an assistant for the shipped knowledge, built once for all tests, in memory.
pub(crate) fn shipped() -> &'static Assistant {
    static ASSISTANT: OnceLock<Assistant> = OnceLock::new();
    ASSISTANT.get_or_init(|| {
        let knowledge = loaded(&project("knowledge"));
        let (assistant, _) = Assistant::open(knowledge, None, None).expect("an index in memory");
        assistant
    })
}
