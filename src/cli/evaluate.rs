//! `evaluate`: question sets -> figures per style, failures with their reasons, and the changes
//! since an earlier run.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;

use super::evaluate_saved::{Comparison, WithComparison, read_saved, save};
use super::evaluate_texts::{self, texts};
use crate::answer::{Assistant, Explanation};
use crate::app;
use crate::embedding::Encoder;
use crate::evaluate::{self, CaseResult};
use crate::knowledge::Language;
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Question sets: `text <TAB> expected`, optionally with a third column `style`, or
    /// `conversation <TAB> turn <TAB> text <TAB> expected`; a line of column names may give another
    /// order
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Leave out variants, referrals, lexicon and all but the shipped topics: a new organisation
    #[arg(long)]
    bare: bool,

    /// Leave out semantic search, even if a model is installed
    #[arg(long)]
    words: bool,

    /// Show each failure with its terms, its best subjects and the probabilities of the decision
    #[arg(long)]
    failures: bool,

    /// Print JSON; save it for a later --compare. With --compare, it has the differences too
    #[arg(long)]
    json: bool,

    /// Show the questions gained, lost and changed, and the difference of each figure, since a run
    /// saved with --json
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
}

pub(super) fn run(
    settings: &Settings,
    arguments: &Arguments,
    tool: Language,
) -> anyhow::Result<ExitCode> {
    // Read first, so that a mistake in it does not cost a run.
    let earlier = arguments.compare.as_deref().map(read_saved).transpose()?;
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
    let saved = save(&report, arguments.bare);
    let comparison = earlier.as_ref();
    let comparison = comparison.map(|earlier| Comparison::new(earlier, &saved));
    let mut out = stdout().lock();
    if arguments.json {
        let run = WithComparison {
            run: &saved,
            comparison,
        };
        writeln!(out, "{}", serde_json::to_string_pretty(&run)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.failures {
        for result in report.results.iter().filter(|result| is_failure(result)) {
            write_failure(&assistant, result, tool, &mut out)?;
        }
    }
    write!(out, "{}", evaluate_texts::report(&report, tool))?;
    if let Some(comparison) = comparison {
        comparison.write(tool, &mut out)?;
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
        return Ok(app::open_checked(settings, knowledge, embedding, None)?.assistant);
    }
    let opened = Assistant::open(Arc::new(knowledge.bare()), None, embedding);
    let (assistant, _) = opened.context("cannot index the knowledge")?;
    Ok(assistant)
}

/// Returns whether a result is worth showing: not helped, or a part of it is wrong.
fn is_failure(result: &CaseResult) -> bool {
    !result.verdict.is_helped || result.verdict.is_wrongly_answered
}

fn write_failure(
    assistant: &Assistant,
    result: &CaseResult,
    tool: Language,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let texts = texts(tool);
    let (case, answer) = (&result.case, &result.answer);
    let turn = case.turn.as_ref();
    let turn = turn.map(|turn| format!("{} {}  ", turn.conversation, turn.number));
    writeln!(
        out,
        "{}{}  [{}]  {} {}",
        turn.unwrap_or_default(),
        case.question,
        case.style,
        texts.expected,
        case.expected()
    )?;
    for (given, part) in result.given.iter().zip(answer.all()) {
        writeln!(out, "    {} {given}", texts.got)?;
        // Nothing is ranked for a choice from a list.
        if let Some(why) = assistant.explain(part.clone()) {
            write_reason(&why, tool, out)?;
        }
    }
    writeln!(out)
}

/// Writes what a part of an answer was decided by.
fn write_reason(why: &Explanation, tool: Language, out: &mut impl Write) -> std::io::Result<()> {
    let texts = texts(tool);
    let judgement = &why.judgement;
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
        "    {} {:.2} ({} {:.2}); {} {:.2} ({} {:.2}), {} {:.2}, {} {:.2}, {} {:.2}, {} {:.2}",
        texts.confidence,
        why.judgement.confidence,
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
    Ok(())
}
