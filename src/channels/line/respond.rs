//! A member's message or press -> the messages of the reply.

use serde_json::Value;

use super::event::{Incoming, Input};
use super::layout::{layout, texts};
use crate::channels::bot::{Action, Core, Press, Profile, Turn, View};
use crate::knowledge::{Language, Sentence};

/// The commands in order. On LINE they are words, which the buttons of the help also send.
const COMMANDS: [(&str, &str, Sentence); 3] = [
    ("topics", "一覧", Sentence::CommandTopics),
    ("contact", "窓口", Sentence::CommandContact),
    ("help", "使い方", Sentence::CommandHelp),
];

/// Describes this channel to the core.
pub(super) fn profile() -> Profile {
    Profile {
        channel: "line",
        // Members address the bot by its name only in groups, where LINE completes it.
        bot: String::new(),
        help: Sentence::LineHelp,
        commands: &COMMANDS,
        categories_per_page: 20,
        questions_per_page: 10,
        introduces_single_desk: false,
    }
}

/// Responds to an event; without messages if there is nothing to say.
pub(super) async fn respond(
    core: &Core,
    incoming: &Incoming,
    language: Language,
    public_url: Option<&str>,
) -> Vec<Value> {
    let turn = core.turn(incoming.key, language).await;
    let views = match &incoming.input {
        Input::Command(command) => turn.command(command).await,
        Input::Unsupported => vec![turn.show_sentence(Sentence::TextOnly)],
        Input::Joined => vec![turn.help()],
        Input::Press(pressed) => press(&turn, pressed.as_ref()),
    };
    layout(&views, &turn, incoming.id, public_url)
}

/// Returns the apology after a panic.
pub(super) fn apologize(core: &Core, language: Language) -> Vec<Value> {
    texts(&core.sentence(Sentence::FailedServer, language))
}

fn press<'a>(turn: &'a Turn<'_>, pressed: Option<&(Press, u64)>) -> Vec<View<'a>> {
    let actions = pressed.and_then(|(press, answer)| turn.press(press, *answer));
    let Some(actions) = actions else {
        return vec![turn.show_sentence(Sentence::ButtonGone)];
    };
    let views = actions.into_iter().filter_map(|action| match action {
        // LINE cannot change a message that was sent.
        Action::Send(view) | Action::Thank(view) | Action::Replace(view) => Some(view),
        Action::RemoveVerdict => None,
    });
    views.collect()
}
