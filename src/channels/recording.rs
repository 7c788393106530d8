//! Makes a record of each answer, for all channels alike.
//!
//! A channel names itself, the conversation and the language; everything else comes from the answer.
//! Texts are masked here, before they leave the request.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::answer::{Act, Answer, Assistant, Outcome};
use crate::knowledge::{DeskId, EntryId, Language};
use crate::records::{Kind, Recorder, Turn, mask};

/// The turn that is recorded.
pub(in crate::channels) struct Recording<'a> {
    pub(in crate::channels) recorder: &'a Recorder,
    pub(in crate::channels) assistant: &'a Assistant,
    pub(in crate::channels) channel: &'static str,
    pub(in crate::channels) conversation: [u8; 16],
    pub(in crate::channels) language: Language,
    pub(in crate::channels) now: Timestamp,
    /// The desk that the member chose before asking.
    pub(in crate::channels) desk: Option<&'a DeskId>,
}

impl Recording<'_> {
    /// Records the answer to a message or to a choice; `text` is what the member wrote, if anything.
    pub(in crate::channels) fn answer(&self, kind: Kind, text: Option<&str>, answer: &Answer) {
        if !self.recorder.is_on() {
            return;
        }
        // A message about a danger to a life is counted without its words.
        let text = text.filter(|text| answer.outcome != Outcome::Safety && !text.is_empty());
        match answer.trace.as_ref().and_then(|trace| trace.act.as_ref()) {
            // Written instead of pressed: a number or a name of an offered entry, or a verdict.
            Some(Act::Choose(_)) => self.recorder.record(self.turn(Kind::Chosen, None, answer)),
            Some(Act::NotHelped) => {
                let entry = answer.conversation.last_entry.as_ref();
                self.rating(entry, false, text, answer);
            }
            _ => self.recorder.record(self.turn(kind, text, answer)),
        }
    }

    /// Records a rating of an entry's answer; `answer` is what followed it.
    pub(in crate::channels) fn rating(
        &self,
        entry: Option<&EntryId>,
        is_helpful: bool,
        comment: Option<&str>,
        answer: &Answer,
    ) {
        if !self.recorder.is_on() {
            return;
        }
        let comment = comment.filter(|comment| !self.assistant.is_danger(comment));
        let mut turn = self.turn(Kind::Rated, comment, answer);
        let knowledge = self.assistant.knowledge();
        let rated = entry.and_then(|id| knowledge.entry(id.as_str()));
        turn.entry = entry.map(ToString::to_string);
        turn.desk = turn.desk.or(rated.map(|entry| entry.desk.to_string()));
        turn.helpful = Some(is_helpful);
        self.recorder.record(turn);
    }

    fn turn(&self, kind: Kind, text: Option<&str>, answer: &Answer) -> Turn {
        let knowledge = self.assistant.knowledge();
        let is_escalated = answer.outcome == Outcome::Escalated;
        let suggestions = answer.suggestions.iter();
        let suggestions = suggestions.filter_map(|(index, _)| knowledge.entries.get(*index));
        let refer = answer.trace.as_ref().and_then(|trace| trace.referral());
        let referral = refer.filter(|_| is_escalated);
        let referral = referral.and_then(|index| knowledge.referrals.get(index));
        Turn {
            at: self.now,
            day: self.assistant.today(self.now),
            kind,
            channel: self.channel,
            language: self.language.tag(),
            asked_desk: self.desk.map(ToString::to_string),
            conversation: self.conversation,
            text: text.map(mask),
            outcome: answer.outcome.label(),
            reason: reason(answer),
            entry: self.entry(answer),
            referral: referral.map(|referral| referral.id.to_string()),
            desk: self.desk(answer),
            is_open: is_open(answer),
            confidence: answer.confidence,
            suggestions: suggestions.map(|entry| entry.id.to_string()).collect(),
            helpful: None,
            also: answer.also.iter().map(|also| self.further(also)).collect(),
            knowledge: knowledge.version.clone(),
        }
    }

    /// Describes the answer to a further request, as [`crate::records::Further`] reads it.
    fn further(&self, answer: &Answer) -> Value {
        json!({
            "text": answer.asked.as_deref().map(mask),
            "outcome": answer.outcome.label(),
            "reason": reason(answer),
            "entry": self.entry(answer),
            "desk": self.desk(answer),
        })
    }

    fn entry(&self, answer: &Answer) -> Option<String> {
        let entries = &self.assistant.knowledge().entries;
        let entry = answer.entry.and_then(|index| entries.get(index))?;
        Some(entry.id.to_string())
    }

    fn desk(&self, answer: &Answer) -> Option<String> {
        let entries = &self.assistant.knowledge().entries;
        let entry = answer.entry.and_then(|index| entries.get(index));
        let escalation = answer.escalation.as_ref();
        let desk = escalation.and_then(|escalation| escalation.desk.as_ref());
        let desk = match answer.outcome {
            Outcome::Escalated => desk,
            _ => entry.map(|entry| &entry.desk).or(desk),
        };
        desk.map(ToString::to_string)
    }
}

fn reason(answer: &Answer) -> Option<&'static str> {
    let escalation = answer.escalation.as_ref();
    let escalation = escalation.filter(|_| answer.outcome == Outcome::Escalated);
    escalation.map(|escalation| escalation.reason.name())
}

/// Returns whether a desk that the member is led to is open; `None` without opening hours.
fn is_open(answer: &Answer) -> Option<bool> {
    let escalation = answer.escalation.as_ref();
    let escalation = escalation.filter(|_| answer.outcome == Outcome::Escalated)?;
    let hours = escalation.contact_points.iter();
    let mut hours = hours.filter_map(|point| point.hours.as_ref()).peekable();
    hours.peek()?;
    Some(hours.any(|hours| hours.is_open))
}
