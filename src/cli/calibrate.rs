//! `calibrate`: question sets -> the parameters of `calibration.toml`.

use std::fmt::Write as _;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};

use super::evaluate::{block_on, open};
use crate::app;
use crate::evaluate::{self, Calibrated, End};
use crate::knowledge::{ByCoverage, Calibration, Evidence, FittedParameters};
use crate::search::Model;
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
    let mut calibration = Calibration::default();
    let encoder = app::encoder(settings, app::Asker::Command)?;
    let encoders = [None].into_iter().chain(encoder.map(Some));
    for encoder in encoders {
        let mut parameters = ByCoverage::default();
        let mut evidence = Evidence::Words;
        for bare in [false, true] {
            let assistant = open(settings, bare, encoder.clone())?;
            evidence = assistant.searcher().evidence();
            if encoder.is_some() && evidence == Evidence::Words {
                bail!(
                    "the knowledge could not be embedded, expected a working model or embeddings server; see the log"
                );
            }
            // Parameters for other kinds of evidence stay unchanged.
            for (other, kept) in &assistant.knowledge().calibration.by_evidence {
                let kept = || kept.clone();
                calibration.by_evidence.entry(*other).or_insert_with(kept);
            }
            let mut cases = Vec::new();
            for file in &arguments.files {
                cases.extend(evaluate::read(file, assistant.knowledge())?);
            }
            let end = if bare {
                End::ThinlyCovered(Model::from_named(&parameters.well_covered.weights)?)
            } else {
                End::WellCovered
            };
            let calibrated = block_on(evaluate::calibrate(&assistant, &cases, &end))?;
            let density = if bare { "sparse" } else { "dense" };
            write_curve(evidence.name(), density, &calibrated, &mut out)?;
            if bare {
                parameters.thinly_covered = calibrated.parameters;
            } else {
                parameters.well_covered = calibrated.parameters;
            }
        }
        calibration.by_evidence.insert(evidence, parameters);
    }
    let mut numbers =
        "# 順位と判断の数値。`madoguchi calibrate` が作る。手では書かない。\n".to_owned();
    for (evidence, parameters) in &calibration.by_evidence {
        let name = evidence.name();
        append(&mut numbers, name, "dense", &parameters.well_covered)?;
        append(&mut numbers, name, "sparse", &parameters.thinly_covered)?;
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

/// Writes the calibration curve: for each tenth of the best entry's probability, the share of right
/// entries among questions that the fit had not seen.
fn write_curve(
    evidence: &str,
    density: &str,
    calibrated: &Calibrated,
    out: &mut impl Write,
) -> std::io::Result<()> {
    writeln!(
        out,
        "{evidence}.{density}: cross-validated confidence of the best entry"
    )?;
    writeln!(out, "  claimed   right  questions")?;
    for (claimed, right, questions) in &calibrated.curve {
        writeln!(out, "  {claimed:>7.3} {right:>7.3} {questions:>10}")?;
    }
    Ok(())
}

fn append(
    numbers: &mut String,
    evidence: &str,
    density: &str,
    parameters: &FittedParameters,
) -> std::fmt::Result {
    writeln!(numbers, "\n[{evidence}.{density}]")?;
    writeln!(numbers, "answered_from = {:.3}", parameters.answered_from)?;
    writeln!(numbers, "suggested_from = {:.3}", parameters.suggested_from)?;
    writeln!(numbers, "\n[{evidence}.{density}.weights]")?;
    for (weight, value) in &parameters.weights {
        writeln!(numbers, "{weight} = {value:.3}")?;
    }
    Ok(())
}
