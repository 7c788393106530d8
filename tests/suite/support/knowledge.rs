//! Knowledge folders for tests: a small base, overlaid with the files of a test.
//!
//! `tests/fixtures/base` is a small knowledge of a fictitious city with two desks. A folder of
//! `tests/fixtures/broken` holds the difference to it: files under `knowledge/` that are added or
//! replaced, and `removed.txt` with one name per line to remove.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use madoguchi::answer::{Answer, Assistant, Conversation, Question};
use madoguchi::channels::Clock;
use madoguchi::knowledge::{KnowledgeBase, Language, load};
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

pub(crate) fn copy(from: &Path, to: &Path) {
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

/// Replaces a text in a file that contains it.
#[track_caller]
pub(crate) fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).expect("a file of the knowledge");
    assert!(text.contains(from), "`{from}` is not in {}", file.display());
    fs::write(file, text.replace(from, to)).expect("a changed file");
}

/// Returns the assistant of the shipped knowledge, built once for all tests, in memory.
pub(crate) fn shipped() -> &'static Arc<Assistant> {
    static ASSISTANT: LazyLock<Arc<Assistant>> = LazyLock::new(|| assistant(&project("knowledge")));
    &ASSISTANT
}

/// Opens the knowledge of a folder in memory.
pub(crate) fn assistant(folder: &Path) -> Arc<Assistant> {
    let opened = Assistant::open(loaded(folder), None, None);
    Arc::new(opened.expect("an index in memory").0)
}

/// Makes a question in Japanese to no particular desk.
pub(crate) fn question(text: &str) -> Question<'_> {
    Question {
        text,
        desk: None,
        language: Language::Japanese,
    }
}

/// Asks the shipped knowledge a question in a conversation.
pub(crate) fn ask_in(conversation: Conversation, text: &str) -> Answer {
    shipped().answer_now(&question(text), conversation, now())
}

/// A clock that starts at [`now`], and that only the test advances.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<Mutex<Timestamp>>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(now())))
    }
}

impl TestClock {
    pub(crate) fn read(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    pub(crate) fn advance(&self, duration: SignedDuration) {
        *self.0.lock().unwrap() += duration;
    }

    /// Returns the clock for the options of a channel.
    pub(crate) fn reader(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.read())
    }
}
