//! `check`: the knowledge folder -> every problem in it, and how well each entry is covered.

use std::io::{Write, stdout};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;

use crate::answer::Assistant;
use crate::app;
use crate::knowledge::{KnowledgeBase, Loaded, has_errors, sort_problems};
use crate::settings::Settings;

pub(super) fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let Loaded {
        knowledge,
        mut problems,
    } = app::read(&settings.knowledge);
    let knowledge = Arc::new(knowledge);
    // Where ids are missing or double, what finds what means nothing.
    if !has_errors(&problems) {
        // In memory: to check is to change nothing, and the folder may belong to a service.
        let opened = Assistant::open(Arc::clone(&knowledge), None, None);
        let (assistant, _) = opened.context("cannot index the knowledge")?;
        problems.extend(app::gate(&assistant, &settings.knowledge));
        sort_problems(&mut problems);
    }
    let mut out = stdout().lock();
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    if !problems.is_empty() {
        writeln!(out)?;
    }
    write_coverage(&mut out, &knowledge)?;
    let written: usize = knowledge.entries.iter().map(|e| e.variants.len()).sum();
    let counts = [
        (knowledge.entries.len(), "entry", "entries"),
        (written, "variant", "variants"),
        (problems.len(), "problem", "problems"),
    ];
    let counts = counts.map(|(count, one, many)| {
        let noun = if count == 1 { one } else { many };
        format!("{count} {noun}")
    });
    writeln!(out, "{}", counts.join(", "))?;
    out.flush()?;
    Ok(if has_errors(&problems) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Writes how many variants each entry has as written, and how many texts they stand for.
fn write_coverage(out: &mut impl Write, knowledge: &KnowledgeBase) -> std::io::Result<()> {
    let ids = knowledge
        .entries
        .iter()
        .map(|entry| entry.id.as_str().len());
    let Some(width) = ids.max() else {
        return Ok(());
    };
    let width = width.max("entry".len());
    writeln!(out, "{:width$}  variants  texts", "entry")?;
    for entry in &knowledge.entries {
        let texts: usize = entry.variants.iter().map(|v| v.texts.len()).sum();
        let (id, written) = (entry.id.as_str(), entry.variants.len());
        writeln!(out, "{id:width$}  {written:>8}  {texts:>5}")?;
    }
    writeln!(out)
}
