//! `index`: builds the index of the knowledge ahead of time.

use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;

use crate::answer::Assistant;
use crate::app;
use crate::knowledge::{Language, localized};
use crate::search::{self, IndexOrigin};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Remove the index and build it again
    #[arg(long)]
    force: bool,
}

/// Builds or opens the index. Unlike in other commands, an unwritable folder is a failure.
pub(super) fn run(
    settings: &Settings,
    arguments: &Arguments,
    language: Language,
) -> anyhow::Result<ExitCode> {
    let knowledge = app::read_valid_knowledge(settings)?;
    let folder = &settings.index;
    if arguments.force {
        search::remove_all(folder)
            .with_context(|| format!("cannot remove the indexes in `{}`", folder.display()))?;
    }
    let start = Instant::now();
    let (assistant, origin) = Assistant::open(knowledge, Some(folder), None)
        .context("expected a folder that can be written, for example `--index ./index`")?;
    // Runs the self-retrieval check now, so that the next start skips it.
    app::open_assistant(settings)?;
    let mut out = stdout().lock();
    let entries = assistant.knowledge().entries.len();
    let (folder, time) = (folder.display(), start.elapsed().as_millis());
    let (ja, en) = match origin {
        IndexOrigin::Built => ("作りました", "built"),
        IndexOrigin::Opened => ("開きました", "opened"),
        IndexOrigin::InMemory => ("メモリーに作りました", "in memory"),
    };
    let done = localized!(
        ja: "項目 {entries} 件の索引を{ja}（`{folder}`、{time} ミリ秒）",
        en: "{en} the index of {entries} entries in `{folder}` in {time} ms",
    );
    writeln!(out, "{}", done.get(language))?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
