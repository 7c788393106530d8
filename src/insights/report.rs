//! The report over a time: volume, outcomes, entries, unanswered questions, escalations.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::likeness::{Group, distinct, grouped};
use super::routes::{Route, routes};
use super::uses::{Use, uses};
use crate::answer::Assistant;
use crate::records::{Count, HELP_CENTRE, Kind, Recorded};

/// Length of each list.
const MAX_ROWS: usize = 30;

/// Number of ratings from which on an entry can be among the least helpful.
const MIN_RATINGS: u64 = 3;

/// The time and the desk of a report.
#[derive(Debug, Clone, Serialize)]
pub struct Scope {
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The desk; `None` for all.
    pub desk: Option<String>,
}

/// The report.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Its time and desk.
    #[serde(flatten)]
    pub scope: Scope,
    /// The number of messages, choices and refused choices.
    pub turns: u64,
    /// The number of conversations; those of days whose rows are gone are not counted.
    pub conversations: u64,
    /// The number of turns by day and channel.
    pub days: BTreeMap<String, BTreeMap<String, u64>>,
    /// The number of turns by channel.
    pub channels: BTreeMap<String, u64>,
    /// The number of turns by outcome.
    pub outcomes: BTreeMap<String, u64>,
    /// The number of answers that helped, and that did not.
    pub ratings: (u64, u64),
    /// The entries that were shown most often.
    pub most_asked: Vec<Use>,
    /// The entries that helped least often.
    pub least_helpful: Vec<Use>,
    /// Questions without an answer, grouped by likeness.
    pub unanswered: Vec<Group>,
    /// Questions whose members found another entry than that of the answer; in the report of a desk,
    /// those whose members found an entry of the desk.
    pub rerouted: Vec<Route>,
    /// Questions with a list of entries, after which nothing followed; in the report of a desk, those
    /// with an entry of the desk in the list.
    pub abandoned: Vec<Group>,
    /// Escalations by desk.
    pub escalations: Vec<Escalations>,
    /// The entries that were never shown.
    pub unused: Vec<Use>,
}

/// The escalations to a desk.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Escalations {
    /// The desk; empty if all were offered.
    pub desk: String,
    /// While it was open.
    pub open: u64,
    /// While it was closed.
    pub closed: u64,
    /// To a desk without opening hours.
    pub without_hours: u64,
    /// By reason; `unknown` if none is recorded.
    pub reasons: BTreeMap<String, u64>,
}

impl Escalations {
    /// Returns the number of escalations.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.open + self.closed + self.without_hours
    }

    fn add(&mut self, is_open: Option<bool>, reason: &str, count: u64) {
        match is_open {
            Some(true) => self.open += count,
            Some(false) => self.closed += count,
            None => self.without_hours += count,
        }
        let reason = if reason.is_empty() { "unknown" } else { reason };
        *self.reasons.entry(reason.to_owned()).or_default() += count;
    }
}

/// Makes the report of turns in the order of time, and of the counts of days whose rows are gone.
#[must_use]
pub fn report(assistant: &Assistant, turns: &[Recorded], counts: &[Count], scope: Scope) -> Report {
    let mut report = full_report(assistant, turns, counts, scope);
    report.unanswered.truncate(MAX_ROWS);
    report
}

/// As [`report`], with all groups of questions without an answer.
#[must_use]
pub fn full_report(
    assistant: &Assistant,
    turns: &[Recorded],
    counts: &[Count],
    scope: Scope,
) -> Report {
    let desk = scope.desk.as_deref();
    let is_of_desk = |own: Option<&str>| desk.is_none_or(|desk| own == Some(desk));
    let is_entry_of_desk = |id: &str| {
        let entry = assistant.knowledge().entry(id);
        is_of_desk(entry.map(|entry| entry.desk.as_str()))
    };
    // Both come from all turns: a list of entries belongs to no desk, and what follows an answer may
    // belong to another one.
    let mut rerouted = routes(turns);
    rerouted.retain(|route| is_entry_of_desk(&route.to));
    let mut abandoned = abandoned(turns);
    abandoned
        .retain(|turn| desk.is_none() || turn.suggestions.iter().any(|id| is_entry_of_desk(id)));
    let abandoned = abandoned
        .into_iter()
        .filter_map(|turn| Some((turn.text.as_deref()?, turn.conversation.as_str())));
    let abandoned = distinct(abandoned);
    let turns: Vec<&Recorded> = turns
        .iter()
        .filter(|turn| is_of_desk(turn.desk.as_deref()))
        .collect();
    let counts: Vec<&Count> = counts
        .iter()
        .filter(|count| is_of_desk(Some(count.desk.as_str())))
        .collect();
    let mut days: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    let mut channels: BTreeMap<String, u64> = BTreeMap::new();
    let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
    let mut ratings = (0, 0);
    let rows = turns.iter().map(|turn| {
        let turn = *turn;
        (
            &turn.day,
            turn.kind,
            &turn.channel,
            &turn.outcome,
            turn.helpful,
            1,
        )
    });
    let old = counts.iter().map(|count| {
        let it = *count;
        (
            &it.day,
            it.kind,
            &it.channel,
            &it.outcome,
            it.helpful,
            it.count,
        )
    });
    for (day, kind, channel, outcome, helpful, count) in rows.chain(old) {
        match (kind, helpful) {
            (Kind::Rated, Some(true)) => ratings.0 += count,
            (Kind::Rated, _) => ratings.1 += count,
            _ => {
                let day = days.entry(day.clone()).or_default();
                *day.entry(channel.clone()).or_default() += count;
                *channels.entry(channel.clone()).or_default() += count;
                *outcomes.entry(outcome.clone()).or_default() += count;
            }
        }
    }
    let mut all = uses(assistant.knowledge(), &turns, &counts);
    let is_in_desk = |of_entry: &Use| desk.is_none_or(|desk| of_entry.desk == desk);
    all.retain(is_in_desk);
    let unused = all
        .iter()
        .filter(|of_entry| of_entry.shown() == 0 && !of_entry.question.is_empty());
    let unused = unused.cloned().collect();
    Report {
        turns: channels.values().sum(),
        conversations: conversations(&turns),
        days,
        channels,
        outcomes,
        ratings,
        most_asked: most_asked(&all),
        least_helpful: least_helpful(&all),
        unanswered: grouped(assistant, distinct(unanswered(&turns))),
        rerouted: first(rerouted),
        abandoned: first(grouped(assistant, abandoned)),
        escalations: escalations(&turns, &counts),
        unused,
        scope,
    }
}

fn first<T>(mut rows: Vec<T>) -> Vec<T> {
    rows.truncate(MAX_ROWS);
    rows
}

fn conversations(turns: &[&Recorded]) -> u64 {
    let keys = turns.iter().map(|turn| (&turn.channel, &turn.conversation));
    keys.collect::<std::collections::BTreeSet<_>>().len() as u64
}

fn most_asked(all: &[Use]) -> Vec<Use> {
    let mut used: Vec<Use> = all
        .iter()
        .filter(|of_entry| of_entry.shown() > 0)
        .cloned()
        .collect();
    used.sort_by(|a, b| b.shown().cmp(&a.shown()).then_with(|| a.id.cmp(&b.id)));
    first(used)
}

fn least_helpful(all: &[Use]) -> Vec<Use> {
    let rated = |of_entry: &&Use| {
        of_entry.not_helpful > 0 && of_entry.helpful + of_entry.not_helpful >= MIN_RATINGS
    };
    let mut rated: Vec<Use> = all.iter().filter(rated).cloned().collect();
    // Shares are compared as products, without rounding.
    let worse = |a: &Use, b: &Use| {
        let share = |a: &Use, b: &Use| a.not_helpful * (b.helpful + b.not_helpful);
        share(b, a).cmp(&share(a, b))
    };
    rated.sort_by(|a, b| worse(a, b).then(b.not_helpful.cmp(&a.not_helpful)));
    first(rated)
}

/// Returns the texts without an answer: those that no entry answers, and those after which none of the
/// offered entries fitted.
pub(crate) fn unanswered<'a>(turns: &[&'a Recorded]) -> Vec<(&'a str, &'a str)> {
    let mut texts = Vec::new();
    for turn in turns {
        let conversation = turn.conversation.as_str();
        let is_missing = turn.kind == Kind::Declined
            || turn.kind == Kind::Asked && has_no_answer(turn.reason.as_deref());
        if let Some(text) = turn
            .text
            .as_deref()
            .filter(|_| is_missing && turn.also.is_empty())
        {
            texts.push((text, conversation));
        }
        for further in &turn.also {
            let is_missing = has_no_answer(further.reason.as_deref());
            if let Some(text) = further.text.as_deref().filter(|_| is_missing) {
                texts.push((text, conversation));
            }
        }
    }
    texts
}

/// Returns whether the reason of an escalation is that no entry answers the question. A referral names the
/// desk, but is no answer either.
fn has_no_answer(reason: Option<&str>) -> bool {
    matches!(reason, Some("not_found" | "referred" | "out_of_scope"))
}

/// Returns the questions that were answered with a list, and after which nothing followed. Those of the
/// search page are left out: an entry that is read there is not recorded.
fn abandoned(turns: &[Recorded]) -> Vec<&Recorded> {
    let mut last: HashMap<(&str, &str), &Recorded> = HashMap::new();
    for turn in turns {
        last.insert((turn.channel.as_str(), turn.conversation.as_str()), turn);
    }
    let mut ended: Vec<&Recorded> = last.into_values().collect();
    ended.sort_by_key(|turn| turn.at);
    ended.retain(|turn| {
        let is_list = turn.kind == Kind::Asked && turn.outcome == "suggested";
        is_list && turn.channel != HELP_CENTRE
    });
    ended
}

fn escalations(turns: &[&Recorded], counts: &[&Count]) -> Vec<Escalations> {
    let mut desks: BTreeMap<&str, Escalations> = BTreeMap::new();
    for turn in turns.iter().filter(|turn| turn.outcome == "escalated") {
        let desk = turn.desk.as_deref().unwrap_or_default();
        let reason = turn.reason.as_deref().unwrap_or_default();
        desks.entry(desk).or_default().add(turn.is_open, reason, 1);
    }
    for count in counts.iter().filter(|count| count.outcome == "escalated") {
        let desk = desks.entry(count.desk.as_str()).or_default();
        desk.add(count.is_open, &count.reason, count.count);
    }
    let mut desks: Vec<Escalations> = desks
        .into_iter()
        .map(|(desk, escalations)| Escalations {
            desk: desk.to_owned(),
            ..escalations
        })
        .collect();
    desks.sort_by_key(|desk| std::cmp::Reverse(desk.total()));
    desks
}
