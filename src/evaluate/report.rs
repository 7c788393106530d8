//! The figures of an evaluation: of single questions overall and per style, of turns per act, of
//! messages with several requests, and what questions without an entry got.
//!
//! Input: results of cases. Output: rates, latencies, and the tables of `madoguchi evaluate`.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::{Act, CaseResult, Cell, Row, Table};
use crate::answer::Outcome;
use crate::knowledge::Evidence;

/// The results of an evaluation.
#[derive(Debug, Clone)]
pub struct Report {
    /// The results, in the order of the question set.
    pub results: Vec<CaseResult>,
}

/// The figures of single questions. A rate over no cases is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Number of questions.
    pub questions: usize,
    /// Number of answerable questions.
    pub answerable: usize,
    /// See [`crate::evaluate`].
    pub hit_at_1: Option<f64>,
    /// See [`crate::evaluate`].
    pub hit_at_3: Option<f64>,
    /// See [`crate::evaluate`].
    pub answered_right: Option<f64>,
    /// See [`crate::evaluate`].
    pub helped: Option<f64>,
    /// See [`crate::evaluate`].
    pub wrongly_answered: Option<f64>,
    /// See [`crate::evaluate`].
    pub routed_right: Option<f64>,
}

/// The figures of turns of conversations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TurnFigures {
    /// Number of turns.
    pub turns: usize,
    /// Share of turns with a right result: see [`crate::evaluate::Verdict::is_right`].
    pub right: Option<f64>,
    /// Share of turns that are right or have a right entry among the suggestions.
    pub helped: Option<f64>,
    /// Share of turns that are answered with an entry that is not a right one.
    pub wrongly_answered: Option<f64>,
}

/// The figures of messages with several requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeveralFigures {
    /// Number of messages.
    pub messages: usize,
    /// Share of messages with a right result for every request.
    pub all_right: Option<f64>,
    /// Share of messages with a right result for at least one request.
    pub one_right: Option<f64>,
    /// Share of messages with a right result or a right suggestion for every request.
    pub all_helped: Option<f64>,
    /// Share of messages answered with an entry that is right for no request.
    pub wrong_part: Option<f64>,
}

/// Name of the row over all cases of a table.
const ALL: &str = "all";

impl Report {
    /// Creates a report.
    #[must_use]
    pub fn new(results: Vec<CaseResult>) -> Self {
        Self { results }
    }

    /// Computes the figures over all single questions.
    #[must_use]
    pub fn overall(&self) -> Figures {
        Figures::of(&self.questions().collect::<Vec<_>>())
    }

    /// Computes the figures of each style of single questions, in alphabetical order.
    #[must_use]
    pub fn per_style(&self) -> BTreeMap<&str, Figures> {
        let mut styles: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
        for result in self.questions() {
            styles.entry(&result.case.style).or_default().push(result);
        }
        let figures = styles.into_iter();
        figures
            .map(|(style, results)| (style, Figures::of(&results)))
            .collect()
    }

    /// Computes the figures of conversations: of their first turns, of all later turns, and of the
    /// later turns of each act. Empty without conversations.
    #[must_use]
    pub fn turns(&self) -> Vec<(&'static str, TurnFigures)> {
        let turns: Vec<&CaseResult> = self.with_turn().collect();
        let is_first = |r: &&CaseResult| r.case.turn.as_ref().is_some_and(|turn| turn.number == 1);
        let (first, later): (Vec<&CaseResult>, Vec<&CaseResult>) =
            turns.into_iter().partition(is_first);
        let of_act = |act: Act| -> Vec<&CaseResult> {
            let of_act = later.iter().filter(|result| act_of(result) == Some(act));
            of_act.copied().collect()
        };
        let acts = Act::ALL.map(|act| (act.name(), of_act(act)));
        let groups = [("first turns", first), ("later turns", later.clone())];
        let groups = groups.into_iter().chain(acts);
        groups
            .filter(|(_, results)| !results.is_empty())
            .map(|(name, results)| (name, TurnFigures::of(&results)))
            .collect()
    }

    /// Computes the figures of messages with several requests; `None` without such messages.
    #[must_use]
    pub fn several(&self) -> Option<SeveralFigures> {
        let results = self.results.iter().filter(|r| r.case.parts.len() > 1);
        let results: Vec<&CaseResult> = results.collect();
        (!results.is_empty()).then(|| SeveralFigures::of(&results))
    }

    /// Counts what messages with one request that no entry answers got, by act and result: the name
    /// of the outcome, and for escalations whether they name a desk.
    #[must_use]
    pub fn outcomes(&self) -> BTreeMap<Act, BTreeMap<&'static str, usize>> {
        let mut counts: BTreeMap<Act, BTreeMap<&'static str, usize>> = BTreeMap::new();
        for result in &self.results {
            match (act_of(result), result.case.parts.as_slice()) {
                (Some(act), [part]) if !part.has_entry() => {
                    let counts = counts.entry(act).or_default();
                    *counts.entry(got(result)).or_default() += 1;
                }
                _ => {}
            }
        }
        counts
    }

    /// Counts the questions by the scorers that contributed to their ranking.
    #[must_use]
    pub fn per_evidence(&self) -> BTreeMap<Evidence, usize> {
        let mut counts = BTreeMap::new();
        for result in &self.results {
            *counts.entry(result.evidence).or_default() += 1;
        }
        counts
    }

    /// Returns a quantile of the latencies; `share` is 0 to 1.
    #[must_use]
    pub fn latency(&self, share: f64) -> Duration {
        let mut latencies: Vec<Duration> = self.results.iter().map(|r| r.latency).collect();
        latencies.sort();
        let last = latencies.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        latencies.get(index).copied().unwrap_or_default()
    }

    /// Returns the number of answers per second on one thread.
    #[must_use]
    pub fn questions_per_second(&self) -> f64 {
        let sum: Duration = self.results.iter().map(|result| result.latency).sum();
        self.results.len() as f64 / sum.as_secs_f64().max(1e-9)
    }

    /// Returns the tables of all kinds of cases that there are.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        let mut tables = Vec::new();
        if self.questions().next().is_some() {
            let overall = self.overall();
            let rows = self.per_style().into_iter().chain([(ALL, overall)]);
            let rows = rows.map(|(name, figures)| row(name, figures.questions, &figures.named()));
            tables.push(table("style", &overall.named(), rows.collect()));
        }
        let turns = self.turns();
        if let Some((_, first)) = turns.first() {
            let rows = turns
                .iter()
                .map(|(name, figures)| row(name, figures.turns, &figures.named()));
            tables.push(table("conversations", &first.named(), rows.collect()));
        }
        if let Some(figures) = self.several() {
            let rows = vec![row(ALL, figures.messages, &figures.named())];
            tables.push(table("several requests", &figures.named(), rows));
        }
        let outcomes = self.outcomes();
        if !outcomes.is_empty() {
            let rows = outcomes.iter().map(|(act, counts)| {
                let number = |name| counts.get(name).copied().unwrap_or_default();
                let count: usize = counts.values().sum();
                let with_entries = WITH_ENTRIES.map(number).iter().sum::<usize>();
                let kept = (count - with_entries) as f64 / count as f64;
                let results = RESULTS.map(|name| Cell::Count(number(name)));
                Row {
                    name: act.name().to_owned(),
                    count,
                    cells: results
                        .into_iter()
                        .chain([Cell::Rate(Some(kept))])
                        .collect(),
                }
            });
            tables.push(Table {
                heading: "without an entry",
                columns: RESULTS.into_iter().chain(["given no entry"]).collect(),
                rows: rows.collect(),
            });
        }
        tables
    }

    /// Iterates over the single questions.
    fn questions(&self) -> impl Iterator<Item = &CaseResult> {
        let results = self.results.iter();
        results.filter(|result| result.case.turn.is_none() && result.case.parts.len() == 1)
    }

    fn with_turn(&self) -> impl Iterator<Item = &CaseResult> {
        let results = self.results.iter();
        results.filter(|result| result.case.turn.is_some())
    }
}

/// The results by which [`Report::outcomes`] counts.
const RESULTS: [&str; 6] = [
    "answered",
    "suggested",
    "escalated to desk",
    "escalated, no desk",
    "small talk",
    "safety",
];

/// Those of [`RESULTS`] that give or offer entries.
const WITH_ENTRIES: [&str; 2] = [RESULTS[0], RESULTS[1]];

/// Returns which of [`RESULTS`] a case got.
fn got(result: &CaseResult) -> &'static str {
    let escalation = result.answer.escalation.as_ref();
    match result.answer.outcome {
        Outcome::Answered => RESULTS[0],
        Outcome::Suggested => RESULTS[1],
        Outcome::Escalated if escalation.is_some_and(|e| e.desk.is_some()) => RESULTS[2],
        Outcome::Escalated => RESULTS[3],
        Outcome::SmallTalk => RESULTS[4],
        Outcome::Safety => RESULTS[5],
    }
}

fn act_of(result: &CaseResult) -> Option<Act> {
    Some(result.case.parts.first()?.act())
}

/// The rates of a group of cases with their names, in the order of a table.
type Named = [(&'static str, Option<f64>)];

fn table(heading: &'static str, named: &Named, rows: Vec<Row>) -> Table {
    Table {
        heading,
        columns: named.iter().map(|(name, _)| *name).collect(),
        rows,
    }
}

fn row(name: &str, count: usize, named: &Named) -> Row {
    Row {
        name: name.to_owned(),
        count,
        cells: named.iter().map(|(_, rate)| Cell::Rate(*rate)).collect(),
    }
}

impl Figures {
    fn of(results: &[&CaseResult]) -> Self {
        let of_act = |act: Act| -> Vec<&CaseResult> {
            let of_act = results.iter().filter(|result| act_of(result) == Some(act));
            of_act.copied().collect()
        };
        let (answerable, to_escalate) = (of_act(Act::Entry), of_act(Act::Desk));
        Self {
            questions: results.len(),
            answerable: answerable.len(),
            hit_at_1: rate(&answerable, |r| r.rank == Some(1)),
            hit_at_3: rate(&answerable, |r| r.rank.is_some_and(|rank| rank <= 3)),
            answered_right: rate(&answerable, |r| r.verdict.is_answered_right),
            helped: rate(&answerable, |r| r.verdict.is_helped),
            wrongly_answered: rate(results, |r| r.verdict.is_wrongly_answered),
            routed_right: rate(&to_escalate, |r| r.verdict.is_routed_right),
        }
    }

    /// Returns the rates with their names, in the order of the table.
    #[must_use]
    pub fn named(&self) -> [(&'static str, Option<f64>); 6] {
        [
            ("hit@1", self.hit_at_1),
            ("hit@3", self.hit_at_3),
            ("answered right", self.answered_right),
            ("helped", self.helped),
            ("wrongly answered", self.wrongly_answered),
            ("routed right", self.routed_right),
        ]
    }
}

impl TurnFigures {
    fn of(results: &[&CaseResult]) -> Self {
        Self {
            turns: results.len(),
            right: rate(results, |r| r.verdict.is_right),
            helped: rate(results, |r| r.verdict.is_helped),
            wrongly_answered: rate(results, |r| r.verdict.is_wrongly_answered),
        }
    }

    /// Returns the rates with their names, in the order of the table.
    #[must_use]
    pub fn named(&self) -> [(&'static str, Option<f64>); 3] {
        [
            ("right", self.right),
            ("helped", self.helped),
            ("wrongly answered", self.wrongly_answered),
        ]
    }
}

impl SeveralFigures {
    fn of(results: &[&CaseResult]) -> Self {
        Self {
            messages: results.len(),
            all_right: rate(results, |r| r.verdict.is_right),
            one_right: rate(results, |r| r.verdict.is_one_right),
            all_helped: rate(results, |r| r.verdict.is_helped),
            wrong_part: rate(results, |r| r.verdict.is_wrongly_answered),
        }
    }

    /// Returns the rates with their names, in the order of the table.
    #[must_use]
    pub fn named(&self) -> [(&'static str, Option<f64>); 4] {
        [
            ("all parts right", self.all_right),
            ("one part right", self.one_right),
            ("all parts helped", self.all_helped),
            ("a wrong part", self.wrong_part),
        ]
    }
}

fn rate(results: &[&CaseResult], condition: impl Fn(&CaseResult) -> bool) -> Option<f64> {
    let count = results.iter().filter(|result| condition(result)).count();
    (!results.is_empty()).then(|| count as f64 / results.len() as f64)
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in self.tables() {
            writeln!(formatter, "{table}")?;
        }
        Ok(())
    }
}
