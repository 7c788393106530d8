//! Reads a knowledge folder from disk: the only place in `knowledge` that touches files.
//!
//! A folder in, a [`Loaded`] out: the knowledge and every problem in it at once. Which rules
//! across files hold is `check`'s business.

mod conversation;
mod desk;
mod document;
mod entries;
mod syntax;
mod toml_reader;
mod words;
mod written;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use document::Document;
use jiff::civil::Date;
use toml_reader::TableReader;
pub(super) use written::Written;

use super::id::DeskId;
use super::problem::{Location, Problem, has_errors};
use super::variant::{self, Variant, VariantError};
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
        written: Written::default(),
    };
    loader.read_folder();
    let Loader {
        knowledge,
        mut problems,
        written,
        ..
    } = loader;
    problems.extend(check::check(&knowledge, &written, today));
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
    written: Written,
}

impl Loader<'_> {
    fn read_folder(&mut self) {
        let Some(names) = self.list(Path::new("")) else {
            return;
        };
        self.read_shipped();
        let mut has_desk = false;
        for name in &names {
            if self.folder.join(name).is_dir() {
                has_desk |= self.read_desk_folder(name);
            } else if self.is_toml(name) {
                self.read_file(name);
            }
        }
        if !has_desk {
            self.problems.push(Problem::error(
                Location::folder(""),
                "there is no desk in it",
                "make a folder for each desk, with a desk.toml and files of entries in it",
            ));
        }
    }

    /// Reads the files of a folder; returns whether there are any.
    fn read_desk_folder(&mut self, name: &Path) -> bool {
        let Some(names) = self.list(name) else {
            return false;
        };
        let mut files = Vec::new();
        for name in names {
            if self.folder.join(&name).is_dir() {
                self.problems.push(Problem::warning(
                    Location::folder(name),
                    "this folder is not read",
                    "move its files into the folder of the desk",
                ));
            } else if self.is_toml(&name) {
                files.push(name);
            }
        }
        if files.is_empty() {
            return false;
        }
        let folder_id = name.to_string_lossy();
        let Ok(desk) = DeskId::parse(&folder_id) else {
            self.written.note_gap();
            self.problems.push(Problem::error(
                Location::folder(name),
                format!("the folder's name `{folder_id}` cannot be a desk's id"),
                "name the folder with a-z, 0-9 and `-`, the same as `id` in its desk.toml",
            ));
            return true;
        };
        let desk_file = name.join("desk.toml");
        if !files.contains(&desk_file) {
            self.written.note_gap();
            self.problems.push(Problem::error(
                Location::new(&desk_file, 1),
                "the file is missing",
                "a folder with entries needs one; copy another desk's desk.toml and change what it says",
            ));
        }
        for file in &files {
            let is_desk = *file == desk_file;
            self.with_document(file, |root, knowledge| {
                if is_desk {
                    desk::read(root, &desk, knowledge);
                } else {
                    entries::read(root, &desk, knowledge);
                }
            });
        }
        true
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
                    "move it into a desk's folder if it has entries; known here are lexicon.toml, messages.toml, small_talk.toml, out_of_scope.toml and calibration.toml",
                ));
                return;
            }
        };
        self.with_document(name, read);
    }

    /// Reads the numbers and sentences that Madoguchi ships with; what a folder's own files say
    /// replaces them.
    fn read_shipped(&mut self) {
        let calibration = include_str!("../../../knowledge/calibration.toml");
        let calibration = calibration.to_owned();
        let name = Path::new("calibration.toml");
        self.read_text(name, calibration, words::read_calibration);
        let messages = include_str!("../../../knowledge/messages.toml");
        let name = Path::new("messages.toml");
        self.read_text(name, messages.to_owned(), words::read_messages);
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
                self.written.note_gap();
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
        let (problems, written) = document.into_parts();
        self.problems.extend(problems);
        self.written.extend(written);
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

    /// Tells whether a file is to be read, and warns of one that Windows gave another ending.
    fn is_toml(&mut self, name: &Path) -> bool {
        let lower = name.to_string_lossy().to_lowercase();
        let is_toml = name.extension().is_some_and(|ending| ending == "toml");
        if !is_toml && (lower.ends_with(".toml") || lower.ends_with(".toml.txt")) {
            self.problems.push(Problem::warning(
                Location::new(name, 1),
                "this file is not read, as its name does not end in `.toml`",
                "rename it (in Windows' Explorer: 表示 → ファイル名拡張子)",
            ));
        }
        is_toml
    }

    fn unreadable(&mut self, name: &Path, error: &std::io::Error) {
        self.written.note_gap();
        let path = self.folder.join(name).components().collect::<PathBuf>();
        let path = path.display();
        let (location, what) = match error.kind() {
            ErrorKind::NotFound => (Location::folder(name), format!("there is no `{path}`")),
            ErrorKind::NotADirectory => (
                Location::folder(name),
                format!("`{path}` is a file, expected a folder"),
            ),
            _ => (
                Location::new(name, 1),
                format!("cannot read `{path}`: {error}"),
            ),
        };
        self.problems.push(Problem::error(
            location,
            what,
            "check the path (--knowledge or MADOGUCHI_KNOWLEDGE) and who may read it",
        ));
    }
}

/// Reads `variants`, each expanded.
fn read_variants(table: &mut TableReader<'_>) -> Vec<Variant> {
    let mut variants = Vec::new();
    for written in table.texts("variants") {
        let pattern = written.text;
        match variant::expand(&pattern) {
            Ok(texts) => {
                if texts.iter().any(|text| text.contains(['|', '｜'])) {
                    table.report(
                        written.location.clone(),
                        format!("the variant `{pattern}` has a `|` that is not between ( and )"),
                        "write alternatives as (a|b), with all three signs half-width",
                    );
                }
                variants.push(Variant {
                    pattern,
                    texts,
                    location: written.location,
                });
            }
            Err(error) => {
                let (what, hint) = describe(&pattern, &error);
                table.report(written.location, what, hint);
            }
        }
    }
    variants
}

fn describe(pattern: &str, error: &VariantError) -> (String, &'static str) {
    match error {
        VariantError::Empty if pattern.trim().is_empty() => (
            "a variant is empty".to_owned(),
            "write how people ask, or remove it",
        ),
        VariantError::Empty => (
            format!("the variant `{pattern}` may stand for nothing at all"),
            "leave a word outside of ( and ), or remove an empty alternative",
        ),
        VariantError::Unbalanced(_) => (
            error.to_string(),
            "write (a|b): each ( needs its ), both half-width",
        ),
        VariantError::Nested(_) => (
            error.to_string(),
            "write all alternatives side by side in one (a|b|c), or make two variants of it",
        ),
        VariantError::TooMany { .. } => (
            error.to_string(),
            "make two variants of it, or leave out alternatives that differ only in a particle or in politeness",
        ),
    }
}
