//! The languages of members, from their profiles.
//!
//! Invariants: of a profile nothing but the language is kept; memory is bounded; an answer does not wait
//! for a profile longer than for one short call.

use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;

use super::api::Api;
use super::event::{Incoming, Input};
use crate::channels::bot::command::Command;
use crate::channels::bot::guessed_language;
use crate::knowledge::Language;

/// Number of members whose language is kept.
const MAX_PROFILES: usize = 20_000;

/// Time for which a language is kept.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The languages of recent members.
pub(super) struct Profiles {
    api: Arc<Api>,
    /// By the number of the member; `None` if the member does not share it.
    kept: Mutex<LruCache<u64, (Option<Language>, Instant)>>,
}

impl Profiles {
    pub(super) fn new(api: Arc<Api>) -> Self {
        let capacity = NonZero::new(MAX_PROFILES).unwrap_or(NonZero::<usize>::MIN);
        Self {
            api,
            kept: Mutex::new(LruCache::sparse(capacity)),
        }
    }

    /// Returns the language in which to answer: that of the member's profile, or else of the text.
    pub(super) async fn language(&self, incoming: &Incoming) -> Language {
        let known = match &incoming.user {
            Some(user) => self.known(incoming.key.1, user).await,
            None => None,
        };
        known.unwrap_or_else(|| match &incoming.input {
            Input::Command(Command::Ask(text)) => guessed_language(text),
            _ => Language::default(),
        })
    }

    async fn known(&self, member: u64, user: &str) -> Option<Language> {
        let kept = self.lock().get(&member).copied();
        if let Some((language, since)) = kept
            && since.elapsed() < LIFETIME
        {
            return language;
        }
        match self.api.language(user).await {
            Ok(language) => {
                self.lock().put(member, (language, Instant::now()));
                language
            }
            Err(error) => {
                tracing::debug!(%error, "LINE: profile not read");
                // A member of a group who is not a friend of the bot has none.
                if !error.is_temporary() {
                    self.lock().put(member, (None, Instant::now()));
                }
                None
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<u64, (Option<Language>, Instant)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
