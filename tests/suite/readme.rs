//! README and the pages in `docs/` match the program: examples, settings, commands, routes, links.

use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use jiff::civil::Date;
use madoguchi::cli::Cli;
use madoguchi::knowledge::load;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::app::TestApp;
use crate::support::knowledge::{TODAY, project};
use crate::support::process::run_with_input;

const README: &str = "README.md";
const OPERATING: &str = "docs/operating.md";
const API: &str = "docs/api.md";
const KNOWLEDGE: &str = "docs/knowledge.md";
const STAFF_GUIDE: &str = "knowledge/README.md";

const MAX_README_LINES: usize = 200;

fn read(path: &str) -> String {
    fs::read_to_string(project(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Lists README, the staff guide and every page in `docs/`.
fn pages() -> Vec<String> {
    let files = fs::read_dir(project("docs")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let pages = names.filter(|name| name.ends_with(".md"));
    let pages = pages.map(|name| format!("docs/{name}"));
    pages
        .chain([README.to_owned(), STAFF_GUIDE.to_owned()])
        .collect()
}

/// Lists the fenced code blocks of a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = read(page);
    let mut blocks = Vec::new();
    let mut is_wanted = false;
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if &*info == language => {
                is_wanted = true;
                blocks.push(String::new());
            }
            Event::End(TagEnd::CodeBlock) => is_wanted = false,
            Event::Text(text) if is_wanted => {
                if let Some(block) = blocks.last_mut() {
                    block.push_str(&text);
                }
            }
            _ => {}
        }
    }
    blocks
}

/// Returns the first block of a language that contains a text.
fn block(page: &str, language: &str, part: &str) -> String {
    let mut blocks = blocks(page, language).into_iter();
    let found = blocks.find(|block| block.contains(part));
    found.unwrap_or_else(|| panic!("{page} has no {language} example with `{part}`"))
}

/// Returns the links of a page and the anchors of its headings, as GitHub makes them.
fn links_and_anchors(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut links, mut anchors) = (Vec::new(), Vec::new());
    let mut heading = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => links.push(dest_url.to_string()),
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => anchors.extend(heading.take()),
            Event::Text(part) | Event::Code(part) => {
                if let Some(heading) = &mut heading {
                    let characters = part.chars().flat_map(char::to_lowercase);
                    heading.extend(characters.filter_map(|character| match character {
                        ' ' => Some('-'),
                        '-' | '_' => Some(character),
                        _ => character.is_alphanumeric().then_some(character),
                    }));
                }
            }
            _ => {}
        }
    }
    (links, anchors)
}

#[test]
fn the_readme_is_short() {
    let lines = read(README).lines().count();
    assert!(lines <= MAX_README_LINES, "README.md has {lines} lines");
}

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = read(&page);
        let (links, own_anchors) = links_and_anchors(&text);
        for link in links.iter().filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target: PathBuf = match file {
                "" => project(&page),
                _ => project(&page).parent().unwrap().join(file),
            };
            let anchors = match (file, anchor) {
                ("", _) => own_anchors.clone(),
                (_, "") => Vec::new(),
                _ => links_and_anchors(&fs::read_to_string(&target).unwrap_or_default()).1,
            };
            let has_anchor = anchor.is_empty() || anchors.iter().any(|known| known == anchor);
            if !target.exists() || !has_anchor {
                broken.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

/// Makes a knowledge folder from the examples in README and `docs/knowledge.md`.
fn example_organisation() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let desk = folder.path().join("library");
    fs::create_dir(&desk).unwrap();
    let contact = block(KNOWLEDGE, "toml", "[[contact_point]]");
    fs::write(desk.join("desk.toml"), contact).unwrap();
    fs::write(desk.join("entry.toml"), block(README, "toml", "[[entry]]")).unwrap();
    folder
}

#[track_caller]
fn assert_loads(folder: &Path, today: Date) {
    let problems = load(folder, today).problems;
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_examples_of_knowledge_load() {
    let folder = example_organisation();
    let referral = block(KNOWLEDGE, "toml", "[[referral]]");
    fs::write(folder.path().join("library/referral.toml"), referral).unwrap();
    assert_loads(folder.path(), TODAY);
}

#[test]
fn the_examples_of_the_staff_guide_load() {
    let folder = example_organisation();
    let write = |file: &str, text: &str| fs::write(folder.path().join(file), text).unwrap();
    for (file, part) in [("new.toml", "[[entry]]"), ("referral.toml", "[[referral]]")] {
        write(
            &format!("library/{file}"),
            &block(STAFF_GUIDE, "toml", part),
        );
    }
    let conversation = block(STAFF_GUIDE, "toml", "[[small_talk]]");
    let (small_talk, out_of_scope) = conversation.split_once("# out_of_scope.toml").unwrap();
    write("small_talk.toml", small_talk);
    write("out_of_scope.toml", out_of_scope);
    let desk = fs::read_to_string(folder.path().join("library/desk.toml")).unwrap();
    let (desk, _) = desk.split_once("[hours]").unwrap();
    let hours = block(STAFF_GUIDE, "toml", "[[hours.exception]]");
    write("library/desk.toml", &format!("{desk}{hours}"));
    assert_loads(folder.path(), TODAY);
}

/// Lists the rows of the settings table: flag, variable, default.
fn settings_table() -> Vec<[String; 3]> {
    let text = read(OPERATING);
    let rows = text.lines().filter(|line| line.starts_with("| "));
    let rows = rows.map(|row| row.split('|').map(|cell| cell.trim().replace('`', "")));
    let rows = rows.map(|cells| cells.collect::<Vec<_>>());
    let rows = rows.filter(|cells| cells.len() > 4 && cells[2].starts_with("MADOGUCHI_"));
    rows.map(|cells| [cells[1].clone(), cells[2].clone(), cells[3].clone()])
        .collect()
}

#[test]
fn the_settings_table_lists_every_flag_with_its_variable_and_default() {
    let rows = settings_table();
    let flags = rows.iter().filter(|row| row[0].starts_with("--"));
    let mut flags: Vec<&[String; 3]> = flags.collect();
    for argument in Cli::command().get_arguments() {
        let Some(variable) = argument.get_env() else {
            continue;
        };
        let flag = format!("--{}", argument.get_long().unwrap());
        let row = flags.iter().position(|row| row[0] == flag);
        let row = row.unwrap_or_else(|| panic!("{OPERATING} lacks {flag}"));
        let row = flags.swap_remove(row);
        assert_eq!(row[1].as_str(), variable.to_str().unwrap(), "{flag}");
        let mut defaults = argument.get_default_values().iter();
        if let Some(default) = defaults.next().filter(|default| !default.is_empty()) {
            assert_eq!(row[2].as_str(), default.to_str().unwrap(), "{flag}");
        }
    }
    assert!(flags.is_empty(), "there are no such flags: {flags:?}");
}

#[test]
fn the_settings_table_lists_every_variable() {
    let files = fs::read_dir(project("src/settings")).unwrap();
    let sources = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let source: String = sources.collect();
    let names: Vec<&str> = source
        .split('"')
        .filter(|text| text.starts_with("MADOGUCHI_") && !text.ends_with('_'))
        // Error texts begin with names, too.
        .filter(|text| text.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        .collect();
    let page = read(OPERATING);
    for name in &names {
        assert!(page.contains(*name), "{OPERATING} lacks {name}");
    }
    for [_, name, _] in settings_table() {
        assert!(names.contains(&&*name), "there is no setting {name}");
    }
}

#[test]
fn every_command_is_described() {
    let page = read(OPERATING);
    for command in Cli::command().get_subcommands() {
        let name = command.get_name();
        assert!(
            page.contains(&format!("| `madoguchi {name}")),
            "{OPERATING} lacks `{name}`"
        );
    }
}

#[tokio::test]
async fn every_route_is_in_the_api_table() {
    let app = TestApp::start().await;
    let description = app.json("/openapi.json").await;
    let page = read(API);
    let paths = description["paths"].as_object().unwrap().keys();
    for path in paths.map(String::as_str).chain(["/docs"]) {
        let is_listed = ["`", "?"].iter().any(|end| {
            let listed = [format!("GET {path}{end}"), format!("POST {path}{end}")];
            listed.iter().any(|route| page.contains(route))
        });
        assert!(is_listed, "{API} lacks {path}");
    }
}

/// Compares an example with a response: the same keys, and the same texts unless shortened to `…`.
/// A list of the example may leave out elements.
#[track_caller]
fn assert_shows(example: &Value, actual: &Value) {
    match (example, actual) {
        (Value::Object(example), Value::Object(actual)) => {
            let keys = |object: &serde_json::Map<String, Value>| {
                let mut keys: Vec<String> = object.keys().cloned().collect();
                keys.sort();
                keys
            };
            assert_eq!(keys(example), keys(actual));
            for (key, value) in example {
                assert_shows(value, &actual[key]);
            }
        }
        (Value::Array(example), Value::Array(actual)) => {
            assert_eq!(example.is_empty(), actual.is_empty());
            for (example, actual) in example.iter().zip(actual) {
                assert_shows(example, actual);
            }
        }
        (Value::String(example), Value::String(_)) if example == "…" => {}
        (Value::Number(_), Value::Number(_)) => {}
        _ => assert_eq!(example, actual),
    }
}

/// Returns the body that an example sends with curl.
fn sent_with_curl(page: &str) -> Value {
    let example = block(page, "sh", "curl");
    let (_, body) = example.split_once("-d '").unwrap();
    let (body, _) = body.split_once('\'').unwrap();
    serde_json::from_str(body).unwrap()
}

#[tokio::test]
async fn the_api_accepts_and_returns_its_examples() {
    let app = TestApp::start().await;
    let question = sent_with_curl(API);
    assert_eq!(question, sent_with_curl(README));
    let example: Value = serde_json::from_str(&block(API, "json", "outcome")).unwrap();
    assert_shows(&example, &app.ask(&question).await);

    let feedback: Value = serde_json::from_str(&block(API, "json", "helpful")).unwrap();
    let request = app
        .request(Method::POST, "/api/v1/feedback")
        .json(&feedback);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[test]
fn ask_prints_the_conversation_of_the_readme() {
    let transcript = block(README, "text", "> ");
    let lines = transcript.lines().filter(|line| !line.is_empty());
    let (questions, printed): (Vec<&str>, Vec<&str>) =
        lines.partition(|line| line.starts_with("> "));
    let questions: String = questions
        .iter()
        .map(|line| format!("{}\n", &line[2..]))
        .collect();
    let ended = run_with_input(project("knowledge"), &["ask"], questions.as_bytes());
    let mut rest = ended.stdout.as_str();
    for line in printed {
        let start = line.split('…').next().unwrap_or_default();
        let found = rest.find(start);
        let at = found.unwrap_or_else(|| panic!("`{line}` is not in\n{}", ended.stdout));
        rest = &rest[at + start.len()..];
    }
}
