//! Recognises messages that need no answer of their own: an edit that leaves the text as it was, and
//! a further picture of an album.
//!
//! Telegram reports an edit for each position of a live location, for the preview of a link, and for
//! changes that a bot cannot see. Invariants: memory is bounded; no words of a member are stored.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZero;
use std::sync::{Mutex, PoisonError};

use lru::LruCache;
use teloxide::types::{ChatId, MessageId};

use crate::channels::bot::RecentIds;

/// Number of messages whose texts are remembered.
const MAX_TEXTS: NonZero<usize> = NonZero::new(20_000).expect("not 0");

/// Number of albums that are remembered.
const MAX_ALBUMS: usize = 2_000;

/// A version of a message: as it was sent, or after an edit.
#[derive(Debug)]
pub(super) struct Version {
    message: MessageId,
    is_edit: bool,
    /// The hash of the text.
    text: Option<u64>,
    /// The id that all messages of an album have.
    album: Option<String>,
}

impl Version {
    pub(super) fn new(
        message: MessageId,
        is_edit: bool,
        text: Option<&str>,
        album: Option<String>,
    ) -> Self {
        let hash = |text: &str| {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            hasher.finish()
        };
        Self {
            message,
            is_edit,
            text: text.map(hash),
            album,
        }
    }
}

/// The texts and albums of recent messages.
pub(super) struct Versions {
    texts: Mutex<LruCache<(ChatId, MessageId), u64>>,
    albums: RecentIds<(ChatId, String)>,
}

impl Versions {
    pub(super) fn new() -> Self {
        Self {
            texts: Mutex::new(LruCache::sparse(MAX_TEXTS)),
            albums: RecentIds::new(MAX_ALBUMS),
        }
    }

    /// Remembers a version; `false` if it needs no answer of its own.
    pub(super) fn insert(&self, chat: ChatId, version: Version) -> bool {
        let is_new_album = version
            .album
            .is_none_or(|album| self.albums.insert((chat, album)));
        let Some(text) = version.text else {
            return is_new_album && !version.is_edit;
        };
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let before = texts.put((chat, version.message), text);
        !version.is_edit || before != Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_without_a_new_text_and_further_pictures_of_an_album_need_no_answer() {
        let versions = Versions::new();
        let insert = |id, is_edit, text, album: Option<&str>| {
            let album = album.map(str::to_owned);
            versions.insert(ChatId(7), Version::new(MessageId(id), is_edit, text, album))
        };
        assert!(insert(1, false, Some("会費は"), None));
        assert!(!insert(1, true, Some("会費は"), None));
        assert!(insert(1, true, Some("会費はいくら"), None));
        assert!(!insert(1, true, Some("会費はいくら"), None));
        // The bot was not running when the message was sent.
        assert!(insert(2, true, Some("会費は"), None));
        assert!(insert(3, false, None, None));
        assert!(!insert(3, true, None, None));
        assert!(insert(4, false, None, Some("a")));
        assert!(!insert(5, false, None, Some("a")));
        assert!(insert(6, false, Some("会費は"), Some("a")));
        assert!(insert(7, false, None, Some("b")));
    }
}
