//! The architecture, checked: folders import only leftward, libraries are used only where they
//! belong, and no file grows too long. Reads the source as text.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::knowledge::project;

/// Greatest length of a file, in lines without its tests.
const MAX_FILE_LINES: usize = 400;

/// The parts of `src`, in the order of the map in `lib.rs`, with the parts that each may import,
/// separated by spaces.
const MAY_IMPORT: [(&str, &str); 15] = [
    ("encoder", ""),
    ("knowledge", ""),
    ("embedding", ""),
    ("records", ""),
    ("exchange", "knowledge"),
    ("search", "knowledge embedding"),
    ("answer", "knowledge embedding search"),
    ("evaluate", "knowledge search answer"),
    (
        "staff",
        "knowledge embedding exchange records search answer",
    ),
    (
        "channels",
        "knowledge embedding exchange records search answer insights staff",
    ),
    ("settings", ""),
    (
        "insights",
        "knowledge embedding exchange records search answer",
    ),
    (
        "app",
        "knowledge embedding records search answer staff channels settings",
    ),
    (
        "cli",
        "knowledge embedding exchange records search answer evaluate insights channels settings app",
    ),
    ("main", "settings app cli"),
];

/// The libraries with the paths that may name them, separated by spaces; a library that is not
/// listed may appear anywhere.
const LIBRARY_PATHS: [(&str, &str); 45] = [
    ("tantivy", "search/"),
    ("lindera", "search/"),
    ("lindera_dictionary", "search/"),
    ("toml", "knowledge/load/ settings/sources.rs"),
    (
        "toml_edit",
        "exchange/document.rs exchange/edit.rs exchange/text_array.rs exchange/table_order.rs exchange/topics.rs exchange/closed_days.rs",
    ),
    ("diffy", "staff/difference.rs"),
    (
        "csv",
        "exchange/table/csv.rs exchange/export/ insights/table.rs",
    ),
    ("calamine", "exchange/table/xlsx.rs"),
    ("rust_xlsxwriter", "exchange/export/"),
    ("html5ever", "exchange/html/dom.rs"),
    ("encoding_rs", "knowledge/encoding.rs cli/ask.rs"),
    (
        "hmac",
        "channels/http/answer_id.rs channels/line/webhook.rs",
    ),
    (
        "pulldown_cmark",
        "knowledge/markdown.rs knowledge/blocks.rs knowledge/addresses.rs knowledge/silent_changes.rs",
    ),
    // The composition root runs the server; `--json` calls its router in process.
    (
        "axum",
        "channels/bot/running.rs channels/bot/bodies.rs channels/http/ channels/mcp/endpoint.rs channels/telegram/ channels/discord/ channels/line/ app/",
    ),
    ("teloxide", "channels/telegram/"),
    ("serenity", "channels/discord/"),
    (
        "reqwest",
        "channels/discord/rest.rs channels/telegram/mod.rs channels/line/api.rs embedding/server/ settings/telegram.rs cli/chat.rs app/traces.rs",
    ),
    (
        "twilight_gateway",
        "channels/discord/gateway.rs channels/discord/identify.rs",
    ),
    ("rustls", "channels/discord/gateway.rs"),
    ("opentelemetry", "app/traces.rs channels/http/trace.rs"),
    ("opentelemetry_sdk", "app/traces.rs channels/http/trace.rs"),
    ("opentelemetry_otlp", "app/traces.rs"),
    (
        "tracing_opentelemetry",
        "app/traces.rs channels/http/trace.rs",
    ),
    // Signatures are verified by serenity.
    ("ed25519_dalek", ""),
    ("sqlx", "records/"),
    (
        "subtle",
        "channels/telegram/ channels/http/rate.rs channels/http/staff/ channels/mcp/endpoint.rs",
    ),
    ("rmcp", "channels/mcp/ app/mcp.rs"),
    ("hyper", "channels/http/server.rs"),
    ("hyper_util", "channels/http/server.rs"),
    (
        "governor",
        "channels/http/rate.rs channels/http/staff/state.rs",
    ),
    ("utoipa", "channels/http/"),
    ("maud", "channels/http/ insights/page.rs insights/chart.rs"),
    ("brotli", "channels/http/assets.rs channels/http/extract.rs"),
    ("flate2", "channels/http/assets.rs channels/http/extract.rs"),
    ("zip", "encoder/package.rs exchange/table/xlsx.rs"),
    ("fearless_simd", "encoder/kernels.rs encoder/vector.rs"),
    (
        "madoguchi_encoder",
        "embedding/mod.rs app/encoder.rs cli/model.rs",
    ),
    ("backon", "channels/"),
    ("ring", "channels/bot/delayed.rs"),
    ("lru", "channels/"),
    ("unicode_width", "channels/columns.rs cli/evaluate_texts.rs"),
    (
        "prometheus_client",
        "channels/metrics.rs channels/collectors.rs",
    ),
    ("listenfd", "app/listen.rs"),
    ("sd_notify", "app/signals.rs"),
    ("clap", "cli/ cli.rs settings/ main.rs"),
];

/// A source file: its path within `src` and its text without tests and comments.
struct Source {
    path: String,
    first_line: String,
    lines: usize,
    code: String,
}

impl Source {
    /// Returns the part of the architecture that the file belongs to.
    fn part(&self) -> &str {
        let end = self.path.find(['/', '.']);
        &self.path[..end.unwrap_or(self.path.len())]
    }

    /// Returns the parts of `src` that the code names, in `use` or in a path.
    fn imports(&self) -> BTreeSet<&str> {
        self.names_after(&["crate::", "madoguchi::"])
    }

    /// Returns the first names of the paths that begin with one of the roots.
    fn names_after(&self, roots: &[&str]) -> BTreeSet<&str> {
        let mut imports = BTreeSet::new();
        for root in roots {
            for (at, _) in self.code.match_indices(root) {
                let before = self.code[..at].chars().next_back();
                if before.is_some_and(is_name) {
                    continue;
                }
                let rest = &self.code[at + root.len()..];
                imports.extend(top_names(rest));
            }
        }
        imports
    }

    /// Returns whether the code names a library.
    fn names_library(&self, library: &str) -> bool {
        let mentions = self.code.match_indices(library);
        mentions.into_iter().any(|(at, _)| {
            let before = self.code[..at].chars().next_back();
            let after = &self.code[at + library.len()..];
            !before.is_some_and(|c| is_name(c) || matches!(c, ':' | '"' | '.'))
                && after.starts_with("::")
        })
    }
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Lists the first names of a path or of a list in braces: `a::b` has `a`, `{a::{b, c}, d}` has
/// `a` and `d`.
fn top_names(rest: &str) -> Vec<&str> {
    let name = |text: &str| text.find(|c| !is_name(c)).unwrap_or(text.len());
    let Some(list) = rest.strip_prefix('{') else {
        return vec![&rest[..name(rest)]];
    };
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut is_start = true;
    for (at, character) in list.char_indices() {
        match character {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => is_start = true,
            c if is_start && is_name(c) => {
                names.push(&list[at..at + name(&list[at..])]);
                is_start = false;
            }
            _ => {}
        }
    }
    names
}

fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    read(&project("src"), "", &mut sources);
    read(&project("encoder/src"), "encoder/", &mut sources);
    assert!(
        sources.len() > 30,
        "only {} files were found",
        sources.len()
    );
    sources
}

fn read(folder: &Path, prefix: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder of the source") {
        let entry = entry.expect("a file");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{path}/"), sources);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(entry.path()).expect("a source file");
            // Tests are last in a file.
            let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
            let text = &text[..end];
            let is_code = |line: &&str| !line.trim_start().starts_with("//");
            sources.push(Source {
                path,
                first_line: text.lines().next().unwrap_or_default().to_owned(),
                lines: text.lines().count(),
                code: text.lines().filter(is_code).collect::<Vec<_>>().join("\n"),
            });
        }
    }
}

#[track_caller]
fn check(wrong: &[String], help: &str) {
    assert!(wrong.is_empty(), "{}\nhelp: {help}", wrong.join("\n"));
}

#[test]
fn a_folder_imports_only_leftward() {
    let mut wrong = Vec::new();
    for source in sources() {
        let part = source.part();
        if part == "lib" {
            continue;
        }
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == part) else {
            wrong.push(format!("src/{}: `{part}` is not in the map", source.path));
            continue;
        };
        for import in source.imports() {
            let is_ours = MAY_IMPORT.iter().any(|(name, _)| *name == import);
            if is_ours && import != part && allowed.split(' ').all(|part| part != import) {
                wrong.push(format!("src/{}: imports `{import}`", source.path));
            }
        }
    }
    check(
        &wrong,
        "knowledge <- search <- answer <- channels <- app <- cli <- main; \
         settings only in app and cli; exchange only in insights, staff, channels and cli; insights only in channels and cli; evaluate imports answer, and only cli imports evaluate (src/lib.rs)",
    );
}

#[test]
fn no_folder_has_import_cycles_among_its_files() {
    let folder = |path: &str| {
        path.rsplit_once('/')
            .map_or("", |(folder, _)| folder)
            .to_owned()
    };
    let stem = |path: &str| {
        path[folder(path).len()..]
            .trim_matches('/')
            .replace(".rs", "")
    };
    let sources = sources();
    let folders: BTreeSet<String> = sources.iter().map(|source| folder(&source.path)).collect();
    let mut wrong = Vec::new();
    for name in folders {
        // The file of the folder itself lists its files and reads as their parent.
        let files = sources
            .iter()
            .filter(|source| folder(&source.path) == name && stem(&source.path) != "mod");
        let mut left: Vec<&Source> = files.collect();
        // Siblings are named by `super::`, in the root of a crate by `crate::`.
        let is_root = ["", "encoder"].contains(&&*name);
        let root = if is_root { "crate::" } else { "super::" };
        loop {
            let names: BTreeSet<String> = left.iter().map(|source| stem(&source.path)).collect();
            let count = left.len();
            // Removes the files that import none of the others, until none is removed.
            left.retain(|source| {
                let own = stem(&source.path);
                let mut imports = source.names_after(&[root]).into_iter();
                imports.any(|import| import != own && names.contains(import))
            });
            if left.len() == count {
                break;
            }
        }
        let cycle = left.iter().map(|source| source.path.as_str());
        let cycle = cycle.collect::<Vec<_>>().join(" ");
        wrong.extend((!cycle.is_empty()).then_some(cycle));
    }
    check(&wrong, "move the shared type to a file of its own");
}

#[test]
fn a_library_is_named_only_where_it_belongs() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (library, paths) in LIBRARY_PATHS {
            let is_allowed = paths
                .split_whitespace()
                .any(|path| source.path.starts_with(path));
            if !is_allowed && source.names_library(library) {
                wrong.push(format!("src/{}: names `{library}`", source.path));
            }
        }
    }
    check(
        &wrong,
        "hide the library behind a type of the folder that owns it",
    );
}

#[test]
fn no_file_is_too_long() {
    let sources = sources();
    let long = sources
        .iter()
        .filter(|source| source.lines > MAX_FILE_LINES);
    let wrong: Vec<String> = long
        .map(|source| format!("src/{}: {} lines", source.path, source.lines))
        .collect();
    check(
        &wrong,
        "one behaviour, one file: split it by concept (tests do not count)",
    );
}

#[test]
fn every_file_opens_with_its_purpose() {
    let sources = sources();
    let silent = sources
        .iter()
        .filter(|source| !source.first_line.starts_with("//! "));
    let wrong: Vec<String> = silent
        .map(|source| format!("src/{}", source.path))
        .collect();
    check(
        &wrong,
        "begin with `//!` and one sentence: the purpose of the file",
    );
}

#[test]
fn imports_are_found_in_source_text() {
    let code = "use crate::knowledge::{Desk, load};\nuse crate::{answer::{self, Reply}, search};\n\
                fn f() { crate::app::run(madoguchi::cli::X); }"
        .to_owned();
    let source = Source {
        path: "channels/http/mod.rs".to_owned(),
        first_line: String::new(),
        lines: 3,
        code,
    };
    assert_eq!(source.part(), "channels");
    let imports: Vec<&str> = source.imports().into_iter().collect();
    assert_eq!(imports, ["answer", "app", "cli", "knowledge", "search"]);
}
