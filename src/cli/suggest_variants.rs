//! `suggest-variants`: lists entries that compete for the same questions or have few variants.
//!
//! Input: the knowledge folder. Output: text for its authors, with hints.

use std::io::{Write, stdout};
use std::process::ExitCode;

use jiff::Timestamp;

use super::evaluate::block_on;
use crate::app;
use crate::evaluate::{MIN_VARIANTS, Rival, ThinlyCovered, rivals, thinly_covered};
use crate::knowledge::{Evidence, KnowledgeBase};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Show pairs with at least this probability, 0 to 1
    #[arg(long, value_name = "PROBABILITY", default_value_t = 0.8, value_parser = parse_probability)]
    from: f32,

    /// Show at most this number of pairs
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    limit: usize,
}

fn parse_probability(text: &str) -> Result<f32, String> {
    let probability = text.parse().ok().filter(|p| (0.0..=1.0).contains(p));
    probability.ok_or_else(|| "expected a number from 0 to 1, for example `0.8`".to_owned())
}

pub(super) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let assistant = app::load(settings)?;
    let knowledge = assistant.knowledge();
    let rivals = block_on(rivals(&assistant, arguments.from, Timestamp::now()))?;
    let thinly_covered = thinly_covered(&assistant);
    let mut out = stdout().lock();
    write_rivals(&mut out, knowledge, &rivals, arguments)?;
    write_thinly_covered(&mut out, knowledge, &thinly_covered)?;
    if assistant.searcher().evidence() == Evidence::Words {
        writeln!(
            out,
            "\nhint: compared by words only; install a model (`madoguchi model --help`) to compare \
             meanings too"
        )?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn write_rivals(
    out: &mut impl Write,
    knowledge: &KnowledgeBase,
    rivals: &[Rival],
    arguments: &Arguments,
) -> std::io::Result<()> {
    writeln!(
        out,
        "Questions that would go to another entry without their own: {} with probability {:.2} or more",
        rivals.len(),
        arguments.from
    )?;
    for rival in rivals.iter().take(arguments.limit) {
        writeln!(
            out,
            "  {:.2}  {}  「{}」  would go to {}",
            rival.probability,
            knowledge.entries[rival.entry].id,
            rival.phrase,
            knowledge.entries[rival.other].id
        )?;
    }
    let more = rivals.len().saturating_sub(arguments.limit);
    if more > 0 {
        writeln!(out, "  and {more} more; --limit shows them")?;
    }
    if !rivals.is_empty() {
        writeln!(
            out,
            "hint: all of these are answered correctly now; a new variant of one entry may take questions \
             from the other, and the entries may list each other in `related`"
        )?;
    }
    Ok(())
}

fn write_thinly_covered(
    out: &mut impl Write,
    knowledge: &KnowledgeBase,
    thinly_covered: &[ThinlyCovered],
) -> std::io::Result<()> {
    let count = thinly_covered.len();
    writeln!(out, "\nEntries with few ways of asking: {count}")?;
    for covered in thinly_covered {
        let entry = &knowledge.entries[covered.entry];
        let no_english = if covered.lacks_english {
            ", none in English"
        } else {
            ""
        };
        let (variants, id, location) = (covered.variants, &entry.id, &entry.location);
        writeln!(
            out,
            "  {variants:>3} variants{no_english}  {id}  {location}"
        )?;
    }
    if count > 0 {
        writeln!(
            out,
            "hint: write at least {MIN_VARIANTS} variants per entry: polite, casual, keywords, in kana, \
             in English"
        )?;
    }
    Ok(())
}
