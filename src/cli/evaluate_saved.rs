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
    /// What questions without an entry got: numbers by act and result.
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
    /// What further parts of the answer give.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    also: Vec<SavedGiven>,
    confidence: f32,
    rank: Option<usize>,
    is_good: bool,
    #[serde(default)]
    is_right: bool,
    is_wrongly_answered: bool,
}

/// What an answer gives for one request.
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

/// Writes the difference of each figure, then the messages that were gained, lost and changed.
pub(super) fn compare(
    before: &Saved,
    after: &Saved,
    tool: Language,
    out: &mut impl Write,
) -> std::io::Result<()> {
    writeln!(out)?;
    write_differences("", &before.overall, &after.overall, tool, out)?;
    for (group, rates) in &after.conversations {
        if let Some(earlier) = before.conversations.get(group) {
            write_differences(group, earlier, rates, tool, out)?;
        }
    }
    write_differences("", &before.several, &after.several, tool, out)?;
    let earlier = before.results.iter().map(|result| (result.key(), result));
    let earlier: BTreeMap<Key<'_>, &SavedResult> = earlier.collect();
    let pairs = after.results.iter();
    let pairs = pairs.filter_map(|result| Some((*earlier.get(&result.key())?, result)));
    let pairs: Vec<(&SavedResult, &SavedResult)> = pairs.collect();
    let texts = texts(tool);
    let gained: Change = |before, after| !before.is_good && after.is_good;
    let lost: Change = |before, after| before.is_good && !after.is_good;
    let changed: Change = |before, after| {
        let is_same = before.main.is_same(&after.main)
            && before.also.len() == after.also.len()
            && before
                .also
                .iter()
                .zip(&after.also)
                .all(|(a, b)| a.is_same(b));
        before.is_good == after.is_good && !is_same
    };
    for (heading, is_meant) in [
        (texts.gained, gained),
        (texts.lost, lost),
        (texts.changed, changed),
    ] {
        let meant = pairs
            .iter()
            .filter(|(before, after)| is_meant(before, after));
        let meant: Vec<_> = meant.collect();
        writeln!(out, "{heading}: {}", meant.len())?;
        for (before, after) in meant {
            write!(out, "    ")?;
            after.write(out)?;
            write!(out, "  ({} ", texts.before)?;
            before.write_given(out)?;
            writeln!(out, ")")?;
        }
    }
    let missing = before.results.len() + after.results.len() - 2 * pairs.len();
    if missing > 0 {
        writeln!(out, "{}: {missing}", texts.in_one_run)?;
    }
    Ok(())
}

/// Tells whether a message changed in a certain way between two runs.
type Change = fn(&SavedResult, &SavedResult) -> bool;

fn write_differences(
    group: &str,
    before: &Rates,
    after: &Rates,
    tool: Language,
    out: &mut impl Write,
) -> std::io::Result<()> {
    for (key, rate) in after {
        if let (Some(rate), Some(Some(earlier))) = (rate, before.get(key)) {
            let difference = rate - earlier;
            writeln!(
                out,
                "{}{}{earlier:>7.3} -> {rate:.3}  ({difference:+.3})",
                pad_right(name(group, tool), if group.is_empty() { 0 } else { 18 }),
                pad_right(figure(key, tool), 18)
            )?;
        }
    }
    Ok(())
}
