//! An interaction -> its one response, and the messages that follow it; a message -> its answer.
//!
//! Pure but for the conversations and the counters, and the same for both ways in. Invariants: it
//! decides nothing that belongs to an answer; see [`crate::answer::render`]. Every interaction has
//! a response; what matters for it rides in the button, so that a replica that never heard of the
//! conversation responds as well.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use serenity::builder::CreateInteractionResponse;
use serenity::model::application::{Interaction, InteractionContext};

use super::autocomplete::complete;
use super::embed::Page;
use super::markdown::escape;
use super::turn::Responder;
use super::{commands, modal};
use crate::answer::Assistant;
use crate::channels::Clock;
use crate::channels::bot::{Conversations, MAX_CONVERSATIONS, RecentIds, Service};
use crate::channels::metrics::Metrics;
use crate::knowledge::{Language, Sentence};

/// The name of this channel in the metrics.
pub(super) const CHANNEL: &str = "discord";

/// Messages that are remembered, so that a second press before a button is gone does nothing.
const MOST_SEEN: usize = 20_000;

/// Locks for turns; conversations that fall on the same one wait for each other.
const TURNS: usize = 64;

/// Whose conversation it is: the channel, and who speaks in it.
pub(super) type Key = (u64, u64);

/// What the bot answers from.
pub(super) struct Shared {
    pub(super) assistant: Arc<ArcSwap<Assistant>>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: Clock,
    pub(super) conversations: Conversations<Key>,
    /// Who gave a verdict on which message.
    pub(super) rated: RecentIds<(u64, u64)>,
    /// The messages that were shown to all.
    pub(super) shown: RecentIds<u64>,
    /// One of these is held while a member's turn is computed.
    turns: [Mutex<()>; TURNS],
    /// Scheme and host that members see, for links to an entry's page.
    pub(super) public_url: Option<String>,
}

/// What the bot does about an interaction.
pub(super) struct Response {
    pub(super) first: CreateInteractionResponse,
    /// Messages that follow, in order.
    pub(super) then: Vec<Page>,
}

impl Response {
    pub(super) fn new(first: CreateInteractionResponse) -> Self {
        Self {
            first,
            then: Vec::new(),
        }
    }

    pub(super) fn messages(mut pages: Vec<Page>) -> Self {
        let then = pages.split_off(pages.len().min(1));
        let first = pages.pop().unwrap_or_default();
        Self {
            first: CreateInteractionResponse::Message(first.response()),
            then,
        }
    }
}

impl Shared {
    pub(super) fn new(service: Service, clock: Clock, public_url: Option<String>) -> Self {
        Self {
            assistant: service.assistant,
            metrics: service.metrics,
            clock,
            conversations: Conversations::new(MAX_CONVERSATIONS),
            rated: RecentIds::new(MOST_SEEN),
            shown: RecentIds::new(MOST_SEEN),
            turns: [const { Mutex::new(()) }; TURNS],
            public_url,
        }
    }

    /// Waits for earlier turns of the same conversation; others share a lock now and then.
    fn turn(&self, key: Key) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let index = usize::try_from(hasher.finish() % TURNS as u64).unwrap_or_default();
        self.turns[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Responds to an interaction.
    pub(super) fn respond(&self, interaction: &Interaction) -> Response {
        let assistant = self.assistant.load_full();
        let Some(place) = Place::of(interaction) else {
            let Interaction::Autocomplete(typing) = interaction else {
                return Response::new(CreateInteractionResponse::Pong);
            };
            let text = typing.data.autocomplete().map_or("", |option| option.value);
            let choices = complete(&assistant, text, self.now());
            return Response::new(CreateInteractionResponse::Autocomplete(choices));
        };
        let _turn = self.turn(place.key);
        let responder = Responder {
            shared: self,
            assistant: &assistant,
            knowledge: assistant.knowledge(),
            key: place.key,
            language: language_of(place.locale),
            now: self.now(),
            is_ephemeral: place.context != Some(InteractionContext::BotDm),
            is_guild: place.is_guild,
        };
        match interaction {
            Interaction::Command(command) => responder.command(command),
            Interaction::Component(press) => responder.press(press),
            Interaction::Modal(submitted) => {
                let pages = modal::submitted(&responder, submitted);
                Response::messages(pages.unwrap_or_else(|| responder.gone()))
            }
            _ => Response::new(CreateInteractionResponse::Pong),
        }
    }

    /// Answers a message; an empty one with how the bot is used.
    pub(super) fn answer(&self, key: Key, text: &str, has_files: bool) -> Vec<Page> {
        let assistant = self.assistant.load_full();
        let _turn = self.turn(key);
        let responder = Responder {
            shared: self,
            assistant: &assistant,
            knowledge: assistant.knowledge(),
            key,
            language: language_in(text),
            now: self.now(),
            is_ephemeral: false,
            is_guild: false,
        };
        match text {
            "" if has_files => responder.say(Sentence::TextOnly),
            "" => commands::help(&responder),
            text => responder.ask(text),
        }
    }

    /// Says that something went wrong.
    pub(super) fn apology(&self, interaction: Option<&Interaction>) -> Page {
        let locale = match interaction {
            Some(Interaction::Command(command)) => Some(&command.locale),
            Some(Interaction::Component(press)) => Some(&press.locale),
            Some(Interaction::Modal(submitted)) => Some(&submitted.locale),
            _ => None,
        };
        let language = locale.map_or_else(Language::default, |locale| language_of(locale));
        let assistant = self.assistant.load();
        let messages = &assistant.knowledge().messages;
        let text = messages.render(Sentence::FailedServer, language, &[]);
        Page {
            is_ephemeral: interaction.is_some(),
            ..Page::of(&escape(&text))
        }
    }
}

/// Where an interaction comes from.
struct Place<'a> {
    key: Key,
    locale: &'a str,
    context: Option<InteractionContext>,
    is_guild: bool,
}

impl<'a> Place<'a> {
    /// Returns where a member's turn is; `None` for what is none.
    fn of(interaction: &'a Interaction) -> Option<Self> {
        match interaction {
            Interaction::Command(command) => Some(Self {
                key: (command.channel_id.get(), command.user.id.get()),
                locale: &command.locale,
                context: command.context,
                is_guild: command.guild_id.is_some(),
            }),
            Interaction::Component(press) => Some(Self {
                key: (press.channel_id.get(), press.user.id.get()),
                locale: &press.locale,
                context: press.context,
                is_guild: press.guild_id.is_some(),
            }),
            Interaction::Modal(submitted) => Some(Self {
                key: (submitted.channel_id.get(), submitted.user.id.get()),
                locale: &submitted.locale,
                // Of a form it is not told, and a draft is nobody else's matter.
                context: None,
                is_guild: submitted.guild_id.is_some(),
            }),
            _ => None,
        }
    }
}

/// Chooses the language of a member. One that is not spoken here is served in English.
fn language_of(locale: &str) -> Language {
    Language::from_tag(locale).unwrap_or(Language::English)
}

/// Chooses the language of a message, of which Discord tells none: Japanese, unless it is several
/// words in Latin letters.
fn language_in(text: &str) -> Language {
    let words = text.split_whitespace();
    let words = words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()));
    if text.is_ascii() && words.count() > 1 {
        Language::English
    } else {
        Language::Japanese
    }
}
