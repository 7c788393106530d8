//! The figures of an evaluation, overall and per style.
//!
//! Input: results of cases. Output: rates, latencies, and the table of `madoguchi evaluate`.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::{CaseResult, Expected};
use crate::knowledge::Evidence;

/// The results of an evaluation.
#[derive(Debug, Clone)]
pub struct Report {
    /// The results, in the order of the question set.
    pub results: Vec<CaseResult>,
}

/// The figures of a set of cases. A rate over no cases is `None`.
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

impl Report {
    /// Creates a report.
    #[must_use]
    pub fn new(results: Vec<CaseResult>) -> Self {
        Self { results }
    }

    /// Computes the figures over all cases.
    #[must_use]
    pub fn overall(&self) -> Figures {
        Figures::of(&self.results.iter().collect::<Vec<_>>())
    }

    /// Computes the figures of each style, in alphabetical order.
    #[must_use]
    pub fn per_style(&self) -> BTreeMap<&str, Figures> {
        let mut styles: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
        for result in &self.results {
            styles.entry(&result.case.style).or_default().push(result);
        }
        let figures = styles.into_iter();
        figures
            .map(|(style, results)| (style, Figures::of(&results)))
            .collect()
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
}

impl Figures {
    fn of(results: &[&CaseResult]) -> Self {
        let is_answerable = |r: &&&CaseResult| matches!(r.case.expected, Expected::Entries(_));
        let is_to_escalate = |r: &&&CaseResult| matches!(r.case.expected, Expected::Escalate(_));
        let answerable: Vec<&CaseResult> = results.iter().filter(is_answerable).copied().collect();
        let to_escalate: Vec<&CaseResult> =
            results.iter().filter(is_to_escalate).copied().collect();
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

fn rate(results: &[&CaseResult], condition: impl Fn(&CaseResult) -> bool) -> Option<f64> {
    let count = results.iter().filter(|result| condition(result)).count();
    (!results.is_empty()).then(|| count as f64 / results.len() as f64)
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let overall = self.overall();
        write!(formatter, "{:<12}{:>6}", "style", "n")?;
        for (name, _) in overall.named() {
            write!(formatter, "{name:>18}")?;
        }
        writeln!(formatter)?;
        let styles = self.per_style().into_iter();
        for (style, figures) in styles.chain([("all", overall)]) {
            write!(formatter, "{style:<12}{:>6}", figures.questions)?;
            for (_, value) in figures.named() {
                match value {
                    Some(value) => write!(formatter, "{value:>18.3}")?,
                    None => write!(formatter, "{:>18}", "-")?,
                }
            }
            writeln!(formatter)?;
        }
        let counts = self.per_evidence().into_iter();
        let counts = counts.map(|(evidence, count)| format!("{} {count}", evidence.name()));
        let counts: Vec<String> = counts.collect();
        writeln!(formatter, "ranked by: {}", counts.join(", "))?;
        writeln!(
            formatter,
            "{:.0} questions/s on one thread, p50 {} µs, p99 {} µs",
            self.questions_per_second(),
            self.latency(0.5).as_micros(),
            self.latency(0.99).as_micros()
        )
    }
}
