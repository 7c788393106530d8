//! An interaction -> its one response and the messages that follow; a message -> its answer.
//!
//! Shared by the gateway and the endpoint. Invariants: every interaction has a response; a button
//! contains all the data of its response, so that a replica without the conversation can respond.

use serenity::builder::CreateInteractionResponse;
use serenity::model::application::{Interaction, InteractionContext};

use super::asked::Asked;
use super::autocomplete::complete;
use super::embed::Page;
use super::markdown::escape;
use super::modal;
use super::shared::{Response, Shared};
use super::turn::Responder;
use crate::channels::bot::{Key, guessed_language};
use crate::knowledge::{Language, Sentence};

impl Shared {
    /// Responds to an interaction.
    pub(super) async fn respond(&self, interaction: &Interaction) -> Response {
        let Some(place) = Place::of(interaction) else {
            let Interaction::Autocomplete(typing) = interaction else {
                return Response::new(CreateInteractionResponse::Pong);
            };
            let text = typing.data.autocomplete().map_or("", |option| option.value);
            let choices = complete(&self.core, text, language_of(&typing.locale));
            return Response::new(CreateInteractionResponse::Autocomplete(choices));
        };
        let responder = Responder {
            shared: self,
            turn: self.core.turn(place.key, language_of(place.locale)).await,
            member: place.key.1,
            is_ephemeral: place.context != Some(InteractionContext::BotDm),
            is_guild: place.is_guild,
        };
        match interaction {
            Interaction::Command(command) => responder.command(command).await,
            Interaction::Component(press) => responder.press(press),
            Interaction::Modal(submitted) => {
                let pages = modal::submitted(&responder.turn, submitted, responder.is_ephemeral);
                Response::messages(pages.unwrap_or_else(|| responder.gone()))
            }
            _ => Response::new(CreateInteractionResponse::Pong),
        }
    }

    /// Answers a message; an empty one with an explanation of the bot.
    pub(super) async fn answer(&self, key: Key, asked: &Asked) -> Vec<Page> {
        let replied = asked.replied.as_deref();
        let words = match asked.text.as_str() {
            "" => replied.unwrap_or_default(),
            text => text,
        };
        let responder = Responder {
            shared: self,
            turn: self.core.turn(key, guessed_language(words)).await,
            member: key.1,
            is_ephemeral: false,
            is_guild: false,
        };
        let turn = &responder.turn;
        responder.all_pages(&match asked.text.as_str() {
            "" if asked.has_files => vec![turn.show_sentence(Sentence::TextOnly)],
            "" if replied.is_none() => vec![turn.help()],
            text => turn.ask_in_reply(text, replied).await,
        })
    }

    /// Returns the apology after a panic.
    pub(super) fn apology(&self, interaction: Option<&Interaction>) -> Page {
        let locale = match interaction {
            Some(Interaction::Command(command)) => Some(&command.locale),
            Some(Interaction::Component(press)) => Some(&press.locale),
            Some(Interaction::Modal(submitted)) => Some(&submitted.locale),
            _ => None,
        };
        let language = locale.map_or_else(Language::default, |locale| language_of(locale));
        let text = self.core.sentence(Sentence::FailedServer, language);
        Page {
            is_ephemeral: interaction.is_some(),
            ..Page::of(&escape(&text))
        }
    }
}

/// The origin of an interaction.
struct Place<'a> {
    key: Key,
    locale: &'a str,
    context: Option<InteractionContext>,
    is_guild: bool,
}

impl<'a> Place<'a> {
    /// Returns the place of a member's turn; `None` if the interaction is not a turn.
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
                // Discord sends no context for a form, so an edited draft is visible to the member
                // only, also in direct messages.
                context: None,
                is_guild: submitted.guild_id.is_some(),
            }),
            _ => None,
        }
    }
}

/// Returns the language of a locale; English if it is not supported.
fn language_of(locale: &str) -> Language {
    Language::from_tag(locale).unwrap_or(Language::English)
}
