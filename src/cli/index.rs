//! `index`: builds the index of the knowledge ahead of time, or says that it is there.

use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;

use crate::answer::Assistant;
use crate::app;
use crate::search;
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Remove what is there and build it anew
    #[arg(long)]
    force: bool,
}

/// Unlike the other commands it does not make do with memory: a folder that cannot be written
/// is a failure here.
pub(super) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let knowledge = app::fit_knowledge(settings)?;
    let folder = &settings.index;
    if arguments.force {
        search::remove_all(folder)
            .with_context(|| format!("cannot remove the indexes in `{}`", folder.display()))?;
    }
    let start = Instant::now();
    let (assistant, origin) = Assistant::open(knowledge, Some(folder), None)
        .context("expected a folder that can be written, for example `--index ./index`")?;
    // What was built passes the gate here, so that the next start need not.
    app::load(settings)?;
    let mut out = stdout().lock();
    writeln!(
        out,
        "{} the index of {} entries in `{}` in {} ms",
        app::origin_name(origin),
        assistant.knowledge().entries.len(),
        folder.display(),
        start.elapsed().as_millis()
    )?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
