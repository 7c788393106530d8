//! Reads a knowledge folder from disk: the only place in `knowledge` that touches files.
//!
//! Input: a folder. Output: a [`Loaded`] with the knowledge and all its problems. The rules across
//! files are in `check`.

mod brand;
mod conversation;
mod defaults;
mod desk;
mod document;
mod entries;
mod files;
mod numbers;
mod reading;
mod safety;
mod slips;
mod snapshot;
mod syntax;
mod toml_reader;
mod variants;
mod wording;
mod words;

use std::iter;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use document::Document;
use jiff::civil::Date;
pub use snapshot::Snapshot;
use toml_reader::TableReader;

use super::encoding::decode;
use super::id::DeskId;
use super::language::localized;
use super::problem::{self, Location, Problem, has_errors};
use super::source_map::SourceMap;
use super::{KnowledgeBase, check};

/// Minimum number of files for which a thread is started; a file takes about a millisecond.
const MIN_FILES_PER_THREAD: usize = 8;

/// The result of reading a knowledge folder.
#[derive(Debug)]
pub struct Loaded {
    /// The readable part of the knowledge; fit to be served only if there are no errors.
    pub knowledge: KnowledgeBase,
    /// All problems, ordered by file and line.
    pub problems: Vec<Problem>,
}

impl Loaded {
    /// Returns the knowledge if it is fit to be served.
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

/// Reads and checks the knowledge in a folder; checks `valid_until` and `review_by` as of a day.
#[must_use]
pub fn load(folder: &Path, today: Date) -> Loaded {
    Snapshot::read(folder).load(today)
}

impl Snapshot {
    /// Loads and checks the knowledge, see [`load`].
    #[must_use]
    pub fn load(&self, today: Date) -> Loaded {
        let mut loader = Loader::new(self);
        loader.read_folder();
        let Loader {
            mut knowledge,
            mut problems,
            source_map,
            ..
        } = loader;
        knowledge.version = self.version();
        knowledge.saved.clone_from(self.saved());
        problems.extend(check::check(&knowledge, &source_map, today));
        problem::sort(&mut problems);
        problems.dedup();
        Loaded {
            knowledge,
            problems,
        }
    }
}

struct Loader<'a> {
    snapshot: &'a Snapshot,
    knowledge: KnowledgeBase,
    problems: Vec<Problem>,
    source_map: SourceMap,
}

impl<'a> Loader<'a> {
    fn new(snapshot: &'a Snapshot) -> Self {
        Self {
            snapshot,
            knowledge: KnowledgeBase::default(),
            problems: Vec::new(),
            source_map: SourceMap::default(),
        }
    }

    fn read_folder(&mut self) {
        let Some(names) = self.list(Path::new("")) else {
            return;
        };
        self.read_shipped();
        self.add_defaults(&names);
        let mut has_desk = false;
        for name in &names {
            if self.snapshot.is_folder(name) {
                has_desk |= self.read_desk_folder(name);
            } else if self.is_toml(name) {
                self.read_file(name);
            }
        }
        if !has_desk {
            self.problems.push(Problem::error(
                Location::folder(""),
                localized!(ja: "窓口が一つもありません", en: "the folder has no desk"),
                localized!(
                    ja: "窓口ごとにフォルダーを作り、desk.toml と項目のファイルを入れてください",
                    en: "create a folder for each desk, with a desk.toml and files of entries",
                ),
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
            if self.snapshot.is_folder(&name) {
                self.problems.push(Problem::warning(
                    Location::folder(name),
                    localized!(
                        ja: "このフォルダーは読まれません",
                        en: "this folder is not read",
                    ),
                    localized!(
                        ja: "中のファイルを窓口のフォルダーに移してください",
                        en: "move its files into the folder of the desk",
                    ),
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
            self.source_map.add_gap();
            self.problems.push(Problem::error(
                Location::folder(name),
                localized!(
                    ja: "フォルダーの名前 `{folder_id}` は窓口の id に使えません",
                    en: "the folder's name `{folder_id}` cannot be a desk's id",
                ),
                localized!(
                    ja: "フォルダーの名前は半角の a-z、0-9、`-` だけにし、desk.toml の `id` と同じにしてください",
                    en: "name the folder with a-z, 0-9 and `-`, the same as `id` in its desk.toml",
                ),
            ));
            return true;
        };
        let desk_file = name.join("desk.toml");
        if !files.contains(&desk_file) {
            self.source_map.add_gap();
            self.problems.push(Problem::error(
                Location::new(&desk_file, 1),
                localized!(ja: "このファイルがありません", en: "the file is missing"),
                localized!(
                    ja: "項目のあるフォルダーには desk.toml が必要です。ほかの窓口のものをコピーし、内容を直してください",
                    en: "a folder with entries needs a desk.toml; copy that of another desk and change its values",
                ),
            ));
        }
        let (desk_files, entry_files): (Vec<_>, Vec<_>) =
            files.iter().partition(|file| **file == desk_file);
        for file in desk_files {
            self.with_document(file, |root, knowledge| desk::read(root, &desk, knowledge));
        }
        self.read_entries(&entry_files, &desk);
        true
    }

    /// Reads files of entries, on all cores if they are many.
    fn read_entries(&mut self, files: &[&PathBuf], desk: &DeskId) {
        let read = |files: &[&PathBuf]| {
            let mut part = Loader::new(self.snapshot);
            for file in files {
                part.with_document(file, |root, knowledge| entries::read(root, desk, knowledge));
            }
            part
        };
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let length = files.len().div_ceil(threads).max(MIN_FILES_PER_THREAD);
        let parts: Vec<Loader<'_>> = thread::scope(|scope| {
            let mut chunks = files.chunks(length);
            let first = chunks.next().unwrap_or_default();
            let others: Vec<_> = chunks.map(|chunk| scope.spawn(|| read(chunk))).collect();
            let others = others.into_iter().map(|part| {
                let part = part.join();
                part.unwrap_or_else(|panic| resume_unwind(panic))
            });
            iter::once(read(first)).chain(others).collect()
        });
        for part in parts {
            self.knowledge.entries.extend(part.knowledge.entries);
            self.knowledge.referrals.extend(part.knowledge.referrals);
            self.problems.extend(part.problems);
            self.source_map.extend(part.source_map);
        }
    }

    fn read_file(&mut self, name: &Path) {
        let read: fn(&mut TableReader<'_>, &mut KnowledgeBase) = match name.to_str() {
            Some("lexicon.toml") => words::read_lexicon,
            Some("messages.toml") => words::read_messages,
            Some("calibration.toml") => words::read_calibration,
            Some(defaults::SMALL_TALK) => conversation::read_small_talk,
            Some(defaults::OUT_OF_SCOPE) => conversation::read_out_of_scope,
            Some("safety.toml") => safety::read_safety,
            Some("brand.toml") => brand::read_brand,
            _ => {
                self.problems.push(Problem::error(
                    Location::new(name, 1),
                    localized!(
                        ja: "ここでは使えない名前のファイルです",
                        en: "a file of this name is not used here",
                    ),
                    localized!(
                        ja: "項目のファイルなら、窓口のフォルダーに移してください。ここで使える名前: lexicon.toml、messages.toml、small_talk.toml、out_of_scope.toml、safety.toml、calibration.toml、brand.toml",
                        en: "move it into a desk's folder if it has entries; expected lexicon.toml, messages.toml, small_talk.toml, out_of_scope.toml, safety.toml, calibration.toml or brand.toml",
                    ),
                ));
                return;
            }
        };
        self.with_document(name, read);
    }

    /// Reads the shipped calibration, sentences and safety; the folder's own files replace them.
    fn read_shipped(&mut self) {
        let calibration = include_str!("../../../knowledge/calibration.toml");
        let calibration = calibration.to_owned();
        let name = Path::new("calibration.toml");
        self.read_text(name, calibration, words::read_calibration);
        let messages = include_str!("../../../knowledge/messages.toml");
        let name = Path::new("messages.toml");
        self.read_text(name, messages.to_owned(), words::read_messages);
        let safety = include_str!("../../../knowledge/safety.toml");
        let name = Path::new("safety.toml");
        self.read_text(name, safety.to_owned(), safety::read_safety);
        self.knowledge.safety.is_shipped = true;
    }

    /// Adds the shipped topics for which the folder has no file of its own.
    fn add_defaults(&mut self, names: &[PathBuf]) {
        let has = |name: &str| names.iter().any(|own| own == Path::new(name));
        if !has(defaults::SMALL_TALK) {
            self.knowledge.add_default_small_talk();
        }
        if !has(defaults::OUT_OF_SCOPE) {
            self.knowledge.add_default_out_of_scope();
        }
    }

    fn with_document(
        &mut self,
        name: &Path,
        read: impl FnOnce(&mut TableReader<'_>, &mut KnowledgeBase),
    ) {
        let bytes = match self.snapshot.file(name) {
            Ok(bytes) => bytes,
            Err(problem) => return self.unreadable(*problem),
        };
        let text = match str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let good = error.valid_up_to();
                let breaks = bytes[..good].iter().filter(|b| **b == b'\n');
                self.source_map.add_gap();
                let location = Location::new(name, breaks.count() + 1);
                let encoding = decode(bytes).map(|decoded| decoded.encoding);
                self.problems
                    .push(files::describe_encoding(location, encoding));
                return;
            }
        };
        // Windows editors write a byte order mark, which is not a mistake of the author.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // Ctrl-Z ended a file in MS-DOS; some converters still write it.
        let text = text.trim_end_matches('\u{1a}').to_owned();
        let invisible = slips::invisible_characters(&text);
        self.read_text(name, text, read);
        for (line, mistake, hint) in invisible {
            let location = Location::new(name, line);
            // Outside of a text it is a syntax error already.
            if self.problems.iter().all(|known| known.location != location) {
                self.problems
                    .push(Problem::warning(location, mistake, hint));
            }
        }
    }

    fn read_text(
        &mut self,
        name: &Path,
        text: String,
        read: impl FnOnce(&mut TableReader<'_>, &mut KnowledgeBase),
    ) {
        let document = Document::new(name, text);
        let table = document.parse();
        let mut root = TableReader::root(&document, &table);
        read(&mut root, &mut self.knowledge);
        root.finish();
        drop(table);
        let (problems, source_map) = document.into_parts();
        self.problems.extend(problems);
        self.source_map.extend(source_map);
    }

    /// Lists a folder, without copies; the names are relative to the root.
    fn list(&mut self, name: &Path) -> Option<Vec<PathBuf>> {
        let names = match self.snapshot.names(name) {
            Ok(names) => names.to_vec(),
            Err(problem) => {
                self.unreadable(*problem);
                return None;
            }
        };
        let (names, copies) = files::split_copies(names);
        for (copy, original) in copies {
            self.problems
                .push(files::describe_copy(&name.join(copy), &original));
        }
        Some(names.iter().map(|file| name.join(file)).collect())
    }

    /// Returns whether a file is read; warns about `.TOML` and `.toml.txt`.
    fn is_toml(&mut self, name: &Path) -> bool {
        let lower = name.to_string_lossy().to_lowercase();
        let is_toml = name.extension().is_some_and(|ending| ending == "toml");
        if !is_toml && (lower.ends_with(".toml") || lower.ends_with(".toml.txt")) {
            self.problems.push(Problem::warning(
                Location::new(name, 1),
                localized!(
                    ja: "名前が `.toml` で終わらないため、このファイルは読まれません",
                    en: "this file is not read, as its name does not end in `.toml`",
                ),
                localized!(
                    ja: "名前を変えてください（エクスプローラーなら、表示 → ファイル名拡張子）",
                    en: "rename it (in Windows' Explorer: 表示 → ファイル名拡張子)",
                ),
            ));
        }
        is_toml
    }

    fn unreadable(&mut self, problem: Problem) {
        self.source_map.add_gap();
        self.problems.push(problem);
    }
}
