//! Format of the model file: a header, then named sections.
//!
//! At installation: sections -> bytes. At run time: file -> sections. All numbers are little-endian.
//! The file is read into memory instead of mapped: mapping needs `unsafe`, and truncating a mapped
//! file kills the process; reading takes about ten milliseconds.
//!
//! ```text
//! "madoguchi model\n"  u32 version  u32 zero  u64 length of sections  32 bytes SHA-256 of sections
//! for each section: 16 bytes name, zero-padded; u64 length; content
//! ```
//!
//! Invariant: reading any file gives sections or an error, never a panic.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::Error;

/// First bytes of every model file.
const MAGIC: &[u8; 16] = b"madoguchi model\n";

/// Format version; incremented when the meaning of a section changes.
const VERSION: u32 = 2;

/// Upper limit of the file size, checked before memory is allocated for it.
const MAX_FILE_BYTES: u64 = 1 << 28;

const HEADER: usize = MAGIC.len() + 4 + 4 + 8 + 32;
const NAME: usize = 16;

// Reasons to reject a file.
const FOREIGN: &str = "it is not a model file";
const OTHER_VERSION: &str = "it was written by another version of madoguchi";
const DAMAGED: &str = "it is truncated or damaged";
const OTHER_CHECKSUM: &str = "its content does not have the checksum of its installation";

/// Collects the sections of a new file.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    sections: Vec<u8>,
}

impl Writer {
    /// Appends a section; its name has at most 16 bytes.
    pub(crate) fn section(&mut self, name: &str, content: &[u8]) {
        debug_assert!(name.len() <= NAME, "{name}");
        let mut padded = [0; NAME];
        for (to, from) in padded.iter_mut().zip(name.bytes()) {
            *to = from;
        }
        self.sections.extend_from_slice(&padded);
        let length = content.len() as u64;
        self.sections.extend_from_slice(&length.to_le_bytes());
        self.sections.extend_from_slice(content);
    }

    /// Appends a section of integers.
    pub(crate) fn words(&mut self, name: &str, words: impl IntoIterator<Item = u32>) {
        let bytes: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
        self.section(name, &bytes);
    }

    /// Appends a section of floats.
    pub(crate) fn floats(&mut self, name: &str, floats: impl IntoIterator<Item = f32>) {
        self.words(name, floats.into_iter().map(f32::to_bits));
    }

    /// Returns the file: header and sections.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut file = Vec::with_capacity(HEADER + self.sections.len());
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&VERSION.to_le_bytes());
        file.extend_from_slice(&[0; 4]);
        file.extend_from_slice(&(self.sections.len() as u64).to_le_bytes());
        file.extend_from_slice(&Sha256::digest(&self.sections));
        file.extend_from_slice(&self.sections);
        file
    }
}

/// A model file in memory.
#[derive(Debug)]
pub(crate) struct ModelFile {
    bytes: Vec<u8>,
}

impl ModelFile {
    /// Reads a file and validates its header; `None` if there is no such file.
    ///
    /// Does not verify the checksum; see [`ModelFile::verify`].
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, Error> {
        let bytes = match File::open(path).and_then(read_whole) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::read(path)(error)),
        };
        let file = Self::parse(bytes).map_err(Error::unusable(path))?;
        Ok(Some(file))
    }

    fn parse(bytes: Vec<u8>) -> Result<Self, &'static str> {
        if !bytes.starts_with(MAGIC) {
            // A file shorter than the magic number has the name of a model, so it is truncated.
            let is_truncated = MAGIC.starts_with(&bytes);
            return Err(if is_truncated { DAMAGED } else { FOREIGN });
        }
        let mut rest = &bytes[MAGIC.len()..];
        let version = split(&mut rest, 4).ok_or(DAMAGED)?;
        if version != VERSION.to_le_bytes() {
            return Err(OTHER_VERSION);
        }
        split(&mut rest, 4).ok_or(DAMAGED)?;
        let length = split_length(&mut rest).ok_or(DAMAGED)?;
        split(&mut rest, 32).ok_or(DAMAGED)?;
        if rest.len() != length {
            return Err(DAMAGED);
        }
        Ok(Self { bytes })
    }

    /// Returns the SHA-256 in the header.
    pub(crate) fn digest(&self) -> &[u8] {
        &self.bytes[HEADER - 32..HEADER]
    }

    /// Checks the content against the SHA-256 in the header.
    pub(crate) fn verify(&self) -> Result<(), &'static str> {
        let digest = Sha256::digest(&self.bytes[HEADER..]);
        if digest.as_slice() == self.digest() {
            Ok(())
        } else {
            Err(OTHER_CHECKSUM)
        }
    }

    /// Returns the complete file.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the range of a section that must have `count` bytes.
    pub(crate) fn place(&self, name: &str, count: usize) -> Result<Range<usize>, &'static str> {
        let place = self.find(name)?;
        if place.len() == count {
            Ok(place)
        } else {
            Err(DAMAGED)
        }
    }

    /// Returns a section that must have `count` bytes.
    pub(crate) fn exactly(&self, name: &str, count: usize) -> Result<&[u8], &'static str> {
        Ok(&self.bytes[self.place(name, count)?])
    }

    /// Returns a section.
    pub(crate) fn section(&self, name: &str) -> Result<&[u8], &'static str> {
        Ok(&self.bytes[self.find(name)?])
    }

    fn find(&self, name: &str) -> Result<Range<usize>, &'static str> {
        let mut rest = &self.bytes[HEADER..];
        loop {
            let padded = split(&mut rest, NAME).ok_or(DAMAGED)?;
            let length = split_length(&mut rest).ok_or(DAMAGED)?;
            let content = split(&mut rest, length).ok_or(DAMAGED)?;
            if padded.starts_with(name.as_bytes())
                && padded[name.len()..].iter().all(|byte| *byte == 0)
            {
                let end = self.bytes.len() - rest.len();
                return Ok(end - content.len()..end);
            }
        }
    }

    /// Returns a section of integers.
    pub(crate) fn words(&self, name: &str) -> Result<Vec<u32>, &'static str> {
        let (words, rest) = self.section(name)?.as_chunks();
        if rest.is_empty() {
            Ok(words.iter().copied().map(u32::from_le_bytes).collect())
        } else {
            Err(DAMAGED)
        }
    }

    /// Returns a section of floats that must have `count` values.
    pub(crate) fn floats(&self, name: &str, count: usize) -> Result<Vec<f32>, &'static str> {
        let words = self.words(name)?;
        if words.len() == count {
            Ok(words.into_iter().map(f32::from_bits).collect())
        } else {
            Err(DAMAGED)
        }
    }
}

/// Reads a file; only the header if it is too long to be a model.
fn read_whole(file: File) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len();
    match usize::try_from(length) {
        Ok(length) if length as u64 <= MAX_FILE_BYTES => read(&file, length),
        _ => {
            let mut bytes = Vec::new();
            file.take(HEADER as u64).read_to_end(&mut bytes)?;
            Ok(bytes)
        }
    }
}

/// Reads a file with a thread per core: most of the time is spent on page faults of the buffer.
#[cfg(unix)]
fn read(file: &File, length: usize) -> io::Result<Vec<u8>> {
    use std::os::unix::fs::FileExt;
    use std::thread::{Builder, available_parallelism, scope};
    /// Smallest share that is worth a thread.
    const MIN_SHARE_BYTES: usize = 1 << 20;
    let mut bytes = vec![0; length];
    let cores = available_parallelism().map_or(1, usize::from);
    let share = length.div_ceil(cores).max(MIN_SHARE_BYTES);
    let read = scope(|scope| {
        let mut parts = bytes.chunks_mut(share).zip((0..).step_by(share));
        let own = parts.next();
        let read = |(part, start): (&mut [u8], usize)| file.read_exact_at(part, start as u64);
        let start = |part| Builder::new().spawn_scoped(scope, move || read(part));
        let others: Vec<_> = parts.map(start).collect();
        let mut all = own.map_or(Ok(()), read);
        for other in others {
            let read = other.map(|other| other.join());
            all = all.and(read.and_then(|read| {
                read.unwrap_or_else(|_| Err(io::Error::other("a thread panicked")))
            }));
        }
        all
    });
    // The system may refuse threads.
    read.or_else(|_| file.read_exact_at(&mut bytes, 0))?;
    Ok(bytes)
}

/// Reads a file.
#[cfg(not(unix))]
fn read(mut file: &File, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn split<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head)
}

fn split_length(rest: &mut &[u8]) -> Option<usize> {
    let (length, tail) = rest.split_first_chunk()?;
    *rest = tail;
    usize::try_from(u64::from_le_bytes(*length)).ok()
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::*;

    fn written() -> Vec<u8> {
        let mut writer = Writer::default();
        writer.section("name", b"model");
        writer.floats("numbers", [1.5, -2.0]);
        writer.finish()
    }

    #[test]
    fn written_sections_are_read_back() {
        let file = ModelFile::parse(written()).expect("a model file");
        assert_eq!(file.verify(), Ok(()));
        assert_eq!(file.section("name"), Ok(&b"model"[..]));
        assert_eq!(file.floats("numbers", 2), Ok(vec![1.5, -2.0]));
        assert_eq!(file.floats("numbers", 3), Err(DAMAGED));
        assert_eq!(file.section("number"), Err(DAMAGED));
    }

    #[test]
    fn any_changed_byte_of_the_content_is_found() {
        let bytes = written();
        for at in HEADER..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x10;
            let file = ModelFile::parse(bytes);
            assert_eq!(file.and_then(|file| file.verify()), Err(OTHER_CHECKSUM));
        }
    }

    #[test]
    fn files_of_any_length_are_read_whole() {
        let mut file = tempfile::tempfile().expect("a file");
        for length in [0, 1, (3 << 20) + 1] {
            let bytes: Vec<u8> = (0..length).map(|i: u32| (i % 251) as u8).collect();
            file.set_len(0).expect("an empty file");
            file.rewind().expect("a seek");
            file.write_all(&bytes).expect("a file");
            assert!(read(&file, bytes.len()).is_ok_and(|read| read == bytes));
            // The file became shorter after its length was read.
            assert!(read(&file, bytes.len() + 1).is_err());
        }
        file.set_len(MAX_FILE_BYTES + 1).expect("a sparse file");
        let read = read_whole(file).expect("the header");
        assert_eq!(read.len(), HEADER);
    }

    #[test]
    fn a_file_truncated_anywhere_is_rejected() {
        let whole = written();
        for length in 0..whole.len() {
            assert_eq!(
                ModelFile::parse(whole[..length].to_vec()).err(),
                Some(DAMAGED)
            );
        }
    }

    #[test]
    fn foreign_and_older_files_have_different_errors() {
        assert_eq!(
            ModelFile::parse(b"PK\x03\x04".to_vec()).err(),
            Some(FOREIGN)
        );
        let mut older = written();
        older[MAGIC.len()] = 0;
        assert_eq!(ModelFile::parse(older).err(), Some(OTHER_VERSION));
    }
}
