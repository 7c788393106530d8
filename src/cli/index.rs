//! `index`: builds the index of the knowledge ahead of time, or says that it is there.

use std::fs;
use std::io::{self, Write, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;

use crate::answer::Assistant;
use crate::app;
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
        remove_indexes(folder)
            .with_context(|| format!("cannot remove the indexes in `{}`", folder.display()))?;
    }
    let start = Instant::now();
    let (assistant, origin) = Assistant::open(knowledge, Some(folder))
        .context("expected a folder that can be written, for example `--index /tmp/madoguchi`")?;
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

/// Removes the indexes in a folder, and nothing that only happens to be there: the setting may
/// be wrong.
fn remove_indexes(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let is_fingerprint = name
            .to_string_lossy()
            .chars()
            .all(|c| c.is_ascii_hexdigit());
        if is_fingerprint && entry.path().join("meta.json").exists() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
