//! Answer -> channel-neutral text: what is shown, in which order, with which choices.
//!
//! Every channel formats a [`Reply`] and the entry's own text, which each has in a form of its own
//! (plain, HTML, CommonMark); none decides what else belongs to it.

use super::{Answer, ContactStatus};
use jiff::civil::Date;

use crate::knowledge::{Entry, EntryId, KnowledgeBase, Language, Sentence};

/// What is shown for an answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The introducing sentence.
    pub message: String,
    /// The line that names the source, if answered.
    pub source: Option<String>,
    /// Entries to choose from.
    pub choices: Vec<Choice>,
    /// Entries to read next, under their heading.
    pub related: Option<(String, Vec<Choice>)>,
    /// Contact points, under the desk's heading, in order.
    pub contacts: Vec<(String, Vec<ContactStatus>)>,
    /// The draft message under its heading.
    pub draft: Option<(String, String)>,
}

/// An entry that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The entry.
    pub id: EntryId,
    /// Its question.
    pub question: String,
}

/// Puts an answer into the order in which it is shown.
#[must_use]
pub fn render(
    answer: &Answer,
    knowledge: &KnowledgeBase,
    language: Language,
    today: Date,
) -> Reply {
    let sentence =
        |sentence, values: &[(&str, &str)]| knowledge.messages.render(sentence, language, values);
    let entry = answer.entry.and_then(|index| knowledge.entries.get(index));
    let suggestions = answer.suggestions.iter();
    let choices = suggestions.filter_map(|(index, _)| knowledge.entries.get(*index).map(choice));
    let related = entry.map_or_else(Vec::new, |entry| knowledge.related(entry, today));
    let related: Vec<Choice> = related.into_iter().map(choice).collect();
    let mut contacts: Vec<(String, Vec<ContactStatus>)> = Vec::new();
    for point in answer
        .escalation
        .iter()
        .flat_map(|escalation| &escalation.contact_points)
    {
        let Some(desk) = knowledge.desk(point.desk.as_str()) else {
            continue;
        };
        let heading = sentence(Sentence::Contact, &[("desk", desk.name.get(language))]);
        match contacts.last_mut() {
            Some((last, points)) if *last == heading => points.push(point.clone()),
            _ => contacts.push((heading, vec![point.clone()])),
        }
    }
    let draft = answer
        .escalation
        .as_ref()
        .filter(|_| entry.is_none())
        .map(|escalation| {
            (
                sentence(Sentence::Draft, &[]),
                escalation.draft.body.clone(),
            )
        });
    Reply {
        message: answer.message.clone(),
        source: entry.map(|entry| {
            let source = &entry.source;
            let values = [
                ("document", &*source.document),
                ("section", &*source.section),
            ];
            sentence(Sentence::Source, &values)
        }),
        choices: choices.collect(),
        related: (!related.is_empty()).then(|| (sentence(Sentence::Related, &[]), related)),
        contacts,
        draft,
    }
}

fn choice(entry: &Entry) -> Choice {
    Choice {
        id: entry.id.clone(),
        question: entry.question.clone(),
    }
}
