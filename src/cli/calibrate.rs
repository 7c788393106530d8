//! `calibrate`: question sets -> the parameters of `calibration.toml`.

use std::fmt::Write as _;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context, bail};

use super::evaluate::{block_on, open};
use crate::answer::Assistant;
use crate::app;
use crate::embedding::Encoder;
use crate::evaluate::{
    self, Calibrated, Case, Counts, End, MIN_OWN_QUESTIONS, Organisation, Refit, fit_afresh, refit,
};
use crate::knowledge::{ByCoverage, Calibration, Evidence, FittedParameters};
use crate::search::Model;
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Question sets to fit to, in all at least 30 questions; never those that figures are reported on
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Write the numbers to this file instead of printing them
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Do not start from the numbers in use; for those who fit the shipped numbers
    #[arg(long)]
    afresh: bool,

    /// Also fit the numbers for entries without variants to another folder and its question set
    #[arg(long, value_name = "FOLDER=FILE", requires = "afresh")]
    also: Vec<Also>,

    /// Keep the numbers for well-covered entries
    #[arg(long, requires = "afresh")]
    keep_dense: bool,
}

/// A knowledge folder with a question set.
#[derive(Debug, Clone)]
struct Also {
    folder: PathBuf,
    file: PathBuf,
}

impl FromStr for Also {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (folder, file) = text.split_once('=').ok_or(
            "expected a folder and a question set, such as `other/knowledge=questions.tsv`",
        )?;
        Ok(Self {
            folder: folder.into(),
            file: file.into(),
        })
    }
}

pub(super) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut out = stdout().lock();
    let mut calibration = Calibration::default();
    let mut is_better = false;
    let encoder = app::encoder(settings, app::Asker::Command)?;
    let encoders = [None].into_iter().chain(encoder.map(Some));
    for encoder in encoders {
        let assistant = open(settings, false, encoder.clone())?;
        let evidence = assistant.searcher().evidence();
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
        let cases = read(&assistant, &arguments.files)?;
        let fitted = if arguments.afresh {
            Some(afresh(
                settings, arguments, &assistant, &cases, encoder, &mut out,
            )?)
        } else {
            let organisation = Organisation {
                assistant: &assistant,
                cases: &cases,
            };
            near(block_on(refit(organisation))?, evidence, &mut out)?
        };
        if let Some(fitted) = fitted {
            is_better = true;
            calibration.by_evidence.insert(evidence, fitted);
        }
    }
    if !is_better {
        writeln!(out, "nothing written: the numbers in use stay")?;
        out.flush()?;
        return Ok(ExitCode::FAILURE);
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

fn read(assistant: &Assistant, files: &[PathBuf]) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for file in files {
        cases.extend(evaluate::read(file, assistant.knowledge())?);
    }
    Ok(cases)
}

/// Reports a fit near the numbers in use; `None` if they are to stay.
fn near(
    refit: Refit,
    evidence: Evidence,
    out: &mut impl Write,
) -> anyhow::Result<Option<ByCoverage>> {
    let name = evidence.name();
    let (before, after, fitted) = match refit {
        Refit::TooFew(questions) => {
            writeln!(
                out,
                "{name}: {questions} questions can be used, expected at least {MIN_OWN_QUESTIONS} whose right entry is found"
            )?;
            return Ok(None);
        }
        Refit::NoBetter(after, before) => (before, after, None),
        Refit::Better(calibrated, before) => {
            write_curve(name, &calibrated, out)?;
            let after = calibrated.counts.first().copied().unwrap_or_default();
            (before, after, Some(calibrated.parameters))
        }
    };
    writeln!(out, "{name}: questions by cross-validation")?;
    write_counts("in use", before, out)?;
    write_counts("fitted", after, out)?;
    if fitted.is_none() {
        writeln!(out, "{name}: no better than the numbers in use")?;
    }
    Ok(fitted)
}

/// Fits the numbers from the prior: those for well-covered entries to the folder, those for entries
/// without variants to the folder without its variants and to the other folders.
fn afresh(
    settings: &Settings,
    arguments: &Arguments,
    assistant: &Assistant,
    cases: &[Case],
    encoder: Option<Arc<Encoder>>,
    out: &mut impl Write,
) -> anyhow::Result<ByCoverage> {
    let evidence = assistant.searcher().evidence();
    let own = Organisation { assistant, cases };
    let well_covered = if arguments.keep_dense {
        assistant
            .knowledge()
            .parameters(evidence)
            .well_covered
            .clone()
    } else {
        let calibrated = block_on(fit_afresh(&[own], End::WellCovered, None))?;
        write_curve(&format!("{}.dense", evidence.name()), &calibrated, out)?;
        calibrated.parameters.well_covered
    };
    let bare = open(settings, true, encoder.clone())?;
    let bare_cases = read(&bare, &arguments.files)?;
    let mut others = Vec::new();
    for Also { folder, file } in &arguments.also {
        let knowledge = app::read_knowledge(folder)
            .into_result()
            .map_err(|problems| {
                let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
                anyhow::anyhow!("cannot use `{}`:\n{}", folder.display(), lines.join("\n"))
            })?;
        let embedding = encoder.clone().map(app::embed_missing);
        let opened = Assistant::open(Arc::new(knowledge), None, embedding);
        let (other, _) = opened.with_context(|| format!("cannot index `{}`", folder.display()))?;
        let cases = read(&other, std::slice::from_ref(file))?;
        others.push((other, cases));
    }
    let mut organisations = vec![Organisation {
        assistant: &bare,
        cases: &bare_cases,
    }];
    organisations.extend(
        others
            .iter()
            .map(|(assistant, cases)| Organisation { assistant, cases }),
    );
    let model = Model::from_named(&well_covered.weights)?;
    let calibrated = block_on(fit_afresh(&organisations, End::ThinlyCovered, Some(&model)))?;
    let name = format!("{}.sparse", evidence.name());
    write_curve(&name, &calibrated, out)?;
    if organisations.len() > 1 {
        writeln!(
            out,
            "{name}: each folder with numbers fitted to the others only"
        )?;
        let folders = arguments
            .also
            .iter()
            .map(|also| also.folder.display().to_string());
        let names = std::iter::once(settings.knowledge.display().to_string()).chain(folders);
        for (name, counts) in names.zip(&calibrated.counts) {
            write_counts(&name, *counts, out)?;
        }
    }
    Ok(ByCoverage {
        well_covered,
        thinly_covered: calibrated.parameters.thinly_covered,
    })
}

fn write_counts(name: &str, counts: Counts, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(
        out,
        "  {name}: {} questions, {} with an entry; first right {}, answered right {}, answered wrong {}, served {}",
        counts.questions,
        counts.answerable,
        counts.first_right,
        counts.answered_right,
        counts.answered_wrong,
        counts.served
    )
}

/// Writes the calibration curve: for each tenth of the best entry's probability, the share of right
/// entries among questions that the fit had not seen.
fn write_curve(name: &str, calibrated: &Calibrated, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{name}: cross-validated confidence of the best entry")?;
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
