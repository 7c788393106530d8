//! Selects the answers to a message from the decisions on its requests.
//!
//! A repeated request counts once. Courtesy or background that was mistaken for a request has no sure
//! subject, and gives no answer beside a part that has one.

use super::judgement::Decision;
use super::message::Request;
use super::{Answer, MAX_REQUESTS, Outcome};
use crate::search::Subject;

/// Minimum confidence of an answer to a part of a message that neither is a letter nor joins its
/// parts by connectives: there, two sentences usually ask one thing. As much as for the half of a
/// sentence, for the same reason; see `splitting`.
const MIN_UNLINKED_CONFIDENCE: f32 = 0.75;

/// The answers to a message.
#[derive(Default)]
pub(super) struct Selected {
    /// The answers, in the order asked.
    pub(super) answers: Vec<Answer>,
    /// Whether the message has further requests, which are not answered.
    pub(super) has_more: bool,
}

impl Selected {
    fn one(answer: Answer) -> Self {
        Self {
            answers: vec![answer],
            has_more: false,
        }
    }
}

/// A decided request.
pub(super) struct Decided {
    pub(super) request: Request,
    pub(super) answer: Answer,
}

impl Decided {
    /// Returns the subject, if one is sure: an entry that is the answer, or a referral.
    fn subject(&self) -> Option<Subject> {
        match &self.answer.trace.as_ref()?.judgement.decision {
            Decision::Answer(entry) => Some(Subject::Entry(*entry)),
            Decision::Refer(index) => Some(Subject::Referral(*index)),
            _ => None,
        }
    }
}

/// Selects the answers, in the order asked. `whole` is the decision on the message as one question;
/// absent if the message is framed, such as a letter.
pub(super) fn select(whole: Option<Answer>, mut parts: Vec<Decided>) -> Selected {
    if let Some(thanks) = parts.pop_if(|part| part.request.is_thanks) {
        let is_small_talk = thanks.answer.outcome == Outcome::SmallTalk;
        let rather = whole.filter(|_| !is_small_talk);
        return Selected::one(rather.unwrap_or(thanks.answer));
    }
    let is_letter = whole.is_none();
    let is_linked = |part: &Decided| part.request.is_linked;
    let needs_certainty = !is_letter && !parts.iter().any(is_linked);
    let subject_of = |part: &Decided| {
        let is_sure = !needs_certainty || part.answer.confidence >= MIN_UNLINKED_CONFIDENCE;
        part.subject().filter(|_| is_sure)
    };
    let mut subjects: Vec<Subject> = Vec::new();
    let mut distinct: Vec<(Option<Subject>, Decided)> = Vec::new();
    for part in parts {
        let subject = subject_of(&part);
        match subject {
            Some(subject) if subjects.contains(&subject) => {}
            _ => {
                subjects.extend(subject);
                distinct.push((subject, part));
            }
        }
    }
    let next_is_linked: Vec<bool> = (0..distinct.len())
        .map(|index| {
            distinct
                .get(index + 1)
                .is_some_and(|(_, next)| is_linked(next))
        })
        .collect();
    let mut kept: Vec<Decided> = Vec::new();
    let mut rest: Vec<Decided> = Vec::new();
    for ((subject, part), next_is_linked) in distinct.into_iter().zip(next_is_linked) {
        let is_own = is_linked(&part) || next_is_linked || subjects.is_empty();
        let is_about_another = part.answer.outcome == Outcome::Suggested
            && part
                .answer
                .suggestions
                .first()
                .is_some_and(|(entry, _)| subjects.contains(&Subject::Entry(*entry)));
        let is_small_talk = part.answer.outcome == Outcome::SmallTalk;
        if subject.is_some() || (is_own && !is_about_another && !is_small_talk) {
            kept.push(part);
        } else {
            rest.push(part);
        }
    }
    if kept.is_empty() {
        kept.extend(rest.into_iter().next());
    }
    let is_escalated = |part: &Decided| part.answer.outcome == Outcome::Escalated;
    let is_several = kept.len() > 1
        && (kept.iter().any(is_linked) || !subjects.is_empty() && !kept.iter().all(is_escalated));
    if let Some(whole) = whole.filter(|_| !is_several) {
        return Selected::one(whole);
    }
    if !is_several {
        // A letter without a sure answer: the most helpful one. Reversed, because `max_by` returns
        // the last of equals.
        let best = kept.into_iter().rev().max_by(|a, b| {
            let key = |part: &Decided| (helpfulness(part.answer.outcome), part.answer.confidence);
            let (a, b) = (key(a), key(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        kept = best.into_iter().collect();
    }
    let has_more = kept.len() > MAX_REQUESTS;
    kept.truncate(MAX_REQUESTS);
    let answers = kept.into_iter().map(|part| Answer {
        asked: Some(part.request.asked),
        ..part.answer
    });
    Selected {
        answers: answers.collect(),
        has_more,
    }
}

fn helpfulness(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Answered => 3,
        Outcome::Suggested => 2,
        Outcome::Escalated => 1,
        Outcome::SmallTalk | Outcome::Safety => 0,
    }
}
