//! Composes the answer for a decision: sentences, suggestions, desk, and the next conversation.

use super::conversation::Conversation;
use super::decision;
use super::desk::choose_desk;
use super::escalation::{Escalator, Reason};
use super::judgement::Decision;
use super::understanding::Understanding;
use super::{Answer, MAX_SUGGESTIONS, Outcome};
use crate::knowledge::{Desk, Entry, EntryId, HandOffReason, Sentence};
use crate::search::Subject;

/// Composes the answer for the decision of an understanding.
pub(super) fn answer(u: &Understanding<'_>) -> Answer {
    match &u.judgement.decision {
        Decision::Answer(entry) => give(
            *entry,
            u.judgement.confidence,
            u.question.text,
            &u.escalator,
            u.conversation.clone(),
            next_entries(u, *entry),
        ),
        Decision::Suggest(entries) => suggest(u, entries, u.conversation.clone()),
        Decision::SmallTalk(talk) => small_talk(u, *talk),
        Decision::HandOff(HandOffReason::NotHelpful) => not_helpful(u),
        Decision::HandOff(HandOffReason::Complaint) => escalate(u, Reason::Complaint),
        Decision::HandOff(HandOffReason::PersonRequested) => escalate(u, Reason::PersonRequested),
        Decision::Refer(referral) => refer(u, *referral),
        Decision::OutOfScope => escalate(u, Reason::OutOfScope),
        Decision::NotFound => escalate(u, Reason::NotFound),
        Decision::Unreadable => escalate(u, Reason::Unreadable),
    }
}

/// Gives an entry's answer. `question` is quoted in the draft to the contact point that the entry
/// names; `next` are the entries to offer if the answer does not help.
pub(super) fn give(
    index: usize,
    confidence: f32,
    question: &str,
    escalator: &Escalator<'_>,
    conversation: Conversation,
    next: Vec<EntryId>,
) -> Answer {
    let entry = &escalator.knowledge.entries[index];
    let values = [("question", entry.question.as_str())];
    Answer {
        outcome: Outcome::Answered,
        confidence,
        message: escalator.render(Sentence::Answered, &values),
        entry: Some(index),
        suggestions: Vec::new(),
        escalation: escalator.named_in_answer(entry, question),
        conversation: Conversation {
            last_entry: Some(entry.id.clone()),
            desk: Some(entry.desk.clone()),
            offered: next,
            is_choosing: false,
            // An entry chosen after "did not help" is the second attempt, and a further "did not
            // help" adds to the count. A new question starts from 0.
            not_helpful: if conversation.is_choosing {
                conversation.not_helpful
            } else {
                0
            },
            ..conversation
        },
        trace: None,
    }
}

/// Lists the entries to offer if an answer does not help: the next most probable ones, then the
/// related ones.
fn next_entries(u: &Understanding<'_>, given: usize) -> Vec<EntryId> {
    let knowledge = u.escalator.knowledge;
    let entry = &knowledge.entries[given];
    let likely = decision::likely_entries(&u.ranking).skip(1);
    let likely = likely.map(|index| &knowledge.entries[index].id);
    let today = u.assistant.today(u.escalator.now);
    let mut next: Vec<EntryId> = Vec::new();
    for id in likely.chain(&entry.related) {
        let is_new = *id != entry.id && !next.contains(id);
        if is_new && next.len() < MAX_SUGGESTIONS && knowledge.shown(id, today).is_some() {
            next.push(id.clone());
        }
    }
    next
}

/// Offers entries to choose from.
fn suggest(u: &Understanding<'_>, entries: &[usize], conversation: Conversation) -> Answer {
    let (escalator, knowledge) = (&u.escalator, u.escalator.knowledge);
    let offered: Vec<&Entry> = entries
        .iter()
        .map(|index| &knowledge.entries[*index])
        .collect();
    let mut desks: Vec<&Desk> = Vec::new();
    for entry in &offered {
        if let Some(desk) = knowledge.desk(entry.desk.as_str())
            && !desks.iter().any(|known| known.id == desk.id)
        {
            desks.push(desk);
        }
    }
    let chosen = u.question.desk;
    let is_of_other_desk = chosen.is_some_and(|chosen| desks.iter().any(|desk| desk.id != *chosen));
    let programmes = escalator.programmes(&desks);
    let message = if is_of_other_desk {
        escalator.render(Sentence::OtherDesk, &[("desks", &programmes)])
    } else if desks.len() > 1 {
        escalator.render(Sentence::WhichDesk, &[("desks", &programmes)])
    } else {
        escalator.render(Sentence::Suggested, &[])
    };
    let suggestions = entries.iter().map(|index| {
        let probability = u.ranking.probability(Subject::Entry(*index));
        (*index, probability)
    });
    Answer {
        outcome: Outcome::Suggested,
        confidence: u.judgement.confidence,
        message,
        entry: None,
        suggestions: suggestions.collect(),
        escalation: None,
        conversation: Conversation {
            offered: offered.iter().map(|entry| entry.id.clone()).collect(),
            is_choosing: true,
            ..conversation
        },
        trace: None,
    }
}

fn small_talk(u: &Understanding<'_>, index: usize) -> Answer {
    let talk = u.escalator.knowledge.small_talk.get(index);
    let reply = talk.map(|talk| talk.reply.get(u.question.language).to_owned());
    Answer {
        outcome: Outcome::SmallTalk,
        confidence: u.judgement.confidence,
        message: reply.unwrap_or_default(),
        entry: None,
        suggestions: Vec::new(),
        escalation: None,
        conversation: u.conversation.clone(),
        trace: None,
    }
}

/// Replies to "did not help": other entries the first time, then the desk.
pub(super) fn not_helpful(u: &Understanding<'_>) -> Answer {
    let (escalator, conversation) = (&u.escalator, &u.conversation);
    let today = u.assistant.today(escalator.now);
    let offered = conversation.offered.iter();
    let others = offered.filter_map(|id| Some(escalator.knowledge.shown(id, today)?.0));
    let others: Vec<usize> = others.collect();
    let is_first = conversation.not_helpful == 0 && !conversation.is_choosing;
    if is_first && !others.is_empty() {
        let conversation = Conversation {
            not_helpful: 1,
            ..conversation.clone()
        };
        let mut answer = suggest(u, &others, conversation);
        answer.message = escalator.render(Sentence::NotHelpful, &[]);
        return answer;
    }
    let mut answer = escalate(u, Reason::NotHelpful);
    answer.conversation.not_helpful = 0;
    answer
}

/// Escalates to the desk of a referral and names its topic.
fn refer(u: &Understanding<'_>, index: usize) -> Answer {
    let knowledge = u.escalator.knowledge;
    let referral = knowledge.referrals.get(index);
    let desk = referral.and_then(|referral| knowledge.desk(referral.desk.as_str()));
    let mut answer = escalate_to(u, desk, Reason::Referred);
    if let (Some(referral), Some(desk)) = (referral, desk) {
        let name = desk.name.get(u.question.language);
        let values = [("topic", referral.topic.as_str()), ("desk", name)];
        answer.message = u.escalator.render(Sentence::Referred, &values);
    }
    answer
}

fn escalate(u: &Understanding<'_>, reason: Reason) -> Answer {
    escalate_to(u, choose_desk(u, reason), reason)
}

/// Escalates to a desk, or to all desks.
fn escalate_to(u: &Understanding<'_>, desk: Option<&Desk>, reason: Reason) -> Answer {
    let (escalator, conversation) = (&u.escalator, &u.conversation);
    let all = escalator.desks_with_entries();
    // With a single desk there is nothing to choose.
    let desk = match all.as_slice() {
        [only] => desk.or(Some(*only)),
        _ => desk,
    };
    let names = match desk {
        Some(desk) => escalator.names(&[desk]),
        None => escalator.names(&all),
    };
    let desks = [("desks", names.as_str())];
    let message = match (reason, desk) {
        (Reason::NotFound | Reason::Referred | Reason::NamedInAnswer, Some(_)) => {
            escalator.render(Sentence::NotFound, &[("desk", &names)])
        }
        (Reason::NotFound | Reason::Referred | Reason::NamedInAnswer, None) => {
            escalator.render(Sentence::NotFoundAnyDesk, &desks)
        }
        (Reason::PersonRequested, _) => escalator.render(Sentence::PersonRequested, &desks),
        (Reason::Complaint, _) => escalator.render(Sentence::Complaint, &desks),
        (Reason::NotHelpful, _) => escalator.render(Sentence::NotHelpfulAgain, &desks),
        (Reason::OutOfScope, _) => {
            let programmes = escalator.programmes(&all);
            escalator.render(Sentence::OutOfScope, &[("desks", &programmes)])
        }
        (Reason::Unreadable, _) => escalator.render(Sentence::Unreadable, &[]),
    };
    // The draft mentions the entry that was shown only if the member may be unhappy with it.
    let is_about_last = matches!(
        reason,
        Reason::NotHelpful | Reason::PersonRequested | Reason::Complaint
    );
    let last = conversation.last_entry.as_ref().filter(|_| is_about_last);
    let shown = last.and_then(|id| escalator.knowledge.entry(id.as_str()));
    let escalation = escalator.escalate(desk, reason, u.question.text, shown);
    Answer {
        outcome: Outcome::Escalated,
        confidence: u.judgement.confidence,
        message,
        entry: None,
        suggestions: Vec::new(),
        conversation: Conversation {
            desk: escalation.desk.clone().or(conversation.desk.clone()),
            offered: Vec::new(),
            is_choosing: false,
            ..conversation.clone()
        },
        escalation: Some(escalation),
        trace: None,
    }
}
