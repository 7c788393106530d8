//! Chooses the desk that a question is escalated to.

use super::escalation::Reason;
use super::understanding::Understanding;
use crate::knowledge::Desk;

/// Minimum probability of a likely desk's subjects, as a share of that of all desks' subjects.
const MIN_DESK_SHARE: f32 = 0.65;

/// Chooses the desk for an escalation; `None` offers all desks. The first rule that applies wins.
pub(super) fn choose_desk<'a>(u: &Understanding<'a>, reason: Reason) -> Option<&'a Desk> {
    let knowledge = u.escalator.knowledge;
    let chosen = || u.question.desk.and_then(|id| knowledge.desk(id.as_str()));
    let of_conversation = || {
        let id = u.conversation.desk.as_ref()?;
        knowledge.desk(id.as_str())
    };
    let is_fragment = u
        .context
        .as_ref()
        .is_some_and(|context| context.is_fragment);
    match reason {
        Reason::Unreadable | Reason::OutOfScope => None,
        Reason::PersonRequested | Reason::ContactAsked | Reason::Complaint | Reason::NotHelpful => {
            u.named_desk().or_else(chosen).or_else(of_conversation)
        }
        // A fragment is about the subject of the conversation.
        Reason::NotFound if is_fragment => u
            .named_desk()
            .or_else(chosen)
            .or_else(of_conversation)
            .or_else(|| likely_desk(u)),
        Reason::NotFound | Reason::Referred | Reason::NamedInAnswer => u
            .named_desk()
            .or_else(chosen)
            .or_else(|| likely_desk(u))
            .or_else(of_conversation),
    }
}

/// Returns the desk whose subjects have at least [`MIN_DESK_SHARE`] of the probability.
fn likely_desk<'a>(u: &Understanding<'a>) -> Option<&'a Desk> {
    let searcher = &u.assistant.searcher;
    let knowledge = u.escalator.knowledge;
    let probabilities = knowledge.desks.iter().map(|desk| {
        let subjects = u.ranking.subjects.iter();
        let own = subjects.filter(|r| searcher.desk(r.candidate.subject) == Some(&desk.id));
        own.map(|ranked| ranked.probability).sum()
    });
    let probabilities: Vec<f32> = probabilities.collect();
    let sum: f32 = probabilities.iter().sum();
    let pairs = knowledge.desks.iter().zip(probabilities);
    let (desk, probability) = pairs.max_by(|a, b| a.1.total_cmp(&b.1))?;
    (probability > 0.0 && probability >= MIN_DESK_SHARE * sum).then_some(desk)
}
