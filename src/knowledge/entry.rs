//! Entries: a question, the official answer, and where it stands in the document; and referrals:
//! subjects that the documents do not answer and a desk does.

use jiff::civil::Date;

use super::id::{ContactPointId, DeskId, EntryId, TopicId};
use super::markdown::Markdown;
use super::problem::Location;
use super::variant::Variant;

/// One question with its official answer.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Public, stable name.
    pub id: EntryId,
    /// The desk whose document this is.
    pub desk: DeskId,
    /// The heading under which the document has it.
    pub category: String,
    /// The question in the document's words.
    pub question: String,
    /// Other ways to ask it.
    pub variants: Vec<Variant>,
    /// The answer in the document's words.
    pub answer: Markdown,
    /// Where the answer comes from.
    pub source: Source,
    /// Entries that a reader of this one may want next.
    pub related: Vec<EntryId>,
    /// The contact point that the answer itself names.
    pub contact: Option<ContactPointId>,
    /// First day on which the answer is true.
    pub valid_from: Option<Date>,
    /// Last day on which the answer is true.
    pub valid_until: Option<Date>,
    /// Day by which somebody should confirm the answer.
    pub review_by: Option<Date>,
    /// Where it is written.
    pub location: Location,
}

impl Entry {
    /// Tells whether the answer is true on a day.
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

/// A subject that members ask about, that the documents do not answer, and that a desk does.
///
/// It gives an honest "the FAQ does not say" its desk, where matching words alone would lead to
/// the nearest wrong answer.
#[derive(Debug, Clone)]
pub struct Referral {
    /// Name, unique among topics.
    pub id: TopicId,
    /// The desk that answers.
    pub desk: DeskId,
    /// The subject as a noun phrase, shown to the member.
    pub topic: String,
    /// Ways to ask about it.
    pub variants: Vec<Variant>,
    /// Where it is written.
    pub location: Location,
}
