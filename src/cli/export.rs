//! `export`: writes the entries as a table, a page or a document.

use std::fs;
use std::io::{IsTerminal, Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::UsageError;
use crate::app;
use crate::exchange::{Format, export};
use crate::knowledge::{Language, localized};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Format; by default that of the file's ending, else csv
    #[arg(
        long,
        value_name = "csv|xlsx|json|json-ld|markdown",
        hide_possible_values = true,
        value_parser = PossibleValuesParser::new(Format::ALL.map(|(_, name, _)| name)).map(|name| Format::named(&name).unwrap_or(Format::Csv))
    )]
    format: Option<Format>,

    /// File to write; by default the standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// `language` is that of the headings: Japanese unless the user chose English.
pub(super) fn run(
    settings: &Settings,
    arguments: &Arguments,
    language: Language,
) -> anyhow::Result<ExitCode> {
    let ending = arguments.output.as_ref().and_then(|file| file.extension());
    let by_ending = ending.and_then(|ending| Format::of_ending(&ending.to_string_lossy()));
    let format = arguments.format.or(by_ending).unwrap_or(Format::Csv);
    let loaded = app::read_knowledge(&settings.knowledge);
    app::refuse_errors(&settings.knowledge, &loaded.problems)?;
    let bytes = export(&loaded.knowledge, format, language, app::today())?;
    match &arguments.output {
        Some(file) => {
            fs::write(file, bytes).with_context(|| format!("cannot write `{}`", file.display()))?
        }
        None if format == Format::Xlsx && stdout().is_terminal() => {
            return Err(UsageError(localized!(
                ja: "Excel のファイルは画面に出せません。--output faq.xlsx のように書き先を指定してください",
                en: "a workbook cannot be shown on a terminal; name a file: --output faq.xlsx",
            ))
            .into());
        }
        None => {
            let mut out = stdout().lock();
            out.write_all(&bytes)?;
            out.flush()?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
