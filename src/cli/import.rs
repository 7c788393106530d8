//! `import`: reads tables, pages and documents into the knowledge folder.

use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::import_texts;
use super::{UsageError, find_desk};
use crate::app::{self, Progress};
use crate::exchange::{ColumnMap, EditError, Edits, Options, Source, Target, plan, read};
use crate::knowledge::{KnowledgeBase, Language, has_errors, localized};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// CSV, Excel (.xlsx), HTML, Markdown or JSON
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Knowledge folder to write; by default that of --knowledge
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,

    /// Desk of entries whose row names none; needed if there are several desks
    #[arg(long, value_name = "ID")]
    desk: Option<String>,

    /// Columns of a table by heading, letter or number: `question=B,answer=C`
    #[arg(long, value_name = "FIELD=COLUMN,…", value_parser = ColumnMap::parse)]
    map: Vec<ColumnMap>,

    /// Category of entries without one; by default the title of the file
    #[arg(long, value_name = "TEXT")]
    category: Option<String>,

    /// Title of the source document; by default the title of the file
    #[arg(long, value_name = "TEXT")]
    document: Option<String>,

    /// Address of an HTML page, to complete its links
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,

    /// Answers of a table are Markdown already
    #[arg(long)]
    markdown: bool,

    /// Show what would change, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Also delete the entries that the source no longer has; not while rows are left out
    #[arg(long)]
    prune: bool,
}

pub(super) fn run(
    settings: &Settings,
    arguments: &Arguments,
    language: Language,
) -> anyhow::Result<ExitCode> {
    let folder = arguments.into.as_deref().unwrap_or(&settings.knowledge);
    let knowledge = read_folder(folder)?;
    let desk = find_desk(&knowledge, arguments.desk.as_deref())?;
    let sources = read_files(arguments)?;
    let mut out = stdout().lock();
    for (file, source) in &sources {
        import_texts::write_source(&mut out, file, source, language)?;
    }
    if sources
        .iter()
        .any(|(_, source)| has_errors(&source.problems))
    {
        out.flush()?;
        return Ok(ExitCode::FAILURE);
    }
    let target = Target {
        desk: desk.as_ref().map(|desk| desk.as_str()),
        category: arguments.category.as_deref(),
        document: arguments.document.as_deref(),
    };
    let plan = plan(&knowledge, &sources, &target);
    if plan.without_desk > 0 {
        let desks = knowledge.desks.iter().map(|desk| desk.id.as_str());
        let desks = desks.collect::<Vec<_>>().join(", ");
        return Err(UsageError(localized!(
            ja: "どの窓口に入れるかを --desk で指定してください。いまある窓口: {desks}",
            en: "name the desk of the entries with --desk, one of: {desks}",
        ))
        .into());
    }
    let edits = Edits::prepare(folder, &plan, arguments.prune).map_err(|error| match error {
        EditError::Form(text) => UsageError(text).into(),
        other => anyhow::Error::from(other),
    })?;
    let zone = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
    let errors = edits.problems(folder, Timestamp::now().to_zoned(zone).date())?;
    let in_sources = sources.iter().map(|(_, source)| source.problems.len());
    let warnings = plan.problems.len() + in_sources.sum::<usize>();
    import_texts::write_plan(&mut out, &plan, warnings, arguments.prune, language)?;
    if !errors.is_empty() {
        import_texts::write_errors(&mut out, &errors, language)?;
        out.flush()?;
        return Ok(ExitCode::FAILURE);
    }
    if !arguments.dry_run {
        edits.write(folder)?;
    }
    import_texts::write_end(&mut out, folder, &edits, arguments.dry_run, language)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Reads the knowledge folder, which must have no errors; a folder that does not exist is named.
fn read_folder(folder: &Path) -> anyhow::Result<KnowledgeBase> {
    if !folder.exists() {
        let folder = folder.display();
        return Err(UsageError(localized!(
            ja: "`{folder}` がありません。はじめてなら `madoguchi init {folder}` で作ってください",
            en: "there is no `{folder}`; make it with `madoguchi init {folder}`",
        ))
        .into());
    }
    let loaded = app::read_knowledge(folder);
    app::refuse_errors(folder, &loaded.problems)?;
    Ok(loaded.knowledge)
}

fn read_files(arguments: &Arguments) -> anyhow::Result<Vec<(PathBuf, Source)>> {
    let mut map = ColumnMap::default();
    for part in &arguments.map {
        map.extend(part.clone());
    }
    let mut sources = Vec::new();
    for file in &arguments.files {
        let bytes = fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
        // The number of rows is not known before they are read.
        let progress = Progress::new("import", 0);
        let advance = |rows| progress.advance(rows);
        let options = Options {
            map: map.clone(),
            is_markdown: arguments.markdown,
            base: arguments.base_url.clone(),
            progress: Some(&advance),
        };
        sources.push((file.clone(), read(file, &bytes, &options)));
        progress.finish();
    }
    Ok(sources)
}
