//! Escalations: a desk's contact points, whether it is open, and the draft message.
//!
//! Invariant: nothing is sent; a draft is text that the member may send.

use jiff::{Timestamp, Zoned};

use crate::knowledge::business_hours::Availability;
use crate::knowledge::{
    ContactKind, ContactPoint, ContactPointId, Desk, DeskHours, DeskId, Entry, KnowledgeBase,
    Language, Sentence,
};

/// The reason of an escalation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The documents have no answer.
    NotFound,
    /// A referral: the subject is known, and the documents do not answer it.
    Referred,
    /// The member asked for a person.
    PersonRequested,
    /// The member asked when or how a desk can be reached.
    ContactAsked,
    /// The member complained.
    Complaint,
    /// The answer did not help.
    NotHelpful,
    /// Out of scope for the organisation.
    OutOfScope,
    /// The text cannot be read as a question.
    Unreadable,
    /// The answer names the contact point.
    NamedInAnswer,
}

impl Reason {
    /// Returns the name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Referred => "referred",
            Self::PersonRequested => "person_requested",
            Self::ContactAsked => "contact_asked",
            Self::Complaint => "complaint",
            Self::NotHelpful => "not_helpful",
            Self::OutOfScope => "out_of_scope",
            Self::Unreadable => "unreadable",
            Self::NamedInAnswer => "named_in_answer",
        }
    }
}

/// A referral of the member to a desk.
#[derive(Debug, Clone)]
pub struct Escalation {
    /// The desk; absent if all desks are offered.
    pub desk: Option<DeskId>,
    /// The reason.
    pub reason: Reason,
    /// The contact points, the preferred one first.
    pub contact_points: Vec<ContactStatus>,
    /// A message that the member may send to any of the desks.
    pub draft: Draft,
    /// The same message addressed to each of the desks, in their order.
    pub desk_drafts: Vec<(DeskId, Draft)>,
}

/// A contact point as of a time.
#[derive(Debug, Clone)]
pub struct ContactStatus {
    /// Its id.
    pub id: ContactPointId,
    /// The desk it belongs to.
    pub desk: DeskId,
    /// Its kind.
    pub kind: ContactKind,
    /// Its label.
    pub label: String,
    /// The address, or a description of where to find it.
    pub value: String,
    /// The target of a link.
    pub url: Option<String>,
    /// The business hours of a telephone that has any.
    pub hours: Option<HoursStatus>,
}

/// Business hours as of a time.
#[derive(Debug, Clone)]
pub struct HoursStatus {
    /// The hours as the source document states them.
    pub text: String,
    /// Whether the desk is open.
    pub is_open: bool,
    /// The next opening, if closed.
    pub opens_at: Option<Zoned>,
    /// The closing time, if open.
    pub closes_at: Option<Zoned>,
    /// The status as a sentence.
    pub status: String,
}

/// A draft of a message to a desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The subject line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// The question in a draft.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'a> {
    /// The part of the message that the draft is about, for its subject line.
    pub(super) asked: &'a str,
    /// The whole message, for its text: the desk has to understand the part.
    pub(super) message: &'a str,
}

impl<'a> Written<'a> {
    /// A message that is one question.
    pub(super) fn whole(text: &'a str) -> Self {
        Self {
            asked: text,
            message: text,
        }
    }
}

/// Composes escalations in one language at one time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Escalator<'a> {
    pub(super) knowledge: &'a KnowledgeBase,
    pub(super) language: Language,
    pub(super) now: Timestamp,
}

impl Escalator<'_> {
    /// Escalates to a desk, or to all desks.
    pub(super) fn escalate(
        &self,
        desk: Option<&Desk>,
        reason: Reason,
        written: Written<'_>,
        shown: Option<&Entry>,
    ) -> Escalation {
        let desks: Vec<&Desk> = match desk {
            Some(desk) => vec![desk],
            // A desk without entries or referrals is offered only by an answer that names it.
            None => self.desks_with_entries(),
        };
        let points = desks.iter().flat_map(|desk| {
            let points = desk.contact_points.iter();
            points.map(|point| contact_status(desk, point, self))
        });
        let drafts = desks.iter().map(|desk| {
            let name = desk.name.get(self.language);
            (desk.id.clone(), self.draft(name, reason, written, shown))
        });
        Escalation {
            desk: desk.map(|desk| desk.id.clone()),
            reason,
            contact_points: points.collect(),
            draft: self.draft(&self.names(&desks), reason, written, shown),
            desk_drafts: drafts.collect(),
        }
    }

    /// Escalates to the contact point that an entry names, if it names one.
    pub(super) fn named_in_answer(
        &self,
        entry: &Entry,
        written: Written<'_>,
    ) -> Option<Escalation> {
        let contact = entry.contact.as_ref()?;
        let (desk, point) = self.knowledge.contact_point(contact.as_str())?;
        let name = desk.name.get(self.language);
        let draft = self.draft(name, Reason::NamedInAnswer, written, None);
        Some(Escalation {
            desk: Some(desk.id.clone()),
            reason: Reason::NamedInAnswer,
            contact_points: vec![contact_status(desk, point, self)],
            desk_drafts: vec![(desk.id.clone(), draft.clone())],
            draft,
        })
    }

    /// Returns the desks that have entries or referrals; all desks if none has.
    pub(super) fn desks_with_entries(&self) -> Vec<&Desk> {
        let knowledge = self.knowledge;
        let has_entries = |desk: &&Desk| {
            let mut entries = knowledge.entries.iter();
            let mut referrals = knowledge.referrals.iter();
            entries.any(|entry| entry.desk == desk.id)
                || referrals.any(|referral| referral.desk == desk.id)
        };
        let desks: Vec<&Desk> = knowledge.desks.iter().filter(has_entries).collect();
        if desks.is_empty() {
            knowledge.desks.iter().collect()
        } else {
            desks
        }
    }

    /// Joins the names of desks for a sentence.
    pub(super) fn names(&self, desks: &[&Desk]) -> String {
        let names = desks.iter().map(|desk| desk.name.get(self.language));
        self.list(&names.collect::<Vec<_>>())
    }

    /// Joins the programmes of desks for a sentence.
    pub(super) fn programmes(&self, desks: &[&Desk]) -> String {
        let names = desks.iter().map(|desk| desk.programme.get(self.language));
        self.list(&names.collect::<Vec<_>>())
    }

    fn list(&self, names: &[&str]) -> String {
        names.join(&self.render(Sentence::ListSeparator, &[]))
    }

    pub(super) fn render(&self, sentence: Sentence, values: &[(&str, &str)]) -> String {
        self.knowledge
            .messages
            .render(sentence, self.language, values)
    }

    fn draft(
        &self,
        desk: &str,
        reason: Reason,
        written: Written<'_>,
        shown: Option<&Entry>,
    ) -> Draft {
        /// Maximum length of the question in a subject line; mail programs cut longer ones.
        const MAX_SUBJECT_CHARS: usize = 40;
        // "That did not help" and "a person, please" are not questions for a desk, so the draft
        // has a blank for the member's question.
        let blank = self.render(Sentence::DraftBlank, &[]);
        let topic = shown.map_or(blank.as_str(), |entry| &entry.question);
        let (question, subject) = match reason {
            Reason::NotHelpful
            | Reason::PersonRequested
            | Reason::ContactAsked
            | Reason::Unreadable => (blank.as_str(), topic),
            _ => (written.message.trim(), written.asked.trim()),
        };
        let mut title: String = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        if title.chars().count() > MAX_SUBJECT_CHARS {
            title = title.chars().take(MAX_SUBJECT_CHARS).chain(['…']).collect();
        }
        let shown =
            shown.map(|entry| self.render(Sentence::DraftShown, &[("entry", &entry.question)]));
        let shown = shown.unwrap_or_default();
        let values = [("desk", desk), ("question", question), ("shown", &shown)];
        Draft {
            subject: self.render(Sentence::DraftSubject, &[("question", &title)]),
            body: self.render(Sentence::DraftBody, &values),
        }
    }

    fn hours_status(&self, hours: &DeskHours) -> HoursStatus {
        let (is_open, opens_at, closes_at) = match hours.business_hours.at(self.now) {
            Availability::Open { closes_at } => (true, None, closes_at),
            Availability::Closed { opens_at } => (false, opens_at, None),
        };
        let status = match (&closes_at, &opens_at) {
            (Some(closes_at), _) => self.render(Sentence::Open, &[("time", &self.time(closes_at))]),
            (None, Some(opens_at)) => {
                let values = [
                    ("date", &*self.date(opens_at)),
                    ("time", &*self.time(opens_at)),
                ];
                self.render(Sentence::Closed, &values)
            }
            (None, None) if is_open => String::new(),
            (None, None) => self.render(Sentence::ClosedIndefinitely, &[]),
        };
        HoursStatus {
            text: hours.text.get(self.language).to_owned(),
            is_open,
            opens_at,
            closes_at,
            status,
        }
    }

    fn date(&self, time: &Zoned) -> String {
        let weekdays = self.render(Sentence::Weekdays, &[]);
        let weekday = usize::from(time.weekday().to_monday_zero_offset().unsigned_abs());
        let weekday = weekdays.split(' ').nth(weekday).unwrap_or_default();
        let (month, day) = (time.month().to_string(), time.day().to_string());
        let messages = &self.knowledge.messages;
        let values = [
            ("month", &*month),
            (
                "month_name",
                messages.month_name(time.month(), self.language),
            ),
            ("day", &*day),
            ("weekday", weekday),
        ];
        self.render(Sentence::Date, &values)
    }

    fn time(&self, time: &Zoned) -> String {
        let (hour, minute) = (time.hour().to_string(), format!("{:02}", time.minute()));
        self.render(Sentence::Time, &[("hour", &hour), ("minute", &minute)])
    }
}

/// Describes a contact point as of a time, in a language.
pub(super) fn contact_status(
    desk: &Desk,
    point: &ContactPoint,
    at: &Escalator<'_>,
) -> ContactStatus {
    let hours = desk.hours_of(point);
    ContactStatus {
        id: point.id.clone(),
        desk: desk.id.clone(),
        kind: point.kind,
        label: point.label.get(at.language).to_owned(),
        value: point.value.get(at.language).to_owned(),
        url: point.url.clone(),
        hours: hours.map(|hours| at.hours_status(hours)),
    }
}
