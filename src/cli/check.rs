//! `check`: lists every problem of the knowledge folder and how well each entry is covered.

use std::io::{Write, stdout};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;

use super::evaluate::block_on;
use crate::answer::Assistant;
use crate::app;
use crate::evaluate::taken_entries;
use crate::knowledge::{
    KnowledgeBase, Language, Loaded, Problem, Severity, has_errors, localized, sort_problems,
};
use crate::settings::Settings;

pub(super) fn run(settings: &Settings, language: Language) -> anyhow::Result<ExitCode> {
    let Loaded {
        knowledge,
        mut problems,
    } = app::read_knowledge(&settings.knowledge);
    let knowledge = Arc::new(knowledge);
    if can_be_asked(&knowledge, &problems) {
        // In memory, because `check` must not change files.
        let opened = Assistant::open(Arc::clone(&knowledge), None, None);
        let (assistant, _) = opened.context("cannot index the knowledge")?;
        let mut found = app::check_self_retrieval(&assistant, &settings.knowledge);
        let taken = block_on(taken_entries(&assistant, Timestamp::now()))?;
        found.extend(app::place_in(&settings.knowledge, taken));
        found.retain(|problem| !is_consequence(problem, &problems));
        problems.extend(found);
        sort_problems(&mut problems);
    }
    let mut out = stdout().lock();
    for problem in &problems {
        writeln!(out, "{}", problem.text(language))?;
    }
    if !problems.is_empty() {
        writeln!(out)?;
    }
    write_coverage(&mut out, &knowledge, language)?;
    let entries = knowledge.entries.len();
    let variants: usize = knowledge.entries.iter().map(|e| e.variants.len()).sum();
    let problem_count = problems.len();
    let plural = |count: usize, one: &str, many: &str| {
        format!("{count} {}", if count == 1 { one } else { many })
    };
    let counts = [
        plural(entries, "entry", "entries"),
        plural(variants, "variant", "variants"),
        plural(problem_count, "problem", "problems"),
    ];
    let counts = counts.join(", ");
    let summary = localized!(
        ja: "項目 {entries} 件、言い換え {variants} 件、問題 {problem_count} 件",
        en: "{counts}",
    );
    writeln!(out, "{}", summary.get(language))?;
    out.flush()?;
    Ok(if has_errors(&problems) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Returns whether asking the readable part of the knowledge says something about it: all problems are
/// listed in one round, but without its words or weights every question could lead elsewhere.
fn can_be_asked(knowledge: &KnowledgeBase, problems: &[Problem]) -> bool {
    let is_decisive = |problem: &&Problem| {
        let name = problem.location.file.file_name().unwrap_or_default();
        name == "lexicon.toml" || name == "calibration.toml"
    };
    let errors = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error);
    !knowledge.entries.is_empty()
        && !knowledge.desks.is_empty()
        && errors.filter(is_decisive).count() == 0
}

/// Returns whether a problem that asking found may result from an error of the same entry.
fn is_consequence(found: &Problem, problems: &[Problem]) -> bool {
    let entry = found.mistake.en.split(':').next().unwrap_or_default();
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    let mut errors = problems.iter().filter(|problem| is_error(problem));
    errors.any(|error| error.mistake.en.contains(entry))
}

/// Writes the number of variants of each entry, and the number of texts that they expand to.
fn write_coverage(
    out: &mut impl Write,
    knowledge: &KnowledgeBase,
    language: Language,
) -> std::io::Result<()> {
    let ids = knowledge
        .entries
        .iter()
        .map(|entry| entry.id.as_str().len());
    let Some(width) = ids.max() else {
        return Ok(());
    };
    let width = width.max("entry".len());
    // A Japanese character takes two columns.
    let width_ja = width - "項目".chars().count();
    let (ja, en) = ("項目", "entry");
    let heading = localized!(
        ja: "{ja:width_ja$}  言い換え   文数",
        en: "{en:width$}  variants  texts",
    );
    writeln!(out, "{}", heading.get(language))?;
    for entry in &knowledge.entries {
        let texts: usize = entry.variants.iter().map(|v| v.texts.len()).sum();
        let (id, variants) = (entry.id.as_str(), entry.variants.len());
        writeln!(out, "{id:width$}  {variants:>8}  {texts:>5}")?;
    }
    writeln!(out)
}
