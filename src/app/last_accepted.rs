//! Keeps the last accepted knowledge on disk, for a start at which the knowledge folder is unfit.
//!
//! It is one file in the index folder: a line with the version and the inventory, and a line with the
//! texts of all files. The name depends on the knowledge folder's path, because services with other
//! knowledge may share the index folder.
//!
//! Invariant: the file is replaced in one step, so it is complete whenever the process is killed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::inventory::Inventory;
use crate::knowledge::{KnowledgeBase, Snapshot};
use crate::settings::Settings;

/// Bytes of the digest in the file's name.
const NAME_BYTES: usize = 6;

/// The file with the last accepted knowledge of a knowledge folder.
#[derive(Debug, Clone)]
pub(super) struct LastAccepted {
    folder: PathBuf,
    file: PathBuf,
}

/// The first line of the file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    /// See [`Snapshot::version`].
    pub(super) version: String,
    pub(super) inventory: Inventory,
}

impl LastAccepted {
    pub(super) fn new(settings: &Settings) -> Self {
        // Without resolving symbolic links: a link may be switched to another state of the same folder.
        let folder = std::path::absolute(&settings.knowledge);
        let folder = folder.unwrap_or_else(|_| settings.knowledge.clone());
        let digest = Sha256::digest(folder.as_os_str().as_encoded_bytes());
        let name = format!("last-accepted-{}.jsonl", hex::encode(&digest[..NAME_BYTES]));
        Self {
            folder: settings.knowledge.clone(),
            file: settings.index.join(name),
        }
    }

    /// Returns the path of the file.
    pub(super) fn path(&self) -> &Path {
        &self.file
    }

    /// Reads the first line; `None` if there is no usable file.
    pub(super) fn header(&self) -> Option<Header> {
        let mut line = String::new();
        let file = File::open(&self.file).ok()?;
        BufReader::new(file).read_line(&mut line).ok()?;
        serde_json::from_str(&line).ok()
    }

    /// Reads the whole knowledge; `None` if there is no usable file.
    pub(super) fn read(&self) -> Option<Snapshot> {
        let mut reader = BufReader::new(File::open(&self.file).ok()?);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let header: Header = serde_json::from_str(&line).ok()?;
        let texts: BTreeMap<String, String> = serde_json::from_reader(reader).ok()?;
        let snapshot = Snapshot::from_texts(&self.folder, texts);
        (snapshot.version() == header.version).then_some(snapshot)
    }

    /// Keeps knowledge, unless the file already has it; returns whether the file has it now.
    pub(super) fn keep(&self, snapshot: &Snapshot, knowledge: &KnowledgeBase) -> bool {
        let version = snapshot.version();
        if self.header().is_some_and(|kept| kept.version == version) {
            return true;
        }
        let header = Header {
            version,
            inventory: Inventory::of(knowledge),
        };
        let written = self.write(&header, snapshot);
        if let Err(error) = &written {
            tracing::warn!(
                error = format!("{error:#}"),
                hint = "set --index or MADOGUCHI_INDEX to a writable folder",
                "accepted knowledge not kept: a start with an unfit folder would fail"
            );
        }
        written.is_ok()
    }

    fn write(&self, header: &Header, snapshot: &Snapshot) -> anyhow::Result<()> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create `{}`", folder.display()))?;
        let file = tempfile::NamedTempFile::new_in(folder)
            .with_context(|| format!("cannot write into `{}`", folder.display()))?;
        let mut out = BufWriter::new(file);
        serde_json::to_writer(&mut out, header)?;
        writeln!(out)?;
        let texts: BTreeMap<&str, &str> = snapshot.texts().collect();
        serde_json::to_writer(&mut out, &texts)?;
        let file = out.into_inner().context("cannot write the file")?;
        file.as_file().sync_all()?;
        file.persist(&self.file)
            .with_context(|| format!("cannot write `{}`", self.file.display()))?;
        Ok(())
    }
}
