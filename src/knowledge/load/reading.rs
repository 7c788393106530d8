//! Reads one file of a knowledge folder.
//!
//! Invariants: only regular files of at most [`MAX_FILE_BYTES`] are read, and reading never waits for
//! another process, as opening a FIFO would.

use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::knowledge::language::{Localized, localized};

/// Size limit of a file.
pub(super) const MAX_FILE_BYTES: u64 = 4 << 20;

/// The content of a file, and the time at which it was saved, if the file system knows it.
pub(super) type SavedFile = (Vec<u8>, Option<Timestamp>);

/// The reason why a file or folder was not read.
#[derive(Debug, Clone)]
pub(super) enum Unreadable {
    /// An error of the operating system.
    Io(ErrorKind, String),
    /// A symbolic link to a file that does not exist.
    DanglingLink(PathBuf),
    /// A folder, FIFO, device or socket with the name of a TOML file.
    NotRegular(Localized),
    /// More than [`MAX_FILE_BYTES`].
    TooLarge,
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind(), error.to_string())
    }
}

/// Reads a file and the time at which it was saved; `None` if there is none.
pub(super) fn read_file(path: &Path) -> Result<Option<SavedFile>, Unreadable> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return match fs::read_link(path) {
                Ok(target) => Err(Unreadable::DanglingLink(target)),
                Err(_) => Ok(None),
            };
        }
        metadata => metadata?,
    };
    // Before opening, because opening a device can have an effect.
    check_kind(metadata.file_type())?;
    let file = open(path)?;
    // Again, because the path may have been replaced meanwhile.
    let metadata = file.metadata()?;
    check_kind(metadata.file_type())?;
    if metadata.len() > MAX_FILE_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // The size may change while the file is read, and files in /proc have the size 0.
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let saved = metadata.modified().ok();
    let saved = saved.and_then(|time| Timestamp::try_from(time).ok());
    Ok(Some((bytes, saved)))
}

/// Opens a file without waiting for the other end of a FIFO.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    options.open(path)
}

fn check_kind(kind: FileType) -> Result<(), Unreadable> {
    if kind.is_file() {
        return Ok(());
    }
    Err(Unreadable::NotRegular(if kind.is_dir() {
        localized!(ja: "フォルダー", en: "a folder")
    } else if is_fifo(kind) {
        localized!(ja: "名前付きパイプ（FIFO）", en: "a named pipe (FIFO)")
    } else {
        localized!(ja: "デバイスかソケット", en: "a device or a socket")
    }))
}

#[cfg(unix)]
fn is_fifo(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

#[cfg(not(unix))]
fn is_fifo(_: FileType) -> bool {
    false
}
