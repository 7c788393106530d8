//! Messages that are not questions for the FAQ: small talk, requests for a person, and subjects
//! that are out of scope.

use super::id::TopicId;
use super::language::Localized;
use super::problem::Location;
use super::variant::Variant;

/// Small talk with its reply.
#[derive(Debug, Clone)]
pub struct SmallTalk {
    /// The id, unique among topics.
    pub id: TopicId,
    /// Ways to express it.
    pub variants: Vec<Variant>,
    /// The reply.
    pub reply: Localized,
    /// The position in the knowledge folder.
    pub location: Location,
    /// Whether it is shipped with the program, since the folder has no small talk of its own.
    pub is_default: bool,
}

/// The reason of a hand-off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandOffReason {
    /// The member asks for a person.
    PersonRequested,
    /// The member complains.
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

/// A message that asks for a person, complains, or rejects the last answer.
#[derive(Debug, Clone)]
pub struct HandOff {
    /// The id, unique among topics.
    pub id: TopicId,
    /// The reason.
    pub reason: HandOffReason,
    /// Ways to express it.
    pub variants: Vec<Variant>,
    /// The position in the knowledge folder.
    pub location: Location,
    /// Whether it is shipped with the program, since the folder has no small talk of its own.
    pub is_default: bool,
}

/// A subject that is out of scope for the organisation, though it may share words with its FAQ.
#[derive(Debug, Clone)]
pub struct OutOfScope {
    /// The id, unique among topics.
    pub id: TopicId,
    /// Ways to ask about it.
    pub variants: Vec<Variant>,
    /// Whether it is foreign to nearly every organisation, so that it is a default of folders without
    /// subjects of their own.
    pub is_general: bool,
    /// The position in the knowledge folder.
    pub location: Location,
    /// Whether it is shipped with the program, since the folder has no such subjects of its own.
    pub is_default: bool,
}
