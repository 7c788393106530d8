//! Builds, opens and removes index folders.
//!
//! Input: [`Document`]s and their fingerprint, and if there is one the index of the knowledge before.
//! Output: a tantivy index in `index/<fingerprint>/`. The fingerprint covers the knowledge, the lexicon,
//! the dictionary and the fields, so an index that opens is up to date.
//!
//! Invariant: a folder with a fingerprint as its name holds a complete index. It is built under a
//! temporary name and renamed; a killed process leaves a folder that is never opened, and of two
//! processes that build the same index one result is kept.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tantivy::Index;
use tantivy::directory::{MmapDirectory, RamDirectory};
use tantivy::index::SegmentComponent;

use super::build::build;
use super::exact::ExactForms;
use super::fingerprint::is_fingerprint;
use super::reader::searcher;
use super::schema::Schema;
use super::subject::{Document, documents as documents_of};
use super::update::{Former, update};
use crate::search::analysis::Analyzer;
use crate::search::error::Error;

/// Number of other indexes that are kept, for replicas with older knowledge on the same folder.
const MAX_OTHER_INDEXES: usize = 3;

/// Age at which a temporary folder is regarded as left behind by a killed process.
const ABANDONED_BUILD_AGE: Duration = Duration::from_secs(60 * 60);

/// The files of a segment that have a checksum.
const FILES: [SegmentComponent; 6] = [
    SegmentComponent::Postings,
    SegmentComponent::Positions,
    SegmentComponent::FastFields,
    SegmentComponent::FieldNorms,
    SegmentComponent::Terms,
    SegmentComponent::Store,
];

/// Prefix of a temporary folder's name.
const BUILDING_PREFIX: &str = "building-";

/// Name of the file that marks an index whose knowledge passed the self-retrieval check. It contains
/// the fingerprint of what else the check depends on.
const ACCEPTED_FILE: &str = "accepted";

/// The origin of an opened index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexOrigin {
    /// It was on disk.
    Opened,
    /// It was built on disk.
    Built,
    /// It was built on disk from the index of the knowledge before: only texts that changed were
    /// analyzed.
    Updated,
    /// It was built in memory.
    InMemory,
}

/// Opens the index with a fingerprint, or builds it if it is missing or damaged.
///
/// # Errors
/// [`Error::Folder`] if the folder cannot be written, [`Error::Index`] if tantivy fails.
pub(in crate::search) fn open_or_build(
    folder: &Path,
    fingerprint: &str,
    schema: &Schema,
    documents: &[Document<'_>],
    analyzer: &Analyzer,
    former: Option<&Former<'_>>,
) -> Result<(Index, IndexOrigin), Error> {
    let path = folder.join(fingerprint);
    if let Some(index) = open(&path, documents) {
        remove_old(folder, &path);
        return Ok((index, IndexOrigin::Opened));
    }
    let in_folder = |source| Error::Folder {
        folder: folder.to_owned(),
        source,
    };
    let building = folder.join(format!("{BUILDING_PREFIX}{}", uuid::Uuid::new_v4()));
    fs::create_dir_all(&building).map_err(in_folder)?;
    let directory = || MmapDirectory::open(&building).map_err(tantivy::TantivyError::from);
    let built = || -> Result<IndexOrigin, Error> {
        let former = former.and_then(|former| {
            let old = documents_of(former.knowledge);
            let index = open(&folder.join(former.fingerprint), &old)?;
            update(
                directory().ok()?,
                schema,
                (&index, &old, former),
                documents,
                analyzer,
            )
        });
        if let Some(updated) = former {
            updated?;
            return Ok(IndexOrigin::Updated);
        }
        build(directory()?, schema, documents, analyzer)?;
        Ok(IndexOrigin::Built)
    };
    let origin = match built() {
        Ok(origin) => origin,
        Err(error) => {
            // Frees the space, as the disk may be full.
            let _ = fs::remove_dir_all(&building);
            return Err(error);
        }
    };
    // Replaces a damaged index. Another process may have built the same index meanwhile; then that
    // one is opened. Without the lock one process could remove the index that another has just renamed.
    let lock = lock(folder);
    if open(&path, documents).is_none() {
        let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
        let renamed = fs::rename(&building, &path);
        if let (Err(error), None) = (renamed, open(&path, documents)) {
            let _ = fs::remove_dir_all(&building);
            return Err(in_folder(error));
        }
    }
    drop(lock);
    let _ = fs::remove_dir_all(&building);
    remove_old(folder, &path);
    match open(&path, documents) {
        Some(index) => Ok((index, origin)),
        None => Err(in_folder(std::io::Error::other(
            "the index was removed while it was opened",
        ))),
    }
}

/// Locks a folder until the file is dropped. It is locked for the milliseconds in which an index is renamed and
/// opened. `None` where a folder cannot be locked (Windows, some network file systems): there a process that
/// replaces a damaged index while another does the same may fail to open it.
fn lock(folder: &Path) -> Option<File> {
    let folder = File::open(folder).ok()?;
    folder.lock().ok()?;
    Some(folder)
}

/// Builds the index in memory.
///
/// # Errors
/// [`Error::Index`] if tantivy fails.
pub(in crate::search) fn build_in_memory(
    schema: &Schema,
    documents: &[Document<'_>],
    analyzer: &Analyzer,
) -> Result<Index, Error> {
    build(RamDirectory::create(), schema, documents, analyzer)
}

/// Opens an index; `None` if it is missing or damaged.
fn open(path: &Path, documents: &[Document<'_>]) -> Option<Index> {
    if !path.join("meta.json").exists() {
        return None;
    }
    let index = Index::open_in_dir(path).ok()?;
    if !index.validate_checksum().ok()?.is_empty() {
        return None;
    }
    let metas = index.searchable_segment_metas().ok()?;
    // Again by the names of the segments: tantivy's own list of files has no checksum.
    let files = metas.iter().flat_map(|meta| {
        let components = FILES.into_iter();
        components.map(|component| meta.relative_path(component))
    });
    let is_damaged = |file: PathBuf| {
        path.join(&file).exists() && !matches!(index.directory().validate_checksum(&file), Ok(true))
    };
    if files.into_iter().any(is_damaged) {
        return None;
    }
    let document_count: u32 = metas.iter().map(|meta| meta.num_docs()).sum();
    if usize::try_from(document_count) != Ok(count(documents)) {
        return None;
    }
    // Checksums do not cover missing files; reading does.
    let searcher = searcher(&index).ok()?;
    ExactForms::read(searcher.segment_readers().first()?).ok()?;
    Some(index)
}

fn count(documents: &[Document<'_>]) -> usize {
    let phrases = documents.iter().map(|document| document.phrases.len());
    // Each subject has a text besides its phrases; the vocabulary is one more.
    1 + documents.len() + phrases.sum::<usize>()
}

/// Removes all indexes in a folder, and no other files.
///
/// # Errors
/// The I/O error of reading the folder or removing an index. A missing folder is not an error.
pub fn remove_all(folder: &Path) -> std::io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if is_fingerprint(&entry.file_name()) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Returns whether an index is marked as accepted with a fingerprint; see
/// [`super::fingerprint::acceptance`].
pub(in crate::search) fn is_accepted(folder: &Path, index: &str, acceptance: &str) -> bool {
    let marked = fs::read_to_string(folder.join(index).join(ACCEPTED_FILE));
    marked.is_ok_and(|marked| marked == acceptance)
}

/// Marks an index as accepted with a fingerprint. If the file cannot be written, the next start
/// repeats the check.
pub(in crate::search) fn accept(folder: &Path, index: &str, acceptance: &str) {
    let _ = fs::write(folder.join(index).join(ACCEPTED_FILE), acceptance);
}

/// Removes abandoned builds and the oldest of the other indexes. Ignores errors: the next start
/// tries again.
fn remove_old(folder: &Path, current: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut others: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let Ok(modified) = entry.metadata().and_then(|metadata| metadata.modified()) else {
            continue;
        };
        let age = SystemTime::now()
            .duration_since(modified)
            .unwrap_or_default();
        let is_building = name.to_string_lossy().starts_with(BUILDING_PREFIX);
        if is_building && age > ABANDONED_BUILD_AGE {
            let _ = fs::remove_dir_all(&path);
        } else if is_fingerprint(&name) && path != current {
            others.push((modified, path));
        }
    }
    others.sort();
    let surplus = others.len().saturating_sub(MAX_OTHER_INDEXES);
    for (_, path) in others.iter().take(surplus) {
        let _ = fs::remove_dir_all(path);
    }
}
