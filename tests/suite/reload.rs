//! Reload: a change in the knowledge folder is served if it has no error, else refused.

use std::fs;

use crate::support::knowledge::{base, edit};
use crate::support::process::Serving;

const RELOADED: &str = "knowledge reloaded";
const RELOAD_FAILED: &str = "knowledge reload failed: serving the previous version";

fn answer(serving: &Serving, id: &str) -> String {
    let (status, entry) = serving.get(&format!("/api/v1/entries/{id}"));
    assert_eq!(status, 200, "{entry}");
    entry["answer"]["text"].as_str().unwrap().to_owned()
}

fn is_stale(serving: &Serving) -> bool {
    let (status, ready) = serving.get("/readyz");
    assert_eq!(status, 200, "the service is ready with stale knowledge");
    ready["knowledge_stale"].as_bool().unwrap()
}

#[test]
fn a_saved_edit_is_served() {
    let knowledge = base();
    let mut serving = Serving::start(knowledge.path(), &[]);
    let fees = knowledge.path().join("pool/fees.toml");
    edit(&fees, "500 円", "550 円");
    serving.wait_for(RELOADED);
    assert!(answer(&serving, "pool-fee").contains("550 円"));
    // The index is new too, not only the shown text.
    edit(&fees, "まとめて買うと安くなりますか", "ディスカウント");
    serving.wait_for(RELOADED);
    let asked = serving.ask("ディスカウント");
    assert_eq!(asked["entry"]["id"], "pool-coupon", "{asked}");
    assert!(!is_stale(&serving));
}

#[test]
fn a_new_desk_is_served() {
    let knowledge = base();
    let mut serving = Serving::start(knowledge.path(), &[]);
    let desk = knowledge.path().join("pool/desk.toml");
    let desk = fs::read_to_string(desk).unwrap().replace("pool", "museum");
    let folder = knowledge.path().join("museum");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("desk.toml"), desk).unwrap();
    serving.wait_for(RELOADED);
    let (_, desks) = serving.get("/api/v1/desks");
    assert_eq!(desks["desks"].as_array().unwrap().len(), 3, "{desks}");
}

#[test]
fn a_mistake_is_logged_and_the_previous_knowledge_is_served() {
    let knowledge = base();
    let mut serving = Serving::start(knowledge.path(), &[]);
    let fees = knowledge.path().join("pool/fees.toml");
    edit(
        &fees,
        "related = [\"pool-fee\"]",
        "related = [\"pool-fees\"]\nrelatd = []",
    );
    serving.wait_for(RELOAD_FAILED);
    let log = serving.lines.join("\n");
    for expected in ["pool/fees.toml:", "`pool-fees`", "`relatd`", "\"hint\":"] {
        assert!(log.contains(expected), "`{expected}` is missing:\n{log}");
    }
    assert!(is_stale(&serving));
    assert!(answer(&serving, "pool-fee").contains("500 円"));
    assert_eq!(serving.ask("回数券はありますか？")["outcome"], "answered");

    edit(
        &fees,
        "related = [\"pool-fees\"]\nrelatd = []",
        "related = [\"pool-fee\"]",
    );
    serving.wait_for(RELOADED);
    assert!(!is_stale(&serving));
}

#[test]
fn a_folder_that_was_moved_away_and_back_is_followed() {
    let parent = tempfile::tempdir().unwrap();
    let (folder, away) = (parent.path().join("knowledge"), parent.path().join("away"));
    fs::rename(base().keep(), &folder).unwrap();
    let mut serving = Serving::start(&folder, &[]);
    fs::rename(&folder, &away).unwrap();
    serving.wait_for(RELOAD_FAILED);
    assert!(answer(&serving, "pool-fee").contains("500 円"));

    edit(&away.join("pool/fees.toml"), "500 円", "600 円");
    fs::rename(&away, &folder).unwrap();
    serving.wait_for(RELOADED);
    assert!(answer(&serving, "pool-fee").contains("600 円"));

    edit(&folder.join("pool/fees.toml"), "600 円", "700 円");
    serving.wait_for(RELOADED);
    assert!(answer(&serving, "pool-fee").contains("700 円"));
}

#[test]
fn sighup_reloads() {
    let knowledge = base();
    let mut serving = Serving::start(knowledge.path(), &[]);
    serving.signal("HUP");
    let reloaded = serving.wait_for(RELOADED);
    assert_eq!(reloaded["index"], "opened", "nothing has changed");
}
