//! An answer as ordered parts, without the format of a channel.
//!
//! Invariant: the order of the parts is the order in which every channel shows them; a channel
//! formats a part and adds nothing to it.

use jiff::civil::Date;

use super::{Answer, ContactStatus, Draft};
use crate::knowledge::{DeskId, Entry, KnowledgeBase, Language, Sentence};

/// Everything that is shown for an answer.
#[derive(Debug, Clone, Default)]
pub struct Reply<'a> {
    /// The parts in order.
    pub parts: Vec<Part<'a>>,
}

/// A part of a reply.
#[derive(Debug, Clone)]
pub enum Part<'a> {
    /// The heading above the answer to one of several requests: the request in the member's words.
    Asked(String),
    /// A sentence of the service.
    Sentence(String),
    /// Entries to choose from, with their numbers. The numbers of a further list continue those of
    /// the list before it.
    Choices(Vec<(usize, &'a Entry)>),
    /// The way out of a list of choices, with the desk of all of them if it is one.
    NoneOfThese(String, Option<DeskId>),
    /// An entry, with the line that names its source.
    Entry(&'a Entry, String),
    /// Contact points under the headings of their desks.
    Contacts(Vec<(String, Vec<ContactStatus>)>),
    /// Entries to read next, under a heading.
    Related(String, Vec<&'a Entry>),
    /// A draft message under a heading, and the desk that it is for, if that is clear.
    Draft(String, Draft, Option<DeskId>),
}

impl<'a> Reply<'a> {
    /// Splits the reply into one for each request of the message.
    #[must_use]
    pub fn by_request(self) -> Vec<Self> {
        let mut replies: Vec<Self> = Vec::new();
        for part in self.parts {
            match replies.last_mut() {
                Some(reply) if !matches!(part, Part::Asked(_)) => reply.parts.push(part),
                _ => replies.push(Self { parts: vec![part] }),
            }
        }
        replies
    }

    /// Returns the entry that is given as the answer, or as the first of several answers.
    #[must_use]
    pub fn entry(&self) -> Option<&'a Entry> {
        self.parts.iter().find_map(|part| match part {
            Part::Entry(entry, _) => Some(*entry),
            _ => None,
        })
    }
}

/// Arranges an answer as parts: first the answer itself, then those to further requests.
#[must_use]
pub fn render<'a>(
    answer: &Answer,
    knowledge: &'a KnowledgeBase,
    language: Language,
    today: Date,
) -> Reply<'a> {
    let mut parts = Vec::new();
    let mut choices = 0;
    for one in answer.all() {
        if let Some(asked) = one.asked.as_ref().filter(|_| !answer.also.is_empty()) {
            let values = [("asked", asked.as_str())];
            let heading = knowledge
                .messages
                .render(Sentence::Asked, language, &values);
            parts.push(Part::Asked(heading));
        }
        parts.extend(render_one(one, knowledge, language, today, choices));
        choices += one.suggestions.len();
    }
    Reply { parts }
}

/// Arranges the answer to one request; its choices are numbered after `choices` earlier ones.
fn render_one<'a>(
    answer: &Answer,
    knowledge: &'a KnowledgeBase,
    language: Language,
    today: Date,
    choices: usize,
) -> Vec<Part<'a>> {
    let sentence =
        |sentence, values: &[(&str, &str)]| knowledge.messages.render(sentence, language, values);
    let entry_at = |index: usize| knowledge.entries.get(index);
    let mut parts = vec![Part::Sentence(answer.message.clone())];
    let suggestions = answer.suggestions.iter();
    let offered: Vec<&Entry> = suggestions
        .filter_map(|(index, _)| entry_at(*index))
        .collect();
    let way_out = offered.first().map(|first| {
        let is_one = offered.iter().all(|entry| entry.desk == first.desk);
        let desk = is_one.then(|| first.desk.clone());
        Part::NoneOfThese(sentence(Sentence::NoneOfThese, &[]), desk)
    });
    // The button that declines a list leads to the draft.
    let offered_none = offered.is_empty();
    parts.push(Part::Choices((choices + 1..).zip(offered).collect()));
    parts.extend(way_out);
    let entry = answer.entry.and_then(entry_at);
    if let Some(entry) = entry {
        parts.push(Part::Entry(entry, source(entry, knowledge, language)));
    }
    let escalation = answer.escalation.as_ref();
    let mut contacts: Vec<(String, Vec<ContactStatus>)> = Vec::new();
    for point in escalation.iter().flat_map(|to| &to.contact_points) {
        let Some(desk) = knowledge.desk(point.desk.as_str()) else {
            continue;
        };
        let heading = sentence(Sentence::Contact, &[("desk", desk.name.get(language))]);
        match contacts.last_mut() {
            Some((last, points)) if *last == heading => points.push(point.clone()),
            _ => contacts.push((heading, vec![point.clone()])),
        }
    }
    parts.push(Part::Contacts(contacts));
    if let Some(entry) = entry {
        let related = knowledge.related(entry, today);
        parts.push(Part::Related(sentence(Sentence::Related, &[]), related));
    } else if let Some(escalation) = escalation.filter(|_| offered_none) {
        let heading = sentence(Sentence::Draft, &[]);
        let draft = escalation.draft.clone();
        parts.push(Part::Draft(heading, draft, escalation.desk.clone()));
    }
    parts.retain(|part| match part {
        Part::Choices(entries) => !entries.is_empty(),
        Part::Related(_, entries) => !entries.is_empty(),
        Part::Contacts(contacts) => !contacts.is_empty(),
        Part::Asked(_)
        | Part::Sentence(_)
        | Part::NoneOfThese(..)
        | Part::Entry(..)
        | Part::Draft(..) => true,
    });
    parts
}

/// Returns the line that names the source of an entry.
#[must_use]
pub fn source(entry: &Entry, knowledge: &KnowledgeBase, language: Language) -> String {
    let values = [
        ("document", &*entry.source.document),
        ("section", &*entry.source.section),
    ];
    knowledge
        .messages
        .render(Sentence::Source, language, &values)
}
