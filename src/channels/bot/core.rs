//! The state of a bot, shared by its concurrent tasks.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::{Mutex, MutexGuard};

use super::conversations::{Conversations, Key};
use super::pool::AnswerPool;
use super::recent::RecentIds;
use crate::answer::Assistant;
use crate::channels::Clock;
use crate::channels::metrics::Metrics;
use crate::knowledge::{Language, Sentence};
use crate::records::Recorder;

/// Time limit for answers in progress after the shutdown signal.
pub(in crate::channels) const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// Number of conversations kept in memory.
const MAX_CONVERSATIONS: usize = 10_000;

/// Number of rated answers that are remembered, so that a second press is not counted again.
const MAX_RATED: usize = 20_000;

/// Number of locks that serialize turns; conversations that hash to the same lock wait for each
/// other.
const TURN_LOCKS: usize = 1_024;

/// Everything that a bot shares with the other channels.
#[derive(Clone)]
pub struct Service {
    /// The assistant over the newest knowledge that passed its checks.
    pub assistant: Arc<ArcSwap<Assistant>>,
    /// Counters of all channels.
    pub metrics: Arc<Metrics>,
    /// Records what was asked.
    pub records: Recorder,
}

/// Settings of a bot that depend on its messenger.
pub(in crate::channels) struct Profile {
    /// The name of the channel in the metrics.
    pub(in crate::channels) channel: &'static str,
    /// The name of the bot, which its help text contains.
    pub(in crate::channels) bot: String,
    /// The sentence that explains the bot.
    pub(in crate::channels) help: Sentence,
    /// The commands in order: the name in English and in Japanese, and the description.
    pub(in crate::channels) commands: &'static [(&'static str, &'static str, Sentence)],
    /// Number of categories on a page.
    pub(in crate::channels) categories_per_page: usize,
    /// Number of questions on a page.
    pub(in crate::channels) questions_per_page: usize,
    /// Whether the contact introduction is also shown above a single desk.
    pub(in crate::channels) introduces_single_desk: bool,
}

/// A bot, independent of its messenger.
pub(in crate::channels) struct Core {
    pub(in crate::channels) assistant: Arc<ArcSwap<Assistant>>,
    pub(in crate::channels) pool: AnswerPool,
    pub(super) metrics: Arc<Metrics>,
    pub(super) records: Recorder,
    pub(super) profile: Profile,
    pub(super) conversations: Conversations,
    pub(super) rated: RecentIds<(Key, u64)>,
    clock: Clock,
    turn_locks: Vec<Mutex<()>>,
}

impl Core {
    /// Reports in the metrics whether the bot is connected to its messenger.
    pub(in crate::channels) fn note_connection(&self, is_connected: bool) {
        self.metrics
            .set_bot_connected(self.profile.channel, is_connected);
    }

    /// Reports in the metrics that something was just received from the messenger.
    pub(in crate::channels) fn note_contact(&self) {
        self.metrics.note_bot_contact(self.profile.channel);
    }

    /// Reports in the metrics how many messages are not yet handled, and the age of the oldest one.
    pub(in crate::channels) fn note_pending(&self, pending: usize, oldest: Option<Duration>) {
        let channel = self.profile.channel;
        self.metrics.set_bot_pending(channel, pending, oldest);
    }

    pub(in crate::channels) fn new(service: Service, clock: Clock, profile: Profile) -> Self {
        Self {
            assistant: service.assistant,
            pool: AnswerPool::new(profile.channel),
            metrics: service.metrics,
            records: service.records,
            profile,
            conversations: Conversations::new(MAX_CONVERSATIONS),
            rated: RecentIds::new(MAX_RATED),
            clock,
            turn_locks: (0..TURN_LOCKS).map(|_| Mutex::new(())).collect(),
        }
    }

    /// Returns the name of the bot.
    pub(in crate::channels) fn bot(&self) -> &str {
        &self.profile.bot
    }

    pub(in crate::channels) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Waits for earlier turns of a conversation, and locks out later ones.
    pub(super) async fn lock_turn(&self, key: Key) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let lock = usize::try_from(hasher.finish() % TURN_LOCKS as u64).unwrap_or_default();
        self.turn_locks[lock].lock().await
    }

    /// Renders a sentence that has no placeholders.
    pub(in crate::channels) fn sentence(&self, sentence: Sentence, language: Language) -> String {
        let assistant = self.assistant.load();
        let messages = &assistant.knowledge().messages;
        messages.render(sentence, language, &[])
    }
}
