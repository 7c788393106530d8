//! One member's turn: what is asked, chosen or pressed -> the messages that say it.
//!
//! Invariant: it decides nothing that belongs to an answer; see [`crate::answer::render`].

use jiff::Timestamp;
use jiff::civil::Date;
use serenity::builder::{
    CreateActionRow, CreateAllowedMentions, CreateInteractionResponse,
    CreateInteractionResponseMessage,
};
use serenity::model::application::{
    CommandInteraction, CommandType, ComponentInteraction, ComponentInteractionDataKind,
};
use serenity::model::channel::{Message, MessageFlags};

use super::autocomplete::chosen;
use super::components::{self, Circumstances, Press};
use super::embed::{self, Page, pages};
use super::markdown::{cut, escape};
use super::respond::{CHANNEL, Key, Response, Shared};
use super::{commands, modal, topics};
use crate::answer::{
    Answer, Assistant, ContactStatus, Conversation, MAX_QUESTION_CHARS, Question, render,
};
use crate::channels::bot::Ongoing;
use crate::knowledge::{Desk, DeskId, EntryId, KnowledgeBase, Language, Sentence};

/// Longest question that is shown again over its answer, in characters.
const LONGEST_ECHO: usize = 300;

/// One member's turn.
pub(super) struct Responder<'a> {
    pub(super) shared: &'a Shared,
    pub(super) assistant: &'a Assistant,
    pub(super) knowledge: &'a KnowledgeBase,
    pub(super) key: Key,
    pub(super) language: Language,
    pub(super) now: Timestamp,
    /// Whether only the member sees what is said.
    pub(super) is_ephemeral: bool,
    pub(super) is_guild: bool,
}

impl Responder<'_> {
    pub(super) fn command(mut self, command: &CommandInteraction) -> Response {
        let data = &command.data;
        if data.kind == CommandType::Message {
            let messages = data.resolved.messages.values();
            let text = messages.map(|message| message.content.trim()).next();
            return Response::messages(match text {
                Some(text) if !text.is_empty() => self.ask(text),
                _ => self.say(Sentence::TextOnly),
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
                    Some(entry) => self.choose(&entry, 0).unwrap_or_else(|| self.gone()),
                    None => self.ask_aloud(question),
                }
            }
            commands::CONTACT => self.contact(None),
            commands::TOPICS => vec![self.visible(topics::list(&self, 0))],
            _ => commands::help(&self),
        };
        Response::messages(pages)
    }

    pub(super) fn press(&self, pressed: &ComponentInteraction) -> Response {
        let id = match &pressed.data.kind {
            ComponentInteractionDataKind::StringSelect { values } => values.first(),
            _ => Some(&pressed.data.custom_id),
        };
        let message = &*pressed.message;
        let press = id.and_then(|id| Press::parse(id));
        let update = |page: Page| {
            let update = CreateInteractionResponse::UpdateMessage(page.update());
            Some(Response::new(update))
        };
        let response = match &press {
            Some(Press::Entry(depth, id)) => self.choose(id, *depth).map(Response::messages),
            Some(Press::Helpful(id)) => self.rate(id, None, message),
            Some(Press::NotHelpful(depth, id)) => self.rate(id, Some(*depth), message),
            Some(Press::Share(id)) => self.share(id, message),
            Some(Press::Desks) => Some(Response::messages(self.contact(None))),
            Some(Press::Desk(id)) => Some(Response::messages(self.contact(Some(id)))),
            Some(Press::Topics(from)) => update(topics::list(self, *from)),
            Some(Press::Category(from, id)) => topics::category(self, id, *from).and_then(update),
            Some(Press::Draft(desk)) => {
                let form = modal::form(self, message, desk.as_ref());
                Some(Response::new(CreateInteractionResponse::Modal(form)))
            }
            None => None,
        };
        response.unwrap_or_else(|| Response::messages(self.gone()))
    }

    /// Answers a question, and shows it over the answer.
    fn ask_aloud(&self, text: &str) -> Vec<Page> {
        let mut pages = self.ask(text);
        if let Some(page) = pages.first_mut() {
            let question = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let question = escape(&cut(&question, LONGEST_ECHO));
            let rest = std::mem::take(page);
            *page = Page {
                embeds: rest.embeds,
                rows: rest.rows,
                is_ephemeral: rest.is_ephemeral,
                ..Page::of(&format!("> {question}\n{}", rest.content))
            };
        }
        pages
    }

    pub(super) fn ask(&self, text: &str) -> Vec<Page> {
        if text.chars().count() > MAX_QUESTION_CHARS {
            let longest = MAX_QUESTION_CHARS.to_string();
            let text = self.render(Sentence::TooLong, &[("longest", &longest)]);
            return vec![self.visible(Page::of(&escape(&text)))];
        }
        let question = Question {
            text,
            desk: None,
            language: self.language,
        };
        let Ongoing { state, rated } = self.ongoing();
        let answer = self.assistant.answer_now(&question, state, self.now);
        self.count(&answer);
        self.give(answer, rated)
    }

    /// Gives an entry's answer; `None` if it is not shown any more.
    fn choose(&self, entry: &EntryId, depth: u8) -> Option<Vec<Page>> {
        let Ongoing { state, rated } = self.ongoing();
        let state = deepened(state, depth);
        let answer = self
            .assistant
            .choose(entry, self.language, state, self.now)?;
        self.count(&answer);
        Some(self.give(answer, rated))
    }

    /// Takes note whether an answer helped, and takes the buttons that ask away where nobody else
    /// has use of them. A second press on the same answer is no second verdict.
    fn rate(&self, entry: &EntryId, depth: Option<u8>, message: &Message) -> Option<Response> {
        let is_helpful = depth.is_none();
        let mut ongoing = self.ongoing();
        let number = i64::try_from(message.id.get()).ok()?;
        // In a direct message nobody else is there.
        let is_own = !self.is_ephemeral || is_ephemeral(message);
        let update = is_own.then(|| without(message, Press::is_verdict));
        let update = update.map(CreateInteractionResponse::UpdateMessage);
        let is_new = self.shared.rated.insert((self.key.1, message.id.get()));
        if !is_new || ongoing.rated == Some(number) {
            let first = update.unwrap_or(CreateInteractionResponse::Acknowledge);
            return Some(Response::new(first));
        }
        if ongoing.rated < Some(number) {
            ongoing.rated = Some(number);
            self.shared.metrics.count_feedback(CHANNEL, is_helpful);
            tracing::info!(entry = entry.as_str(), is_helpful, "feedback");
        }
        // A verdict may come from somebody else, to another replica, or long after the answer.
        if ongoing.state.last_entry.as_ref() != Some(entry) {
            let state = deepened(ongoing.state, depth.unwrap_or_default());
            let answer = self
                .assistant
                .choose(entry, self.language, state, self.now)?;
            ongoing.state = answer.conversation;
        }
        let state = ongoing.state;
        let answer = self
            .assistant
            .rate(is_helpful, self.language, state, self.now);
        let pages = self.give(answer, ongoing.rated);
        Some(match update {
            Some(first) => Response { first, then: pages },
            None => Response::messages(pages),
        })
    }

    /// Shows an answer to all, once.
    fn share(&self, entry: &EntryId, message: &Message) -> Option<Response> {
        let conversation = Conversation::new(self.now);
        let answer = self
            .assistant
            .choose(entry, self.language, conversation, self.now)?;
        let without = without(message, |press| matches!(press, Press::Share(_)));
        let first = CreateInteractionResponse::UpdateMessage(without);
        // The second press was on its way before the button was gone.
        if !self.shared.shown.insert(message.id.get()) {
            return Some(Response::new(first));
        }
        let all = Self {
            is_ephemeral: false,
            ..*self
        };
        let mut then = all.show(&answer);
        let member = format!("<@{}>", self.key.1);
        let by = self.render(Sentence::SharedBy, &[("member", &member)]);
        if let Some(page) = then.first_mut() {
            page.content = by;
        }
        Some(Response { first, then })
    }

    fn count(&self, answer: &Answer) {
        let metrics = &self.shared.metrics;
        metrics.count_answer(CHANNEL, answer.outcome.name());
    }

    /// Keeps an answer's conversation and lays the answer out.
    fn give(&self, answer: Answer, rated: Option<i64>) -> Vec<Page> {
        let pages = self.show(&answer);
        let state = answer.conversation;
        let conversations = &self.shared.conversations;
        conversations.keep(self.key, Ongoing { state, rated });
        pages
    }

    fn show(&self, answer: &Answer) -> Vec<Page> {
        let reply = render(answer, self.knowledge, self.language, self.today());
        let entry = answer
            .entry
            .and_then(|index| self.knowledge.entries.get(index));
        let escalation = answer.escalation.as_ref();
        let url = entry.and_then(|entry| self.page(&entry.id));
        let draft = escalation.map(|escalation| &escalation.draft);
        let cards = embed::cards(&reply, entry, url, draft);
        let circumstances = Circumstances {
            messages: &self.knowledge.messages,
            language: self.language,
            depth: answer.conversation.not_helpful,
            can_share: self.is_ephemeral && self.is_guild,
            desk: escalation.and_then(|escalation| escalation.desk.as_ref()),
        };
        let rows = components::reply(&reply, entry, &circumstances);
        pages(&escape(&reply.message), &cards, rows, self.is_ephemeral)
    }

    /// Shows one desk, or all.
    fn contact(&self, desk: Option<&DeskId>) -> Vec<Page> {
        let contacts = self.contacts(desk);
        let introduction = self.render(Sentence::ContactIntroduction, &[]);
        let forms = components::forms(contacts.iter().flat_map(|(_, points)| points));
        let rows = (!forms.is_empty()).then_some(CreateActionRow::Buttons(forms));
        let cards: Vec<_> = embed::contacts(&contacts).into_iter().collect();
        let rows = rows.into_iter().collect();
        pages(&escape(&introduction), &cards, rows, self.is_ephemeral)
    }

    /// Returns one desk, or all.
    pub(super) fn desks(&self, desk: Option<&DeskId>) -> impl Iterator<Item = &Desk> {
        let desk = desk.and_then(|id| self.knowledge.desk(id.as_str()));
        let all = &self.knowledge.desks[..];
        desk.map_or(all, std::slice::from_ref).iter()
    }

    /// Describes the contact points of one desk, or of all, under their headings.
    pub(super) fn contacts(&self, desk: Option<&DeskId>) -> Vec<(String, Vec<ContactStatus>)> {
        let contacts = self.desks(desk).map(|desk| {
            let name = desk.name.get(self.language);
            let heading = self.render(Sentence::Contact, &[("desk", name)]);
            let points = self.assistant.contact_points(desk, self.language, self.now);
            (heading, points)
        });
        contacts.collect()
    }

    fn page(&self, entry: &EntryId) -> Option<String> {
        let origin = self.shared.public_url.as_ref()?;
        Some(format!("{origin}/entries/{entry}"))
    }

    /// Says that a button leads nowhere any more, to the member alone.
    pub(super) fn gone(&self) -> Vec<Page> {
        let mut pages = self.say(Sentence::ButtonGone);
        for page in &mut pages {
            page.is_ephemeral = true;
        }
        pages
    }

    pub(super) fn say(&self, sentence: Sentence) -> Vec<Page> {
        vec![self.visible(Page::of(&escape(&self.render(sentence, &[]))))]
    }

    pub(super) fn visible(&self, page: Page) -> Page {
        Page {
            is_ephemeral: self.is_ephemeral,
            ..page
        }
    }

    pub(super) fn render(&self, sentence: Sentence, values: &[(&str, &str)]) -> String {
        let messages = &self.knowledge.messages;
        messages.render(sentence, self.language, values)
    }

    /// Returns the day by which entries are shown.
    pub(super) fn today(&self) -> Date {
        self.assistant.today(self.now)
    }

    fn ongoing(&self) -> Ongoing {
        let conversations = &self.shared.conversations;
        conversations.resume(&self.key, self.knowledge, self.now)
    }
}

/// Takes over from a button how often the member was not helped, where that was forgotten.
fn deepened(mut state: Conversation, depth: u8) -> Conversation {
    if depth > state.not_helpful {
        state.not_helpful = depth;
        state.is_choosing = true;
    }
    state
}

/// Tells whether only one member sees a message.
fn is_ephemeral(message: &Message) -> bool {
    let flags = message.flags;
    flags.is_some_and(|flags| flags.contains(MessageFlags::EPHEMERAL))
}

/// Leaves a message as it is, without some of its buttons.
fn without(
    message: &Message,
    is_gone: impl Fn(&Press) -> bool,
) -> CreateInteractionResponseMessage {
    let rows = components::without(&message.components, is_gone);
    CreateInteractionResponseMessage::new()
        .components(rows)
        .allowed_mentions(CreateAllowedMentions::new())
}
