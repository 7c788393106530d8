//! Runs saved with `evaluate --json`, and the comparison of a run with an earlier one.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::evaluate_texts::{figure, name, pad_right, texts};
use crate::answer::Reason;
use crate::evaluate::{CaseResult, Given, Report};
use crate::knowledge::Language;

/// A saved run: the output of `--json`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Saved {
    bare: bool,
    /// The figures of single questions.
    overall: Rates,
    styles: BTreeMap<String, Rates>,
    /// The figures of turns: first, later, and later by act. Empty without conversations.
    #[serde(default)]
    conversations: BTreeMap<String, Rates>,
    /// The figures of messages with several requests.
    #[serde(default)]
    several: Rates,
    /// The results of questions without an entry: numbers by act and result.
    #[serde(default)]
    without_entry: BTreeMap<String, BTreeMap<String, usize>>,
    questions_per_second: f64,
    p50_microseconds: u64,
    p99_microseconds: u64,
    results: Vec<SavedResult>,
}

/// Rates by name; null if no question counts.
type Rates = BTreeMap<String, Option<f64>>;

/// One message of a saved run.
#[derive(Debug, Serialize, Deserialize)]
struct SavedResult {
    /// For a turn: the conversation's id and the number of the turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    conversation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    turn: Option<usize>,
    question: String,
    style: String,
    #[serde(default)]
    expected: String,
    #[serde(flatten)]
    main: SavedGiven,
    /// The results of further parts of the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    also: Vec<SavedGiven>,
    confidence: f32,
    rank: Option<usize>,
    is_good: bool,
    #[serde(default)]
    is_right: bool,
    is_wrongly_answered: bool,
}

/// The result of an answer for one request.
#[derive(Debug, Default, Serialize, Deserialize)]
struct SavedGiven {
    outcome: String,
    entry: Option<String>,
    suggestions: Vec<String>,
    desk: Option<String>,
    #[serde(default)]
    reason: Option<String>,
}

/// The key by which a message is found in an earlier run.
type Key<'a> = (Option<&'a str>, Option<usize>, &'a str);

impl SavedResult {
    fn new(result: &CaseResult) -> Self {
        let turn = result.case.turn.as_ref();
        let mut given = result.given.iter().map(SavedGiven::new);
        Self {
            conversation: turn.map(|turn| turn.conversation.clone()),
            turn: turn.map(|turn| turn.number),
            question: result.case.question.clone(),
            style: result.case.style.clone(),
            expected: result.case.expected(),
            main: given.next().unwrap_or_default(),
            also: given.collect(),
            confidence: result.answer.confidence,
            rank: result.rank,
            is_good: result.verdict.is_helped,
            is_right: result.verdict.is_right,
            is_wrongly_answered: result.verdict.is_wrongly_answered,
        }
    }

    fn key(&self) -> Key<'_> {
        (self.conversation.as_deref(), self.turn, &self.question)
    }

    fn write(&self, out: &mut impl Write) -> std::io::Result<()> {
        if let (Some(conversation), Some(turn)) = (&self.conversation, self.turn) {
            write!(out, "{conversation} {turn}  ")?;
        }
        write!(out, "{}  [{}]  ", self.question, self.style)?;
        self.write_given(out)
    }

    fn write_given(&self, out: &mut impl Write) -> std::io::Result<()> {
        for (index, given) in [&self.main].into_iter().chain(&self.also).enumerate() {
            let separator = if index > 0 { " + " } else { "" };
            let led_to = given.entry.as_ref().or(given.desk.as_ref());
            let led_to = led_to.map_or_else(|| given.suggestions.join("/"), Clone::clone);
            let led_to = if led_to.is_empty() { "-" } else { &led_to };
            write!(out, "{separator}{} {led_to}", given.outcome)?;
        }
        Ok(())
    }
}

impl SavedGiven {
    fn new(given: &Given) -> Self {
        Self {
            outcome: given.outcome.name().to_owned(),
            entry: given.entry.as_ref().map(ToString::to_string),
            suggestions: given.suggestions.iter().map(ToString::to_string).collect(),
            desk: given.desk.as_ref().map(ToString::to_string),
            reason: given.reason.map(Reason::name).map(str::to_owned),
        }
    }

    /// Returns whether two parts lead to the same place.
    fn is_same(&self, other: &Self) -> bool {
        self.outcome == other.outcome
            && self.entry == other.entry
            && self.desk == other.desk
            && self.suggestions == other.suggestions
    }
}

/// Collects the output of `--json`.
pub(super) fn save(report: &Report, bare: bool) -> Saved {
    let microseconds =
        |share: f64| u64::try_from(report.latency(share).as_micros()).unwrap_or(u64::MAX);
    let styles = report.per_style().into_iter();
    let turns = report.turns().into_iter();
    let several = report.several();
    let outcomes = report.outcomes().into_iter();
    Saved {
        bare,
        overall: rates(&report.overall().named()),
        styles: styles
            .map(|(style, figures)| (style.to_owned(), rates(&figures.named())))
            .collect(),
        conversations: turns
            .map(|(group, figures)| (group.to_owned(), rates(&figures.named())))
            .collect(),
        several: several.map_or_else(Rates::new, |figures| rates(&figures.named())),
        without_entry: outcomes
            .map(|(act, counts)| {
                let counts = counts.into_iter();
                let counts = counts.map(|(result, count)| (result.to_owned(), count));
                (act.name().to_owned(), counts.collect())
            })
            .collect(),
        questions_per_second: report.questions_per_second(),
        p50_microseconds: microseconds(0.5),
        p99_microseconds: microseconds(0.99),
        results: report.results.iter().map(SavedResult::new).collect(),
    }
}

fn rates(named: &[(&'static str, Option<f64>)]) -> Rates {
    let named = named.iter();
    named
        .map(|(name, rate)| ((*name).to_owned(), *rate))
        .collect()
}

/// Reads a saved run.
pub(super) fn read_saved(path: &Path) -> anyhow::Result<Saved> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the earlier run `{}`", path.display()))?;
    serde_json::from_str(&text).with_context(|| {
        format!(
            "`{}` is not a run saved with `madoguchi evaluate --json`",
            path.display()
        )
    })
}

/// A run with its comparison: the output of `--json --compare`.
#[derive(Debug, Serialize)]
pub(super) struct WithComparison<'a> {
    #[serde(flatten)]
    pub(super) run: &'a Saved,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comparison: Option<Comparison<'a>>,
}

/// The comparison of a run with an earlier one.
#[derive(Debug, Serialize)]
pub(super) struct Comparison<'a> {
    figures: Vec<Difference<'a>>,
    /// Messages that were helped in the later run only.
    gained: Vec<Pair<'a>>,
    /// Messages that were helped in the earlier run only.
    lost: Vec<Pair<'a>>,
    /// Messages whose answer changed otherwise.
    changed: Vec<Pair<'a>>,
    /// Number of messages that only one of the runs has.
    in_one_run: usize,
}

/// A figure of both runs.
#[derive(Debug, Serialize)]
struct Difference<'a> {
    /// The group of turns; empty for other messages.
    group: &'a str,
    figure: &'a str,
    before: f64,
    after: f64,
}

/// A message of both runs.
#[derive(Debug, Serialize)]
struct Pair<'a> {
    before: &'a SavedResult,
    after: &'a SavedResult,
}

impl Pair<'_> {
    fn is_changed(&self) -> bool {
        let (before, after) = (self.before, self.after);
        let is_same = before.main.is_same(&after.main)
            && before.also.len() == after.also.len()
            && before
                .also
                .iter()
                .zip(&after.also)
                .all(|(a, b)| a.is_same(b));
        !is_same
    }
}

impl<'a> Comparison<'a> {
    /// Compares a run with an earlier one.
    pub(super) fn new(before: &'a Saved, after: &'a Saved) -> Self {
        let mut figures = differences("", &before.overall, &after.overall);
        for (group, rates) in &after.conversations {
            if let Some(earlier) = before.conversations.get(group) {
                figures.extend(differences(group, earlier, rates));
            }
        }
        figures.extend(differences("", &before.several, &after.several));
        let earlier = before.results.iter().map(|result| (result.key(), result));
        let earlier: BTreeMap<Key<'_>, &SavedResult> = earlier.collect();
        let pairs = after.results.iter().filter_map(|after| {
            let before = *earlier.get(&after.key())?;
            Some(Pair { before, after })
        });
        let pairs: Vec<Pair<'_>> = pairs.collect();
        let in_one_run = before.results.len() + after.results.len() - 2 * pairs.len();
        let mut comparison = Self {
            figures,
            gained: Vec::new(),
            lost: Vec::new(),
            changed: Vec::new(),
            in_one_run,
        };
        for pair in pairs {
            match (pair.before.is_good, pair.after.is_good) {
                (false, true) => comparison.gained.push(pair),
                (true, false) => comparison.lost.push(pair),
                _ if pair.is_changed() => comparison.changed.push(pair),
                _ => {}
            }
        }
        comparison
    }

    /// Writes the difference of each figure, then the messages that were gained, lost and changed.
    pub(super) fn write(&self, tool: Language, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(out)?;
        for difference in &self.figures {
            difference.write(tool, out)?;
        }
        let texts = texts(tool);
        for (heading, pairs) in [
            (texts.gained, &self.gained),
            (texts.lost, &self.lost),
            (texts.changed, &self.changed),
        ] {
            writeln!(out, "{heading}: {}", pairs.len())?;
            for Pair { before, after } in pairs {
                write!(out, "    ")?;
                after.write(out)?;
                write!(out, "  ({} ", texts.before)?;
                before.write_given(out)?;
                writeln!(out, ")")?;
            }
        }
        if self.in_one_run > 0 {
            writeln!(out, "{}: {}", texts.in_one_run, self.in_one_run)?;
        }
        Ok(())
    }
}

/// Lists the figures that both runs have.
fn differences<'a>(group: &'a str, before: &Rates, after: &'a Rates) -> Vec<Difference<'a>> {
    let figures = after.iter().filter_map(|(figure, after)| {
        Some(Difference {
            group,
            figure,
            before: (*before.get(figure)?)?,
            after: (*after)?,
        })
    });
    figures.collect()
}

impl Difference<'_> {
    fn write(&self, tool: Language, out: &mut impl Write) -> std::io::Result<()> {
        let (before, after) = (self.before, self.after);
        let difference = after - before;
        let columns = if self.group.is_empty() { 0 } else { 18 };
        writeln!(
            out,
            "{}{}{before:>7.3} -> {after:.3}  ({difference:+.3})",
            pad_right(name(self.group, tool), columns),
            pad_right(figure(self.figure, tool), 18)
        )
    }
}
