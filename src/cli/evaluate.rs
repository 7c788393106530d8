//! `evaluate`: question sets -> figures per style, failures with their reasons, and the changes
//! since an earlier run.

use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::evaluate_texts::{self, figure, pad_right, texts};
use crate::answer::Assistant;
use crate::app;
use crate::embedding::Encoder;
use crate::evaluate::{self, CaseResult, Figures, Report};
use crate::knowledge::Language;
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Question sets: `question <TAB> expected <TAB> style`
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Leave out variants, referrals, small talk and lexicon: the engine alone
    #[arg(long)]
    bare: bool,

    /// Leave out semantic search, even if a model is installed
    #[arg(long)]
    words: bool,

    /// Show each failure with its terms, its best subjects and the probabilities of the decision
    #[arg(long)]
    failures: bool,

    /// Print JSON; save it for a later --compare
    #[arg(long)]
    json: bool,

    /// Show the questions that became better or worse since a run saved with --json
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
}

/// A saved run: the output of `--json`.
#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    bare: bool,
    overall: Rates,
    styles: BTreeMap<String, Rates>,
    questions_per_second: f64,
    p50_microseconds: u64,
    p99_microseconds: u64,
    results: Vec<SavedResult>,
}

/// Rates by name; null if no question counts.
type Rates = BTreeMap<String, Option<f64>>;

/// One question of a saved run.
#[derive(Debug, Serialize, Deserialize)]
struct SavedResult {
    question: String,
    style: String,
    outcome: String,
    entry: Option<String>,
    suggestions: Vec<String>,
    desk: Option<String>,
    confidence: f32,
    rank: Option<usize>,
    is_good: bool,
    is_wrongly_answered: bool,
}

pub(super) fn run(
    settings: &Settings,
    arguments: &Arguments,
    tool: Language,
) -> anyhow::Result<ExitCode> {
    let encoder = if arguments.words {
        None
    } else {
        app::encoder(settings, app::Asker::Command)?
    };
    let assistant = open(settings, arguments.bare, encoder)?;
    let mut cases = Vec::new();
    for file in &arguments.files {
        cases.extend(evaluate::read(file, assistant.knowledge())?);
    }
    let now = Timestamp::now();
    let report = block_on(evaluate::evaluate(&assistant, &cases, now))?;
    let saved = save(&assistant, &report, arguments.bare);
    let mut out = stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&saved)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.failures {
        for result in report
            .results
            .iter()
            .filter(|result| !result.verdict.is_good)
        {
            write_failure(&assistant, result, tool, &mut out)?;
        }
    }
    write!(out, "{}", evaluate_texts::report(&report, tool))?;
    if let Some(path) = &arguments.compare {
        write_comparison(&read_saved(path)?, &saved, tool, &mut out)?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Runs a future to its end on the runtime of commands.
///
/// # Errors
/// The error of the operating system if it refuses the runtime a thread.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> anyhow::Result<T> {
    Ok(app::command_runtime()?.block_on(future))
}

/// Opens the assistant; a bare one is held in memory and does not use the index folder.
pub(super) fn open(
    settings: &Settings,
    bare: bool,
    encoder: Option<Arc<Encoder>>,
) -> anyhow::Result<Assistant> {
    let embedding = encoder.map(app::embed_missing);
    let knowledge = app::read_valid_knowledge(settings)?;
    if !bare {
        return Ok(app::open_checked(settings, knowledge, embedding)?.assistant);
    }
    let opened = Assistant::open(Arc::new(knowledge.bare()), None, embedding);
    let (assistant, _) = opened.context("cannot index the knowledge")?;
    Ok(assistant)
}

fn save(assistant: &Assistant, report: &Report, bare: bool) -> Saved {
    let entries = &assistant.knowledge().entries;
    let id = |index: usize| entries[index].id.to_string();
    let results = report.results.iter().map(|result| SavedResult {
        question: result.case.question.clone(),
        style: result.case.style.clone(),
        outcome: result.answer.outcome.name().to_owned(),
        entry: result.answer.entry.map(id),
        suggestions: result
            .answer
            .suggestions
            .iter()
            .map(|(index, _)| id(*index))
            .collect(),
        desk: result.answer.escalation.as_ref().and_then(|escalation| {
            let desk = escalation.desk.as_ref()?;
            Some(desk.to_string())
        }),
        confidence: result.answer.confidence,
        rank: result.rank,
        is_good: result.verdict.is_good,
        is_wrongly_answered: result.verdict.is_wrongly_answered,
    });
    let microseconds =
        |share: f64| u64::try_from(report.latency(share).as_micros()).unwrap_or(u64::MAX);
    let styles = report.per_style().into_iter();
    Saved {
        bare,
        overall: rates(&report.overall()),
        styles: styles
            .map(|(style, figures)| (style.to_owned(), rates(&figures)))
            .collect(),
        questions_per_second: report.questions_per_second(),
        p50_microseconds: microseconds(0.5),
        p99_microseconds: microseconds(0.99),
        results: results.collect(),
    }
}

fn rates(figures: &Figures) -> Rates {
    let named = figures.named().into_iter();
    named.map(|(name, rate)| (name.to_owned(), rate)).collect()
}

fn write_failure(
    assistant: &Assistant,
    result: &CaseResult,
    tool: Language,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let Some(why) = assistant.explain(result.answer.clone()) else {
        return Ok(());
    };
    let (case, answer, judgement) = (&result.case, &result.answer, &why.judgement);
    let texts = texts(tool);
    writeln!(
        out,
        "{}  [{}]  {} {:?}",
        case.question, case.style, texts.expected, case.expected
    )?;
    let words: Vec<&str> = why
        .analysis
        .words
        .iter()
        .map(|word| word.text.as_str())
        .collect();
    writeln!(
        out,
        "    {} {}; {} {}",
        texts.words,
        words.join(" "),
        texts.reading,
        why.analysis.reading
    )?;
    writeln!(
        out,
        "    {} ({} {:.2}, {} {:.2}); {} {:.2} ({} {:.2}), {} {:.2}, {} {:.2}, {} {:.2}, {} {:.2}",
        answer.outcome.name(),
        texts.confidence,
        answer.confidence,
        texts.answered_from,
        why.answered_from,
        texts.entries,
        judgement.entries,
        texts.suggested_from,
        why.suggested_from,
        texts.referrals,
        judgement.referrals,
        texts.hand_offs,
        judgement.hand_offs,
        texts.small_talk,
        judgement.small_talk,
        texts.elsewhere,
        judgement.elsewhere
    )?;
    for subject in why.subjects.iter().take(3) {
        let phrase = subject.phrase.as_deref().unwrap_or_default();
        writeln!(
            out,
            "    {:.3}  {} {}  {} 「{phrase}」",
            subject.probability, subject.kind, subject.id, texts.by
        )?;
    }
    writeln!(out)
}

fn read_saved(path: &Path) -> anyhow::Result<Saved> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the earlier run `{}`", path.display()))?;
    serde_json::from_str(&text).with_context(|| {
        format!(
            "`{}` is not a run saved with `madoguchi evaluate --json`",
            path.display()
        )
    })
}

fn write_comparison(
    before: &Saved,
    after: &Saved,
    tool: Language,
    out: &mut impl Write,
) -> std::io::Result<()> {
    writeln!(out)?;
    for (name, rate) in &after.overall {
        if let (Some(rate), Some(Some(earlier))) = (rate, before.overall.get(name)) {
            let difference = rate - earlier;
            writeln!(
                out,
                "{}{earlier:>7.3} -> {rate:.3}  ({difference:+.3})",
                pad_right(figure(name, tool), 18)
            )?;
        }
    }
    let earlier: BTreeMap<&str, &SavedResult> = before
        .results
        .iter()
        .map(|result| (result.question.as_str(), result))
        .collect();
    let texts = texts(tool);
    for (heading, is_better) in [(texts.better, true), (texts.worse, false)] {
        let changed = after.results.iter().filter(|result| {
            let earlier = earlier.get(result.question.as_str());
            earlier.is_some_and(|earlier| {
                earlier.is_good != result.is_good && result.is_good == is_better
            })
        });
        let changed: Vec<&SavedResult> = changed.collect();
        writeln!(out, "{heading}: {}", changed.len())?;
        for result in changed {
            let led_to = result.entry.as_ref().or(result.desk.as_ref());
            let led_to = led_to.map_or("-", String::as_str);
            let (question, style, outcome) = (&result.question, &result.style, &result.outcome);
            writeln!(out, "    {question}  [{style}]  {outcome} {led_to}")?;
        }
    }
    Ok(())
}
