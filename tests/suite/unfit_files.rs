//! Files that must not be read: FIFOs, devices, folders, dangling links, huge files. Each is a problem
//! with its cure; none lets a start or a reload wait.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use madoguchi::knowledge::{Language, load};

use crate::support::knowledge::{TODAY, base, edit};
use crate::support::process::{Serving, run};

const RELOADED: &str = "knowledge reloaded";
const RELOAD_FAILED: &str = "knowledge reload failed: serving the previous version";

fn fifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

/// Makes a file that is larger than allowed, without writing it.
fn huge(path: &Path) {
    let file = fs::File::create(path).unwrap();
    file.set_len((4 << 20) + 1).unwrap();
}

/// Each kind of unfit file: how it is made, and what its problem says in both languages.
type Kind = (&'static str, fn(&Path), [&'static str; 4]);

const KINDS: [Kind; 6] = [
    (
        "a FIFO",
        fifo,
        [
            "is a named pipe (FIFO), expected a regular file",
            "replace it by a regular file",
            "名前付きパイプ",
            "消すか",
        ],
    ),
    (
        "a link to a device",
        |path| symlink("/dev/zero", path).unwrap(),
        [
            "is a device or a socket",
            "remove it",
            "デバイスかソケット",
            "消すか",
        ],
    ),
    (
        "a folder",
        |path| fs::create_dir(path).unwrap(),
        [
            "is a folder, expected a regular file",
            "rename it",
            "フォルダー",
            "名前を変える",
        ],
    ),
    (
        "a dangling link",
        |path| symlink("gone.toml", path).unwrap(),
        [
            "is a link to `gone.toml`, which does not exist",
            "restore the target, or remove the link",
            "リンク先の `gone.toml` がありません",
            "リンクを消して",
        ],
    ),
    (
        "a link to itself",
        |path| symlink(path.file_name().unwrap(), path).unwrap(),
        ["cannot read", "check the path", "を読めません", "確かめて"],
    ),
    (
        "a huge file",
        huge,
        ["is larger than 4 MiB", "split", "4 MiB を超えて", "分けて"],
    ),
];

#[test]
fn each_kind_is_a_problem_with_its_cure() {
    for place in ["pool/x.toml", "calibration.toml"] {
        for (name, make, texts) in KINDS {
            let folder = base();
            make(&folder.path().join(place));
            let (sender, problems) = channel();
            let path = folder.path().to_owned();
            thread::spawn(move || sender.send(load(&path, TODAY).problems));
            let problems = problems.recv_timeout(Duration::from_secs(20));
            let problems = problems.unwrap_or_else(|_| panic!("{name}: loading waits"));
            assert_eq!(problems.len(), 1, "{name}: {problems:?}");
            let [english, english_hint, japanese, japanese_hint] = texts;
            let text = problems[0].text(Language::English);
            for expected in [place, english, english_hint] {
                assert!(text.contains(expected), "{name}: `{expected}`: {text}");
            }
            let text = problems[0].text(Language::Japanese);
            for expected in [place, japanese, japanese_hint] {
                assert!(text.contains(expected), "{name}: `{expected}`: {text}");
            }
        }
    }
}

#[test]
fn an_unfit_file_is_reported_and_editing_goes_on_when_it_is_removed() {
    let knowledge = base();
    let mut serving = Serving::start(knowledge.path(), &[]);
    let fees = knowledge.path().join("pool/fees.toml");
    let mut price = 500;
    for (name, make, _) in KINDS {
        let path = knowledge.path().join("pool/x.toml");
        make(&path);
        serving.wait_for(RELOAD_FAILED);
        let (_, ready) = serving.get("/readyz");
        assert_eq!(ready["knowledge_stale"], true, "{name}");
        // The last accepted knowledge would be served.
        assert_eq!(ready["after_restart"], "last_accepted", "{name}");
        if path.is_dir() && !path.is_symlink() {
            fs::remove_dir(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        edit(&fees, &format!("{price} 円"), &format!("{} 円", price + 1));
        price += 1;
        serving.wait_for(RELOADED);
        let (_, entry) = serving.get("/api/v1/entries/pool-fee");
        let text = entry["answer"]["text"].as_str().unwrap();
        assert!(text.contains(&format!("{price} 円")), "{name}: {text}");
    }
}

#[test]
fn a_first_start_with_an_unfit_file_fails_with_its_problem() {
    for (name, make, texts) in KINDS {
        let knowledge = base();
        make(&knowledge.path().join("pool/x.toml"));
        let ended = run(knowledge.path(), &["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(ended.code, Some(1), "{name}: {}", ended.stderr);
        ended.assert_reports(&["pool/x.toml", texts[0], texts[1]]);
    }
}
