//! `calibrate`: question sets -> the numbers of `calibration.toml`.

use std::fmt::Write as _;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use super::evaluate::open;
use crate::evaluate::{self, Calibrated};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Question sets to fit to; never those that figures are reported on
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Write the numbers to this file instead of printing them
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut out = stdout().lock();
    let mut numbers =
        "# 順位と判断の数値。`madoguchi calibrate` が作る。手では書かない。\n".to_owned();
    for (name, bare) in [("dense", false), ("sparse", true)] {
        let assistant = open(settings, bare)?;
        let mut cases = Vec::new();
        for file in &arguments.files {
            cases.extend(evaluate::read(file, assistant.knowledge())?);
        }
        let calibrated = evaluate::calibrate(&assistant, &cases);
        write_curve(name, &calibrated, &mut out)?;
        append(&mut numbers, name, &calibrated)?;
    }
    match &arguments.output {
        Some(path) => {
            std::fs::write(path, numbers)
                .with_context(|| format!("cannot write `{}`", path.display()))?;
            writeln!(out, "written to {}", path.display())?;
        }
        None => write!(out, "\n{numbers}")?,
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Writes how often the best entry was right where the model claimed so much, over questions that
/// the fit had not seen.
fn write_curve(name: &str, calibrated: &Calibrated, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{name}: cross-validated confidence of the best entry")?;
    writeln!(out, "  claimed   right  questions")?;
    for (claimed, right, questions) in &calibrated.curve {
        writeln!(out, "  {claimed:>7.3} {right:>7.3} {questions:>10}")?;
    }
    Ok(())
}

fn append(numbers: &mut String, name: &str, calibrated: &Calibrated) -> std::fmt::Result {
    let fitted = &calibrated.fitted;
    writeln!(numbers, "\n[{name}]")?;
    writeln!(numbers, "answered_from = {:.3}", fitted.answered_from)?;
    writeln!(numbers, "suggested_from = {:.3}", fitted.suggested_from)?;
    writeln!(numbers, "\n[{name}.weights]")?;
    for (weight, value) in &fitted.weights {
        writeln!(numbers, "{weight} = {value:.3}")?;
    }
    Ok(())
}
