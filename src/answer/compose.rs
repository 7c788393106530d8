//! Composes the answer for a decision: sentences, suggestions, desk, and the next conversation.

use super::conversation::Conversation;
use super::decision;
use super::desk::choose_desk;
use super::escalation::{Escalator, Reason, Written};
use super::judgement::Decision;
use super::selection::Selected;
use super::understanding::Understanding;
use super::{Answer, MAX_REQUESTS, MAX_SUGGESTIONS, Outcome};
use crate::knowledge::{Desk, Entry, EntryId, HandOffReason, Sentence};
use crate::search::Subject;

/// Composes the answer for the decision of an understanding.
pub(super) fn answer(u: &Understanding<'_>) -> Answer {
    match &u.judgement.decision {
        Decision::Answer(entry) => give(
            *entry,
            u.judgement.confidence,
            u.written(),
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
        // The reply to a danger is made before there is an understanding, see `safety`.
        Decision::NotFound | Decision::Safety(_) => escalate(u, Reason::NotFound),
        Decision::Unreadable => escalate(u, Reason::Unreadable),
        Decision::AskedContact => escalate(u, Reason::ContactAsked),
        Decision::Close => courtesy(u, u.escalator.render(Sentence::Closing, &[])),
    }
}

/// Gives an entry's answer. `written` is quoted in the draft to the contact point that the entry
/// names; `next` are the entries to offer if the answer does not help.
pub(super) fn give(
    index: usize,
    confidence: f32,
    written: Written<'_>,
    escalator: &Escalator<'_>,
    conversation: Conversation,
    next: Vec<EntryId>,
) -> Answer {
    let entry = &escalator.knowledge.entries[index];
    let values = [("question", entry.title(escalator.language))];
    let message = escalator.render(Sentence::Answered, &values);
    let conversation = Conversation {
        last_entry: Some(entry.id.clone()),
        desk: Some(entry.desk.clone()),
        offered: next,
        // An entry chosen after "did not help" is the second attempt, and a further "did not
        // help" adds to the count. A new question starts from 0.
        not_helpful: if conversation.is_choosing {
            conversation.not_helpful
        } else {
            0
        },
        ..conversation.after(Outcome::Answered)
    };
    Answer {
        entry: Some(index),
        escalation: escalator.named_in_answer(entry, written),
        ..Answer::of_sentence(Outcome::Answered, confidence, message, conversation)
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
    let offered = offered.iter().map(|entry| entry.id.clone());
    let conversation = conversation.offering(offered.collect());
    let confidence = u.judgement.confidence;
    Answer {
        suggestions: suggestions.collect(),
        ..Answer::of_sentence(Outcome::Suggested, confidence, message, conversation)
    }
}

fn small_talk(u: &Understanding<'_>, index: usize) -> Answer {
    let talk = u.escalator.knowledge.small_talk.get(index);
    let reply = talk.map(|talk| talk.reply.get(u.question.language).to_owned());
    courtesy(u, reply.unwrap_or_default())
}

/// Replies with a sentence alone and leaves the conversation as it is.
fn courtesy(u: &Understanding<'_>, sentence: String) -> Answer {
    let (confidence, conversation) = (u.judgement.confidence, u.conversation.clone());
    Answer::of_sentence(Outcome::SmallTalk, confidence, sentence, conversation)
}

/// Replies to "did not help": the first time with entries that the answer did not show, and the desk;
/// then with the desk.
pub(super) fn not_helpful(u: &Understanding<'_>) -> Answer {
    let (escalator, conversation) = (&u.escalator, &u.conversation);
    let knowledge = escalator.knowledge;
    let today = u.assistant.today(escalator.now);
    let last = conversation.last_entry.as_ref();
    let last = last.and_then(|id| knowledge.entry(id.as_str()));
    // The related entries stand below every answer.
    let is_shown = |id: &EntryId| {
        last.is_some_and(|last| *id == last.id || last.related.iter().any(|related| related == id))
    };
    let offered = conversation.offered.iter().filter(|id| !is_shown(id));
    let others = offered.filter_map(|id| Some(knowledge.shown(id, today)?.0));
    let others: Vec<usize> = others.collect();
    let is_first = conversation.not_helpful == 0 && !conversation.is_choosing;
    if is_first && !others.is_empty() {
        let conversation = Conversation {
            not_helpful: 1,
            ..conversation.clone()
        };
        let mut answer = suggest(u, &others, conversation);
        answer.message = escalator.render(Sentence::NotHelpful, &[]);
        answer.escalation = escalate(u, Reason::NotHelpful).escalation;
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

/// Escalates to the desk that fits the reason.
pub(super) fn escalate(u: &Understanding<'_>, reason: Reason) -> Answer {
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
        (Reason::ContactAsked, _) => escalator.render(Sentence::ContactAsked, &desks),
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
    let escalation = escalator.escalate(desk, reason, u.written(), shown);
    let conversation = Conversation {
        desk: escalation.desk.clone().or(conversation.desk.clone()),
        offered: Vec::new(),
        ..conversation.clone().after(Outcome::Escalated)
    };
    let confidence = u.judgement.confidence;
    Answer {
        escalation: Some(escalation),
        ..Answer::of_sentence(Outcome::Escalated, confidence, message, conversation)
    }
}

/// Joins the answers to the requests of one message, in the order asked.
///
/// The conversation continues from the last of them. A number chooses from all lists together: the
/// numbers of a list continue those of the list before it. If the message has further requests, the
/// first sentence says that they are not answered.
pub(super) fn join(selected: Selected, escalator: &Escalator<'_>) -> Option<Answer> {
    let Selected { answers, has_more } = selected;
    let mut conversation = answers.last()?.conversation.clone();
    let mut from_last = answers.iter().rev();
    if let Some(answered) = from_last.find(|answer| answer.entry.is_some()) {
        let last_entry = answered.conversation.last_entry.clone();
        conversation.last_entry = last_entry;
    }
    let is_suggestion = |answer: &&Answer| answer.outcome == Outcome::Suggested;
    let lists = answers.iter().filter(is_suggestion);
    let offered: Vec<EntryId> = lists
        .flat_map(|answer| answer.conversation.offered.clone())
        .collect();
    if !offered.is_empty() {
        conversation = conversation.offering(offered);
    } else if answers.len() > 1 && answers.iter().all(|answer| answer.entry.is_some()) {
        // A number chooses from the answers.
        let given = answers.iter();
        let given = given.filter_map(|answer| answer.conversation.last_entry.clone());
        conversation.list = given.collect();
        conversation.list_age = 0;
    }
    let mut answers = answers.into_iter().map(|answer| Answer {
        conversation: conversation.clone(),
        ..answer
    });
    let mut first = answers.next()?;
    if has_more {
        let count = MAX_REQUESTS.to_string();
        let notice = escalator.render(Sentence::MoreRequests, &[("count", &count)]);
        first.message = format!("{notice}\n{}", first.message);
    }
    Some(Answer {
        also: answers.collect(),
        ..first
    })
}
