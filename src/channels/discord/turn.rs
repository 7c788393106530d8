//! A member's command or press -> the response, laid out as pages.

use serenity::builder::{
    CreateAllowedMentions, CreateInteractionResponse, CreateInteractionResponseMessage,
};
use serenity::model::application::{
    CommandInteraction, CommandType, ComponentInteraction, ComponentInteractionDataKind,
};
use serenity::model::channel::{Message, MessageFlags};

use super::autocomplete::chosen;
use super::embed::{Page, pages};
use super::layout::layout;
use super::markdown::escape;
use super::shared::{Response, Shared};
use super::{commands, components, modal};
use crate::channels::bot::split::truncated;
use crate::channels::bot::{Action, Press, Turn, View};
use crate::knowledge::{EntryId, Sentence};

/// Length limit of the question that is repeated above its answer.
const MAX_ECHO_CHARS: usize = 300;

/// Responds in a member's turn.
pub(super) struct Responder<'a> {
    pub(super) shared: &'a Shared,
    pub(super) turn: Turn<'a>,
    pub(super) member: u64,
    /// Whether the response is visible to the member only.
    pub(super) is_ephemeral: bool,
    pub(super) is_guild: bool,
}

impl Responder<'_> {
    pub(super) async fn command(mut self, command: &CommandInteraction) -> Response {
        let data = &command.data;
        if data.kind == CommandType::Message {
            let messages = data.resolved.messages.values();
            let text = messages.map(|message| message.content.trim()).next();
            return Response::messages(match text {
                Some(text) if !text.is_empty() => self.all_pages(&self.turn.ask(text).await),
                _ => self.pages(&self.turn.show_sentence(Sentence::TextOnly)),
            });
        }
        let option = |name: &str| data.options.iter().find(|option| option.name == name);
        if let Some(true) = option(commands::PUBLIC).and_then(|option| option.value.as_bool()) {
            self.is_ephemeral = false;
        }
        let pages = match data.name.as_str() {
            commands::ASK => {
                let question = option(commands::QUESTION).and_then(|option| option.value.as_str());
                let question = question.unwrap_or_default();
                match chosen(question) {
                    Some(entry) => match self.turn.choose(&entry, 0) {
                        Some(view) => self.pages(&view),
                        None => self.gone(),
                    },
                    None => self.ask_with_echo(question).await,
                }
            }
            commands::CONTACT => self.pages(&self.turn.contact(None)),
            commands::TOPICS => self.pages(&self.turn.topics(0)),
            _ => self.pages(&self.turn.help()),
        };
        Response::messages(pages)
    }

    pub(super) fn press(&self, pressed: &ComponentInteraction) -> Response {
        let data = match &pressed.data.kind {
            ComponentInteractionDataKind::StringSelect { values } => values.first(),
            _ => Some(&pressed.data.custom_id),
        };
        let message = &*pressed.message;
        let response = match data.and_then(|data| Press::decode(data)) {
            Some(Press::Share(id)) => self.share(&id, message),
            Some(Press::Draft(desk)) => {
                let form = modal::form(&self.turn, message, desk.as_ref());
                Some(Response::new(CreateInteractionResponse::Modal(form)))
            }
            Some(press) => {
                let actions = self.turn.press(&press, message.id.get());
                actions.map(|actions| self.perform(actions, message))
            }
            None => None,
        };
        response.unwrap_or_else(|| Response::messages(self.gone()))
    }

    fn perform(&self, actions: Vec<Action<'_>>, message: &Message) -> Response {
        let mut update = None;
        let mut then = Vec::new();
        for action in actions {
            match action {
                Action::Send(view) | Action::Thank(view) => then.extend(self.pages(&view)),
                Action::Replace(view) => update = self.pages(&view).pop().map(Page::update),
                // A message in a channel keeps its buttons, because other members can see it.
                Action::RemoveVerdict if !self.is_ephemeral || is_ephemeral(message) => {
                    update = Some(without(message, Press::is_verdict));
                }
                Action::RemoveVerdict => {}
            }
        }
        match update.map(CreateInteractionResponse::UpdateMessage) {
            Some(first) => Response { first, then },
            None if then.is_empty() => Response::new(CreateInteractionResponse::Acknowledge),
            None => Response::messages(then),
        }
    }

    /// Answers a question, and repeats it above the answer.
    async fn ask_with_echo(&self, text: &str) -> Vec<Page> {
        let mut pages = self.all_pages(&self.turn.ask(text).await);
        if let Some(page) = pages.first_mut() {
            let question = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let question = escape(&truncated(&question, MAX_ECHO_CHARS));
            page.content = Page::of(&format!("> {question}\n{}", page.content)).content;
        }
        pages
    }

    /// Shows an answer to all members, once.
    fn share(&self, entry: &EntryId, message: &Message) -> Option<Response> {
        let view = self.turn.preview(entry)?;
        let without = without(message, |press| matches!(press, Press::Share(_)));
        let first = CreateInteractionResponse::UpdateMessage(without);
        // A second press may arrive before the button disappears.
        if !self.shared.shown.insert(message.id.get()) {
            return Some(Response::new(first));
        }
        let mut then = self.pages_for(&view, false);
        let member = format!("<@{}>", self.member);
        if let Some(page) = then.first_mut() {
            page.content = self.turn.render(Sentence::SharedBy, &[("member", &member)]);
        }
        Some(Response { first, then })
    }

    /// Lays out a message.
    pub(super) fn pages(&self, view: &View<'_>) -> Vec<Page> {
        self.pages_for(view, self.is_ephemeral)
    }

    /// Lays out messages that follow each other.
    pub(super) fn all_pages(&self, views: &[View<'_>]) -> Vec<Page> {
        views.iter().flat_map(|view| self.pages(view)).collect()
    }

    fn pages_for(&self, view: &View<'_>, is_ephemeral: bool) -> Vec<Page> {
        let (content, cards) = layout(view, self.shared.public_url.as_deref());
        let rows = components::rows(view, &self.turn, is_ephemeral && self.is_guild);
        pages(&content, &cards, rows, is_ephemeral)
    }

    /// Answers a press whose target no longer exists, visible to the member only.
    pub(super) fn gone(&self) -> Vec<Page> {
        self.pages_for(&self.turn.show_sentence(Sentence::ButtonGone), true)
    }
}

/// Returns whether a message is visible to one member only.
fn is_ephemeral(message: &Message) -> bool {
    let flags = message.flags;
    flags.is_some_and(|flags| flags.contains(MessageFlags::EPHEMERAL))
}

/// Updates a message by removing some of its buttons.
fn without(
    message: &Message,
    is_removed: impl Fn(&Press) -> bool,
) -> CreateInteractionResponseMessage {
    let rows = components::without(&message.components, is_removed);
    CreateInteractionResponseMessage::new()
        .components(rows)
        .allowed_mentions(CreateAllowedMentions::new())
}
