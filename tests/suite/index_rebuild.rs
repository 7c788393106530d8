//! The index on disk: after any damage, the next start opens or builds a correct one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, SystemTime};

use madoguchi::answer::Assistant;
use madoguchi::knowledge::KnowledgeBase;
use madoguchi::search::{IndexOrigin, acceptance};
use tantivy::postings::Postings as _;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet as _, Index, TERMINATED};
use tempfile::TempDir;

use crate::support::knowledge::{TODAY, base, copy, edit, loaded, now, project};
use crate::support::process::madoguchi;

/// Opens an index and searches it; returns whether the index was built or opened.
#[track_caller]
fn open(knowledge: &Arc<KnowledgeBase>, folder: &Path) -> IndexOrigin {
    let opened = Assistant::open(Arc::clone(knowledge), Some(folder), None);
    let (assistant, origin) = opened.expect("an index that can be opened");
    // A search, not an answer: thresholds do not depend on the index.
    let hits = assistant
        .suggest("図書カードを落とした", None, 0..10, now())
        .hits;
    let best = hits
        .first()
        .map(|hit| knowledge.entries[hit.entry].id.as_str());
    assert_eq!(best, Some("library-lost-card"));
    origin
}

fn knowledge() -> Arc<KnowledgeBase> {
    loaded(base().path())
}

fn index_folder() -> TempDir {
    tempfile::tempdir().expect("a folder for the index")
}

/// Lists the names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| entry.expect("a name").file_name());
    let mut names: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Returns the files of the only index in a folder.
fn files_of_index(folder: &Path) -> Vec<PathBuf> {
    let indexes = names(folder);
    assert_eq!(indexes.len(), 1, "{indexes:?}");
    let index = folder.join(&indexes[0]);
    names(&index).iter().map(|name| index.join(name)).collect()
}

#[test]
fn the_first_start_builds_and_the_next_opens() {
    let (knowledge, folder) = (knowledge(), index_folder());
    let folder = folder.path().join("made").join("when-missing");
    assert_eq!(open(&knowledge, &folder), IndexOrigin::Built);
    assert_eq!(names(&folder).len(), 1, "{:?}", names(&folder));
    assert_eq!(open(&knowledge, &folder), IndexOrigin::Opened);
}

#[test]
fn changed_knowledge_gets_a_new_index_and_the_old_index_is_kept() {
    let (source, folder) = (base(), index_folder());
    let old = loaded(source.path());
    assert_eq!(open(&old, folder.path()), IndexOrigin::Built);
    let changes = [
        (
            "library/card.toml",
            "カードを(紛失した|落とした)",
            "カードを(紛失した|落とした|無くした)",
        ),
        (
            "library/card.toml",
            "窓口で作り直せます。",
            "受付で作り直せます。",
        ),
        ("lexicon.toml", "\"値段\"", "\"お値段\""),
    ];
    for (file, from, to) in changes {
        edit(&source.path().join(file), from, to);
        let changed = loaded(source.path());
        assert_eq!(open(&changed, folder.path()), IndexOrigin::Built, "{to}");
        assert_eq!(open(&changed, folder.path()), IndexOrigin::Opened, "{to}");
    }
    assert_eq!(open(&old, folder.path()), IndexOrigin::Opened);
}

/// Lists everything in the only index of a folder that has a fingerprint other than `but`.
fn contents(folder: &Path, but: &[String]) -> Vec<String> {
    let name = names(folder).into_iter().find(|name| !but.contains(name));
    let index = Index::open_in_dir(folder.join(name.expect("an index"))).expect("an index");
    let reader = index.reader().expect("a reader").searcher();
    let [segment] = reader.segment_readers() else {
        panic!("{} segments", reader.segment_readers().len());
    };
    let mut contents = Vec::new();
    for (field, entry) in index
        .schema()
        .fields()
        .filter(|(_, entry)| entry.name() != "exact")
    {
        let name = entry.name();
        let inverted = segment.inverted_index(field).expect("a field");
        let mut terms = inverted.terms().stream().expect("terms");
        while terms.advance() {
            let term = String::from_utf8_lossy(terms.key()).into_owned();
            let frequencies = IndexRecordOption::WithFreqs;
            let postings = inverted.read_postings_from_terminfo(terms.value(), frequencies);
            let mut postings = postings.expect("postings");
            while postings.doc() != TERMINATED {
                let (doc, count) = (postings.doc(), postings.term_freq());
                contents.push(format!("{name} {term} {doc} {count}"));
                postings.advance();
            }
        }
        let lengths = segment.get_fieldnorms_reader(field).expect("lengths");
        let documents = 0..segment.max_doc();
        contents.extend(documents.map(|doc| format!("{name} {doc}: {}", lengths.fieldnorm(doc))));
    }
    let exact = segment.fast_fields().u64("exact").expect("exact forms");
    contents.extend((0..segment.max_doc()).map(|doc| format!("{doc} {:?}", exact.first(doc))));
    contents
}

#[test]
fn the_index_of_edited_knowledge_is_that_of_a_new_build() {
    let source = tempfile::tempdir().expect("a folder");
    copy(&project("knowledge"), source.path());
    let served = index_folder();
    let opened = Assistant::open(loaded(source.path()), Some(served.path()), None);
    let (mut assistant, _) = opened.expect("an index");
    let edits = [
        // An answer, and a Latin word that variants in romaji may be.
        (
            "selas/1_membership.toml",
            "answer = \"\"\"\n",
            "answer = \"\"\"\nkaiyaku は退会のことです。",
        ),
        // Variants that are new, and one that is dropped.
        (
            "selas/1_membership.toml",
            "\"(解約|退会)したい\",",
            "\"(脱会|退会|解約)したい\", \"もう会員でいたくない\",",
        ),
        // A subject without an answer.
        (
            "selas/referrals.toml",
            "[[referral]]",
            "[[referral]]\nid = \"selas-carrots\"\ntopic = \"にんじん\"\nvariants = [\"にんじんの数\"]\n\n[[referral]]",
        ),
    ];
    let edit_first = |file: &str, from: &str, to: &str| {
        let path = source.path().join(file);
        let text = fs::read_to_string(&path).expect("a file of the knowledge");
        assert!(text.contains(from), "`{from}` is not in {file}");
        fs::write(&path, text.replacen(from, to, 1)).expect("a changed file");
    };
    for (file, from, to) in edits {
        edit_first(file, from, to);
        let known = names(served.path());
        let knowledge = loaded(source.path());
        let (folder, new) = (served.path(), Arc::clone(&knowledge));
        let replaced = Assistant::replace(Some(&assistant), new, Some(folder), None);
        let (replacing, origin) = replaced.expect("an index");
        assert_eq!(origin, IndexOrigin::Updated, "{to}");
        let fresh = index_folder();
        let (_, origin) =
            Assistant::open(Arc::clone(&knowledge), Some(fresh.path()), None).expect("an index");
        assert_eq!(origin, IndexOrigin::Built);
        let (updated, built) = (contents(folder, &known), contents(fresh.path(), &[]));
        assert!(built.len() > 10_000, "{} lines", built.len());
        let differs = built
            .iter()
            .zip(&updated)
            .find(|(built, updated)| built != updated);
        assert_eq!((differs, updated.len()), (None, built.len()), "{to}");
        assistant = replacing;
    }
    // Another lexicon changes the terms of all texts.
    edit_first("lexicon.toml", "terms = [", "terms = [\"にんじん\", ");
    let replaced = Assistant::replace(
        Some(&assistant),
        loaded(source.path()),
        Some(served.path()),
        None,
    );
    assert_eq!(replaced.expect("an index").1, IndexOrigin::Built);
}

#[test]
fn a_date_or_the_words_of_a_desk_build_no_index_but_repeat_the_check() {
    let (source, folder) = (base(), index_folder());
    let changes = [
        (
            "library/card.toml",
            "id = \"library-lost-card\"",
            "id = \"library-lost-card\"\nvalid_until = 2027-03-31",
            false,
        ),
        // The entry is not valid on the day of the test.
        ("library/card.toml", "2027-03-31", "2026-03-31", true),
        ("pool/desk.toml", "\"水泳\"", "\"遊泳\"", true),
    ];
    let opened = |expected: IndexOrigin| {
        let knowledge = loaded(source.path());
        let opened = Assistant::open(Arc::clone(&knowledge), Some(folder.path()), None);
        let (assistant, origin) = opened.expect("an index that can be opened");
        assert_eq!(origin, expected);
        (assistant, acceptance(&knowledge, TODAY))
    };
    let (assistant, mut accepted) = opened(IndexOrigin::Built);
    assistant.searcher().accept(folder.path(), &accepted);
    for (file, from, to, is_check_repeated) in changes {
        edit(&source.path().join(file), from, to);
        let (assistant, now) = opened(IndexOrigin::Opened);
        let searcher = assistant.searcher();
        assert_eq!(
            searcher.is_accepted(folder.path(), &now),
            !is_check_repeated,
            "{to}"
        );
        searcher.accept(folder.path(), &now);
        assert!(searcher.is_accepted(folder.path(), &now), "{to}");
        assert_eq!(
            searcher.is_accepted(folder.path(), &accepted),
            !is_check_repeated,
            "{to}"
        );
        accepted = now;
    }
}

#[test]
fn at_most_four_indexes_are_kept() {
    let (source, folder) = (base(), index_folder());
    let path = source.path().join("library/card.toml");
    let text = fs::read_to_string(&path).expect("a file of the base");
    for number in 0..8 {
        let changed = text.replace("窓口で作り直せます。", &format!("{number} 番の窓口へ。"));
        fs::write(&path, changed).expect("a changed file");
        open(&loaded(source.path()), folder.path());
    }
    let kept = names(folder.path());
    assert!(kept.len() <= 4, "{kept:?}");
}

/// Damages every file of an index in turn; each time the next start must build and answer.
#[track_caller]
fn check_damage(damage: impl Fn(&Path)) {
    let (knowledge, folder) = (knowledge(), index_folder());
    open(&knowledge, folder.path());
    let files = files_of_index(folder.path());
    assert!(files.len() >= 6, "{files:?}");
    for file in &files {
        // The name of a segment differs from build to build; its extension does not.
        let ending = file.extension().map(ToOwned::to_owned);
        let same = |path: &&PathBuf| **path == *file || path.extension() == ending.as_deref();
        let current = files_of_index(folder.path());
        let found = current.iter().find(same).expect("a file of that kind");
        // Answers do not depend on tantivy's hidden files, such as locks.
        let is_hidden = |path: &Path| {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            name.is_some_and(|name| name.starts_with('.'))
        };
        damage(found);
        let origin = open(&knowledge, folder.path());
        if !is_hidden(found) {
            assert_eq!(
                origin,
                IndexOrigin::Built,
                "`{}` was damaged",
                found.display()
            );
        }
        assert_eq!(open(&knowledge, folder.path()), IndexOrigin::Opened);
    }
}

#[test]
fn a_truncated_file_rebuilds_the_index() {
    check_damage(|file| {
        let length = file.metadata().expect("a file").len();
        let file = File::options().write(true).open(file).expect("a file");
        file.set_len(length / 2).expect("a shorter file");
    });
}

#[test]
fn an_empty_file_rebuilds_the_index() {
    check_damage(|file| fs::write(file, "").expect("an empty file"));
}

#[test]
fn a_file_with_changed_bytes_rebuilds_the_index() {
    check_damage(|file| {
        let mut bytes = fs::read(file).expect("a file");
        let middle = bytes.len() / 2;
        for byte in bytes.iter_mut().skip(middle.saturating_sub(2)).take(4) {
            *byte ^= 0x5a;
        }
        fs::write(file, bytes).expect("a damaged file");
    });
}

#[test]
fn a_missing_file_rebuilds_the_index() {
    check_damage(|file| fs::remove_file(file).expect("a file to remove"));
}

#[test]
fn foreign_files_in_the_index_folder_are_kept() {
    let (knowledge, folder) = (knowledge(), index_folder());
    let kept = [
        "notes.txt",
        ".gitignore",
        "photos/cat.jpg",
        "site/meta.json",
    ];
    for name in kept {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, name).expect("a foreign file");
    }
    let source = base();
    let path = source.path().join("library/card.toml");
    let text = fs::read_to_string(&path).expect("a file of the base");
    for number in 0..6 {
        fs::write(&path, text.replace("窓口で", &format!("{number} 番で"))).expect("a change");
        open(&loaded(source.path()), folder.path());
    }
    open(&knowledge, folder.path());
    for name in kept {
        let found = fs::read_to_string(folder.path().join(name));
        assert_eq!(found.ok().as_deref(), Some(name));
    }
}

#[test]
fn a_folder_path_that_is_a_file_is_an_error_with_the_path() {
    let folder = index_folder();
    let path = folder.path().join("index");
    fs::write(&path, "not a folder").expect("a file");
    let error = Assistant::open(knowledge(), Some(&path), None).err();
    let error = error.expect("an error").to_string();
    assert!(error.contains(&path.display().to_string()), "{error}");
    assert_eq!(
        fs::read_to_string(&path).ok().as_deref(),
        Some("not a folder")
    );
}

#[test]
fn a_file_at_the_path_of_the_index_is_replaced() {
    let (knowledge, folder) = (knowledge(), index_folder());
    open(&knowledge, folder.path());
    let index = folder.path().join(&names(folder.path())[0]);
    fs::remove_dir_all(&index).expect("an index");
    fs::write(&index, "").expect("a file");
    assert_eq!(open(&knowledge, folder.path()), IndexOrigin::Built);
    assert_eq!(open(&knowledge, folder.path()), IndexOrigin::Opened);
}

#[test]
fn concurrent_openers_of_one_folder_all_answer() {
    const MANY: usize = 6;
    let (knowledge, folder) = (knowledge(), index_folder());
    for round in 0..4 {
        let barrier = Barrier::new(MANY);
        thread::scope(|scope| {
            for _ in 0..MANY {
                scope.spawn(|| {
                    barrier.wait();
                    open(&knowledge, folder.path());
                });
            }
        });
        assert_eq!(open(&knowledge, folder.path()), IndexOrigin::Opened);
        let left = names(folder.path());
        assert_eq!(left.len(), 1, "round {round}: {left:?}");
        if round % 2 == 0 {
            // The next round starts with a damaged index, which all openers try to replace.
            let meta = folder.path().join(&left[0]).join("meta.json");
            fs::write(meta, "{").expect("a damaged index");
        } else {
            fs::remove_dir_all(folder.path().join(&left[0])).expect("no index");
        }
    }
}

#[test]
fn a_half_built_index_is_ignored_and_removed_once_it_is_an_hour_old() {
    let (knowledge, folder) = (knowledge(), index_folder());
    let half_built = |name: &str, minutes: u64| {
        let path = folder.path().join(name);
        fs::create_dir(&path).expect("a folder");
        fs::write(path.join("meta.json"), "{").expect("a file");
        let time = SystemTime::now() - Duration::from_secs(60 * minutes);
        let handle = File::open(&path).expect("a folder");
        handle.set_modified(time).expect("another time");
        path
    };
    let young = half_built("building-1", 50);
    let old = half_built("building-2", 70);
    assert_eq!(open(&knowledge, folder.path()), IndexOrigin::Built);
    assert!(young.exists(), "another process may still build it");
    assert!(!old.exists(), "the process that built it is gone");
    assert_eq!(open(&knowledge, folder.path()), IndexOrigin::Opened);
}

#[test]
fn a_build_that_was_killed_does_not_stop_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("index");
    for _ in 0..5 {
        let mut building = madoguchi(&index)
            .args(["index", "--force"])
            .spawn()
            .unwrap();
        // Killed as soon as the first file exists; a build that has ended was too fast.
        while building.try_wait().unwrap().is_none() && !is_building(&index) {
            thread::yield_now();
        }
        building.kill().unwrap();
        building.wait().unwrap();
    }
    let asked = madoguchi(&index)
        .args(["ask", "有料会員をやめたい"])
        .output()
        .unwrap();
    let answer = String::from_utf8_lossy(&asked.stdout);
    assert!(answer.contains("https://selasjapan.jp/paid"), "{answer}");
}

fn is_building(index: &Path) -> bool {
    let folders = fs::read_dir(index).into_iter().flatten().flatten();
    let mut building = folders.filter(|folder| {
        folder
            .file_name()
            .to_string_lossy()
            .starts_with("building-")
    });
    building.any(|folder| fs::read_dir(folder.path()).is_ok_and(|mut files| files.next().is_some()))
}
