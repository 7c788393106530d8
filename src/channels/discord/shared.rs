//! The state of the bot, and the type of its responses.

use serenity::builder::CreateInteractionResponse;

use super::commands::COMMANDS;
use super::components::MAX_OPTIONS;
use super::embed::Page;
use crate::channels::Clock;
use crate::channels::bot::{Core, Profile, RecentIds, Service};
use crate::knowledge::Sentence;

/// Number of shared answers that are remembered, so that a second press does not share an answer
/// again.
const MAX_SHARED: usize = 20_000;

/// The state of the bot.
pub(super) struct Shared {
    pub(super) core: Core,
    /// The messages whose answers were shared with all members.
    pub(super) shown: RecentIds<u64>,
    /// Public scheme and host, for links to an entry's page.
    pub(super) public_url: Option<String>,
}

/// The response to an interaction.
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
        let profile = Profile {
            channel: "discord",
            bot: String::new(),
            help: Sentence::DiscordHelp,
            commands: &COMMANDS,
            categories_per_page: MAX_OPTIONS,
            questions_per_page: MAX_OPTIONS,
            introduces_single_desk: true,
        };
        Self {
            core: Core::new(service, clock, profile),
            shown: RecentIds::new(MAX_SHARED),
            public_url,
        }
    }
}
