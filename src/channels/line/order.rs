//! Keeps the events of a chat in order, while those of other chats are handled at the same time.
//!
//! Invariant: at most [`MAX_WAITING`] events of a chat wait; memory is used only for chats in which some
//! do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Maximum number of events that wait in one chat.
const MAX_WAITING: usize = 100;

/// The chats with events that are not handled yet.
#[derive(Default)]
pub(super) struct Chats(Mutex<HashMap<u64, Chat>>);

struct Chat {
    waiting: usize,
    /// Ends when the newest event is handled.
    last: oneshot::Receiver<()>,
}

/// The place of an event in the order of its chat; dropped when the event is handled.
pub(super) struct Place {
    chats: Arc<Chats>,
    chat: u64,
    previous: Option<oneshot::Receiver<()>>,
    _handled: oneshot::Sender<()>,
}

impl Chats {
    /// Takes the last place in a chat; `None` if too many events wait there.
    pub(super) fn join(self: &Arc<Self>, chat: u64) -> Option<Place> {
        let (handled, last) = oneshot::channel();
        let mut chats = self.lock();
        let (waiting, previous) = match chats.remove(&chat) {
            Some(full) if full.waiting >= MAX_WAITING => {
                chats.insert(chat, full);
                return None;
            }
            Some(Chat { waiting, last }) => (waiting + 1, Some(last)),
            None => (1, None),
        };
        chats.insert(chat, Chat { waiting, last });
        Some(Place {
            chats: Arc::clone(self),
            chat,
            previous,
            _handled: handled,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Chat>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Waits until the earlier events of the chat are handled.
    pub(super) async fn wait(&mut self) {
        if let Some(previous) = self.previous.take() {
            // An error, since nothing is ever sent: the earlier event is handled.
            let _ = previous.await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut chats = self.chats.lock();
        if let Some(chat) = chats.get_mut(&self.chat) {
            chat.waiting -= 1;
            if chat.waiting == 0 {
                chats.remove(&self.chat);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn events_of_a_chat_wait_for_each_other_and_chats_are_forgotten() {
        let chats = Arc::new(Chats::default());
        let join = |chat| chats.join(chat).expect("a place");
        let (mut first, mut second) = (join(1), join(1));
        let mut other = join(2);
        first.wait().await;
        other.wait().await;
        let waits = tokio::time::timeout(std::time::Duration::from_millis(20), second.wait());
        assert!(waits.await.is_err());
        drop(first);
        second.wait().await;
        let places: Vec<_> = (1..MAX_WAITING).filter_map(|_| chats.join(1)).collect();
        assert_eq!(places.len(), MAX_WAITING - 1);
        assert!(chats.join(1).is_none());
        drop((second, other, places));
        assert!(chats.lock().is_empty());
    }
}
