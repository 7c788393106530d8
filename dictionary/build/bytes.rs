//! Reader of little-endian values from a file in memory.
//!
//! Invariant: no read goes beyond the end of the file; a truncated or malformed file gives an error
//! with its path and the offset.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, anyhow};

/// A file in memory, with its path for error messages.
pub(crate) struct DataFile {
    path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

impl DataFile {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| {
            format!(
                "cannot read `{}`\nhint: the file must exist and be readable; if it belongs to a \
                 downloaded package, delete that package's folder and run `cargo fetch --locked`",
                path.display()
            )
        })?;
        Ok(Self {
            path: path.to_owned(),
            bytes,
        })
    }

    /// Starts reading at `offset`.
    pub(crate) fn reader_at(&self, offset: usize) -> Reader<'_> {
        Reader {
            file: self,
            position: offset,
        }
    }

    /// Returns an error about the content of this file.
    pub(crate) fn damaged(&self, damage: impl std::fmt::Display) -> Error {
        anyhow!(
            "`{}` is damaged: {damage}\nhint: delete the package's folder and run \
             `cargo fetch --locked` to unpack it again",
            self.path.display()
        )
    }
}

/// A position in a [`DataFile`].
pub(crate) struct Reader<'a> {
    file: &'a DataFile,
    position: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn is_at_end(&self) -> bool {
        self.position >= self.file.bytes.len()
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn i16(&mut self) -> Result<i16> {
        self.array().map(i16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// Reads a length, a count or an index, stored as `u64`.
    pub(crate) fn size(&mut self) -> Result<usize> {
        let size = self.array().map(u64::from_le_bytes)?;
        usize::try_from(size).map_err(|_| {
            let at = self.position;
            self.file.damaged(format!("size {size} before byte {at}"))
        })
    }

    /// Reads a text, stored as its length and its bytes.
    pub(crate) fn text(&mut self) -> Result<&'a str> {
        let length = self.size()?;
        let start = self.position;
        std::str::from_utf8(self.take(length)?).map_err(|error| {
            self.file
                .damaged(format!("text at byte {start} is not UTF-8, {error}"))
        })
    }

    /// Reads a list, stored as its length and its items.
    pub(crate) fn list<T>(&mut self, item: impl Fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        (0..self.size()?).map(|_| item(self)).collect()
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let rest = self.file.bytes.get(self.position..).unwrap_or_default();
        let taken = rest.get(..length).ok_or_else(|| {
            let at = self.position;
            self.file
                .damaged(format!("it ends within the {length} bytes at byte {at}"))
        })?;
        self.position += length;
        Ok(taken)
    }
}
