//! `calibrate`: question sets -> the parameters of `calibration.toml`.

use std::fmt::Write as _;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};

use super::evaluate::{block_on, open};
use crate::app;
use crate::evaluate::{self, Calibrated};
use crate::knowledge::{Calibration, Densities, Evidence, Fitted};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Question sets to fit to; never a set that figures are reported on
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Write the parameters to this file instead of printing them
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut out = stdout().lock();
    let mut calibration = Calibration::default();
    let encoder = app::encoder(settings, app::Asker::Command)?;
    let encoders = [None].into_iter().chain(encoder.map(Some));
    for encoder in encoders {
        let mut densities = Densities::default();
        let mut evidence = Evidence::Words;
        for bare in [false, true] {
            let assistant = open(settings, bare, encoder.clone())?;
            evidence = assistant.searcher().evidence();
            if encoder.is_some() && evidence == Evidence::Words {
                bail!(
                    "the knowledge could not be embedded, expected a working model or embeddings server; see the log"
                );
            }
            // Keeps the parameters that this run does not fit.
            for (other, densities) in &assistant.knowledge().calibration.by_evidence {
                let densities = || densities.clone();
                calibration
                    .by_evidence
                    .entry(*other)
                    .or_insert_with(densities);
            }
            let mut cases = Vec::new();
            for file in &arguments.files {
                cases.extend(evaluate::read(file, assistant.knowledge())?);
            }
            let calibrated = block_on(evaluate::calibrate(&assistant, &cases))?;
            let density = if bare { "sparse" } else { "dense" };
            write_curve(evidence.name(), density, &calibrated, &mut out)?;
            if bare {
                densities.sparse = calibrated.fitted;
            } else {
                densities.dense = calibrated.fitted;
            }
        }
        calibration.by_evidence.insert(evidence, densities);
    }
    let mut parameters =
        "# 順位と判断の数値。`madoguchi calibrate` が作る。手では書かない。\n".to_owned();
    for (evidence, densities) in &calibration.by_evidence {
        append(&mut parameters, evidence.name(), "dense", &densities.dense)?;
        append(
            &mut parameters,
            evidence.name(),
            "sparse",
            &densities.sparse,
        )?;
    }
    match &arguments.output {
        Some(path) => {
            std::fs::write(path, parameters)
                .with_context(|| format!("cannot write `{}`", path.display()))?;
            writeln!(out, "written to {}", path.display())?;
        }
        None => write!(out, "\n{parameters}")?,
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the calibration curve: the claimed confidence of the best entry, the share of right ones
/// and the number of questions, over held-out questions.
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
    parameters: &mut String,
    evidence: &str,
    density: &str,
    fitted: &Fitted,
) -> std::fmt::Result {
    writeln!(parameters, "\n[{evidence}.{density}]")?;
    writeln!(parameters, "answered_from = {:.3}", fitted.answered_from)?;
    writeln!(parameters, "suggested_from = {:.3}", fitted.suggested_from)?;
    writeln!(parameters, "\n[{evidence}.{density}.weights]")?;
    for (weight, value) in &fitted.weights {
        writeln!(parameters, "{weight} = {value:.3}")?;
    }
    Ok(())
}
