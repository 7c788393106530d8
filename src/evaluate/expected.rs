//! The expected result of a request: alternatives, any of which is right.
//!
//! Input: a column of a question set, such as `selas-add-user|ESCALATE:selas`. Output: [`Expected`].
//!
//! Invariant: the entries and desks of an [`Expected`] exist in the knowledge.

use std::fmt;

use crate::knowledge::{DeskId, EntryId, KnowledgeBase};

/// The expected result of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The right results; at least one.
    pub alternatives: Vec<Alternative>,
}

/// One right result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alternative {
    /// An answer with this entry.
    Entry(EntryId),
    /// An escalation to the desk; `None` allows any desk.
    Escalate(Option<DeskId>),
    /// No answer, since the question is out of scope.
    OffTopic,
    /// A small-talk reply.
    Chitchat,
    /// The member picks this entry among those offered, and gets its answer.
    Choice(EntryId),
    /// The contact points of the desk; `None` allows any desk.
    Contact(Option<DeskId>),
    /// A question back: entries to choose from, or a request to say it differently.
    Unclear,
    /// The reply to "did not help": other entries, or a desk.
    NotHelped,
}

/// The kind of a result, by which turns of conversations are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// A question that an entry answers.
    Entry,
    /// A question that only a desk answers.
    Desk,
    /// A choice from the entries offered.
    Choice,
    /// A question about contact points.
    Contact,
    /// Greetings, thanks and closing.
    SmallTalk,
    /// A message that is too vague to answer.
    Unclear,
    /// "Did not help".
    NotHelped,
    /// A question that does not concern the organisation.
    OffTopic,
}

impl Expected {
    /// Parses a column of a question set. `None` if a part of it is unknown.
    pub(super) fn parse(column: &str, knowledge: &KnowledgeBase) -> Option<Self> {
        let alternatives = column.split('|').map(str::trim);
        let alternatives = alternatives.map(|text| Alternative::parse(text, knowledge));
        let alternatives = alternatives.collect::<Option<Vec<_>>>()?;
        Some(Self { alternatives })
    }

    /// Returns the act of the first alternative.
    #[must_use]
    pub fn act(&self) -> Act {
        let first = self.alternatives.first();
        first.map_or(Act::Unclear, Alternative::act)
    }

    /// Returns whether an answer with this entry is right.
    #[must_use]
    pub fn is_entry(&self, id: &EntryId) -> bool {
        let mut alternatives = self.alternatives.iter();
        alternatives.any(|alternative| match alternative {
            Alternative::Entry(expected) | Alternative::Choice(expected) => expected == id,
            _ => false,
        })
    }

    /// Returns whether an entry answers the request.
    #[must_use]
    pub fn has_entry(&self) -> bool {
        let mut alternatives = self.alternatives.iter();
        alternatives.any(|alternative| {
            matches!(alternative, Alternative::Entry(_) | Alternative::Choice(_))
        })
    }

    /// Returns whether the request should be escalated.
    #[must_use]
    pub fn is_to_escalate(&self) -> bool {
        self.act() == Act::Desk
    }
}

impl Alternative {
    fn parse(text: &str, knowledge: &KnowledgeBase) -> Option<Self> {
        let desk = |id: &str| Some(knowledge.desk(id)?.id.clone());
        let entry = |id: &str| Some(knowledge.entry(id)?.id.clone());
        Some(match text.split_once(':') {
            Some(("ESCALATE", "any")) => Self::Escalate(None),
            Some(("ESCALATE", id)) => Self::Escalate(Some(desk(id)?)),
            Some(("CHOICE", id)) => Self::Choice(entry(id)?),
            Some(("CONTACT", "any")) => Self::Contact(None),
            Some(("CONTACT", id)) => Self::Contact(Some(desk(id)?)),
            Some(_) => return None,
            None => match text {
                "OFFTOPIC" => Self::OffTopic,
                "CHITCHAT" => Self::Chitchat,
                "UNCLEAR" => Self::Unclear,
                "NOTHELPED" => Self::NotHelped,
                id => Self::Entry(entry(id)?),
            },
        })
    }

    fn act(&self) -> Act {
        match self {
            Self::Entry(_) => Act::Entry,
            Self::Escalate(_) => Act::Desk,
            Self::OffTopic => Act::OffTopic,
            Self::Chitchat => Act::SmallTalk,
            Self::Choice(_) => Act::Choice,
            Self::Contact(_) => Act::Contact,
            Self::Unclear => Act::Unclear,
            Self::NotHelped => Act::NotHelped,
        }
    }
}

impl Act {
    /// All acts, in the order of tables.
    pub const ALL: [Self; 8] = [
        Self::Entry,
        Self::Desk,
        Self::Choice,
        Self::Contact,
        Self::SmallTalk,
        Self::Unclear,
        Self::NotHelped,
        Self::OffTopic,
    ];

    /// Returns the name in tables and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Desk => "desk",
            Self::Choice => "choice",
            Self::Contact => "contact",
            Self::SmallTalk => "small talk",
            Self::Unclear => "unclear",
            Self::NotHelped => "did not help",
            Self::OffTopic => "off-topic",
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, alternative) in self.alternatives.iter().enumerate() {
            if index > 0 {
                formatter.write_str("|")?;
            }
            write!(formatter, "{alternative}")?;
        }
        Ok(())
    }
}

/// Writes the alternative as a question set does.
impl fmt::Display for Alternative {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(id) => write!(formatter, "{id}"),
            Self::Escalate(Some(desk)) => write!(formatter, "ESCALATE:{desk}"),
            Self::Escalate(None) => formatter.write_str("ESCALATE:any"),
            Self::OffTopic => formatter.write_str("OFFTOPIC"),
            Self::Chitchat => formatter.write_str("CHITCHAT"),
            Self::Choice(id) => write!(formatter, "CHOICE:{id}"),
            Self::Contact(Some(desk)) => write!(formatter, "CONTACT:{desk}"),
            Self::Contact(None) => formatter.write_str("CONTACT:any"),
            Self::Unclear => formatter.write_str("UNCLEAR"),
            Self::NotHelped => formatter.write_str("NOTHELPED"),
        }
    }
}
