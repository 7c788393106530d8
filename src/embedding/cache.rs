//! Cache of embeddings on disk, by text, so that unchanged texts are not embedded again.
//!
//! One file per model: a header with the model's id, the keys, then the vectors. Keys are digests;
//! the file contains no text. Invariants: a file that is damaged, of
//! another model or of an older format is treated as absent; a file is replaced atomically.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Vector, Vectors};

const MAGIC: &[u8; 8] = b"MADOVEC1";
const KEY_BYTES: usize = 16;
const STEP_BYTES: usize = 4;
const DIGEST_BYTES: usize = 32;

/// Limit of the cached vectors, as a multiple of those in use. Unused ones are kept for other
/// replicas and for edits that are reverted.
const MAX_CACHED_RATIO: usize = 2;

/// Truncated SHA-256 of a text.
pub(super) type Key = [u8; KEY_BYTES];

/// Returns the key of a text.
pub(super) fn key(text: &str) -> Key {
    let digest = Sha256::digest(text.as_bytes());
    let mut key = [0; KEY_BYTES];
    key.copy_from_slice(&digest[..KEY_BYTES]);
    key
}

/// The cached vectors of one model.
#[derive(Default)]
pub(super) struct Cache {
    pub(super) indices: HashMap<Key, usize>,
    pub(super) vectors: Vectors,
}

impl Cache {
    /// Lists the keys in the order of their vectors.
    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<(usize, Key)> = self.indices.iter().map(|(k, i)| (*i, *k)).collect();
        keys.sort_unstable();
        keys.into_iter().map(|(_, key)| key).collect()
    }

    /// Appends vectors; `false` at the first one with other dimensions.
    pub(super) fn extend<'a>(&mut self, new: impl Iterator<Item = (Key, &'a Vector)>) -> bool {
        for (key, vector) in new {
            if !self.vectors.push(vector) {
                return false;
            }
            self.indices.insert(key, self.vectors.len() - 1);
        }
        true
    }
}

/// Returns the path of the cache of a model.
pub(super) fn path(folder: &Path, model: &str) -> PathBuf {
    let digest = Sha256::digest(model.as_bytes());
    folder.join(format!("embeddings-{}.bin", hex::encode(&digest[..8])))
}

/// Reads a cache; empty if it is missing or damaged.
pub(super) fn read(path: &Path, model: &str) -> Cache {
    let Ok(bytes) = fs::read(path) else {
        return Cache::default();
    };
    parse(&bytes, model).unwrap_or_default()
}

fn parse(bytes: &[u8], model: &str) -> Option<Cache> {
    let (body, digest) = bytes.split_at_checked(bytes.len().checked_sub(DIGEST_BYTES)?)?;
    let mut rest = body.strip_prefix(MAGIC)?;
    let mut number = || {
        let (head, tail) = rest.split_at_checked(4)?;
        rest = tail;
        let number = u32::from_le_bytes(head.try_into().ok()?);
        usize::try_from(number).ok()
    };
    let (name, dimensions, count) = (number()?, number()?, number()?);
    let (name, rest) = rest.split_at_checked(name)?;
    let (keys, rest) = rest.split_at_checked(count.checked_mul(KEY_BYTES)?)?;
    let (steps, rows) = rest.split_at_checked(count.checked_mul(STEP_BYTES)?)?;
    let is_valid = name == model.as_bytes()
        && rows.len() == count.checked_mul(dimensions)?
        && digest == Sha256::digest(body).as_slice();
    if !is_valid {
        return None;
    }
    let (steps, _) = steps.as_chunks::<STEP_BYTES>();
    let steps = steps.iter().copied().map(f32::from_le_bytes);
    let rows = rows.iter().map(|byte| byte.cast_signed());
    let (keys, _) = keys.as_chunks::<KEY_BYTES>();
    let indices = keys.iter().enumerate().map(|(index, key)| (*key, index));
    Some(Cache {
        indices: indices.collect(),
        vectors: Vectors::from_parts(dimensions, rows.collect(), steps.collect())?,
    })
}

/// Writes the vectors in use, then cached ones up to [`MAX_CACHED_RATIO`].
///
/// # Errors
/// The error of the operating system.
pub(super) fn write(
    path: &Path,
    model: &str,
    keys: &[Key],
    vectors: &Vectors,
    cached: &Cache,
) -> io::Result<()> {
    let mut all: Vec<&Key> = Vec::new();
    let mut kept = Vectors::default();
    let mut written: HashSet<&Key> = HashSet::new();
    let current = keys.iter().enumerate();
    let current = current.map(|(index, key)| (key, vectors, index));
    let old = cached.indices.iter();
    let old = old.map(|(key, index)| (key, &cached.vectors, *index));
    for (key, from, index) in current.chain(old) {
        let is_wanted = all.len() < keys.len() * MAX_CACHED_RATIO && !written.contains(key);
        if is_wanted && kept.push_from(from, index) {
            written.insert(key);
            all.push(key);
        }
    }
    let mut bytes = MAGIC.to_vec();
    for number in [model.len(), kept.dimensions(), kept.len()] {
        let number = u32::try_from(number).map_err(io::Error::other)?;
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(model.as_bytes());
    for key in all {
        bytes.extend_from_slice(key);
    }
    for step in kept.steps() {
        bytes.extend_from_slice(&step.to_le_bytes());
    }
    bytes.extend(kept.rows().iter().map(|value| value.cast_unsigned()));
    let digest = Sha256::digest(&bytes);
    bytes.extend_from_slice(&digest);
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut options = tempfile::Builder::new();
    // A temporary file has mode 0600. Mode 0666, reduced by the umask as for any other new file,
    // lets the user of the service read a cache that an administrator's command wrote.
    #[cfg(unix)]
    options.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = options.tempfile_in(folder)?;
    file.write_all(&bytes)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_vectors_are_read_back_and_a_damaged_file_is_ignored() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = path(folder.path(), "a model");
        let mut vectors = Vectors::default();
        assert!(vectors.push(&Vector::new(&[1.0, 0.0])));
        assert!(vectors.push(&Vector::new(&[0.0, 1.0])));
        let keys = [key("a"), key("b")];
        write(&file, "a model", &keys, &vectors, &Cache::default()).expect("a file");
        let cache = read(&file, "a model");
        let index = cache.indices[&key("b")];
        assert_eq!(cache.vectors.get(index), vectors.get(1));
        assert!(!cache.indices.contains_key(&key("c")));
        assert!(read(&file, "another").indices.is_empty());
        // Vectors no longer in use stay up to the limit.
        let mut newer = Vectors::default();
        assert!(newer.push(&Vector::new(&[1.0, 1.0])));
        write(&file, "a model", &[key("c")], &newer, &cache).expect("a file");
        let cache = read(&file, "a model");
        assert_eq!((cache.indices.len(), cache.vectors.len()), (2, 2));
        let whole = fs::read(&file).expect("bytes");
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            assert!(parse(&damaged, "a model").is_none(), "at byte {at}");
            assert!(parse(&whole[..at], "a model").is_none(), "cut at {at}");
        }
    }
}
