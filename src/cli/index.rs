//! `index`: builds the index of the knowledge ahead of time.

use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::Instant;

use crate::app;
use crate::knowledge::{Language, localized};
use crate::search::IndexOrigin;
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
    let start = Instant::now();
    let app::Opened { assistant, origin } = app::build_index(settings, arguments.force)?;
    let mut out = stdout().lock();
    let entries = assistant.knowledge().entries.len();
    let (folder, time) = (settings.index.display(), start.elapsed().as_millis());
    let (ja, en) = match origin {
        IndexOrigin::Built => ("作りました", "built"),
        // Only a running service updates an index.
        IndexOrigin::Updated => ("更新しました", "updated"),
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
