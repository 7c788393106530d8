//! A change that removes much is held until it is confirmed, and the last accepted knowledge is served
//! when the folder is unfit at the start.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::knowledge::{base, edit};
use crate::support::process::{Serving, run_with_index};

const RELOADED: &str = "knowledge reloaded";
const RELOAD_FAILED: &str = "knowledge reload failed: serving the previous version";
const HELD: &str = "knowledge held: the change removes much, serving the previous version";

fn ready(serving: &Serving) -> Value {
    let (status, ready) = serving.get("/readyz");
    assert_eq!(status, 200, "{ready}");
    ready
}

fn has_entry(serving: &Serving, id: &str) -> bool {
    serving.get(&format!("/api/v1/entries/{id}")).0 == 200
}

/// Serves with an index that outlives the process.
fn start(knowledge: &Path, index: &Path) -> Serving {
    Serving::start(knowledge, &[("MADOGUCHI_INDEX", index.to_str().unwrap())])
}

#[test]
fn a_lost_desk_is_held_until_it_is_confirmed_twice() {
    let knowledge = base();
    let mut serving = Serving::start(knowledge.path(), &[]);
    assert_eq!(ready(&serving)["knowledge_held"], Value::Null);
    fs::remove_dir_all(knowledge.path().join("pool")).unwrap();
    let held = serving.wait_for(HELD);
    assert_eq!(held["level"], "WARN");
    assert_eq!(held["lost_desks"], "pool");
    assert!(held["hint"].as_str().unwrap().contains("SIGHUP twice"));
    let state = ready(&serving);
    assert_eq!(state["knowledge_stale"], true);
    assert_eq!(state["after_restart"], "last_accepted");
    let expected = json!({
        "lost_desks": ["pool"], "lost_entries": 2, "emptied_files": [], "confirmations_left": 2,
    });
    assert_eq!(state["knowledge_held"], expected);
    assert!(has_entry(&serving, "pool-fee"));
    assert!(
        serving
            .metrics()
            .contains("madoguchi_knowledge_reloads_total{result=\"held\"} 1")
    );

    serving.signal("HUP");
    let held = serving.wait_for(HELD);
    assert_eq!(held["confirmations_left"], 1);
    assert!(has_entry(&serving, "pool-fee"), "one SIGHUP is not enough");
    serving.signal("HUP");
    serving.wait_for(RELOADED);
    assert!(!has_entry(&serving, "pool-fee"));
    let state = ready(&serving);
    assert_eq!(state["knowledge_stale"], false);
    assert_eq!(state["knowledge_held"], Value::Null);
    assert_eq!(state["after_restart"], "folder");
}

#[test]
fn an_emptied_file_is_held_and_its_return_is_served() {
    let knowledge = base();
    let mut serving = Serving::start(knowledge.path(), &[]);
    let file = knowledge.path().join("pool/fees.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, "").unwrap();
    let held = serving.wait_for(HELD);
    assert_eq!(held["emptied_files"], "pool/fees.toml");
    assert!(has_entry(&serving, "pool-fee"));
    // Another change needs confirmations of its own.
    serving.signal("HUP");
    serving.wait_for(HELD);
    fs::write(&file, "# none\n").unwrap();
    serving.wait_for(HELD);
    assert_eq!(ready(&serving)["knowledge_held"]["confirmations_left"], 2);
    fs::write(&file, text.replace("500 円", "600 円")).unwrap();
    serving.wait_for(RELOADED);
    assert_eq!(ready(&serving)["knowledge_stale"], false);
}

#[test]
fn an_edit_that_keeps_size_and_time_is_served() {
    let knowledge = base();
    let mut serving = Serving::start(knowledge.path(), &[]);
    let file = knowledge.path().join("pool/fees.toml");
    let before = fs::metadata(&file).unwrap();
    // As `cp -p` and tools that restore times do: in place, then by a renamed file.
    edit(&file, "500 円", "700 円");
    let set_time = |path: &Path| {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(before.modified().unwrap()).unwrap();
    };
    set_time(&file);
    serving.wait_for(RELOADED);
    let other = knowledge.path().join("other");
    fs::copy(&file, &other).unwrap();
    edit(&other, "700 円", "800 円");
    set_time(&other);
    fs::rename(&other, &file).unwrap();
    serving.wait_for(RELOADED);
    let after = fs::metadata(&file).unwrap();
    assert_eq!(
        (before.len(), before.modified().unwrap()),
        (after.len(), after.modified().unwrap())
    );
    let (_, entry) = serving.get("/api/v1/entries/pool-fee");
    assert!(entry.to_string().contains("800 円"), "{entry}");
}

#[test]
fn a_start_with_an_unfit_folder_serves_the_last_accepted_knowledge() {
    let knowledge = base();
    let index = tempfile::tempdir().unwrap();
    let file = knowledge.path().join("pool/fees.toml");
    let mut serving = start(knowledge.path(), index.path());
    // A change after the start is kept, too.
    edit(&file, "500 円", "550 円");
    serving.wait_for(RELOADED);
    edit(&file, "question = \"回数券", "question = 回数券");
    serving.wait_for(RELOAD_FAILED);
    assert_eq!(ready(&serving)["after_restart"], "last_accepted");
    serving.stop();

    let mut serving = start(knowledge.path(), index.path());
    let logged = serving.log_line("knowledge folder unfit: serving the last accepted knowledge");
    assert_eq!(logged["level"], "ERROR");
    let log = serving.lines.join("\n");
    assert!(log.contains("pool/fees.toml:"), "{log}");
    let state = ready(&serving);
    assert_eq!(state["knowledge_stale"], true);
    assert_eq!(state["after_restart"], "last_accepted");
    let (_, entry) = serving.get("/api/v1/entries/pool-fee");
    assert!(entry.to_string().contains("550 円"), "{entry}");
    assert_eq!(serving.ask("回数券はありますか？")["outcome"], "answered");
    // Other commands read the folder.
    run_with_index(knowledge.path(), index.path(), &["ask", "回数券"]).assert_code(1);

    edit(&file, "question = 回数券", "question = \"回数券");
    serving.wait_for(RELOADED);
    assert_eq!(ready(&serving)["knowledge_stale"], false);
}

#[test]
fn a_start_after_a_loss_serves_the_last_accepted_knowledge_until_it_is_confirmed() {
    let knowledge = base();
    let index = tempfile::tempdir().unwrap();
    start(knowledge.path(), index.path()).stop();
    fs::remove_dir_all(knowledge.path().join("pool")).unwrap();
    let mut serving = start(knowledge.path(), index.path());
    serving.log_line(HELD);
    let state = ready(&serving);
    assert_eq!(state["knowledge_held"]["lost_desks"], json!(["pool"]));
    assert!(has_entry(&serving, "pool-fee"));
    serving.signal("HUP");
    // The line of the start was read before.
    serving.wait_for(HELD);
    serving.signal("HUP");
    serving.wait_for(RELOADED);
    assert!(!has_entry(&serving, "pool-fee"));
    serving.stop();
    let serving = start(knowledge.path(), index.path());
    let state = ready(&serving);
    assert_eq!(state["knowledge_stale"], false, "{state}");
}

#[test]
fn a_damaged_copy_of_the_last_accepted_knowledge_is_not_served() {
    let knowledge = base();
    let index = tempfile::tempdir().unwrap();
    start(knowledge.path(), index.path()).stop();
    let kept = fs::read_dir(index.path()).unwrap().flatten();
    let mut kept = kept.filter(|file| file.path().extension().is_some_and(|end| end == "jsonl"));
    let kept = kept.next().unwrap().path();
    edit(&kept, "500 円", "5 円");
    fs::write(knowledge.path().join("pool/fees.toml"), "x = ").unwrap();
    let arguments = ["serve", "--listen", "127.0.0.1:0"];
    let ended = run_with_index(knowledge.path(), index.path(), &arguments);
    ended.assert_code(1);
    ended.assert_reports(&["pool/fees.toml:1"]);
}

#[test]
fn a_save_in_several_steps_is_served_only_when_it_is_complete() {
    let knowledge = base();
    let mut serving = Serving::start(knowledge.path(), &[]);
    let file = knowledge.path().join("pool/fees.toml");
    let text = fs::read_to_string(&file).unwrap();
    let cut = text.find("\n[[entry]]\nid = \"pool-coupon\"").unwrap();
    let end = Instant::now() + Duration::from_secs(3);
    // The first half alone is valid knowledge, which lacks an entry.
    while Instant::now() < end {
        fs::write(&file, &text[..cut]).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        fs::write(&file, text.replace("500 円", "510 円")).unwrap();
        std::thread::sleep(Duration::from_millis(100));
    }
    serving.wait_for(RELOADED);
    let log = serving.lines.join("\n");
    assert!(!log.contains(HELD), "half of a save was loaded:\n{log}");
    assert!(has_entry(&serving, "pool-coupon"));
}
