//! What the README promises is so: its example entry loads, its settings and routes exist.

use std::fs;

use madoguchi::knowledge::load;

use crate::support::knowledge::{TODAY, base, project};

fn readme() -> String {
    fs::read_to_string(project("README.md")).unwrap()
}

/// The code blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let parts = text.split(fence.as_str()).skip(1);
    parts
        .filter_map(|part| part.split_once("\n```").map(|(block, _)| block.to_owned()))
        .collect()
}

#[test]
fn the_example_entry_loads() {
    let folder = base();
    let example = blocks(&readme(), "toml")
        .into_iter()
        .find(|block| block.contains("[[entry]]"));
    let example = example.expect("an [[entry]] in the README");
    let desk = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let desk = desk.filter(|path| path.is_dir()).min().unwrap();
    // It must hold without what other entries its `related` and `contact` may name.
    let lines = example
        .lines()
        .filter(|l| !l.starts_with("related") && !l.starts_with("contact"));
    fs::write(
        desk.join("readme.toml"),
        lines.collect::<Vec<_>>().join("\n"),
    )
    .unwrap();
    let loaded = load(folder.path(), TODAY);
    let problems: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_settings_table_is_complete() {
    let files = fs::read_dir(project("src/settings")).unwrap();
    let sources = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let source: String = sources.collect();
    let readme = readme();
    let names = source
        .split('"')
        .filter(|text| text.starts_with("MADOGUCHI_"))
        // Messages begin with names, too.
        .filter(|text| text.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
    for name in names.filter(|name| !name.ends_with('_')) {
        let is_reserved = ["RECORDS", "ADMIN"].iter().any(|part| name.contains(part));
        assert!(
            is_reserved || readme.contains(name),
            "the README lacks {name}"
        );
    }
}

#[test]
fn every_route_is_in_the_api_table() {
    let readme = readme();
    for route in [
        "/api/v1/ask",
        "/api/v1/feedback",
        "/metrics",
        "/api/v1/search",
        "/api/v1/suggest",
        "/api/v1/entries",
        "/api/v1/desks",
        "/api/v1/explain",
        "/openapi.json",
        "/docs",
        "/livez",
        "/readyz",
    ] {
        assert!(readme.contains(route), "the README lacks {route}");
    }
}
