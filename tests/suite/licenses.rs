//! `packaging/licenses.txt`, which `madoguchi licenses` prints: the licence texts of all linked crates.
//!
//! After a change of dependencies, `UPDATE_LICENSES=1 cargo test --test suite licenses` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::knowledge::project;
use crate::support::process::run;

const FILE: &str = "packaging/licenses.txt";

/// A crate that the binary contains.
struct Linked {
    name: String,
    version: String,
    license: String,
    authors: String,
    folder: String,
}

/// Lists the crates that are linked on Linux: normal dependencies, and theirs. Build dependencies and
/// procedural macros run while building and are in no binary.
fn linked_crates() -> Vec<Linked> {
    let output = Command::new(std::env::var("CARGO").unwrap_or("cargo".to_owned()))
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(project(""))
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    let metadata: Value = serde_json::from_slice(&output.stdout).expect(&error);
    let by_id = |list: &Value| -> BTreeMap<String, Value> {
        let entries = list.as_array().unwrap().iter();
        let entries =
            entries.map(|entry| (entry["id"].as_str().unwrap().to_owned(), entry.clone()));
        entries.collect()
    };
    let packages = by_id(&metadata["packages"]);
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let root = packages
        .iter()
        .find(|(_, package)| package["name"] == "madoguchi");
    let mut open = vec![root.unwrap().0.clone()];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        let mut targets = packages[&id]["targets"].as_array().unwrap().iter();
        if targets.any(|target| target["kind"][0] == "proc-macro") || !seen.insert(id.clone()) {
            continue;
        }
        let dependencies = nodes[&id]["deps"].as_array().unwrap().iter();
        let normal = dependencies.filter(|dependency| {
            let mut kinds = dependency["dep_kinds"].as_array().unwrap().iter();
            kinds.any(|kind| kind["kind"].is_null())
        });
        open.extend(normal.map(|dependency| dependency["pkg"].as_str().unwrap().to_owned()));
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut linked: Vec<_> = seen
        .iter()
        .map(|id| &packages[id])
        .map(|package| {
            let authors = package["authors"].as_array().unwrap().iter().map(&text);
            let manifest = text(&package["manifest_path"]);
            Linked {
                name: text(&package["name"]),
                version: text(&package["version"]),
                license: text(&package["license"]),
                authors: authors.collect::<Vec<_>>().join(", "),
                folder: manifest.trim_end_matches("Cargo.toml").to_owned(),
            }
        })
        .collect();
    linked.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    linked
}

/// Returns the licence texts in the folder of a crate. Where there is a choice with MIT, its text is
/// enough.
fn own_texts(linked: &Linked) -> Vec<String> {
    let upper = |name: &str| name.to_uppercase();
    let files = fs::read_dir(&linked.folder).unwrap();
    let mut names: Vec<_> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| {
            let starts = ["LICEN", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];
            let is_named = starts.iter().any(|start| upper(name).starts_with(start));
            is_named && Path::new(&linked.folder).join(name).is_file()
        })
        .collect();
    names.sort();
    let is_choice = linked.license.contains(" OR ") || linked.license.contains('/');
    let has_mit = names.iter().any(|name| upper(name).contains("MIT"));
    if is_choice && linked.license.contains("MIT") && has_mit {
        names.retain(|name| !upper(name).contains("APACHE") && !upper(name).contains("UNLICENSE"));
    }
    let paths = names
        .iter()
        .map(|name| Path::new(&linked.folder).join(name));
    paths
        .map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned())
        .collect()
}

/// Returns the standard text of a crate that contains none: MIT where it is a choice.
fn standard_text(linked: &Linked) -> String {
    let names = linked
        .license
        .split(['/', ' '])
        .filter(|word| !word.is_empty());
    let mut names: Vec<_> = names.filter(|word| *word != "OR").collect();
    names.sort_by_key(|name| *name != "MIT");
    let id = spdx::license_id(names[0]).expect(&linked.license);
    let holder = match &*linked.authors {
        "" => format!("the authors of {}", linked.name),
        authors => authors.to_owned(),
    };
    id.text()
        .replace("<year> <copyright holders>", &holder)
        .replace("<year> <owner>", &holder)
}

/// Removes blanks at the ends of lines and empty lines at both ends.
fn tidied(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// Writes each text once, below the crates that it belongs to.
fn generated() -> String {
    let mut texts: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for linked in linked_crates() {
        // Madoguchi itself and the dictionary are printed before.
        if linked.name.starts_with("madoguchi") {
            continue;
        }
        let mut own = own_texts(&linked);
        if own.is_empty() {
            own.push(standard_text(&linked));
        }
        for text in own {
            // The same text is often wrapped differently.
            let key = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let (_, crates) = texts.entry(key).or_insert((tidied(&text), Vec::new()));
            let name = format!("{} {} ({})", linked.name, linked.version, linked.license);
            if crates.last() != Some(&name) {
                crates.push(name);
            }
        }
    }
    let mut texts: Vec<_> = texts.into_values().collect();
    texts.sort_by(|(_, a), (_, b)| a.cmp(b));
    let line = "-".repeat(80);
    let texts = texts.iter().map(|(text, crates)| {
        let crates = crates.join("\n");
        format!("{line}\n{crates}\n{line}\n\n{text}\n")
    });
    texts.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_licences_of_all_linked_crates_are_printed() {
    let expected = generated();
    if std::env::var_os("UPDATE_LICENSES").is_some() {
        fs::write(project(FILE), &expected).unwrap();
    }
    let shipped = fs::read_to_string(project(FILE)).unwrap();
    let missing: Vec<_> = linked_crates()
        .into_iter()
        .map(|linked| format!("{} {} ", linked.name, linked.version))
        .filter(|name| !name.starts_with("madoguchi") && !shipped.contains(&format!("\n{name}")))
        .collect();
    let help = "run `UPDATE_LICENSES=1 cargo test --test suite licenses`";
    assert!(missing.is_empty(), "{FILE} lacks {missing:?}; {help}");
    assert!(shipped == expected, "{FILE} is not up to date; {help}");
}

#[test]
fn the_command_prints_the_own_licence_the_dictionary_and_the_crates() {
    let printed = run(project("knowledge"), &["licenses"]);
    printed.assert_code(0);
    let shipped = fs::read_to_string(project(FILE)).unwrap();
    printed.assert_prints(&[
        "Madoguchi\n=========",
        "mecab-ipadic",
        "tokio ",
        shipped.trim_end(),
    ]);
}
