//! The output of `import`: the entries read, the changes, and the rows that were left out.

use std::io::{self, Write};
use std::path::Path;

use crate::exchange::{Change, Edits, Plan, Source};
use crate::knowledge::{Language, Problem, localized};

/// Maximum number of changes of a kind that are listed.
const MAX_LISTED: usize = 20;

/// Writes the number of entries in a file, and its problems.
pub(super) fn write_source(
    out: &mut impl Write,
    file: &Path,
    source: &Source,
    language: Language,
) -> io::Result<()> {
    let (file, count) = (file.display(), source.records.len());
    let encoding = source.encoding.unwrap_or_default();
    let line = if encoding.is_empty() {
        localized!(ja: "{file}: {count} 件", en: "{file}: entries: {count}")
    } else {
        localized!(
            ja: "{file}: {count} 件（文字コード {encoding}）",
            en: "{file}: entries: {count} (encoding {encoding})",
        )
    };
    writeln!(out, "{}", line.get(language))?;
    write_problems(out, &source.problems, language)
}

fn write_problems(
    out: &mut impl Write,
    problems: &[Problem],
    language: Language,
) -> io::Result<()> {
    for problem in problems {
        writeln!(out, "{}", problem.text(language))?;
    }
    Ok(())
}

/// Writes the rows that were left out, the changes, and their numbers; `warnings` is the number of all
/// problems.
pub(super) fn write_plan(
    out: &mut impl Write,
    plan: &Plan,
    warnings: usize,
    prune: bool,
    language: Language,
) -> io::Result<()> {
    write_problems(out, &plan.problems, language)?;
    let gone = if prune && plan.may_delete() {
        localized!(ja: "削除", en: "deleted")
    } else {
        localized!(ja: "もとの文書にない（残します）", en: "gone from the source (kept)")
    };
    let added = localized!(ja: "追加", en: "added");
    let changed = localized!(ja: "変更", en: "changed");
    for kind in 0..3 {
        let lines = plan
            .changes
            .iter()
            .filter_map(|(_, change)| match (kind, change) {
                (0, Change::Added(entry)) => {
                    Some(format!("  + {}  {}", entry.id, short(&entry.question)))
                }
                (1, Change::Changed { entry, fields }) => {
                    let fields: Vec<&str> = fields.iter().map(|field| field.name()).collect();
                    let (id, fields) = (
                        &entry.id,
                        fields.join(", ").replace("answer_markdown", "answer"),
                    );
                    Some(format!("  * {id}  {}  ({fields})", short(&entry.question)))
                }
                (2, Change::Gone(entry)) => {
                    Some(format!("  - {}  {}", entry.id, short(&entry.question)))
                }
                _ => None,
            });
        let lines: Vec<String> = lines.collect();
        let heading = [&added, &changed, &gone][kind];
        if lines.is_empty() {
            continue;
        }
        writeln!(out, "{}: {}", heading.get(language), lines.len())?;
        for line in lines.iter().take(MAX_LISTED) {
            writeln!(out, "{line}")?;
        }
        let more = lines.len().saturating_sub(MAX_LISTED);
        if more > 0 {
            let text = localized!(ja: "  ほか {more} 件", en: "  and {more} more");
            writeln!(out, "{}", text.get(language))?;
        }
    }
    let (.., count_gone) = plan.counts();
    if prune && count_gone > 0 && !plan.may_delete() {
        let left_out = plan.left_out;
        let text = localized!(
            ja: "--prune: 使えなかった行が {left_out} 件あるため、何も削除していません。上の注意のとおりに直すと削除できます。",
            en: "--prune: nothing was deleted, because {left_out} row(s) were left out; correct them as shown above",
        );
        writeln!(out, "{}", text.get(language))?;
    }
    let unchanged = plan.unchanged;
    let text = localized!(ja: "変わりなし: {unchanged}", en: "unchanged: {unchanged}");
    writeln!(out, "{}", text.get(language))?;
    if warnings > 0 {
        let text = localized!(
            ja: "注意: {warnings} 件（上に表示）",
            en: "warnings: {warnings} (see above)",
        );
        writeln!(out, "{}", text.get(language))?;
    }
    Ok(())
}

fn short(question: &str) -> String {
    /// Maximum length of a question in the list.
    const MAX_CHARS: usize = 40;
    let mut short: String = question.chars().take(MAX_CHARS).collect();
    if short.len() < question.len() {
        short.push('…');
    }
    short.replace('\n', " ")
}

/// Writes the errors for which nothing was written.
pub(super) fn write_errors(
    out: &mut impl Write,
    errors: &[Problem],
    language: Language,
) -> io::Result<()> {
    let heading = localized!(
        ja: "\n取り込むと次の誤りになるため、何も書いていません。",
        en: "\nnothing was written, since the folder would have these errors:",
    );
    writeln!(out, "{}", heading.get(language))?;
    write_problems(out, errors, language)
}

/// Writes the files, and what to do next.
pub(super) fn write_end(
    out: &mut impl Write,
    folder: &Path,
    edits: &Edits,
    is_dry_run: bool,
    language: Language,
) -> io::Result<()> {
    let files: Vec<String> = edits
        .files()
        .map(|file| folder.join(file).display().to_string())
        .collect();
    if files.is_empty() {
        let text = localized!(ja: "書くものはありません。", en: "nothing to write.");
        return writeln!(out, "{}", text.get(language));
    }
    let heading = if is_dry_run {
        localized!(ja: "書くファイル（--dry-run のため、まだ書いていません）", en: "files to write (--dry-run, nothing was written)")
    } else {
        localized!(ja: "書いたファイル", en: "files written")
    };
    writeln!(out, "{}:", heading.get(language))?;
    for file in files {
        writeln!(out, "  {file}")?;
    }
    if !is_dry_run {
        let folder = folder.display();
        let next = localized!(
            ja: "次に `madoguchi check --knowledge {folder}` で確かめてください。",
            en: "next: madoguchi check --knowledge {folder}",
        );
        writeln!(out, "{}", next.get(language))?;
    }
    Ok(())
}
