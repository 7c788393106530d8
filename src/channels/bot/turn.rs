//! One turn of a conversation: a message or a press -> the views and actions of the bot.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::MutexGuard;

use super::browse::{self, Category};
use super::command::Command;
use super::conversations::Key;
use super::core::Core;
use super::press::Press;
use super::view::{Action, Button, Content, View};
use crate::answer::{
    Answer, Assistant, ContactStatus, Conversation, MAX_QUESTION_CHARS, Part, Question, Reply,
    render,
};
use crate::knowledge::{Desk, DeskId, Entry, EntryId, KnowledgeBase, Language, Sentence};

/// A member's turn. The conversation is locked until the turn is dropped.
pub(in crate::channels) struct Turn<'a> {
    core: &'a Core,
    assistant: Arc<Assistant>,
    key: Key,
    pub(in crate::channels) language: Language,
    now: Timestamp,
    _guard: MutexGuard<'a, ()>,
}

impl Core {
    /// Begins a turn of a conversation; waits for earlier turns of the same conversation.
    pub(in crate::channels) async fn turn(&self, key: Key, language: Language) -> Turn<'_> {
        let guard = self.lock_turn(key).await;
        Turn {
            core: self,
            assistant: self.assistant.load_full(),
            key,
            language,
            now: self.now(),
            _guard: guard,
        }
    }
}

impl Turn<'_> {
    /// Runs a command; a question with several requests gets a message for each.
    pub(in crate::channels) async fn command(&self, command: &Command) -> Vec<View<'_>> {
        let view = match command {
            Command::Ask(text) => return self.ask(text).await,
            Command::Help => self.help(),
            Command::Contact => self.contact(None),
            Command::Topics => self.topics(0),
            Command::Start(parameter) => {
                let entry = parameter.as_deref().and_then(|id| EntryId::parse(id).ok());
                let answered = entry.and_then(|entry| self.choose(&entry, 0));
                answered.unwrap_or_else(|| self.greet())
            }
        };
        vec![view]
    }

    /// Handles a press on the message with the id `message`.
    ///
    /// `None` if the target of the button no longer exists, and for `Share` and `Draft`, which the
    /// channel handles.
    pub(in crate::channels) fn press(
        &self,
        press: &Press,
        message: u64,
    ) -> Option<Vec<Action<'_>>> {
        let action = match press {
            Press::Entry(depth, id) => Action::Send(self.choose(id, *depth)?),
            Press::Helpful(id) => return self.rate(id, None, message),
            Press::NotHelpful(depth, id) => return self.rate(id, Some(*depth), message),
            Press::NoneOfThese(desk) => Action::Send(self.decline(desk.as_ref())),
            Press::Desks => Action::Send(self.contact(None)),
            Press::Desk(id) => Action::Send(self.contact(Some(id))),
            Press::Topics(from) => Action::Replace(self.topics(*from)),
            Press::Category(from, id) => Action::Replace(self.category(id, *from)?),
            Press::Share(_) | Press::Draft(_) => return None,
        };
        Some(vec![action])
    }

    /// Answers a question, with a message for each of its requests.
    pub(in crate::channels) async fn ask(&self, text: &str) -> Vec<View<'_>> {
        if text.chars().count() > MAX_QUESTION_CHARS {
            let (conversation, now) = (self.conversation(), self.now);
            let reply = self
                .assistant
                .safety_reply(text, self.language, &conversation, now);
            if let Some(reply) = reply {
                self.count(&reply);
                return vec![self.store_and_show(reply)];
            }
            let longest = MAX_QUESTION_CHARS.to_string();
            let text = self.render(Sentence::TooLong, &[("longest", &longest)]);
            return vec![plain(Content::Text(text))];
        }
        let question = Question {
            text,
            desk: None,
            language: self.language,
        };
        let answer = self
            .assistant
            .answer(&question, self.conversation(), self.now);
        let answer = answer.await;
        self.count(&answer);
        let conversations = &self.core.conversations;
        conversations.keep(self.key, answer.conversation.clone());
        let reply = render(&answer, self.knowledge(), self.language, self.today());
        let replies = reply.by_request().into_iter();
        replies
            .map(|reply| self.show(reply, answer.conversation.not_helpful))
            .collect()
    }

    /// Leads to the desk after none of the offered entries fitted. The button holds no words of the
    /// member, so the draft leaves the question blank.
    fn decline(&self, desk: Option<&DeskId>) -> View<'_> {
        let question = Question {
            text: "",
            desk,
            language: self.language,
        };
        let answer = self
            .assistant
            .decline(&question, self.conversation(), self.now);
        self.count(&answer);
        self.store_and_show(answer)
    }

    /// Answers with the entry that the member chose; `None` if the entry is no longer shown.
    ///
    /// `depth` is the depth of the pressed button, see [`Press::Entry`]; 0 without a button.
    pub(in crate::channels) fn choose(&self, entry: &EntryId, depth: u8) -> Option<View<'_>> {
        let conversation = deepened(self.conversation(), depth);
        let answer = self.chosen(entry, conversation)?;
        self.count(&answer);
        Some(self.store_and_show(answer))
    }

    /// Returns an entry's answer without any effect on the conversation.
    pub(in crate::channels) fn preview(&self, entry: &EntryId) -> Option<View<'_>> {
        let answer = self.chosen(entry, Conversation::new(self.now))?;
        Some(self.show_answer(&answer))
    }

    fn chosen(&self, entry: &EntryId, conversation: Conversation) -> Option<Answer> {
        self.assistant
            .choose(entry, self.language, conversation, self.now)
    }

    /// Counts a verdict on an entry's answer once, and continues the conversation; `depth` is `None`
    /// if the answer helped.
    fn rate(&self, entry: &EntryId, depth: Option<u8>, message: u64) -> Option<Vec<Action<'_>>> {
        let is_helpful = depth.is_none();
        let mut conversation = self.conversation();
        // The stored conversation may not contain this answer: it may have been given to
        // another member, by another replica, or long ago. Choose the entry again.
        if conversation.last_entry.as_ref() != Some(entry) {
            let answer = self.chosen(entry, deepened(conversation, depth.unwrap_or_default()))?;
            conversation = answer.conversation;
        }
        if !self.core.rated.insert((self.key, message)) {
            return Some(vec![Action::RemoveVerdict]);
        }
        let channel = self.core.profile.channel;
        self.core.metrics.count_feedback(channel, is_helpful);
        tracing::info!(entry = entry.as_str(), is_helpful, "feedback");
        let answer = self
            .assistant
            .rate(is_helpful, self.language, conversation, self.now);
        let view = self.store_and_show(answer);
        let reply = if is_helpful {
            Action::Thank(view)
        } else {
            Action::Send(view)
        };
        Some(vec![Action::RemoveVerdict, reply])
    }

    /// Counts an answer by its outcome in the metrics.
    fn count(&self, answer: &Answer) {
        let channel = self.core.profile.channel;
        let metrics = &self.core.metrics;
        metrics.count_answer(channel, answer.outcome.label());
    }

    /// Stores an answer's conversation and shows the answer.
    fn store_and_show(&self, answer: Answer) -> View<'_> {
        let view = self.show_answer(&answer);
        let conversations = &self.core.conversations;
        conversations.keep(self.key, answer.conversation);
        view
    }

    /// Shows an answer to one request.
    fn show_answer(&self, answer: &Answer) -> View<'_> {
        let reply = render(answer, self.knowledge(), self.language, self.today());
        self.show(reply, answer.conversation.not_helpful)
    }

    fn show<'a>(&self, reply: Reply<'a>, depth: u8) -> View<'a> {
        let contact = |press| self.button(Sentence::ShowContact, press);
        let way_out = reply.parts.iter().find_map(|part| match part {
            Part::NoneOfThese(label, desk) => Some(Button {
                label: label.clone(),
                press: Press::NoneOfThese(desk.clone()),
            }),
            _ => None,
        });
        let buttons = match reply.entry() {
            Some(entry) => {
                let no = Press::NotHelpful(depth, entry.id.clone());
                vec![
                    vec![
                        self.button(Sentence::HelpfulYes, Press::Helpful(entry.id.clone())),
                        self.button(Sentence::HelpfulNo, no),
                    ],
                    vec![contact(Press::Desk(entry.desk.clone()))],
                ]
            }
            None => match way_out {
                Some(way_out) => vec![vec![way_out], vec![contact(Press::Desks)]],
                None => Vec::new(),
            },
        };
        View {
            content: Content::Reply(reply),
            buttons,
            depth,
        }
    }

    /// Greets, and begins a new conversation.
    fn greet(&self) -> View<'_> {
        let conversation = Conversation::new(self.now);
        self.core.conversations.keep(self.key, conversation);
        let featured = browse::featured(self.knowledge(), self.today());
        let parts = vec![
            Part::Sentence(self.render(Sentence::Greeting, &[])),
            Part::Related(self.render(Sentence::Featured, &[]), featured),
        ];
        let buttons = vec![
            self.button(Sentence::CommandTopics, Press::Topics(0)),
            self.button(Sentence::ShowContact, Press::Desks),
        ];
        View {
            buttons: vec![buttons],
            ..plain(Content::Reply(Reply { parts }))
        }
    }

    /// Explains the bot.
    pub(in crate::channels) fn help(&self) -> View<'_> {
        let profile = &self.core.profile;
        let commands = profile
            .commands
            .iter()
            .map(|(english, japanese, sentence)| {
                let name = match self.language {
                    Language::Japanese => japanese,
                    Language::English => english,
                };
                (*name, self.render(*sentence, &[]))
            });
        plain(Content::Help {
            text: self.render(profile.help, &[("bot", &profile.bot)]),
            commands: commands.collect(),
        })
    }

    /// Shows the contact points of one desk, or of all desks.
    pub(in crate::channels) fn contact(&self, desk: Option<&DeskId>) -> View<'_> {
        let is_single = self.desks(desk).count() == 1 && desk.is_some();
        let mut parts = Vec::new();
        if !is_single || self.core.profile.introduces_single_desk {
            parts.push(Part::Sentence(
                self.render(Sentence::ContactIntroduction, &[]),
            ));
        }
        parts.push(Part::Contacts(self.contacts(desk)));
        plain(Content::Reply(Reply { parts }))
    }

    /// Returns one desk; all desks if `desk` is `None` or unknown.
    pub(in crate::channels) fn desks(&self, desk: Option<&DeskId>) -> impl Iterator<Item = &Desk> {
        let desk = desk.and_then(|id| self.knowledge().desk(id.as_str()));
        let all = &self.knowledge().desks[..];
        desk.map_or(all, std::slice::from_ref).iter()
    }

    /// Describes the contact points of one desk, or of all, under their headings.
    pub(in crate::channels) fn contacts(
        &self,
        desk: Option<&DeskId>,
    ) -> Vec<(String, Vec<ContactStatus>)> {
        let contacts = self.desks(desk).map(|desk| {
            let name = desk.name.get(self.language);
            let heading = self.render(Sentence::Contact, &[("desk", name)]);
            let points = self.assistant.contact_points(desk, self.language, self.now);
            (heading, points)
        });
        contacts.collect()
    }

    /// Lists one page of categories, beginning at the position `from`.
    pub(in crate::channels) fn topics(&self, from: usize) -> View<'_> {
        let length = self.core.profile.categories_per_page;
        let categories = browse::categories(self.knowledge(), self.today(), self.language);
        let navigation = self.page_buttons(from, length, categories.len(), Press::Topics);
        let page: Vec<Category<'_>> = categories.into_iter().skip(from).take(length).collect();
        let heading = self.render(Sentence::ChooseCategory, &[]);
        View {
            buttons: navigation.into_iter().collect(),
            ..plain(Content::Categories { heading, page })
        }
    }

    /// Lists one page of the questions of an entry's category, beginning at the position `from`.
    /// `None` if the entry is no longer shown.
    fn category(&self, id: &EntryId, from: usize) -> Option<View<'_>> {
        let length = self.core.profile.questions_per_page;
        let (named, entries) = browse::in_category(self.knowledge(), self.today(), id)?;
        let press = |from| Press::Category(from, id.clone());
        let navigation = self.page_buttons(from, length, entries.len(), press);
        let back = vec![self.button(Sentence::CommandTopics, Press::Topics(0))];
        let page: Vec<&Entry> = entries.into_iter().skip(from).take(length).collect();
        let content = Content::Questions {
            category: &named.category,
            programme: browse::programme(self.knowledge(), named, self.language),
            page,
        };
        Some(View {
            buttons: navigation.into_iter().chain([back]).collect(),
            ..plain(content)
        })
    }

    /// Makes the row of buttons for the previous and the next page, if there are other pages.
    fn page_buttons(
        &self,
        from: usize,
        length: usize,
        total: usize,
        press: impl Fn(usize) -> Press,
    ) -> Option<Vec<Button>> {
        let pages = browse::adjacent_pages(from, length, total).into_iter();
        let row: Vec<Button> = pages
            .map(|(sentence, from)| self.button(sentence, press(from)))
            .collect();
        (!row.is_empty()).then_some(row)
    }

    /// Shows a sentence that has no placeholders.
    pub(in crate::channels) fn show_sentence(&self, sentence: Sentence) -> View<'_> {
        plain(Content::Text(self.render(sentence, &[])))
    }

    pub(in crate::channels) fn button(&self, label: Sentence, press: Press) -> Button {
        Button {
            label: self.render(label, &[]),
            press,
        }
    }

    pub(in crate::channels) fn render(
        &self,
        sentence: Sentence,
        values: &[(&str, &str)],
    ) -> String {
        let messages = &self.knowledge().messages;
        messages.render(sentence, self.language, values)
    }

    pub(in crate::channels) fn knowledge(&self) -> &KnowledgeBase {
        self.assistant.knowledge()
    }

    /// Returns today's date in the knowledge's time zone, for checking whether entries are valid.
    fn today(&self) -> Date {
        self.assistant.today(self.now)
    }

    fn conversation(&self) -> Conversation {
        let conversations = &self.core.conversations;
        conversations.resume(&self.key, self.knowledge(), self.now)
    }
}

/// Makes a message without buttons.
fn plain(content: Content<'_>) -> View<'_> {
    View {
        content,
        buttons: Vec::new(),
        depth: 0,
    }
}

/// Raises the number of consecutive answers that did not help to the depth of the pressed button.
///
/// The stored number may be lower: this process may have dropped the conversation, or never had it.
fn deepened(mut conversation: Conversation, depth: u8) -> Conversation {
    if depth > conversation.not_helpful {
        conversation.not_helpful = depth;
        conversation.is_choosing = true;
    }
    conversation
}
