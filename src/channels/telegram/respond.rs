//! A member's message or press -> the bot's operations in the chat.

use teloxide::types::{Me, MessageId};

use super::send::{Operation, Outgoing};
use super::update::{Incoming, Input, Pressed};
use super::{format, keyboard};
use crate::channels::bot::command::Command;
use crate::channels::bot::{Action, Core, Press, Profile, Turn, View};
use crate::knowledge::{Language, Sentence};

/// Length limit of the notice after a press.
const MAX_NOTICE_CHARS: usize = 200;

/// The commands in order.
pub(super) const COMMANDS: [(&str, &str, Sentence); 5] = [
    ("ask", "ask", Sentence::CommandAsk),
    ("topics", "topics", Sentence::CommandTopics),
    ("contact", "contact", Sentence::CommandContact),
    ("help", "help", Sentence::CommandHelp),
    ("start", "start", Sentence::CommandStart),
];

/// Describes this channel to the core.
pub(super) fn profile(me: &Me) -> Profile {
    Profile {
        channel: "telegram",
        bot: me.user.username.clone().unwrap_or_default(),
        help: Sentence::BotHelp,
        commands: &COMMANDS,
        categories_per_page: 20,
        questions_per_page: 10,
        introduces_single_desk: false,
    }
}

/// The notice that appears as soon as a button is pressed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// Nothing: the response is a message.
    None,
    /// Thanks for a verdict, before the press is handled.
    Thanks(String),
    /// The target of the button no longer exists; the press is not handled.
    Gone(String),
}

impl Notice {
    /// Chooses the notice without the conversation, so it does not wait for the chat's queue.
    pub(super) fn new(core: &Core, press: Option<&Press>, language: Language) -> Self {
        let assistant = core.assistant.load();
        let messages = &assistant.knowledge().messages;
        let sentence = |sentence| {
            let text = messages.render(sentence, language, &[]);
            text.chars().take(MAX_NOTICE_CHARS).collect()
        };
        let today = assistant.today(core.now());
        let is_shown = |id| assistant.knowledge().shown(id, today).is_some();
        match press {
            Some(Press::Share(_) | Press::Draft(_)) | None => {
                Self::Gone(sentence(Sentence::ButtonGone))
            }
            Some(press) if !press.entry().is_none_or(is_shown) => {
                Self::Gone(sentence(Sentence::ButtonGone))
            }
            Some(Press::Helpful(_)) => Self::Thanks(sentence(Sentence::HelpfulThanks)),
            Some(_) => Self::None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Thanks(text) | Self::Gone(text) => Some(text),
        }
    }
}

/// Responds to a message or a press.
pub(super) async fn respond(core: &Core, incoming: &Incoming) -> Vec<Operation> {
    // The ids of groups are negative.
    let chat = incoming.chat.0.cast_unsigned();
    let key = (chat, incoming.member.cast_unsigned());
    let turn = core.turn(key, incoming.language).await;
    match &incoming.input {
        Input::Unsupported => vec![send(&turn, &turn.show_sentence(Sentence::TextOnly))],
        Input::Command(command) => {
            let views = match command {
                Command::Ask(text) => turn.ask_in_reply(text, incoming.replied.as_deref()).await,
                command => turn.command(command).await,
            };
            views.iter().map(|view| send(&turn, view)).collect()
        }
        Input::Press(pressed) => {
            let message = u64::from(pressed.message.0.cast_unsigned());
            let press = pressed.press.as_ref();
            let actions = press.and_then(|press| turn.press(press, message));
            let actions = actions.into_iter().flatten();
            actions
                .filter_map(|action| operation(&turn, action, pressed))
                .collect()
        }
    }
}

/// Returns the apology after a panic.
pub(super) fn apologize(core: &Core, language: Language) -> Operation {
    let mut html = super::html::Html::default();
    html.text(&core.sentence(Sentence::FailedServer, language));
    Operation::Send(Outgoing {
        html,
        keyboard: None,
    })
}

fn operation(turn: &Turn<'_>, action: Action<'_>, pressed: &Pressed) -> Option<Operation> {
    let message: MessageId = pressed.message;
    match action {
        Action::Send(view) => Some(send(turn, &view)),
        Action::Replace(view) => Some(Operation::Edit(message, outgoing(turn, &view))),
        // The notice already contains the thanks.
        Action::Thank(_) => None,
        Action::RemoveVerdict => {
            let left = pressed.markup.as_ref().and_then(keyboard::without_verdict);
            left.map(|markup| Operation::EditButtons(message, markup))
        }
    }
}

fn send(turn: &Turn<'_>, view: &View<'_>) -> Operation {
    Operation::Send(outgoing(turn, view))
}

fn outgoing(turn: &Turn<'_>, view: &View<'_>) -> Outgoing {
    Outgoing {
        html: format::view(view),
        keyboard: keyboard::of(view, &turn.render(Sentence::DraftCopy, &[])),
    }
}
