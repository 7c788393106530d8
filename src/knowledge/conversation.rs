//! What people say besides questions: small talk, requests for a person, and subjects that are
//! nobody's business here.

use super::id::TopicId;
use super::language::Localized;
use super::problem::Location;
use super::variant::Variant;

/// Something friendly that wants a friendly reply.
#[derive(Debug, Clone)]
pub struct SmallTalk {
    /// Name, unique among topics.
    pub id: TopicId,
    /// Ways to say it.
    pub variants: Vec<Variant>,
    /// What the service says to it.
    pub reply: Localized,
    /// Where it is written.
    pub location: Location,
}

/// Why a person rather than an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandOffReason {
    /// Somebody asks for a human being.
    PersonRequested,
    /// Somebody complains.
    Complaint,
    /// The last answer did not help.
    NotHelpful,
}

impl HandOffReason {
    /// Every reason with its name in TOML and JSON.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::PersonRequested, "person_requested"),
        (Self::Complaint, "complaint"),
        (Self::NotHelpful, "not_helpful"),
    ];
}

/// A way of asking for a person instead of an answer.
#[derive(Debug, Clone)]
pub struct HandOff {
    /// Name, unique among topics.
    pub id: TopicId,
    /// Why a person is wanted.
    pub reason: HandOffReason,
    /// Ways to say it.
    pub variants: Vec<Variant>,
    /// Where it is written.
    pub location: Location,
}

/// A subject that has nothing to do with the organisation, though it may share words with it.
#[derive(Debug, Clone)]
pub struct OutOfScope {
    /// Name, unique among topics.
    pub id: TopicId,
    /// Ways to ask about it.
    pub variants: Vec<Variant>,
    /// Where it is written.
    pub location: Location,
}
