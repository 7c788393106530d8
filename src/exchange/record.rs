//! Entries in exchange: [`WrittenEntry`] is complete, [`Record`] has only the fields of its source.

use jiff::civil::Date;

use crate::knowledge::{Entry, Location};

/// A part of an entry that a source may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The id of the entry.
    Id,
    /// The id or the name of the desk.
    Desk,
    /// The heading; several columns are joined.
    Category,
    /// The question.
    Question,
    /// The question in English, for lists on English pages.
    EnglishTitle,
    /// Other ways to ask.
    Variants,
    /// The answer as plain text or HTML.
    Answer,
    /// The answer as Markdown, taken over unchanged.
    AnswerMarkdown,
    /// The title of the source document.
    Document,
    /// The place within the source document.
    Section,
    /// The ids of related entries.
    Related,
    /// The id of the contact point that the answer names.
    Contact,
    /// The first day on which the answer is valid.
    ValidFrom,
    /// The last day on which the answer is valid.
    ValidUntil,
    /// The day by which the answer should be confirmed.
    ReviewBy,
}

impl Field {
    /// Every field with its name in `--map` and in TOML.
    pub const ALL: [(Self, &'static str); 15] = [
        (Self::Id, "id"),
        (Self::Desk, "desk"),
        (Self::Category, "category"),
        (Self::Question, "question"),
        (Self::EnglishTitle, "title_en"),
        (Self::Variants, "variants"),
        (Self::Answer, "answer"),
        (Self::AnswerMarkdown, "answer_markdown"),
        (Self::Document, "document"),
        (Self::Section, "section"),
        (Self::Related, "related"),
        (Self::Contact, "contact"),
        (Self::ValidFrom, "valid_from"),
        (Self::ValidUntil, "valid_until"),
        (Self::ReviewBy, "review_by"),
    ];

    /// Returns the name in `--map` and in TOML.
    #[must_use]
    pub fn name(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(field, _)| *field == self)
            .map_or("", |(_, name)| name)
    }
}

/// One entry as a source has it. `None` means that the source has no such column, so that an
/// existing value is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// The place in the source.
    pub location: Location,
    /// The id as written.
    pub id: Option<String>,
    /// The id or the name of the desk as written.
    pub desk: Option<String>,
    /// The heading.
    pub category: Option<String>,
    /// The question.
    pub question: String,
    /// The question in English; empty for none.
    pub english_title: Option<String>,
    /// Other ways to ask, in the notation of variants.
    pub variants: Option<Vec<String>>,
    /// The answer as Markdown.
    pub answer: String,
    /// The title of the source document.
    pub document: Option<String>,
    /// The place within the source document.
    pub section: Option<String>,
    /// The ids of related entries.
    pub related: Option<Vec<String>>,
    /// The id of a contact point; empty for none.
    pub contact: Option<String>,
    /// The first day on which the answer is valid.
    pub valid_from: Option<Option<Date>>,
    /// The last day on which the answer is valid.
    pub valid_until: Option<Option<Date>>,
    /// The day by which the answer should be confirmed.
    pub review_by: Option<Option<Date>>,
}

/// A complete entry as it is written in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenEntry {
    /// The id.
    pub id: String,
    /// The id of the desk.
    pub desk: String,
    /// The heading.
    pub category: String,
    /// The question.
    pub question: String,
    /// The question in English.
    pub english_title: Option<String>,
    /// Other ways to ask, in the notation of variants.
    pub variants: Vec<String>,
    /// The answer as Markdown.
    pub answer: String,
    /// The title of the source document.
    pub document: String,
    /// The place within the source document.
    pub section: String,
    /// The ids of related entries.
    pub related: Vec<String>,
    /// The id of the contact point that the answer names.
    pub contact: Option<String>,
    /// The first day on which the answer is valid.
    pub valid_from: Option<Date>,
    /// The last day on which the answer is valid.
    pub valid_until: Option<Date>,
    /// The day by which the answer should be confirmed.
    pub review_by: Option<Date>,
}

impl WrittenEntry {
    /// Returns the fields in which another version of the entry differs.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<Field> {
        let same = [
            (Field::Category, self.category == other.category),
            (Field::Question, self.question == other.question),
            (
                Field::EnglishTitle,
                self.english_title == other.english_title,
            ),
            (Field::Variants, self.variants == other.variants),
            (Field::AnswerMarkdown, self.answer == other.answer),
            (Field::Document, self.document == other.document),
            (Field::Section, self.section == other.section),
            (Field::Related, self.related == other.related),
            (Field::Contact, self.contact == other.contact),
            (Field::ValidFrom, self.valid_from == other.valid_from),
            (Field::ValidUntil, self.valid_until == other.valid_until),
            (Field::ReviewBy, self.review_by == other.review_by),
        ];
        let changed = same.iter().filter(|(_, same)| !same);
        changed.map(|(field, _)| *field).collect()
    }

    /// Replaces the parts that a record has.
    pub(super) fn apply(&mut self, record: &Record) {
        let set = |value: &mut String, new: &Option<String>| {
            if let Some(new) = new.as_ref().filter(|new| !new.is_empty()) {
                value.clone_from(new);
            }
        };
        self.question.clone_from(&record.question);
        self.answer.clone_from(&record.answer);
        set(&mut self.category, &record.category);
        set(&mut self.document, &record.document);
        set(&mut self.section, &record.section);
        if let Some(title) = &record.english_title {
            self.english_title = Some(title.clone()).filter(|title| !title.is_empty());
        }
        if let Some(variants) = &record.variants {
            self.variants.clone_from(variants);
        }
        if let Some(related) = &record.related {
            self.related.clone_from(related);
        }
        if let Some(contact) = &record.contact {
            self.contact = Some(contact.clone()).filter(|contact| !contact.is_empty());
        }
        self.valid_from = record.valid_from.unwrap_or(self.valid_from);
        self.valid_until = record.valid_until.unwrap_or(self.valid_until);
        self.review_by = record.review_by.unwrap_or(self.review_by);
    }
}

impl From<&Entry> for WrittenEntry {
    fn from(entry: &Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            desk: entry.desk.to_string(),
            category: unix_breaks(&entry.category),
            question: unix_breaks(&entry.question),
            english_title: entry.english_title.as_deref().map(unix_breaks),
            variants: entry
                .variants
                .iter()
                .map(|v| unix_breaks(v.pattern()))
                .collect(),
            answer: unix_breaks(&entry.answer.source),
            document: unix_breaks(&entry.source.document),
            section: unix_breaks(&entry.source.section),
            related: entry.related.iter().map(ToString::to_string).collect(),
            contact: entry.contact.as_ref().map(ToString::to_string),
            valid_from: entry.valid_from,
            valid_until: entry.valid_until,
            review_by: entry.review_by,
        }
    }
}

/// Writes line breaks as `\n`, the only form that every format keeps, and drops blanks around the
/// text.
pub(super) fn unix_breaks(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .trim()
        .to_owned()
}
