//! Candidates of variants: by rules, and drafted by a fake chat server. Both are only for review.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::knowledge::base;
use crate::support::process::{Ended, run, run_with};

/// A chat server that gives the same answer to every request.
struct FakeChat {
    url: String,
    requests: Arc<Mutex<Vec<(String, Value)>>>,
}

impl FakeChat {
    fn start(status: &'static str, body: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<(String, Value)>>>::default();
        let received = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    assert!(stream.read_line(&mut head).unwrap() > 0, "{head}");
                }
                let length = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    let is_length = name.eq_ignore_ascii_case("content-length");
                    is_length.then(|| value.trim().parse::<usize>().unwrap())
                });
                let mut sent = vec![0; length.expect("a length")];
                stream.read_exact(&mut sent).unwrap();
                let sent = serde_json::from_slice(&sent).unwrap();
                received.lock().unwrap().push((head, sent));
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
                stream.into_inner().write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { url, requests }
    }

    fn answering(text: &str) -> Self {
        let body = json!({ "choices": [{ "message": { "role": "assistant", "content": text } }] });
        Self::start("200 OK", body.to_string())
    }

    fn draft(&self, knowledge: &Path, arguments: &[&str]) -> Ended {
        let environment = [
            ("MADOGUCHI_DRAFT_URL", self.url.as_str()),
            ("MADOGUCHI_DRAFT_MODEL", "model-of-the-tests"),
            ("MADOGUCHI_DRAFT_KEY", "key-of-the-tests"),
        ];
        let arguments: Vec<&str> = ["draft-variants"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        run_with(knowledge, &arguments, &environment)
    }
}

/// Returns the files of a folder with their contents.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(contents(&path));
        } else {
            all.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    all
}

fn output() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("drafts.toml").display().to_string();
    (folder, file)
}

#[test]
fn drafts_that_lead_elsewhere_are_left_out_and_nothing_is_changed() {
    let knowledge = base();
    let before = contents(knowledge.path());
    let chat = FakeChat::answering(
        "1. プールの回数券がほしい\n- 「回数券の値段」\n利用者カードをなくした\n\
         まとめて買うと安くなりますか\n(回数券|券)がほしい\nこんにちは\n",
    );
    let (_folder, file) = output();
    let ended = chat.draft(
        knowledge.path(),
        &["--entry", "pool-coupon", "--output", &file],
    );
    ended.assert_code(0);
    // The lost card and the greeting lead elsewhere; one is known, one has the notation of groups.
    ended.assert_prints(&["pool-coupon: 2 kept, 1 lead elsewhere, 3 known or unusable"]);
    let drafts = fs::read_to_string(&file).unwrap();
    let parsed: Value = toml_of(&drafts);
    let expected = json!([{
        "id": "pool-coupon",
        "variants": ["プールの回数券がほしい", "回数券の値段"],
    }]);
    assert_eq!(parsed["entry"], expected, "{drafts}");
    assert_eq!(
        contents(knowledge.path()),
        before,
        "the knowledge was changed"
    );

    let requests = chat.requests.lock().unwrap();
    assert_eq!(requests.len(), 1);
    let (head, body) = &requests[0];
    assert!(head.starts_with("POST /v1/chat/completions "), "{head}");
    let head = head.to_lowercase();
    assert!(
        head.contains("authorization: bearer key-of-the-tests"),
        "{head}"
    );
    assert_eq!(body["model"], "model-of-the-tests");
    let asked = body["messages"].to_string();
    for part in [
        "回数券はありますか？",
        "5,000 円",
        "まとめて買うと安くなりますか",
    ] {
        assert!(asked.contains(part), "`{part}` is missing: {asked}");
    }
}

/// Reads the entries of a file of drafts.
fn toml_of(text: &str) -> Value {
    let document: toml::Table = text.parse().unwrap();
    serde_json::to_value(document).unwrap()
}

#[test]
fn an_existing_file_is_not_overwritten() {
    let chat = FakeChat::answering("回数券の値段");
    let (_folder, file) = output();
    fs::write(&file, "mine").unwrap();
    let ended = chat.draft(base().path(), &["--output", &file]);
    ended.assert_code(1);
    ended.assert_reports(&["exists; name another file with --output"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    assert!(chat.requests.lock().unwrap().is_empty());
}

#[test]
fn without_a_server_drafting_is_off_and_says_how_to_switch_it_on() {
    let ended = run(base().path(), &["draft-variants"]);
    ended.assert_code(1);
    ended.assert_reports(&[
        "draft-variants is off",
        "MADOGUCHI_DRAFT_URL",
        "MADOGUCHI_DRAFT_MODEL",
    ]);
    let url = [("MADOGUCHI_DRAFT_URL", "http://127.0.0.1:9/v1")];
    let ended = run_with(base().path(), &["draft-variants"], &url);
    ended.assert_code(1);
    ended.assert_reports(&["needs MADOGUCHI_DRAFT_MODEL"]);
}

#[test]
fn an_unusable_server_is_named_with_the_setting_and_no_file_is_written() {
    for (status, body, setting) in [
        ("401 Unauthorized", "{}", "MADOGUCHI_DRAFT_KEY"),
        ("404 Not Found", "{}", "MADOGUCHI_DRAFT_MODEL"),
        ("200 OK", "<html>", "MADOGUCHI_DRAFT_URL"),
        ("200 OK", r#"{"choices":[]}"#, "empty answer"),
    ] {
        let chat = FakeChat::start(status, body.to_owned());
        let (_folder, file) = output();
        let ended = chat.draft(base().path(), &["--output", &file]);
        ended.assert_code(1);
        ended.assert_reports(&[setting]);
        assert!(
            !ended.stderr.contains("key-of-the-tests"),
            "{}",
            ended.stderr
        );
        assert!(!Path::new(&file).exists(), "{status}");
    }
}

#[test]
fn rules_propose_shorter_forms_that_find_their_entry() {
    let knowledge = base();
    let before = contents(knowledge.path());
    let ended = run(knowledge.path(), &["suggest-variants", "--propose"]);
    ended.assert_code(0);
    let parsed = toml_of(&ended.stdout);
    let entries = parsed["entry"].as_array().unwrap();
    let of = |id: &str| {
        let entry = entries.iter().find(|entry| entry["id"] == id);
        let variants = entry.map(|entry| entry["variants"].as_array().unwrap().clone());
        variants.unwrap_or_else(|| panic!("no candidates for {id}: {}", ended.stdout))
    };
    assert!(of("pool-fee").contains(&json!("プールの入場料いくら")));
    assert!(of("pool-coupon").contains(&json!("回数券はある")));
    // None is in the knowledge yet, and none is proposed twice.
    let all: Vec<String> = entries
        .iter()
        .flat_map(|entry| entry["variants"].as_array().unwrap())
        .map(|variant| variant.as_str().unwrap().to_owned())
        .collect();
    let unique: std::collections::BTreeSet<&String> = all.iter().collect();
    assert_eq!(unique.len(), all.len());
    let texts = before.values().map(|bytes| String::from_utf8_lossy(bytes));
    let texts: String = texts.collect();
    for variant in &all {
        assert!(!texts.contains(&format!("\"{variant}\"")), "{variant}");
    }
    assert_eq!(
        contents(knowledge.path()),
        before,
        "the knowledge was changed"
    );
}
