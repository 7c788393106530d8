//! Desks (窓口): the offices that answer questions beyond the documents, their addresses and hours.

use super::business_hours::BusinessHours;
use super::id::{ContactPointId, DeskId, EntryId};
use super::language::{Language, Localized};
use super::problem::Location;

/// A desk with its contact points.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The public, stable id.
    pub id: DeskId,
    /// The desk's own name.
    pub name: Localized,
    /// The service of the desk, as members call it; shown when the member chooses between desks.
    pub programme: Localized,
    /// Words that show that a question is for this desk.
    pub words: Vec<String>,
    /// Entries to show before the first question, the most useful first.
    pub featured: Vec<EntryId>,
    /// The categories that have a title in English.
    pub categories: Vec<Category>,
    /// The contact points, the best first.
    pub contact_points: Vec<ContactPoint>,
    /// The hours of the telephone, if any.
    pub hours: Option<DeskHours>,
    /// The position in the knowledge folder.
    pub location: Location,
}

impl Desk {
    /// Returns the name of a category in a language: its title if it has one, else the heading in
    /// the document; and the language of that name.
    #[must_use]
    pub fn category_title<'a>(
        &'a self,
        category: &'a str,
        language: Language,
    ) -> (&'a str, Language) {
        let mut titled = self.categories.iter();
        match titled.find(|titled| titled.name == category) {
            Some(titled) if language == Language::English => (&titled.english_title, language),
            _ => (category, Language::Japanese),
        }
    }

    /// Returns the hours of a contact point; `None` unless it is a telephone.
    #[must_use]
    pub fn hours_of(&self, point: &ContactPoint) -> Option<&DeskHours> {
        let is_telephone = point.kind == ContactKind::Telephone;
        self.hours.as_ref().filter(|_| is_telephone)
    }
}

/// A category of a desk's entries with its title in English, for lists and headings on English pages.
#[derive(Debug, Clone)]
pub struct Category {
    /// The heading in the document, as the entries have it.
    pub name: String,
    /// The title in English.
    pub english_title: String,
    /// The position in the knowledge folder.
    pub location: Location,
}

/// A desk's business hours, as a calendar and as stated in its document.
#[derive(Debug, Clone)]
pub struct DeskHours {
    /// The hours as the source document states them.
    pub text: Localized,
    /// The hours as a calendar.
    pub business_hours: BusinessHours,
}

/// One way to reach a desk.
#[derive(Debug, Clone)]
pub struct ContactPoint {
    /// The public, stable id.
    pub id: ContactPointId,
    /// The kind of address.
    pub kind: ContactKind,
    /// The name.
    pub label: Localized,
    /// The address; for a form a description of its place.
    pub value: Localized,
    /// The link: `https:`, `mailto:` or `tel:`.
    pub url: Option<String>,
    /// The position in the knowledge folder.
    pub location: Location,
}

/// A kind of contact point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactKind {
    /// An inquiry form on the web.
    Form,
    /// An e-mail address.
    Email,
    /// A telephone, the only kind with business hours.
    Telephone,
    /// A postal address.
    Address,
}

impl ContactKind {
    /// Every kind with its name in TOML and JSON.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Form, "form"),
        (Self::Email, "email"),
        (Self::Telephone, "telephone"),
        (Self::Address, "address"),
    ];

    /// Returns the name in TOML and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Email => "email",
            Self::Telephone => "telephone",
            Self::Address => "address",
        }
    }

    /// Makes the link of an e-mail address or a telephone number.
    #[must_use]
    pub fn derived_url(self, value: &str) -> Option<String> {
        match self {
            Self::Email => Some(format!("mailto:{value}")),
            Self::Telephone => {
                let digits: String = value.chars().filter(char::is_ascii_digit).collect();
                match digits.strip_prefix('0') {
                    // RFC 3966 requires the global form; Japan's country code is 81.
                    Some(national) if !value.starts_with('+') => Some(format!("tel:+81{national}")),
                    _ => Some(format!("tel:+{digits}")),
                }
            }
            Self::Form | Self::Address => None,
        }
    }
}
