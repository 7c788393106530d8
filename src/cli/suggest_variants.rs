//! `suggest-variants`: the knowledge folder -> where its authors should look next.

use std::io::{Write, stdout};
use std::process::ExitCode;

use jiff::Timestamp;

use super::evaluate::block_on;
use crate::app;
use crate::evaluate::{FEW_WAYS, Rival, Thin, rivals, thin_entries};
use crate::knowledge::{Evidence, KnowledgeBase};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Show pairs from this chance on, 0 to 1
    #[arg(long, value_name = "CHANCE", default_value_t = 0.8, value_parser = parse_chance)]
    from: f32,

    /// Show at most so many pairs
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    limit: usize,
}

fn parse_chance(text: &str) -> Result<f32, String> {
    let chance = text
        .parse()
        .ok()
        .filter(|chance| (0.0..=1.0).contains(chance));
    chance.ok_or_else(|| "expected a number from 0 to 1, for example `0.8`".to_owned())
}

pub(super) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let assistant = app::load(settings)?;
    let knowledge = assistant.knowledge();
    let rivals = block_on(rivals(&assistant, arguments.from, Timestamp::now()))?;
    let thin = thin_entries(&assistant);
    let mut out = stdout().lock();
    write_rivals(&mut out, knowledge, &rivals, arguments)?;
    write_thin(&mut out, knowledge, &thin)?;
    if assistant.searcher().evidence() == Evidence::Words {
        writeln!(
            out,
            "\nhint: this went by words alone; with a model (`madoguchi model --help`) it sees what \
             means the same, too"
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
        "Ways of asking that would go to another entry if their own lacked them: {} from {:.2} on",
        rivals.len(),
        arguments.from
    )?;
    for rival in rivals.iter().take(arguments.limit) {
        let id = |position: usize| &knowledge.entries[position].id;
        let Rival {
            phrase,
            probability,
            ..
        } = rival;
        let (entry, other) = (id(rival.entry), id(rival.other));
        writeln!(
            out,
            "  {probability:.2}  {entry}  「{phrase}」  would go to {other}"
        )?;
    }
    let more = rivals.len().saturating_sub(arguments.limit);
    if more > 0 {
        writeln!(out, "  and {more} more; --limit shows them")?;
    }
    if !rivals.is_empty() {
        writeln!(
            out,
            "hint: all of these are answered rightly now; here a new variant may take questions from its \
             neighbour, and the entries may name each other in `related`"
        )?;
    }
    Ok(())
}

fn write_thin(
    out: &mut impl Write,
    knowledge: &KnowledgeBase,
    thin: &[Thin],
) -> std::io::Result<()> {
    writeln!(
        out,
        "\nEntries that know few ways of asking: {}",
        thin.len()
    )?;
    for thin in thin {
        let entry = &knowledge.entries[thin.entry];
        let lacks = if thin.lacks_english {
            ", none in English"
        } else {
            ""
        };
        let (id, variants) = (&entry.id, thin.variants);
        writeln!(
            out,
            "  {:>3} variants{lacks}  {id}  {}",
            variants, entry.location
        )?;
    }
    if !thin.is_empty() {
        writeln!(
            out,
            "hint: write at least {FEW_WAYS} an entry, as people say it: polite, casual, keywords, in \
             kana, in English"
        )?;
    }
    Ok(())
}
