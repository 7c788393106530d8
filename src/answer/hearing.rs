//! A question as it was heard, and what is said to each decision about it.
//!
//! Analysis, ranking and judgement go in; the [`Answer`] of every outcome but `answered` comes
//! out, with the desk where one is needed.

use super::conversation::Conversation;
use super::escalation::{Escalator, Reason};
use super::policy::{Decision, Judgement};
use super::{Answer, Outcome, Question};
use crate::knowledge::{Desk, DeskId, Entry, Sentence};
use crate::search::{Analysis, Ranking, Searcher, Subject};

/// What the decisions are made from.
pub(super) struct Hearing<'a> {
    pub(super) question: Question<'a>,
    pub(super) escalator: Escalator<'a>,
    pub(super) analysis: Analysis,
    pub(super) named: Vec<&'a DeskId>,
    pub(super) ranking: Ranking,
    pub(super) judgement: Judgement,
}

impl<'a> Hearing<'a> {
    pub(super) fn is_small_talk(&self) -> bool {
        matches!(self.judgement.decision, Decision::SmallTalk(_))
    }

    pub(super) fn suggest(&self, entries: &[usize], conversation: Conversation) -> Answer {
        let knowledge = self.escalator.knowledge;
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
        let message = if desks.len() > 1 {
            let desks = self.escalator.programmes(&desks);
            self.escalator
                .render(Sentence::WhichDesk, &[("desks", &desks)])
        } else {
            self.escalator.render(Sentence::Suggested, &[])
        };
        let chance = |index: &usize| {
            let mut subjects = self.ranking.subjects.iter();
            let found = subjects.find(|ranked| ranked.candidate.subject == Subject::Entry(*index));
            found.map_or(0.0, |ranked| ranked.probability)
        };
        Answer {
            outcome: Outcome::Suggested,
            confidence: self.judgement.confidence,
            message,
            entry: None,
            suggestions: entries
                .iter()
                .map(|index| (*index, chance(index)))
                .collect(),
            escalation: None,
            conversation: Conversation {
                offered: offered.iter().map(|entry| entry.id.clone()).collect(),
                is_choosing: true,
                ..conversation
            },
        }
    }

    pub(super) fn small_talk(&self, index: usize, conversation: Conversation) -> Answer {
        let talk = self.escalator.knowledge.small_talk.get(index);
        let reply = talk.map(|talk| talk.reply.get(self.question.language).to_owned());
        Answer {
            outcome: Outcome::SmallTalk,
            confidence: self.judgement.confidence,
            message: reply.unwrap_or_default(),
            entry: None,
            suggestions: Vec::new(),
            escalation: None,
            conversation,
        }
    }

    pub(super) fn refer(&self, index: usize, conversation: Conversation) -> Answer {
        let knowledge = self.escalator.knowledge;
        let referral = knowledge.referrals.get(index);
        let desk = referral.and_then(|referral| knowledge.desk(referral.desk.as_str()));
        let mut answer = self.escalate(desk, Reason::Referred, conversation);
        if let (Some(referral), Some(desk)) = (referral, desk) {
            let name = desk.name.get(self.question.language);
            let values = [("topic", referral.topic.as_str()), ("desk", name)];
            answer.message = self.escalator.render(Sentence::Referred, &values);
        }
        answer
    }

    /// Returns the likeliest referral of the desk that the question names, if it names one: its
    /// topic is said aloud, so one that is far less likely than the best is none.
    pub(super) fn in_named_desk(&self, index: usize, searcher: &Searcher) -> Option<usize> {
        /// Least share of the best referral's chance.
        const WORTH_NAMING: f32 = 0.3;
        let Some(desk) = self.named_desk() else {
            return Some(index);
        };
        let mut best = None;
        for ranked in &self.ranking.subjects {
            let subject = ranked.candidate.subject;
            let Subject::Referral(index) = subject else {
                continue;
            };
            let least = *best.get_or_insert(ranked.probability) * WORTH_NAMING;
            if searcher.desk(subject) == Some(&desk.id) {
                return (ranked.probability >= least).then_some(index);
            }
        }
        None
    }

    pub(super) fn escalate(
        &self,
        desk: Option<&Desk>,
        reason: Reason,
        conversation: Conversation,
    ) -> Answer {
        let all = self.escalator.desks_with_entries();
        // Where there is one desk, it is never unclear which.
        let desk = match all.as_slice() {
            [only] => desk.or(Some(*only)),
            _ => desk,
        };
        let offered = desk.map_or(all.clone(), |desk| vec![desk]);
        let names = self.escalator.names(&offered);
        let desks = [("desks", names.as_str())];
        let message = match (reason, desk) {
            (Reason::NotFound | Reason::Referred | Reason::NamedInAnswer, Some(_)) => self
                .escalator
                .render(Sentence::NotFound, &[("desk", &names)]),
            (Reason::NotFound | Reason::Referred | Reason::NamedInAnswer, None) => {
                self.escalator.render(Sentence::NotFoundAnyDesk, &desks)
            }
            (Reason::PersonRequested, _) => {
                self.escalator.render(Sentence::PersonRequested, &desks)
            }
            (Reason::Complaint, _) => self.escalator.render(Sentence::Complaint, &desks),
            (Reason::NotHelpful, _) => self.escalator.render(Sentence::NotHelpfulAgain, &desks),
            (Reason::OutOfScope, _) => {
                let programmes = self.escalator.programmes(&all);
                self.escalator
                    .render(Sentence::OutOfScope, &[("desks", &programmes)])
            }
            (Reason::Unreadable, _) => self.escalator.render(Sentence::Unreadable, &[]),
        };
        let last = conversation.last_entry.as_ref();
        // What was shown before matters to the desk only where it is what did not help.
        let is_about_it = matches!(
            reason,
            Reason::NotHelpful | Reason::PersonRequested | Reason::Complaint
        );
        let last = last.filter(|_| is_about_it);
        let shown = last.and_then(|id| self.escalator.knowledge.entry(id.as_str()));
        let escalation = self
            .escalator
            .escalate(desk, reason, self.question.text, shown);
        Answer {
            outcome: Outcome::Escalated,
            confidence: self.judgement.confidence,
            message,
            entry: None,
            suggestions: Vec::new(),
            conversation: Conversation {
                desk: escalation.desk.clone().or(conversation.desk.clone()),
                offered: Vec::new(),
                is_choosing: false,
                ..conversation
            },
            escalation: Some(escalation),
        }
    }

    /// The desk that the member chose or was led to before.
    pub(super) fn remembered(&self, conversation: &Conversation) -> Option<&'a Desk> {
        let id = self.question.desk.or(conversation.desk.as_ref())?;
        self.escalator.knowledge.desk(id.as_str())
    }

    /// The one desk that the question names.
    pub(super) fn named_desk(&self) -> Option<&'a Desk> {
        match self.named.as_slice() {
            [id] => self.escalator.knowledge.desk(id.as_str()),
            _ => None,
        }
    }

    /// The desk for which most speaks: the chances of its subjects, and its own words.
    pub(super) fn likely_desk(&self, searcher: &Searcher) -> Option<&'a Desk> {
        /// How much of what speaks for any desk must speak for the one.
        const CLEAR_SHARE: f32 = 0.65;
        if let Some(desk) = self.named_desk() {
            return Some(desk);
        }
        let knowledge = self.escalator.knowledge;
        let chances: Vec<f32> = knowledge
            .desks
            .iter()
            .map(|desk| {
                let subjects = self.ranking.subjects.iter();
                let own = subjects.filter(|r| searcher.desk(r.candidate.subject) == Some(&desk.id));
                own.map(|ranked| ranked.probability).sum()
            })
            .collect();
        let sum: f32 = chances.iter().sum();
        let pairs = knowledge.desks.iter().zip(chances);
        let (desk, chance) = pairs.max_by(|a, b| a.1.total_cmp(&b.1))?;
        (chance > 0.0 && chance >= CLEAR_SHARE * sum).then_some(desk)
    }
}
