//! Updates that cannot be answered soon, in files until they are answered.
//!
//! Telegram delivers at most 100 updates after the oldest unconfirmed one, so an update that waits long
//! (a rate limit of Telegram, a flood in its chat) must be confirmed, or it would stop all others. LINE
//! waits two seconds for the confirmation of an update.
//! Invariants: a file is encrypted with a key that is derived from the bot's token, is deleted when its
//! update is answered, and expires after [`MAX_AGE`]; one process at a time uses the folder.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// Time after which an update is not answered any more; Telegram keeps updates as long.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// The file that the process locks which uses the folder.
const LOCK_FILE: &str = "lock";

/// The extension of the file of an update.
const EXTENSION: &str = "update";

/// A folder of delayed updates.
pub(super) struct DelayedUpdates {
    /// The name of the messenger in the log.
    service: &'static str,
    folder: PathBuf,
    key: LessSafeKey,
    random: SystemRandom,
    /// Locked until it is closed.
    _lock: File,
}

impl DelayedUpdates {
    /// Opens a folder, and creates it first if it is missing.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if another process uses the folder, and I/O errors.
    pub(super) fn open(service: &'static str, folder: &Path, token: &str) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let lock = File::create(folder.join(LOCK_FILE))?;
        lock.try_lock()?;
        let mut hash = Sha256::new_with_prefix("madoguchi delayed updates\0");
        hash.update(token);
        let key = UnboundKey::new(&CHACHA20_POLY1305, &hash.finalize());
        let key = key.map_err(|_| io::Error::other("no key"))?;
        Ok(Self {
            service,
            folder: folder.to_owned(),
            key: LessSafeKey::new(key),
            random: SystemRandom::new(),
            _lock: lock,
        })
    }

    /// Stores an update durably.
    ///
    /// # Errors
    /// I/O errors, for example if the disk is full.
    pub(super) fn put(&self, id: u64, json: &str) -> io::Result<()> {
        let failed = |_| io::Error::other("encryption failed");
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(failed)?;
        let mut sealed = json.as_bytes().to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        let sealing = self
            .key
            .seal_in_place_append_tag(unique, bound_to(id), &mut sealed);
        sealing.map_err(failed)?;
        let mut file = NamedTempFile::new_in(&self.folder)?;
        file.write_all(&nonce)?;
        file.write_all(&sealed)?;
        file.as_file().sync_all()?;
        file.persist(self.path(id)).map_err(|error| error.error)?;
        // The name of a file is durable after its folder.
        File::open(&self.folder)?.sync_all()
    }

    /// Deletes an update. A file that cannot be deleted is answered again after a restart.
    pub(super) fn remove(&self, id: u64) {
        if let Err(error) = fs::remove_file(self.path(id)) {
            let service = self.service;
            tracing::warn!(%error, "{service}: delayed update not deleted");
        }
    }

    /// Returns the stored updates, oldest first. Deletes those that are too old or cannot be read.
    ///
    /// # Errors
    /// I/O errors of the folder.
    pub(super) fn load(&self) -> io::Result<Vec<(u64, String)>> {
        let mut updates = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name == LOCK_FILE) {
                continue;
            }
            match self.read(&path) {
                Some(update) => updates.push(update),
                None => {
                    let service = self.service;
                    tracing::warn!("{service}: delayed update expired or unreadable, deleted");
                    fs::remove_file(&path)?;
                }
            }
        }
        updates.sort_unstable_by_key(|(id, _)| *id);
        Ok(updates)
    }

    fn read(&self, path: &Path) -> Option<(u64, String)> {
        let id: u64 = path.file_stem()?.to_str()?.parse().ok()?;
        let written = fs::metadata(path).and_then(|file| file.modified()).ok()?;
        let age = SystemTime::now().duration_since(written);
        if path.extension()? != EXTENSION || age.unwrap_or_default() > MAX_AGE {
            return None;
        }
        let mut bytes = fs::read(path).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let json = self.key.open_in_place(nonce, bound_to(id), sealed).ok()?;
        Some((id, String::from_utf8(json.to_vec()).ok()?))
    }

    fn path(&self, id: u64) -> PathBuf {
        self.folder.join(format!("{id}.{EXTENSION}"))
    }
}

/// Binds the content of a file to its update. Files of earlier versions are bound to 32-bit ids, as
/// Telegram's are.
fn bound_to(id: u64) -> Aad<Vec<u8>> {
    Aad::from(match u32::try_from(id) {
        Ok(id) => id.to_be_bytes().to_vec(),
        Err(_) => id.to_be_bytes().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delayed_updates_survive_a_restart_encrypted_until_they_are_removed() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("telegram");
        let open = |token| DelayedUpdates::open("Telegram", &folder, token);
        let store = open("1:secret").expect("a folder");
        let busy = open("1:secret").err();
        let busy = busy.map(|error| error.kind());
        assert_eq!(busy, Some(io::ErrorKind::WouldBlock));
        for (id, json) in [(10, "{\"text\":\"解約\"}"), (9, "{}"), (u64::MAX, "x")] {
            store.put(id, json).expect("a file");
        }
        store.remove(u64::MAX);
        let bytes = fs::read(store.path(10)).expect("bytes");
        assert!(!String::from_utf8_lossy(&bytes).contains("解約"));
        drop(store);

        // The file of another update is no answer to this one.
        fs::copy(folder.join("9.update"), folder.join("12.update")).expect("a copy");
        fs::write(folder.join("13.update"), "short").expect("a file");
        fs::write(folder.join(".tmpabc"), "unfinished").expect("a file");
        let store = open("1:secret").expect("a folder");
        let found = store.load().expect("updates");
        let expected = [(9, "{}"), (10, "{\"text\":\"解約\"}")];
        assert_eq!(found, expected.map(|(id, json)| (id, json.to_owned())));
        assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 3);
        drop(store);
        // Another bot cannot read them.
        let store = open("2:secret").expect("a folder");
        assert_eq!(store.load().expect("updates"), []);
    }
}
