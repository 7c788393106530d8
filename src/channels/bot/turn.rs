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
use crate::answer::{Assistant, ContactStatus, Conversation, Part, Reply};
use crate::knowledge::{Desk, DeskId, Entry, EntryId, KnowledgeBase, Language, Sentence};

/// A member's turn. The conversation is locked until the turn is dropped.
pub(in crate::channels) struct Turn<'a> {
    pub(super) core: &'a Core,
    pub(super) assistant: Arc<Assistant>,
    pub(super) key: Key,
    pub(in crate::channels) language: Language,
    pub(super) now: Timestamp,
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

    /// Greets, and begins a new conversation.
    fn greet(&self) -> View<'_> {
        let conversation = Conversation::new(self.now);
        self.core.conversations.keep(self.key, conversation);
        let featured = browse::featured(self.knowledge(), self.today());
        let parts = vec![
            Part::Sentence(self.branded(&self.render(Sentence::Greeting, &[]))),
            Part::Related(self.render(Sentence::Featured, &[]), featured),
        ];
        let buttons = vec![
            self.button(Sentence::CommandTopics, Press::Topics(0)),
            self.button(Sentence::ShowContact, Press::Desks),
        ];
        View {
            buttons: vec![buttons],
            ..self.plain(Content::Reply(Reply { parts }))
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
        self.plain(Content::Help {
            text: self.branded(&self.render(profile.help, &[("bot", &profile.bot)])),
            commands: commands.collect(),
        })
    }

    /// Adds what `brand.toml` has to a text about the bot: the name of the organisation above it, and
    /// the notice and the privacy policy below.
    fn branded(&self, text: &str) -> String {
        let brand = &self.knowledge().brand;
        let organisation = brand.organisation.as_ref().map(|name| {
            let help_centre = self.render(Sentence::HelpCentre, &[]);
            format!("{} {help_centre}", name.get(self.language))
        });
        let notice = brand.notice.as_ref();
        let notice = notice.map(|notice| notice.get(self.language).to_owned());
        let privacy = brand.privacy.as_ref().map(|url| {
            let label = self.render(Sentence::Privacy, &[]);
            format!("{label}: {url}")
        });
        let above = organisation.map(|name| format!("{name}\n\n"));
        let below: String = [notice, privacy]
            .into_iter()
            .flatten()
            .map(|line| format!("\n\n{line}"))
            .collect();
        format!("{}{text}{below}", above.unwrap_or_default())
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
        self.plain(Content::Reply(Reply { parts }))
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
            ..self.plain(Content::Categories { heading, page })
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
            category: self.knowledge().category_title(named, self.language).0,
            programme: browse::programme(self.knowledge(), named, self.language),
            page,
        };
        Some(View {
            buttons: navigation.into_iter().chain([back]).collect(),
            ..self.plain(content)
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
        self.plain(Content::Text(self.render(sentence, &[])))
    }

    /// Makes a message without buttons.
    pub(super) fn plain<'a>(&self, content: Content<'a>) -> View<'a> {
        View {
            content,
            buttons: Vec::new(),
            depth: 0,
            language: self.language,
        }
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
    pub(super) fn today(&self) -> Date {
        self.assistant.today(self.now)
    }

    pub(super) fn conversation(&self) -> Conversation {
        let conversations = &self.core.conversations;
        conversations.resume(&self.key, self.knowledge(), self.now)
    }
}
