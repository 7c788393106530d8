//! Compares an answer with the expected result.
//!
//! Input: a case and its answer. Output: the [`Given`] parts of the answer, and a [`Verdict`].

use std::fmt;

use super::expected::{Alternative, Expected};
use super::question_set::Case;
use crate::answer::{Answer, Assistant, Outcome, Reason};
use crate::knowledge::{DeskId, EntryId};

/// The verdict on a case. A message with several requests has a part for each of them; any other
/// case has one part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Every part is right: answered with a right entry, escalated to the right desk, …
    pub is_right: bool,
    /// At least one part is right.
    pub is_one_right: bool,
    /// Every part is right, or a right entry was suggested for it.
    pub is_helped: bool,
    /// Answered with a right entry.
    pub is_answered_right: bool,
    /// Answered with an entry that is not a right one.
    pub is_wrongly_answered: bool,
    /// Escalated to an expected desk.
    pub is_routed_right: bool,
}

/// The result of an answer for one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The part of the message that it is for; absent if it is for the whole message.
    pub asked: Option<String>,
    /// The outcome.
    pub outcome: Outcome,
    /// The entry, if answered.
    pub entry: Option<EntryId>,
    /// The entries to choose from.
    pub suggestions: Vec<EntryId>,
    /// The desk of the escalation, or that of the contact point that an answer names.
    pub desk: Option<DeskId>,
    /// The reason of the escalation.
    pub reason: Option<Reason>,
}

/// Judges what an answer gives.
pub(super) fn judge(case: &Case, given: &[Given]) -> Verdict {
    let any = |part: &Expected, condition: fn(&Expected, &Given) -> bool| {
        given.iter().any(|given| condition(part, given))
    };
    let is_wrong = |given: &Given| {
        let mut parts = case.parts.iter();
        given.outcome == Outcome::Answered && !parts.any(|part| is_right(part, given))
    };
    let parts = &case.parts;
    Verdict {
        is_right: parts.iter().all(|part| any(part, is_right)),
        is_one_right: parts.iter().any(|part| any(part, is_right)),
        is_helped: parts.iter().all(|part| any(part, is_helped)),
        is_answered_right: parts.iter().any(|part| any(part, is_answered_right)),
        is_wrongly_answered: given.iter().any(is_wrong),
        is_routed_right: parts.iter().any(|part| any(part, is_routed_right)),
    }
}

/// Lists what an answer gives, in the order of its parts.
pub(super) fn given(assistant: &Assistant, answer: &Answer) -> Vec<Given> {
    let entries = &assistant.knowledge().entries;
    let id = |index: usize| entries[index].id.clone();
    let parts = answer.all().map(|part| {
        let escalation = part.escalation.as_ref();
        let suggestions = part.suggestions.iter();
        Given {
            asked: part.asked.clone(),
            outcome: part.outcome,
            entry: part.entry.map(id),
            suggestions: suggestions.map(|(index, _)| id(*index)).collect(),
            desk: escalation.and_then(|escalation| escalation.desk.clone()),
            reason: escalation.map(|escalation| escalation.reason),
        }
    });
    parts.collect()
}

fn is_right(expected: &Expected, given: &Given) -> bool {
    let mut alternatives = expected.alternatives.iter();
    alternatives.any(|alternative| is_alternative(alternative, given))
}

fn is_alternative(alternative: &Alternative, given: &Given) -> bool {
    let (outcome, is_escalated) = (given.outcome, given.outcome == Outcome::Escalated);
    match alternative {
        Alternative::Entry(id) | Alternative::Choice(id) => {
            outcome == Outcome::Answered && given.entry.as_ref() == Some(id)
        }
        Alternative::Escalate(desk) => is_escalated && (desk.is_none() || given.desk == *desk),
        Alternative::OffTopic => is_escalated,
        Alternative::Chitchat => outcome == Outcome::SmallTalk,
        Alternative::Contact(Some(desk)) => given.desk.as_ref() == Some(desk),
        Alternative::Contact(None) => {
            given.desk.is_some() || given.reason == Some(Reason::ContactAsked)
        }
        Alternative::Unclear => {
            let is_without_desk = given.desk.is_none() || given.reason == Some(Reason::Unreadable);
            outcome == Outcome::Suggested || (is_escalated && is_without_desk)
        }
        Alternative::NotHelped => outcome == Outcome::Suggested || is_escalated,
    }
}

fn is_helped(expected: &Expected, given: &Given) -> bool {
    let mut suggestions = given.suggestions.iter();
    let is_offered =
        given.outcome == Outcome::Suggested && suggestions.any(|id| expected.is_entry(id));
    is_offered || is_right(expected, given)
}

fn is_answered_right(expected: &Expected, given: &Given) -> bool {
    let is_entry = given.entry.as_ref().is_some_and(|id| expected.is_entry(id));
    given.outcome == Outcome::Answered && is_entry
}

fn is_routed_right(expected: &Expected, given: &Given) -> bool {
    let mut alternatives = expected.alternatives.iter();
    alternatives.any(|alternative| {
        matches!(alternative, Alternative::Escalate(_)) && is_alternative(alternative, given)
    })
}

/// Writes the outcome, then the entry, the suggestions, or the desk with the reason, and the part of the
/// message.
impl fmt::Display for Given {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.outcome.name())?;
        if let Some(entry) = &self.entry {
            write!(formatter, " {entry}")?;
        }
        for id in &self.suggestions {
            write!(formatter, " {id}")?;
        }
        if let Some(desk) = &self.desk {
            write!(formatter, " {desk}")?;
        }
        if let Some(reason) = self.reason {
            write!(formatter, " ({})", reason.name())?;
        }
        if let Some(asked) = &self.asked {
            write!(formatter, " 「{asked}」")?;
        }
        Ok(())
    }
}
