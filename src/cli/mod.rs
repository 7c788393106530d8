//! The command line: arguments -> one command; what people read goes to stdout, logs to stderr.
//!
//! Exit codes: 0 for done, 1 for a failure (one line to stderr), 2 for arguments that cannot be
//! used, 3 where `ask` leads to a desk. A reader that goes away (`| head`) is no failure.

mod api;
mod ask;
mod calibrate;
mod check;
mod evaluate;
mod explain;
mod index;
mod model;
mod reply;
mod suggest_variants;
mod table;

use std::io::{self, Write, stderr, stdout};
use std::process::ExitCode;
use std::time::Instant;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};
use tracing::level_filters::LevelFilter;

use crate::app;
use crate::knowledge::{DeskId, KnowledgeBase, Language};
use crate::settings::Settings;

/// What the exit code is where a question is led to a desk.
const ESCALATED: u8 = 3;

/// What the exit code is where an argument cannot be used; clap's own.
const USAGE: u8 = 2;

const EXAMPLES: &str = "\
Examples:
  madoguchi serve                                   answer over HTTP on 127.0.0.1:8080
  madoguchi ask 有料会員をやめたい                  answer one question here
  madoguchi ask                                     go on answering, a question a line
  madoguchi check --knowledge /srv/knowledge        look for mistakes after an edit
  madoguchi explain 会費はいくら                    show why an answer is what it is

The knowledge folder holds everything that is said; edit it, run `madoguchi check`, and a running
`serve` takes it over by itself. Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 led to a desk.";

/// Answers questions from an organisation's FAQ, in its own words, and leads to the right desk
/// where the FAQ has no answer.
#[derive(Debug, Parser)]
#[command(name = "madoguchi", version, after_help = EXAMPLES)]
pub struct Cli {
    #[command(flatten)]
    settings: Settings,

    /// Language of everything but the answers; without it that of LC_ALL, LC_MESSAGES or LANG,
    /// else ja
    #[arg(
        long,
        global = true,
        value_name = "ja|en",
        hide_possible_values = true,
        value_parser = PossibleValuesParser::new(["ja", "en"]).map(|tag| Language::from_tag(&tag).unwrap_or_default())
    )]
    language: Option<Language>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer over HTTP until SIGTERM or Ctrl-C
    ///
    /// The JSON API is under /api/v1, its description at /openapi.json, a page to try it at /docs.
    /// A saved change in the knowledge folder is taken over at once if `madoguchi check` has
    /// nothing against it; SIGHUP takes it over too. RUST_LOG=debug says more.
    #[command(after_help = "\
Examples:
  madoguchi serve
  madoguchi serve --listen 0.0.0.0:8080 --allowed-origins https://www.example.jp
  curl -s localhost:8080/api/v1/ask -H 'content-type: application/json' -d '{\"question\":\"有料会員をやめたい\"}'")]
    Serve,

    /// Answer one question, or one a line
    ///
    /// Without a question it reads one a line and keeps the conversation: a number chooses one of
    /// the questions offered, 「サービスなら？」 is understood with what came before.
    #[command(after_help = "\
Exit codes: 0 answered, suggested or small talk; 3 led to a desk; without a question always 0.

Examples:
  madoguchi ask 有料会員をやめたい
  madoguchi ask --language en how do I cancel my membership
  madoguchi ask --json 会費はいくら | jq -r .entry.id
  madoguchi ask < questions.txt")]
    Ask(ask::Arguments),

    /// Report every mistake in the knowledge folder
    ///
    /// Each with its file, its line and how to mend it; then how many ways of asking each entry
    /// knows. Every question and variant is asked, and must find its own entry. Errors keep
    /// knowledge from being served, warnings do not.
    #[command(after_help = "\
Exit codes: 0 nothing or warnings, 1 errors.

Examples:
  madoguchi check
  madoguchi check --knowledge /srv/knowledge")]
    Check,

    /// Build the index unless it is there
    ///
    /// Every command does so by itself; this one is for building it ahead of time, into an image.
    #[command(after_help = "\
Examples:
  madoguchi index
  madoguchi index --index /var/lib/madoguchi/index --force")]
    Index(index::Arguments),

    /// Show every step from a question to its answer
    #[command(after_help = "\
Examples:
  madoguchi explain 会費はいくら
  madoguchi explain --json 会費はいくら | jq .subjects")]
    Explain(explain::Arguments),

    /// Measure on question sets: hit@1, helped, wrongly answered, latency
    ///
    /// A set is a TSV: question, expected, style; expected is an entry id, several joined by `|`,
    /// ESCALATE:<desk>, ESCALATE:any, OFFTOPIC or CHITCHAT.
    #[command(after_help = "\
Examples:
  madoguchi evaluate tests/questions/selas.tsv tests/questions/jetro.tsv
  madoguchi evaluate --json questions.tsv > before.json
  madoguchi evaluate --compare before.json --failures questions.tsv")]
    Evaluate(evaluate::Arguments),

    /// Show which entries are easily taken for each other, and which know few ways of asking
    #[command(after_help = "\
Examples:
  madoguchi suggest-variants
  madoguchi suggest-variants --from 0.5 --limit 100")]
    SuggestVariants(suggest_variants::Arguments),

    /// Install, list or remove models that understand meaning
    #[command(subcommand)]
    Model(model::Command),

    /// Fit ranking and thresholds to question sets
    #[command(after_help = "\
Examples:
  madoguchi calibrate tests/questions/selas.tsv tests/questions/jetro.tsv
  madoguchi calibrate --output knowledge/calibration.toml questions.tsv")]
    Calibrate(calibrate::Arguments),

    /// Print the licences of Madoguchi and of the dictionary in it
    Licenses,
}

/// An argument that cannot be used, found only once the knowledge is known.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct UsageError(String);

impl Cli {
    /// Returns how much is logged unless `RUST_LOG` says otherwise: whoever asks one question
    /// wants its answer alone.
    #[must_use]
    pub fn log_level(&self) -> LevelFilter {
        match self.command {
            Command::Serve => LevelFilter::INFO,
            _ => LevelFilter::WARN,
        }
    }

    /// Runs the command; `started` is when the process began.
    ///
    /// # Errors
    /// Whatever keeps the command from being done, for [`report_failure`].
    pub fn run(self, started: Instant) -> anyhow::Result<ExitCode> {
        let Self {
            settings, command, ..
        } = self;
        let language = self.language.unwrap_or_else(language_of_environment);
        match command {
            Command::Serve => app::serve(&settings, started).map(|()| ExitCode::SUCCESS),
            Command::Ask(arguments) => ask::run(&settings, &arguments, language),
            Command::Check => check::run(&settings),
            Command::Index(arguments) => index::run(&settings, &arguments),
            Command::Explain(arguments) => explain::run(&settings, &arguments, language),
            Command::Evaluate(arguments) => evaluate::run(&settings, &arguments),
            Command::SuggestVariants(arguments) => suggest_variants::run(&settings, &arguments),
            Command::Model(command) => model::run(&settings, &command),
            Command::Calibrate(arguments) => calibrate::run(&settings, &arguments),
            Command::Licenses => print_licenses(),
        }
    }
}

/// Prints why a command failed and returns its exit code.
#[must_use]
pub fn report_failure(error: &anyhow::Error) -> ExitCode {
    let is_broken_pipe = error.chain().any(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    });
    if is_broken_pipe {
        return ExitCode::SUCCESS;
    }
    // Where stderr is gone too, there is nobody left to tell.
    let _ = writeln!(stderr(), "error: {error:#}");
    if error.is::<UsageError>() {
        ExitCode::from(USAGE)
    } else {
        ExitCode::FAILURE
    }
}

/// The first of the usual variables that names a language we speak; POSIX's order.
fn language_of_environment() -> Language {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let values = names
        .into_iter()
        .filter_map(|name| std::env::var(name).ok());
    let mut languages = values.filter_map(|tag| Language::from_tag(&tag));
    languages.next().unwrap_or_default()
}

/// Finds the desk that `--desk` names.
fn find_desk(knowledge: &KnowledgeBase, id: Option<&str>) -> Result<Option<DeskId>, UsageError> {
    let Some(id) = id else {
        return Ok(None);
    };
    let desk = knowledge.desk(id).map(|desk| Some(desk.id.clone()));
    desk.ok_or_else(|| {
        let desks = knowledge.desks.iter().map(|desk| desk.id.as_str());
        let desks = desks.collect::<Vec<_>>().join(", ");
        UsageError(format!(
            "there is no desk `{id}` for `--desk`, expected one of: {desks}"
        ))
    })
}

fn print_licenses() -> anyhow::Result<ExitCode> {
    let mut out = stdout().lock();
    writeln!(out, "Madoguchi\n=========\n")?;
    writeln!(out, "{}\n", include_str!("../../LICENSE").trim_end())?;
    writeln!(out, "Dictionary\n==========\n")?;
    writeln!(out, "{}", madoguchi_dictionary::NOTICE.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
