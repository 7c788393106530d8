//! A question as it was heard, and what is said to each decision about it.
//!
//! Analysis, ranking and judgement go in; the [`Answer`] of every outcome but `answered` comes
//! out, with the desk where one is needed.

use super::conversation::Conversation;
use super::escalation::{Escalator, Reason};
use super::policy::{Decision, Judgement};
use super::{
    Answer, Assistant, MAX_QUESTION_CHARS, MAX_SUGGESTIONS, Outcome, Question, follow_up, judge,
};
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
    /// What another desk would clearly answer, where one was chosen.
    pub(super) elsewhere: Option<usize>,
}

impl Assistant {
    /// Analyzes, ranks and judges; with what was said before where the question leans on it.
    pub(super) fn hear<'a>(
        &'a self,
        question: Question<'a>,
        conversation: &Conversation,
        escalator: Escalator<'a>,
    ) -> Hearing<'a> {
        let end = question.text.char_indices().nth(MAX_QUESTION_CHARS);
        let text = &question.text[..end.map_or(question.text.len(), |(index, _)| index)];
        let analysis = self.searcher.analyze(text);
        let desk = question.desk.or(conversation.desk.as_ref());
        let rank_all = |context: Option<&Analysis>, desk: Option<&DeskId>| {
            let today = self.today(escalator.now);
            // Words may be sure of what is then dropped: of another desk's, or of an old entry.
            let entries = &self.knowledge.entries;
            let is_scoped =
                question.desk.is_some() || entries.iter().any(|entry| !entry.is_valid_on(today));
            let mut ranking = if is_scoped {
                self.searcher.rank(&analysis, context, desk)
            } else {
                self.searcher.rank_for_answer(&analysis, context, desk)
            };
            // What is not valid today is as good as not there.
            let mut hidden = 0.0;
            ranking.subjects.retain(|ranked| {
                let is_shown = match ranked.candidate.subject {
                    Subject::Entry(index) => self.knowledge.entries[index].is_valid_on(today),
                    _ => true,
                };
                hidden += if is_shown { 0.0 } else { ranked.probability };
                is_shown
            });
            ranking.nothing += hidden;
            ranking
        };
        let rank = |context: Option<&Analysis>| {
            let mut ranking = rank_all(context, desk);
            if let Some(chosen) = question.desk {
                let is_other = |desk: &DeskId| desk != chosen;
                ranking.keep(|subject| !self.searcher.desk(subject).is_some_and(is_other));
            }
            ranking
        };
        let mut ranking = rank(None);
        let mut judgement = self.judge(&ranking);
        let last = conversation.last_entry.as_ref();
        if let Some(last) = last.and_then(|id| self.knowledge.entry(id.as_str()))
            && follow_up::leans_on_context(&analysis, &judgement)
        {
            let context = self.searcher.analyze(&last.question);
            ranking = rank(Some(&context));
            if let Some(last) = self.position(&last.id) {
                let answer = &self.knowledge.entries[last].answer.text;
                follow_up::stay_near(&mut ranking, &analysis, Subject::Entry(last), answer);
            }
            judgement = self.judge(&ranking);
        } else if (follow_up::is_fragment(&analysis) || analysis.words.is_empty())
            && !ranking
                .subjects
                .iter()
                .any(|ranked| ranked.candidate.is_exact)
        {
            judgement = follow_up::without_context(judgement, &ranking);
        }
        let named = self.searcher.named_desks(&analysis);
        let is_exact = || {
            let mut subjects = ranking.subjects.iter();
            subjects.any(|ranked| ranked.candidate.is_exact)
        };
        if !named.is_empty()
            && let Some(desk) = self.searcher.named_alone(&analysis)
            && !is_exact()
            && let Some(desk) = self.knowledge.desk(desk.as_str())
        {
            // A name alone asks nothing: what is asked most about it is offered.
            let featured = self.knowledge.featured(desk, self.today(escalator.now));
            let featured = featured.into_iter().take(MAX_SUGGESTIONS);
            let positions = featured.filter_map(|entry| self.position(&entry.id));
            let positions: Vec<usize> = positions.collect();
            // A desk may have a name and no entries.
            if !positions.is_empty() {
                judgement.decision = Decision::Suggest(positions);
            }
        }
        // Nobody is told of another desk where the chosen one has something to say.
        let is_lost = matches!(
            judgement.decision,
            Decision::NotFound | Decision::OutOfScope
        );
        let elsewhere = question
            .desk
            .filter(|_| is_lost)
            .and_then(|chosen| self.clear_answer_of_another_desk(&rank_all(None, None), chosen));
        Hearing {
            elsewhere,
            question: Question { text, ..question },
            escalator,
            named,
            analysis,
            ranking,
            judgement,
        }
    }

    /// Finds the entry of a desk that was not chosen and that alone would be the answer if none
    /// had been.
    fn clear_answer_of_another_desk(&self, ranking: &Ranking, chosen: &DeskId) -> Option<usize> {
        match self.judge(ranking).decision {
            Decision::Answer(entry) => {
                (self.knowledge.entries[entry].desk != *chosen).then_some(entry)
            }
            _ => None,
        }
    }

    fn judge(&self, ranking: &Ranking) -> Judgement {
        let fitted = self.knowledge.fitted(ranking.evidence);
        judge(ranking, &self.knowledge.hand_offs, fitted)
    }
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
        let chosen = self.question.desk;
        let is_elsewhere = chosen.is_some_and(|chosen| desks.iter().any(|desk| desk.id != *chosen));
        let message = if is_elsewhere {
            let desks = self.escalator.programmes(&desks);
            self.escalator
                .render(Sentence::OtherDesk, &[("desks", &desks)])
        } else if desks.len() > 1 {
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
