//! Reads the files of a knowledge folder into memory.
//!
//! Input: a folder. Output: a [`Snapshot`] of it, from which the knowledge is loaded. Everything that
//! loading needs is in the snapshot, so one load never sees two states of a file.
//!
//! A file is read as [`super::reading`] describes.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::files::{is_system, split_copies};
use super::reading::{MAX_FILE_BYTES, Unreadable, read_file};
use crate::knowledge::language::localized;
use crate::knowledge::problem::{Location, Problem};

/// Bytes of the digest that names a version.
const VERSION_BYTES: usize = 12;

/// The files of a knowledge folder as they were at one time.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// By their paths within the folder; the folder itself has an empty path.
    nodes: BTreeMap<PathBuf, Node>,
    /// The times at which the files were saved, as far as the file system knows them.
    saved: BTreeMap<PathBuf, Timestamp>,
    /// The folder, for problems.
    folder: PathBuf,
}

#[derive(Debug, Clone)]
enum Node {
    /// A folder with the names in it, sorted; those of systems are left out.
    Folder(Vec<OsString>),
    /// A TOML file.
    File(Vec<u8>),
    /// A TOML file or a folder that cannot be read.
    Unreadable(Unreadable),
}

impl Snapshot {
    /// Reads the TOML files in a folder and its direct subfolders. A file that cannot be read is part
    /// of the snapshot, too: it becomes a problem of the knowledge.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let mut snapshot = Self {
            folder: folder.to_owned(),
            ..Self::default()
        };
        snapshot.read_folder(Path::new(""), true);
        snapshot
    }

    /// Restores the snapshot of a folder from the paths and texts of its files, see [`Self::texts`].
    #[must_use]
    pub fn from_texts(folder: &Path, texts: BTreeMap<String, String>) -> Self {
        let mut snapshot = Self {
            folder: folder.to_owned(),
            ..Self::default()
        };
        let mut names: BTreeMap<PathBuf, Vec<OsString>> = BTreeMap::new();
        names.entry(PathBuf::new()).or_default();
        for (path, text) in texts {
            let path = PathBuf::from(path);
            for inner in path.ancestors() {
                if let (Some(parent), Some(name)) = (inner.parent(), inner.file_name()) {
                    let siblings = names.entry(parent.to_owned()).or_default();
                    if !siblings.iter().any(|sibling| sibling == name) {
                        siblings.push(name.to_owned());
                    }
                }
            }
            snapshot.nodes.insert(path, Node::File(text.into_bytes()));
        }
        for (path, mut names) in names {
            names.sort();
            snapshot.nodes.insert(path, Node::Folder(names));
        }
        snapshot
    }

    /// Returns the paths within the folder and the texts of all files that are UTF-8, as those of
    /// valid knowledge are.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.nodes.iter().filter_map(|(path, node)| match node {
            Node::File(bytes) => Some((path.to_str()?, str::from_utf8(bytes).ok()?)),
            Node::Folder(_) | Node::Unreadable(_) => None,
        })
    }

    /// Returns the text of a file, if it is UTF-8.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        match self.nodes.get(Path::new(path)) {
            Some(Node::File(bytes)) => str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// Returns the snapshot with another text of a file, or without the file.
    #[must_use]
    pub fn with(&self, path: &str, text: Option<&str>) -> Self {
        let mut changed = self.clone();
        let path = PathBuf::from(path);
        match text {
            Some(text) => {
                for inner in path.ancestors() {
                    changed.list_name(inner);
                }
                changed.nodes.insert(path, Node::File(text.into()));
            }
            None => {
                changed.nodes.remove(&path);
                let parent = path
                    .parent()
                    .and_then(|parent| changed.nodes.get_mut(parent));
                if let (Some(Node::Folder(names)), Some(name)) = (parent, path.file_name()) {
                    names.retain(|known| known != name);
                }
            }
        }
        changed
    }

    /// Adds the name of a path to its folder.
    fn list_name(&mut self, path: &Path) {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return;
        };
        let folder = self.nodes.entry(parent.to_owned());
        let folder = folder.or_insert_with(|| Node::Folder(Vec::new()));
        if let Node::Folder(names) = folder
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
            names.sort();
        }
    }

    /// Returns the digest of all contents in hexadecimal digits: two snapshots with the same version
    /// have the same files.
    #[must_use]
    pub fn version(&self) -> String {
        let mut hasher = Sha256::new();
        let mut feed = |bytes: &[u8]| {
            // The length separates consecutive texts.
            hasher.update((bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        for (path, node) in &self.nodes {
            let (kind, content) = match node {
                // A folder without files contributes no knowledge.
                Node::Folder(_) => continue,
                Node::File(bytes) => ("file", bytes.as_slice()),
                Node::Unreadable(Unreadable::Io(_, error)) => ("error", error.as_bytes()),
                Node::Unreadable(Unreadable::DanglingLink(_)) => ("link", &[][..]),
                Node::Unreadable(Unreadable::NotRegular(_)) => ("not a file", &[][..]),
                Node::Unreadable(Unreadable::TooLarge) => ("too large", &[][..]),
            };
            feed(path.as_os_str().as_encoded_bytes());
            feed(kind.as_bytes());
            feed(content);
        }
        hex::encode(&hasher.finalize()[..VERSION_BYTES])
    }

    /// Returns the times at which the files were saved, by their paths within the folder. They are not
    /// part of the version.
    pub(super) fn saved(&self) -> &BTreeMap<PathBuf, Timestamp> {
        &self.saved
    }

    /// Returns whether there is a file at a path within the folder.
    #[must_use]
    pub fn has_file(&self, path: &str) -> bool {
        matches!(self.nodes.get(Path::new(path)), Some(Node::File(_)))
    }

    /// Returns the names in a folder, or the problem of a folder that cannot be read.
    pub(super) fn names(&self, folder: &Path) -> Result<&[OsString], Box<Problem>> {
        match self.nodes.get(folder) {
            Some(Node::Folder(names)) => Ok(names),
            Some(Node::Unreadable(reason)) => Err(Box::new(self.problem(folder, reason))),
            Some(Node::File(_)) | None => Ok(&[]),
        }
    }

    /// Returns whether a path is that of a folder.
    pub(super) fn is_folder(&self, path: &Path) -> bool {
        matches!(self.nodes.get(path), Some(Node::Folder(_)))
    }

    /// Returns the content of a file, or the problem of a file that cannot be read.
    pub(super) fn file(&self, path: &Path) -> Result<&[u8], Box<Problem>> {
        match self.nodes.get(path) {
            Some(Node::File(bytes)) => Ok(bytes),
            Some(Node::Unreadable(reason)) => Err(Box::new(self.problem(path, reason))),
            Some(Node::Folder(_)) | None => {
                let reason = Unreadable::Io(ErrorKind::NotFound, String::new());
                Err(Box::new(self.problem(path, &reason)))
            }
        }
    }

    fn read_folder(&mut self, folder: &Path, with_subfolders: bool) {
        let listed = fs::read_dir(self.folder.join(folder)).and_then(|entries| {
            let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
            names.collect::<io::Result<Vec<_>>>()
        });
        let mut names = match listed {
            Ok(names) => names,
            Err(error) => {
                let node = Node::Unreadable(error.into());
                self.nodes.insert(folder.to_owned(), node);
                return;
            }
        };
        names.retain(|name| !is_system(&name.to_string_lossy()));
        names.sort();
        let (originals, _) = split_copies(names.clone());
        for name in originals {
            let path = folder.join(&name);
            let is_toml = path.extension().is_some_and(|ending| ending == "toml");
            // Follows symbolic links: Kubernetes mounts files as links.
            let is_folder = fs::metadata(self.folder.join(&path)).is_ok_and(|found| found.is_dir());
            if is_folder && !is_toml {
                if with_subfolders {
                    self.read_folder(&path, false);
                } else {
                    self.nodes.insert(path, Node::Folder(Vec::new()));
                }
            } else if is_toml {
                match read_file(&self.folder.join(&path)) {
                    Ok(Some((bytes, saved))) => {
                        self.saved.extend(saved.map(|saved| (path.clone(), saved)));
                        self.nodes.insert(path, Node::File(bytes));
                    }
                    // Removed since the folder was listed.
                    Ok(None) => names.retain(|other| *other != name),
                    Err(reason) => {
                        self.nodes.insert(path, Node::Unreadable(reason));
                    }
                }
            }
        }
        self.nodes.insert(folder.to_owned(), Node::Folder(names));
    }

    fn problem(&self, path: &Path, reason: &Unreadable) -> Problem {
        let full = self.folder.join(path).components().collect::<PathBuf>();
        let full = full.display();
        let check_path = localized!(
            ja: "場所（--knowledge または MADOGUCHI_KNOWLEDGE）と、読み取りの権限を確かめてください",
            en: "check the path (--knowledge or MADOGUCHI_KNOWLEDGE) and its read permissions",
        );
        let (location, mistake, hint) = match reason {
            Unreadable::Io(ErrorKind::NotFound, _) => (
                Location::folder(path),
                localized!(ja: "`{full}` がありません", en: "there is no `{full}`"),
                check_path,
            ),
            Unreadable::Io(ErrorKind::NotADirectory, _) => (
                Location::folder(path),
                localized!(
                    ja: "`{full}` はファイルです。フォルダーを指定してください",
                    en: "`{full}` is a file, expected a folder",
                ),
                check_path,
            ),
            Unreadable::Io(_, error) => (
                Location::new(path, 1),
                localized!(
                    ja: "`{full}` を読めません: {error}",
                    en: "cannot read `{full}`: {error}",
                ),
                check_path,
            ),
            Unreadable::DanglingLink(target) => {
                let target = target.display();
                (
                    Location::new(path, 1),
                    localized!(
                        ja: "`{full}` はリンクですが、リンク先の `{target}` がありません",
                        en: "`{full}` is a link to `{target}`, which does not exist",
                    ),
                    localized!(
                        ja: "リンク先を戻すか、リンクを消してください",
                        en: "restore the target, or remove the link",
                    ),
                )
            }
            Unreadable::NotRegular(kind) => (
                Location::new(path, 1),
                localized!(
                    kind;
                    ja: "`{full}` は{kind}で、ふつうのファイルではありません",
                    en: "`{full}` is {kind}, expected a regular file",
                ),
                localized!(
                    ja: "消すか、名前を変えるか、ふつうのファイルに置き換えてください",
                    en: "remove it, rename it, or replace it by a regular file",
                ),
            ),
            Unreadable::TooLarge => {
                let limit = MAX_FILE_BYTES >> 20;
                (
                    Location::new(path, 1),
                    localized!(
                        ja: "`{full}` は {limit} MiB を超えています",
                        en: "`{full}` is larger than {limit} MiB",
                    ),
                    localized!(
                        ja: "項目をいくつかのファイルに分けてください",
                        en: "split its entries into several files",
                    ),
                )
            }
        };
        Problem::error(location, mistake, hint)
    }
}
