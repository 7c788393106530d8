//! Knowledge folders for tests: the small base, overlaid with what a test is about.
//!
//! `tests/fixtures/base` is a tiny two-desk knowledge of a city that does not exist. A folder of
//! `tests/fixtures/broken` holds only what differs from it: files under `knowledge/` that are
//! added or replaced, and names in `removed.txt`, one a line, that are taken away.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::civil::{Date, date};
use madoguchi::answer::Assistant;
use madoguchi::knowledge::{KnowledgeBase, load};
use tempfile::TempDir;

/// The day on which every fixture is read, so that no test changes with the calendar.
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

/// Copies the base into a new folder and spoils it as `tests/fixtures/broken/<mistake>` says.
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
        // Collecting drops the `.` that stands for the whole folder.
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
