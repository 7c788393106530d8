//! Entries: a question with its official answer and source; and referrals:
//! subjects that the documents do not answer and a desk does.

use jiff::civil::Date;

use super::id::{ContactPointId, DeskId, EntryId, TopicId};
use super::language::Language;
use super::markdown::Markdown;
use super::problem::Location;
use super::variant::Variant;

/// One question with its official answer.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The public, stable id.
    pub id: EntryId,
    /// The desk whose document has this entry.
    pub desk: DeskId,
    /// The heading in the document.
    pub category: String,
    /// The question in the document's words.
    pub question: String,
    /// The question in English, for lists and headings on English pages. It is not searched.
    pub english_title: Option<String>,
    /// Other ways to ask the question.
    pub variants: Vec<Variant>,
    /// The answer in the document's words.
    pub answer: Markdown,
    /// The source of the answer.
    pub source: Source,
    /// Entries to read next.
    pub related: Vec<EntryId>,
    /// The contact point that the answer itself names.
    pub contact: Option<ContactPointId>,
    /// First day on which the answer is valid.
    pub valid_from: Option<Date>,
    /// Last day on which the answer is valid.
    pub valid_until: Option<Date>,
    /// Day by which the answer should be confirmed.
    pub review_by: Option<Date>,
    /// The position in the knowledge folder.
    pub location: Location,
}

impl Entry {
    /// Returns the text that names the entry in lists: its title in the language, else its question.
    #[must_use]
    pub fn title(&self, language: Language) -> &str {
        let title = self.english_title.as_deref();
        let title = title.filter(|_| language == Language::English);
        title.unwrap_or(&self.question)
    }

    /// Returns the language of [`Self::title`].
    #[must_use]
    pub fn title_language(&self, language: Language) -> Language {
        match (language, &self.english_title) {
            (Language::English, Some(_)) => Language::English,
            _ => Language::Japanese,
        }
    }

    /// Returns whether the answer is valid on a day.
    #[must_use]
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|first| first <= day)
            && self.valid_until.is_none_or(|last| day <= last)
    }
}

/// The document that an answer is quoted from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The document's title.
    pub document: String,
    /// The heading or number within it.
    pub section: String,
}

/// A subject that the documents do not answer and that a desk does.
///
/// Without it, a question about the subject would match the entry with the most similar words.
#[derive(Debug, Clone)]
pub struct Referral {
    /// The id, unique among topics.
    pub id: TopicId,
    /// The desk that answers.
    pub desk: DeskId,
    /// The subject as a noun phrase, shown to the member.
    pub topic: String,
    /// Ways to ask about it.
    pub variants: Vec<Variant>,
    /// The position in the knowledge folder.
    pub location: Location,
}
