//! `report`: what members asked, as text, JSON, CSV or a page.

use std::fs;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use jiff::Timestamp;

use super::evaluate::block_on;
use super::since::Since;
use crate::answer::Assistant;
use crate::app;
use crate::insights::{Scope, csv, page, report, text};
use crate::knowledge::Language;
use crate::records::{Count, Recorded};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// From when on: `30d`, `12h` or a date such as 2026-11-01
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = Since::parse)]
    since: Since,

    /// Only what concerns this desk, such as selas
    #[arg(long, value_name = "ID")]
    desk: Option<String>,

    /// Print JSON
    #[arg(long, conflicts_with_all = ["csv", "html"])]
    json: bool,

    /// Print CSV, for Excel
    #[arg(long, conflicts_with = "html")]
    csv: bool,

    /// Write a page with charts into this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

pub(super) fn run(
    settings: &Settings,
    arguments: &Arguments,
    language: Language,
) -> anyhow::Result<ExitCode> {
    let assistant = app::open_assistant(settings)?;
    let desk = super::find_desk(assistant.knowledge(), arguments.desk.as_deref())?;
    let now = Timestamp::now();
    let since = since(&assistant, arguments.since, now);
    let (turns, counts) = block_on(read(settings, &assistant, since))??;
    let scope = Scope {
        from: assistant.today(since).to_string(),
        to: assistant.today(now).to_string(),
        desk: desk.map(|desk| desk.to_string()),
    };
    let report = report(&assistant, &turns, &counts, scope);
    if let Some(file) = &arguments.html {
        let page = page(&report, language);
        fs::write(file, page).with_context(|| format!("cannot write `{}`", file.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let bytes = match (arguments.json, arguments.csv) {
        (true, _) => {
            let mut json = serde_json::to_vec_pretty(&report)?;
            json.push(b'\n');
            json
        }
        (_, true) => csv(&report)?,
        _ => text(&report, language).into_bytes(),
    };
    let mut out = stdout().lock();
    out.write_all(&bytes)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the beginning of the time, in the time zone of the knowledge.
pub(super) fn since(assistant: &Assistant, since: Since, now: Timestamp) -> Timestamp {
    since.time(now, &assistant.knowledge().time_zone())
}

/// Reads the turns since a time, and the counts of the days whose rows are gone.
pub(super) async fn read(
    settings: &Settings,
    assistant: &Assistant,
    since: Timestamp,
) -> anyhow::Result<(Vec<Recorded>, Vec<Count>)> {
    let Some(database) = app::open_records(settings).await? else {
        return Ok((Vec::new(), Vec::new()));
    };
    let turns = database.turns_since(since).await?;
    let counts = database.counts_since(assistant.today(since)).await?;
    database.close().await;
    Ok((turns, counts))
}
