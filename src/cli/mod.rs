//! The command line: arguments -> one command; output goes to stdout, logs to stderr.
//!
//! Exit codes: 0 done, 1 failed (reason on stderr), 2 invalid arguments, 3 `ask` escalated to a
//! desk. A closed pipe (`| head`) is not a failure.
//!
//! `--language` and the environment set two languages: that of the messages to members (Japanese by
//! default) and that of the tool's own output (English by default).

mod api;
mod ask;
mod calibrate;
mod chat;
mod check;
mod commands;
mod config;
mod draft_variants;
mod evaluate;
mod evaluate_saved;
mod evaluate_texts;
mod explain;
mod explain_texts;
mod export;
mod forget;
mod help;
mod help_records;
mod help_text;
mod help_variants;
mod import;
mod import_texts;
mod index;
mod init;
mod licenses;
mod locale;
mod model;
mod proposals;
mod propose;
mod replay;
mod reply;
mod report;
mod since;
mod suggest_variants;
mod table;
mod traces;

use std::io::{self, Write, stderr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{CommandFactory, FromArgMatches, Parser};
use tracing::level_filters::LevelFilter;

use commands::Command;
use locale::{argument_value, language_of_environment, requested_language};

use crate::app::{self, InvalidKnowledge};
use crate::evaluate::SetError;
use crate::knowledge::{DeskId, KnowledgeBase, Language, Localized, localized};
use crate::settings::{InForce, Settings, Sources};
pub use traces::Traces;

/// The exit code of `ask` for an escalation.
const ESCALATED: u8 = 3;

/// The exit code for an invalid argument, the same as clap's.
const USAGE: u8 = 2;

const EXAMPLES: &str = "\
Examples:
  madoguchi serve                                   answer over HTTP on 127.0.0.1:8080
  madoguchi ask 有料会員をやめたい                  answer one question
  madoguchi ask                                     answer one question per line
  madoguchi check --knowledge /srv/knowledge        report mistakes after an edit
  madoguchi explain 会費はいくら                    show each step to an answer

The knowledge folder contains all questions, answers and messages. Edit it and run `madoguchi check`;
a running `serve` reloads it. Exit codes: 0 done, 1 failed, 2 invalid arguments, 3 escalated to a
desk.";

/// Answers questions in the words of an organisation's FAQ, and names the right desk if the FAQ has
/// no answer.
#[derive(Debug, Parser)]
#[command(name = "madoguchi", version, after_help = EXAMPLES)]
pub struct Cli {
    #[command(flatten)]
    settings: Settings,

    /// The settings with their values and origins, for `config`.
    #[arg(skip)]
    in_force: Vec<InForce>,

    /// Configuration file; by default madoguchi.toml in the current folder, if it exists
    #[arg(long, global = true, env = "MADOGUCHI_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    /// Language of messages and of this tool; default from LC_ALL, LC_MESSAGES or LANG, else
    /// Japanese messages and English tool output
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

/// An invalid argument that clap cannot detect, because validity depends on the knowledge.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.en)]
struct UsageError(Localized);

impl Cli {
    /// Parses the arguments of the process; prints help or a usage error and exits if needed.
    #[must_use]
    pub fn from_arguments() -> Self {
        let named = argument_value("--config");
        let (sources, failure) = match Sources::load(named.as_deref().map(Path::new)) {
            Ok(sources) => (sources, None),
            // Reported after parsing, so that `--help` works nevertheless.
            Err(error) => (Sources::default(), Some(error)),
        };
        let mut command = sources.apply(Self::command());
        // `--help` ends parsing, so its language must be known earlier.
        if requested_language() == Some(Language::Japanese) {
            command = help::translate(command);
        }
        let matches = command.get_matches();
        let mut cli = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        if let Some(error) = failure {
            let _ = report_failure(&error.into(), cli.tool_language());
            std::process::exit(1);
        }
        cli.in_force = sources.in_force(|id| config::value_in_force(&matches, id));
        cli.settings.sources = sources;
        cli
    }

    /// Returns the log level without `RUST_LOG`: `info` for the service, `warn` for commands.
    #[must_use]
    pub fn log_level(&self) -> LevelFilter {
        match self.command {
            Command::Serve => LevelFilter::INFO,
            _ => LevelFilter::WARN,
        }
    }

    /// Returns the language of the tool's output.
    #[must_use]
    pub fn tool_language(&self) -> Language {
        let language = self.language.or_else(language_of_environment);
        language.unwrap_or(Language::English)
    }

    /// Runs the command; `started` is the start of the process.
    ///
    /// # Errors
    /// The failure of the command, for [`report_failure`].
    pub fn run(self, started: Instant) -> anyhow::Result<ExitCode> {
        let tool = self.tool_language();
        let language = self.language.or_else(language_of_environment);
        let language = language.unwrap_or_default();
        let Self {
            settings,
            command,
            in_force,
            ..
        } = self;
        match command {
            Command::Serve => app::serve(&settings, started).map(|()| ExitCode::SUCCESS),
            Command::Mcp => app::over_stdio(&settings).map(|()| ExitCode::SUCCESS),
            Command::Ask(arguments) => ask::run(&settings, &arguments, language),
            Command::Check => check::run(&settings, tool),
            Command::Init(arguments) => init::run(&arguments, tool),
            Command::Import(arguments) => import::run(&settings, &arguments, tool),
            Command::Export(arguments) => export::run(&settings, &arguments, language),
            Command::Index(arguments) => index::run(&settings, &arguments, tool),
            Command::Explain(arguments) => explain::run(&settings, &arguments, language, tool),
            Command::Evaluate(arguments) => evaluate::run(&settings, &arguments, tool),
            Command::SuggestVariants(arguments) => {
                suggest_variants::run(&settings, &arguments, tool)
            }
            Command::DraftVariants(arguments) => draft_variants::run(&settings, &arguments, tool),
            Command::Model(command) => model::run(&settings, &command),
            Command::Calibrate(arguments) => calibrate::run(&settings, &arguments),
            Command::Report(arguments) => report::run(&settings, &arguments, tool),
            Command::Replay(arguments) => replay::run(&settings, &arguments, tool),
            Command::Propose(arguments) => propose::run(&settings, &arguments, tool),
            Command::Forget(arguments) => forget::run(&settings, &arguments, tool),
            Command::Config => config::run(&settings, &in_force, tool),
            Command::Licenses => licenses::run(),
        }
    }
}

/// Prints the reason of a failure and returns its exit code.
#[must_use]
pub fn report_failure(error: &anyhow::Error, language: Language) -> ExitCode {
    let is_broken_pipe = error.chain().any(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    });
    if is_broken_pipe {
        return ExitCode::SUCCESS;
    }
    let usage = error.downcast_ref::<UsageError>();
    let text = if let Some(invalid) = error.downcast_ref::<InvalidKnowledge>() {
        invalid.text(language)
    } else if let Some(invalid) = error.downcast_ref::<SetError>() {
        invalid.text(language)
    } else if let Some(UsageError(text)) = usage {
        text.get(language).to_owned()
    } else {
        format!("{error:#}")
    };
    let heading = match language {
        Language::Japanese => "エラー",
        Language::English => "error",
    };
    // A closed stderr leaves no way to report.
    let _ = writeln!(stderr(), "{heading}: {text}");
    if usage.is_some() {
        ExitCode::from(USAGE)
    } else {
        ExitCode::FAILURE
    }
}

/// Finds the desk of `--desk`.
fn find_desk(knowledge: &KnowledgeBase, id: Option<&str>) -> Result<Option<DeskId>, UsageError> {
    let Some(id) = id else {
        return Ok(None);
    };
    let desk = knowledge.desk(id).map(|desk| Some(desk.id.clone()));
    desk.ok_or_else(|| {
        let desks = knowledge.desks.iter().map(|desk| desk.id.as_str());
        let desks = desks.collect::<Vec<_>>().join(", ");
        UsageError(localized!(
            ja: "`--desk` の `{id}` という窓口はありません。次のどれかを指定してください: {desks}",
            en: "there is no desk `{id}` for `--desk`, expected one of: {desks}",
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
