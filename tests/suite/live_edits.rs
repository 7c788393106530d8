//! Many edits under load, some of them broken, torn or unreadable: every response is complete, comes
//! from one version of the knowledge, and never from an older one than the response before it.
//!
//! `MADOGUCHI_TEST_EDITS=2000 cargo test --test suite live_edits` runs the long form.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::knowledge::base;
use crate::support::process::{Serving, client};

/// Number of edits of the short form.
const EDITS: u64 = 60;

/// Files that each edit changes; all of them name the version.
const FILES: usize = 4;

/// Entries of each file.
const ENTRIES: usize = 6;

/// Time within which an edit must be served, generous for a busy machine.
const MAX_DELAY: Duration = Duration::from_secs(120);

/// Resident memory may grow by one of so many parts after the first quarter of the edits.
const MEMORY_PARTS: u64 = 10;

fn text(file: usize, version: u64) -> String {
    let entries = (0..ENTRIES).map(|entry| {
        let number = file * ENTRIES + entry;
        format!(
            "[[entry]]\nid = \"room-{number}\"\ncategory = \"会議室\"\n\
             question = \"第{number}会議室の使い方を教えてください\"\n\
             variants = [\"第{number}会議室を(使いたい|借りたい)\"]\n\
             answer = \"会議室の案内、改訂版{version:06}です。\"\n\
             source = {{ document = \"会議室\", section = \"{number}\" }}\n\n"
        )
    });
    entries.collect()
}

/// The folder under test, and the edits of it.
struct Editor {
    folder: TempDir,
}

impl Editor {
    fn new() -> Self {
        let editor = Self { folder: base() };
        editor.write(0);
        editor
    }

    fn file(&self, file: usize) -> PathBuf {
        self.folder.path().join(format!("pool/rooms{file}.toml"))
    }

    /// Writes a version into all files, one after another, as `git pull` does.
    fn write(&self, version: u64) {
        for file in 0..FILES {
            fs::write(self.file(file), text(file, version)).unwrap();
            thread::sleep(Duration::from_millis(version % 7));
        }
    }

    /// Replaces all files by renamed ones, as editors do.
    fn replace(&self, version: u64) {
        for file in 0..FILES {
            let new = self.folder.path().join("pool/.new");
            fs::write(&new, text(file, version)).unwrap();
            fs::rename(new, self.file(file)).unwrap();
        }
    }

    /// Writes the first half of each file, and all of it a little later.
    fn tear(&self, version: u64) {
        for file in 0..FILES {
            let text = text(file, version);
            let half = text.len() / 2;
            let half = (half..).find(|at| text.is_char_boundary(*at)).unwrap();
            fs::write(self.file(file), &text[..half]).unwrap();
        }
        thread::sleep(Duration::from_millis(40));
        self.write(version);
    }

    /// Makes the folder unfit in one of several ways.
    fn spoil(&self, way: u64) {
        let path = self.folder.path().join("pool/unfit.toml");
        match way % 6 {
            0 => fs::write(path, "[[entry]]\nid = \"x\"\nquestion = ").unwrap(),
            1 => {
                let made = Command::new("mkfifo").arg(path).status();
                assert!(made.unwrap().success());
            }
            2 => symlink("/dev/zero", path).unwrap(),
            3 => symlink("gone", path).unwrap(),
            4 => fs::write(path, [0x82, 0xa0, 0x0a]).unwrap(),
            _ => fs::write(self.file(0), "").unwrap(),
        }
    }

    /// Undoes [`Self::spoil`], except for what the next version overwrites.
    fn mend(&self) {
        let path = self.folder.path().join("pool/unfit.toml");
        if path.symlink_metadata().is_ok() {
            fs::remove_file(path).unwrap();
        }
    }
}

/// The version in each of several texts; all are the same.
#[track_caller]
fn one_version<'a>(texts: impl Iterator<Item = &'a str>, response: &Value) -> u64 {
    let versions = texts.map(|text| {
        let at = text.find("改訂版").expect("a version");
        let digits = &text[at + "改訂版".len()..];
        digits[..6].parse::<u64>().expect("a number")
    });
    let versions: Vec<u64> = versions.collect();
    assert!(!versions.is_empty(), "no version: {response}");
    let first = versions[0];
    assert!(
        versions.iter().all(|version| *version == first),
        "mixed versions {versions:?}"
    );
    first
}

/// A client that checks every response until it is told to stop.
struct Reader {
    client: Client,
    address: String,
    /// The newest version that any client has seen in a response that is complete.
    newest: Arc<AtomicU64>,
}

impl Reader {
    fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("http://{}{path}", self.address);
        let response = self.client.get(url).send().expect("a response");
        let status = response.status().as_u16();
        (status, response.json().expect("JSON"))
    }

    /// Checks that a version is not older than one that was served before the request.
    #[track_caller]
    fn check(&self, version: u64, before: u64) {
        assert!(version >= before, "{version} after {before}: stale");
        self.newest.fetch_max(version, Ordering::SeqCst);
    }

    fn entries(&self) {
        let before = self.newest.load(Ordering::SeqCst);
        let (status, list) = self.get("/api/v1/entries");
        assert_eq!(status, 200, "{list}");
        let entries = list["entries"].as_array().unwrap().iter();
        let rooms = entries.filter(|entry| entry["id"].as_str().unwrap().starts_with("room"));
        let rooms: Vec<&str> = rooms
            .map(|entry| entry["answer"]["text"].as_str().unwrap())
            .collect();
        assert_eq!(rooms.len(), FILES * ENTRIES, "an incomplete list");
        self.check(one_version(rooms.into_iter(), &list), before);
    }

    fn question(&self, number: usize) {
        let before = self.newest.load(Ordering::SeqCst);
        let url = format!("http://{}/api/v1/ask", self.address);
        let body = json!({ "question": format!("第{number}会議室の使い方を教えてください") });
        let response = self.client.post(url).json(&body).send().unwrap();
        assert_eq!(response.status(), 200);
        let answer: Value = response.json().unwrap();
        assert_eq!(answer["entry"]["id"], format!("room-{number}"), "{answer}");
        let text = answer["message"]["text"].as_str().unwrap_or_default();
        let text = if text.contains("改訂版") {
            text.to_owned()
        } else {
            answer.to_string()
        };
        self.check(one_version([text.as_str()].into_iter(), &answer), before);
    }

    /// Reads a list by pages of one version, from the start again whenever it changes.
    fn pages(&self) {
        let (_, first) = self.get("/api/v1/search?q=%E4%BC%9A%E8%AD%B0%E5%AE%A4&limit=10");
        let version = first["version"].as_str().unwrap();
        let total = first["total"].as_u64().unwrap();
        let mut count = first["hits"].as_array().unwrap().len();
        while (count as u64) < total {
            let (status, page) = self.get(&format!(
                "/api/v1/search?q=%E4%BC%9A%E8%AD%B0%E5%AE%A4&limit=10&offset={count}&version={version}"
            ));
            if status == 422 {
                assert_eq!(page["type"], "/problems/knowledge-changed", "{page}");
                return;
            }
            assert_eq!(status, 200, "{page}");
            assert_eq!(page["version"], version);
            assert_eq!(page["total"], total);
            count += page["hits"].as_array().unwrap().len();
        }
    }

    fn run(&self, is_done: &AtomicBool) -> u64 {
        let mut requests = 0;
        while !is_done.load(Ordering::SeqCst) {
            self.entries();
            self.question(requests as usize % (FILES * ENTRIES));
            self.pages();
            requests += 3;
            thread::sleep(Duration::from_millis(60));
        }
        requests
    }
}

fn readers(
    serving: &Serving,
    newest: &Arc<AtomicU64>,
    is_done: &Arc<AtomicBool>,
) -> Vec<JoinHandle<u64>> {
    let readers = (0..3).map(|_| {
        let reader = Reader {
            client: client(),
            address: serving.address().to_string(),
            newest: Arc::clone(newest),
        };
        let is_done = Arc::clone(is_done);
        thread::spawn(move || reader.run(&is_done))
    });
    readers.collect()
}

/// Waits until a client has seen a version.
fn wait_for(newest: &AtomicU64, version: u64, readers: &[JoinHandle<u64>]) {
    let end = Instant::now() + MAX_DELAY;
    while newest.load(Ordering::SeqCst) < version {
        assert!(Instant::now() < end, "version {version} is not served");
        assert!(
            readers.iter().all(|reader| !reader.is_finished()),
            "a response was wrong"
        );
        thread::sleep(Duration::from_millis(10));
    }
}

fn resident_kib(process: &Path) -> u64 {
    let status = fs::read_to_string(process.join("status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.unwrap().split_whitespace().nth(1);
    number.unwrap().parse().unwrap()
}

#[test]
fn no_response_is_wrong_mixed_or_stale_while_the_knowledge_is_edited() {
    let edits = std::env::var("MADOGUCHI_TEST_EDITS");
    let edits = edits.map_or(EDITS, |edits| edits.parse().expect("a number"));
    let editor = Editor::new();
    let limits = [
        ("MADOGUCHI_RATE_ASK", "off"),
        ("MADOGUCHI_RATE_SEARCH", "off"),
        ("MADOGUCHI_RATE_PAGES", "off"),
    ];
    let serving = Serving::start(editor.folder.path(), &limits);
    let process = PathBuf::from(format!("/proc/{}", serving.id()));
    let newest = Arc::new(AtomicU64::new(0));
    let is_done = Arc::new(AtomicBool::new(false));
    let readers = readers(&serving, &newest, &is_done);
    let mut early = 0;
    let mut late = 0;
    for version in 1..=edits {
        match version % 4 {
            0 => editor.replace(version),
            1 => editor.tear(version),
            _ => {
                // Half of the edits break the folder first; some stay broken until it is noticed.
                editor.spoil(version / 4);
                let pause = if version % 8 == 2 {
                    900
                } else {
                    version % 5 * 60
                };
                thread::sleep(Duration::from_millis(pause));
                editor.mend();
                editor.write(version);
            }
        }
        // One in three edits comes before the one before it is served.
        if version % 3 != 0 || version == edits {
            wait_for(&newest, version, &readers);
        }
        let resident = resident_kib(&process);
        if version <= edits / 4 {
            early = early.max(resident);
        } else {
            late = late.max(resident);
        }
        if version % 100 == 0 {
            eprintln!("{version} edits, {resident} KiB resident");
        }
    }
    is_done.store(true, Ordering::SeqCst);
    let requests: u64 = readers
        .into_iter()
        .map(|reader| reader.join().unwrap())
        .sum();
    eprintln!(
        "{edits} edits, {requests} requests, {early} KiB resident at first, {late} KiB later"
    );
    assert!(
        late <= early + early / MEMORY_PARTS,
        "memory grew from {early} to {late} KiB"
    );
}
