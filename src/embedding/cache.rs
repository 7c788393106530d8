//! Vectors on disk, by the text that they stand for: what did not change is not embedded again.
//!
//! One file a model: a head with the model's id, then keys and numbers. Keys are digests, so that
//! the file holds no text. Invariants: a file that is damaged, foreign or older counts as absent;
//! it is written beside and renamed, so that whoever is killed leaves the old one.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::vector::{Vector, Vectors};

const MAGIC: &[u8; 8] = b"MADOVEC1";
const KEY: usize = 16;
const STEP: usize = 4;
const DIGEST: usize = 32;

/// How many times as many vectors as are used now a file may hold: some were in use a moment ago,
/// by another replica or before an edit that is taken back.
const KEPT: usize = 2;

/// Stands for a text.
pub(super) type Key = [u8; KEY];

/// Makes the key of a text.
pub(super) fn key(text: &str) -> Key {
    let digest = Sha256::digest(text.as_bytes());
    let mut key = [0; KEY];
    key.copy_from_slice(&digest[..KEY]);
    key
}

/// The vectors of one model.
#[derive(Default)]
pub(super) struct Cache {
    pub(super) places: HashMap<Key, usize>,
    pub(super) vectors: Vectors,
}

impl Cache {
    /// Lists the keys in the order of their vectors.
    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<(usize, Key)> = self.places.iter().map(|(k, p)| (*p, *k)).collect();
        keys.sort_unstable();
        keys.into_iter().map(|(_, key)| key).collect()
    }

    /// Adds vectors; `false` if one has other dimensions than those that are there.
    pub(super) fn extend<'a>(&mut self, new: impl Iterator<Item = (Key, &'a Vector)>) -> bool {
        for (key, vector) in new {
            if !self.vectors.push(vector) {
                return false;
            }
            self.places.insert(key, self.vectors.len() - 1);
        }
        true
    }
}

/// Names the file of a model.
pub(super) fn path(folder: &Path, model: &str) -> PathBuf {
    let digest = Sha256::digest(model.as_bytes());
    let name: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
    folder.join(format!("embeddings-{name}.bin"))
}

/// Reads what is there; nothing if it is not whole.
pub(super) fn read(path: &Path, model: &str) -> Cache {
    let Ok(bytes) = fs::read(path) else {
        return Cache::default();
    };
    parse(&bytes, model).unwrap_or_default()
}

fn parse(bytes: &[u8], model: &str) -> Option<Cache> {
    let (body, digest) = bytes.split_at_checked(bytes.len().checked_sub(DIGEST)?)?;
    let mut rest = body.strip_prefix(MAGIC)?;
    let mut number = || {
        let (head, tail) = rest.split_at_checked(4)?;
        rest = tail;
        let number = u32::from_le_bytes(head.try_into().ok()?);
        usize::try_from(number).ok()
    };
    let (name, dimensions, count) = (number()?, number()?, number()?);
    let (name, rest) = rest.split_at_checked(name)?;
    let (keys, rest) = rest.split_at_checked(count.checked_mul(KEY)?)?;
    let (steps, rows) = rest.split_at_checked(count.checked_mul(STEP)?)?;
    let is_whole = name == model.as_bytes()
        && rows.len() == count.checked_mul(dimensions)?
        && digest == Sha256::digest(body).as_slice();
    if !is_whole {
        return None;
    }
    let steps = steps.chunks_exact(STEP);
    let steps = steps.map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
    let rows = rows.iter().map(|byte| byte.cast_signed());
    let keys = keys.chunks_exact(KEY).enumerate();
    let places = keys.map(|(place, bytes)| {
        let mut key = [0; KEY];
        key.copy_from_slice(bytes);
        (key, place)
    });
    Some(Cache {
        places: places.collect(),
        vectors: Vectors::from_parts(dimensions, rows.collect(), steps.collect())?,
    })
}

/// Writes the vectors that are used now, and as many of the earlier ones again as may be kept.
///
/// # Errors
/// Whatever the system says; then they are embedded again at the next start.
pub(super) fn write(
    path: &Path,
    model: &str,
    keys: &[Key],
    vectors: &Vectors,
    earlier: &Cache,
) -> std::io::Result<()> {
    let mut all: Vec<&Key> = Vec::new();
    let mut kept = Vectors::default();
    let mut written: HashSet<&Key> = HashSet::new();
    let current = keys
        .iter()
        .enumerate()
        .map(|(place, key)| (key, vectors, place));
    let old = earlier.places.iter();
    let old = old.map(|(key, place)| (key, &earlier.vectors, *place));
    for (key, from, place) in current.chain(old) {
        let is_wanted = all.len() < keys.len() * KEPT && !written.contains(key);
        if is_wanted && kept.push_from(from, place) {
            written.insert(key);
            all.push(key);
        }
    }
    let mut bytes = MAGIC.to_vec();
    for number in [model.len(), kept.dimensions(), kept.len()] {
        let number = u32::try_from(number).map_err(std::io::Error::other)?;
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
    let beside = path.with_extension(format!("{}.tmp", uuid::Uuid::new_v4()));
    let result = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if result.is_err() {
        let _ = fs::remove_file(&beside);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_damage_is_absence() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = path(folder.path(), "a model");
        let mut vectors = Vectors::default();
        assert!(vectors.push(&Vector::new(&[1.0, 0.0])));
        assert!(vectors.push(&Vector::new(&[0.0, 1.0])));
        let keys = [key("a"), key("b")];
        write(&file, "a model", &keys, &vectors, &Cache::default()).expect("a file");
        let cache = read(&file, "a model");
        let place = cache.places[&key("b")];
        assert_eq!(cache.vectors.get(place), vectors.get(1));
        assert!(!cache.places.contains_key(&key("c")));
        assert!(read(&file, "another").places.is_empty());
        // What was in use before stays for a while.
        let mut newer = Vectors::default();
        assert!(newer.push(&Vector::new(&[1.0, 1.0])));
        write(&file, "a model", &[key("c")], &newer, &cache).expect("a file");
        let cache = read(&file, "a model");
        assert_eq!((cache.places.len(), cache.vectors.len()), (2, 2));
        let whole = fs::read(&file).expect("bytes");
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            assert!(parse(&damaged, "a model").is_none(), "at byte {at}");
            assert!(parse(&whole[..at], "a model").is_none(), "cut at {at}");
        }
    }
}
