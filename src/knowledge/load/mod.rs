//! Reads a knowledge folder from disk: the only place in `knowledge` that touches files.
//!
//! A folder in, a [`Loaded`] out: the knowledge and every problem in it at once. Which rules
//! across files hold is `check`'s business.

mod conversation;
mod desk;
mod entries;
mod toml_reader;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use toml_reader::{Document, TableReader};

use super::id::DeskId;
use super::problem::{Location, Problem, has_errors};
use super::variant::{self, Variant};
use super::{KnowledgeBase, check};

/// What came of reading a folder.
#[derive(Debug)]
pub struct Loaded {
    /// What could be read; fit to serve only if there are no errors.
    pub knowledge: KnowledgeBase,
    /// Everything that is wrong, ordered by file and line.
    pub problems: Vec<Problem>,
}

impl Loaded {
    /// Returns the knowledge if it is fit to serve.
    ///
    /// # Errors
    /// All problems, if one of them is an error.
    pub fn into_result(self) -> Result<KnowledgeBase, Vec<Problem>> {
        if has_errors(&self.problems) {
            Err(self.problems)
        } else {
            Ok(self.knowledge)
        }
    }
}

/// Reads and checks the knowledge in a folder as of a day (for `valid_until` and `review_by`).
#[must_use]
pub fn load(folder: &Path, today: Date) -> Loaded {
    let mut loader = Loader {
        folder,
        knowledge: KnowledgeBase::default(),
        problems: Vec::new(),
    };
    loader.read_folder();
    let Loader {
        knowledge,
        mut problems,
        ..
    } = loader;
    problems.extend(check::check(&knowledge, today));
    problems.sort();
    problems.dedup();
    Loaded {
        knowledge,
        problems,
    }
}

struct Loader<'a> {
    folder: &'a Path,
    knowledge: KnowledgeBase,
    problems: Vec<Problem>,
}

impl Loader<'_> {
    fn read_folder(&mut self) {
        let Some(names) = self.list(Path::new("")) else {
            return;
        };
        self.read_shipped_calibration();
        for name in &names {
            if self.folder.join(name).is_dir() {
                self.read_desk_folder(name);
            } else if is_toml(name) {
                self.read_file(name);
            }
        }
        if !names.iter().any(|name| name == Path::new("messages.toml")) {
            self.problems.push(Problem::error(
                Location::new("messages.toml", 1),
                "the file is missing",
                "copy the messages.toml that Madoguchi ships with and edit its sentences",
            ));
        }
        if self.knowledge.desks.is_empty() && self.problems.is_empty() {
            self.problems.push(Problem::error(
                Location::new("", 1),
                "there is no desk in this folder",
                "make a folder per desk with a desk.toml in it, see knowledge/README.md",
            ));
        }
    }

    fn read_desk_folder(&mut self, name: &Path) {
        let Some(names) = self.list(name) else {
            return;
        };
        let files: Vec<&PathBuf> = names.iter().filter(|name| is_toml(name)).collect();
        if files.is_empty() {
            return;
        }
        let desk_file = name.join("desk.toml");
        if !files.contains(&&desk_file) {
            self.problems.push(Problem::error(
                Location::new(&desk_file, 1),
                "the file is missing",
                "every folder with entries needs a desk.toml that names the desk",
            ));
        }
        let folder_id = name.to_string_lossy();
        let Ok(desk) = DeskId::parse(&folder_id) else {
            self.problems.push(Problem::error(
                Location::new(&desk_file, 1),
                format!("the folder name `{folder_id}` is not a desk id"),
                "name the folder with a-z, 0-9 and `-`, the same as `id` in its desk.toml",
            ));
            return;
        };
        for file in files {
            let is_desk = *file == desk_file;
            self.with_document(file, |root, knowledge| {
                if is_desk {
                    desk::read(root, &desk, knowledge);
                } else {
                    entries::read(root, &desk, knowledge);
                }
            });
        }
    }

    fn read_file(&mut self, name: &Path) {
        let read: fn(&mut TableReader<'_>, &mut KnowledgeBase) = match name.to_str() {
            Some("lexicon.toml") => words::read_lexicon,
            Some("messages.toml") => words::read_messages,
            Some("calibration.toml") => words::read_calibration,
            Some("small_talk.toml") => conversation::read_small_talk,
            Some("out_of_scope.toml") => conversation::read_out_of_scope,
            _ => {
                self.problems.push(Problem::error(
                    Location::new(name, 1),
                    "this file is not known here",
                    "entries stand in a desk's folder; known here are lexicon.toml, messages.toml, small_talk.toml, out_of_scope.toml and calibration.toml",
                ));
                return;
            }
        };
        self.with_document(name, read);
    }

    /// Reads the numbers that Madoguchi ships with; a folder's own calibration.toml replaces
    /// them.
    fn read_shipped_calibration(&mut self) {
        let text = include_str!("../../../knowledge/calibration.toml");
        self.read_text(
            Path::new("calibration.toml"),
            text.to_owned(),
            words::read_calibration,
        );
    }

    fn with_document(
        &mut self,
        name: &Path,
        read: impl FnOnce(&mut TableReader<'_>, &mut KnowledgeBase),
    ) {
        let bytes = match fs::read(self.folder.join(name)) {
            Ok(bytes) => bytes,
            Err(error) => return self.unreadable(name, &error),
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let breaks = error.as_bytes()[..good].iter().filter(|b| **b == b'\n');
                self.problems.push(Problem::error(
                    Location::new(name, breaks.count() + 1),
                    "the file is not UTF-8",
                    "save it as UTF-8 (in Windows' Notepad: 名前を付けて保存 → 文字コード UTF-8)",
                ));
                return;
            }
        };
        // A byte order mark is what Windows editors put first; it is not the author's mistake.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
        self.read_text(name, text, read);
    }

    fn read_text(
        &mut self,
        name: &Path,
        text: String,
        read: impl FnOnce(&mut TableReader<'_>, &mut KnowledgeBase),
    ) {
        let document = Document::new(name, text);
        let table = document.parse();
        let mut root = document.root(&table);
        read(&mut root, &mut self.knowledge);
        root.finish();
        drop(table);
        self.problems.extend(document.into_problems());
    }

    /// Lists a folder, sorted, without hidden files; the names are relative to the root.
    fn list(&mut self, name: &Path) -> Option<Vec<PathBuf>> {
        let listed = fs::read_dir(self.folder.join(name)).and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| entry.file_name()))
                .collect::<Result<Vec<_>, _>>()
        });
        match listed {
            Ok(mut names) => {
                names.retain(|name| !name.to_string_lossy().starts_with('.'));
                names.sort();
                Some(names.iter().map(|file| name.join(file)).collect())
            }
            Err(error) => {
                self.unreadable(name, &error);
                None
            }
        }
    }

    fn unreadable(&mut self, name: &Path, error: &std::io::Error) {
        self.problems.push(Problem::error(
            Location::new(name, 1),
            format!(
                "cannot read `{}`: {error}",
                self.folder.join(name).display()
            ),
            "check the path (--knowledge or MADOGUCHI_KNOWLEDGE) and its permissions",
        ));
    }
}

fn is_toml(name: &Path) -> bool {
    name.extension()
        .is_some_and(|extension| extension == "toml")
}

/// Reads `variants`, each expanded.
fn read_variants(table: &mut TableReader<'_>) -> Vec<Variant> {
    let mut variants = Vec::new();
    for written in table.texts("variants") {
        match variant::expand(&written.text) {
            Ok(texts) => variants.push(Variant {
                pattern: written.text,
                texts,
                location: written.location,
            }),
            Err(error) => table.report(
                written.location,
                error.to_string(),
                "write (a|b) for alternatives, without a group within a group; split a wide variant into two",
            ),
        }
    }
    variants
}
