//! What a member said -> what the bot does: the messages, edits and buttons.
//!
//! Pure but for the conversations and the counters. Invariant: it decides nothing that belongs to
//! an answer; see [`crate::answer::render`].

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use jiff::civil::Date;
use teloxide::types::{InlineKeyboardMarkup, Me, MessageId};

use super::html::Html;
use super::keyboard::{self, Press};
use super::update::{Pressed, Said, What};
use super::{Clock, format, topics};
use crate::answer::{Answer, Assistant, MAX_QUESTION_CHARS, Question, render};
use crate::channels::bot::command::Command;
use crate::channels::bot::{Conversations, Ongoing};
use crate::channels::metrics::Metrics;
use crate::knowledge::{EntryId, KnowledgeBase, Language, Sentence};

/// The name of this channel in the metrics.
const CHANNEL: &str = "telegram";

/// Longest text in answer to a press, in characters.
const LONGEST_NOTICE: usize = 200;

/// Whose conversation it is: the chat, and who speaks in it.
pub(super) type Key = (i64, i64);

/// What the bot answers from.
pub(super) struct Shared {
    pub(super) assistant: Arc<ArcSwap<Assistant>>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: Clock,
    pub(super) conversations: Conversations<Key>,
    pub(super) me: Me,
}

/// Something that the bot does in a chat.
#[derive(Debug)]
pub(super) enum Action {
    /// Sends a message.
    Send(Outgoing),
    /// Puts another text in place of a message's.
    Edit(MessageId, Outgoing),
    /// Puts other buttons in place of a message's.
    Buttons(MessageId, InlineKeyboardMarkup),
}

/// A message of any length.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) html: Html,
    pub(super) keyboard: Option<InlineKeyboardMarkup>,
}

/// What appears at once when a button is pressed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// Nothing: what was asked for comes as a message.
    None,
    /// A sentence, and then what was asked for.
    Thanks(String),
    /// A sentence, and nothing else.
    Gone(String),
}

impl Notice {
    /// Returns the sentence.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Thanks(text) | Self::Gone(text) => Some(text),
        }
    }
}

impl Shared {
    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Says what to tell at once about a press. Reads no conversation, so it need not wait for
    /// what else is done in the chat.
    pub(super) fn notice(&self, press: Option<&Press>, language: Language) -> Notice {
        let assistant = self.assistant.load();
        let knowledge = assistant.knowledge();
        let sentence = |sentence| {
            let text = knowledge.messages.render(sentence, language, &[]);
            text.chars().take(LONGEST_NOTICE).collect()
        };
        let today = assistant.today(self.now());
        let is_shown = |id| knowledge.shown(id, today).is_some();
        match press {
            Some(press) if press.entry().is_none_or(is_shown) => match press {
                Press::Helpful(_) => Notice::Thanks(sentence(Sentence::HelpfulThanks)),
                _ => Notice::None,
            },
            _ => Notice::Gone(sentence(Sentence::ButtonGone)),
        }
    }

    /// Does what a member asks for.
    pub(super) fn respond(&self, said: &Said) -> Vec<Action> {
        let assistant = self.assistant.load_full();
        let responder = Responder {
            shared: self,
            assistant: &assistant,
            knowledge: assistant.knowledge(),
            key: (said.chat.0, said.member),
            language: said.language,
            now: self.now(),
        };
        match &said.what {
            What::NotText => vec![responder.say(Sentence::TextOnly)],
            What::Command(command) => vec![responder.command(command)],
            What::Pressed(pressed) => responder.press(pressed),
        }
    }

    /// Says that something went wrong.
    pub(super) fn apologize(&self, language: Language) -> Action {
        let assistant = self.assistant.load();
        let messages = &assistant.knowledge().messages;
        plain(&messages.render(Sentence::FailedServer, language, &[]))
    }
}

/// One member's turn.
pub(super) struct Responder<'a> {
    pub(super) shared: &'a Shared,
    pub(super) assistant: &'a Assistant,
    pub(super) knowledge: &'a KnowledgeBase,
    pub(super) key: Key,
    pub(super) language: Language,
    pub(super) now: Timestamp,
}

impl Responder<'_> {
    fn command(&self, command: &Command) -> Action {
        match command {
            Command::Ask(text) => self.ask(text),
            Command::Help => Action::Send(self.help()),
            Command::Contact => Action::Send(self.contact(None)),
            Command::Topics => Action::Send(topics::list(self, 0)),
            Command::Start(parameter) => {
                let entry = parameter.as_deref().and_then(|id| EntryId::parse(id).ok());
                let answered = entry.and_then(|entry| self.choose(&entry));
                answered.unwrap_or_else(|| Action::Send(self.greet()))
            }
        }
    }

    fn press(&self, pressed: &Pressed) -> Vec<Action> {
        let message = pressed.message;
        match &pressed.press {
            Some(Press::Entry(id)) => self.choose(id).into_iter().collect(),
            Some(Press::Helpful(id)) => self.rate(id, true, pressed),
            Some(Press::NotHelpful(id)) => self.rate(id, false, pressed),
            Some(Press::Desks) => vec![Action::Send(self.contact(None))],
            Some(Press::Desk(id)) => vec![Action::Send(self.contact(Some(id)))],
            Some(Press::Topics(from)) => vec![Action::Edit(message, topics::list(self, *from))],
            Some(Press::Category(id, from)) => {
                let category = topics::category(self, id, *from);
                category
                    .map(|page| Action::Edit(message, page))
                    .into_iter()
                    .collect()
            }
            None => Vec::new(),
        }
    }

    fn ask(&self, text: &str) -> Action {
        if text.chars().count() > MAX_QUESTION_CHARS {
            let longest = MAX_QUESTION_CHARS.to_string();
            return plain(&self.render(Sentence::TooLong, &[("longest", &longest)]));
        }
        let question = Question {
            text,
            desk: None,
            language: self.language,
        };
        let ongoing = self.ongoing();
        let answer = self
            .assistant
            .answer_now(&question, ongoing.state.clone(), self.now);
        self.count(&answer);
        self.give(answer, ongoing.rated)
    }

    /// Gives an entry's answer; `None` if it is not shown any more.
    fn choose(&self, entry: &EntryId) -> Option<Action> {
        let ongoing = self.ongoing();
        let state = ongoing.state;
        let answer = self
            .assistant
            .choose(entry, self.language, state, self.now)?;
        self.count(&answer);
        Some(self.give(answer, ongoing.rated))
    }

    /// Takes note whether an answer helped. A second press on the same answer is no second verdict.
    fn rate(&self, entry: &EntryId, is_helpful: bool, pressed: &Pressed) -> Vec<Action> {
        let message = pressed.message;
        let number = i64::from(message.0);
        let mut ongoing = self.ongoing();
        if ongoing.rated == Some(number) {
            return Vec::new();
        }
        if ongoing.rated < Some(number) {
            ongoing.rated = Some(number);
            self.shared.metrics.count_feedback(CHANNEL, is_helpful);
            tracing::info!(entry = entry.as_str(), is_helpful, "feedback");
        }
        // A verdict may come from somebody else in the group, or long after the answer.
        if ongoing.state.last_entry.as_ref() != Some(entry) {
            let state = ongoing.state.clone();
            if let Some(answer) = self.assistant.choose(entry, self.language, state, self.now) {
                ongoing.state = answer.conversation;
            }
        }
        let answer = self
            .assistant
            .rate(is_helpful, self.language, ongoing.state, self.now);
        let reply = self.give(answer, ongoing.rated);
        let left = pressed.markup.as_ref().and_then(keyboard::without_verdict);
        let mut actions: Vec<Action> = left
            .map(|markup| Action::Buttons(message, markup))
            .into_iter()
            .collect();
        // Thanks have appeared already.
        actions.extend((!is_helpful).then_some(reply));
        actions
    }

    fn count(&self, answer: &Answer) {
        let metrics = &self.shared.metrics;
        metrics.count_answer(CHANNEL, answer.outcome.name());
    }

    /// Keeps an answer's conversation and formats it.
    fn give(&self, answer: Answer, rated: Option<i64>) -> Action {
        let today = self.assistant.today(self.now);
        let reply = render(&answer, self.knowledge, self.language, today);
        let entry = answer
            .entry
            .and_then(|index| self.knowledge.entries.get(index));
        let messages = &self.knowledge.messages;
        let outgoing = Outgoing {
            html: format::reply(&reply, entry),
            keyboard: keyboard::reply(&reply, entry, messages, self.language),
        };
        let state = answer.conversation;
        self.shared
            .conversations
            .keep(self.key, Ongoing { state, rated });
        Action::Send(outgoing)
    }

    fn say(&self, sentence: Sentence) -> Action {
        plain(&self.render(sentence, &[]))
    }

    pub(super) fn render(&self, sentence: Sentence, values: &[(&str, &str)]) -> String {
        let messages = &self.knowledge.messages;
        messages.render(sentence, self.language, values)
    }

    /// Returns the day by which entries are shown.
    pub(super) fn today(&self) -> Date {
        self.assistant.today(self.now)
    }

    pub(super) fn ongoing(&self) -> Ongoing {
        let conversations = &self.shared.conversations;
        conversations.resume(&self.key, self.knowledge, self.now)
    }
}

fn plain(text: &str) -> Action {
    let mut html = Html::default();
    html.text(text);
    Action::Send(Outgoing {
        html,
        keyboard: None,
    })
}
