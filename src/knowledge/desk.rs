//! Desks (窓口): who answers what the documents do not, where, and when.

use super::business_hours::BusinessHours;
use super::id::{ContactPointId, DeskId, EntryId};
use super::language::Localized;
use super::problem::Location;

/// A desk with its contact points.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Public, stable name.
    pub id: DeskId,
    /// The desk's own name.
    pub name: Localized,
    /// What members call the thing that the desk looks after; shown when the service asks which.
    pub programme: Localized,
    /// Words that show that a question is for this desk.
    pub words: Vec<String>,
    /// Entries to show to those who have not asked yet, the most useful first.
    pub featured: Vec<EntryId>,
    /// Where the desk can be reached, the best first.
    pub contact_points: Vec<ContactPoint>,
    /// When somebody answers the telephone, if anybody does.
    pub hours: Option<DeskHours>,
    /// Where it is written.
    pub location: Location,
}

impl Desk {
    /// Returns the hours of a contact point: a letter or a form may be sent at any time.
    #[must_use]
    pub fn hours_of(&self, point: &ContactPoint) -> Option<&DeskHours> {
        let is_telephone = point.kind == ContactKind::Telephone;
        self.hours.as_ref().filter(|_| is_telephone)
    }
}

/// A desk's business hours and how its document words them.
#[derive(Debug, Clone)]
pub struct DeskHours {
    /// The hours as the document words them.
    pub text: Localized,
    /// The hours as a calendar.
    pub business_hours: BusinessHours,
}

/// One way to reach a desk.
#[derive(Debug, Clone)]
pub struct ContactPoint {
    /// Public, stable name.
    pub id: ContactPointId,
    /// What kind of address it is.
    pub kind: ContactKind,
    /// What it is called.
    pub label: Localized,
    /// The address itself; where to find it for a form whose URL is not known.
    pub value: Localized,
    /// Where a click leads: `https:`, `mailto:` or `tel:`.
    pub url: Option<String>,
    /// Where it is written.
    pub location: Location,
}

/// A kind of contact point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactKind {
    /// An inquiry form on the web.
    Form,
    /// An e-mail address.
    Email,
    /// A telephone; the only kind that business hours apply to.
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
}
