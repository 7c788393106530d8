//! Differences of texts by line, as parts of pages.

use maud::{Markup, html};

use super::blocking::blocking;
use super::member::Member;
use crate::insights::number;
use crate::staff::{FileChange, Line, LineKind, difference};

/// Number of lines of a file that are shown; an import may have tens of thousands.
const MAX_LINES: usize = 2_000;

/// A file with the lines that differ; `None` if the texts are too large to compare.
pub(super) type Compared = (FileChange, Option<Vec<Line>>);

/// Compares the texts of files before and after; in large files this takes long.
pub(super) async fn compare(files: Vec<FileChange>) -> Vec<Compared> {
    let compare = |file: FileChange| {
        let (before, after) = (file.before.as_deref(), file.after.as_deref());
        let lines = difference(before.unwrap_or_default(), after.unwrap_or_default());
        (file, lines)
    };
    blocking(move || files.into_iter().map(compare).collect()).await
}

/// Renders the difference of a file.
pub(super) fn difference_of(member: &Member, (file, lines): &Compared) -> Markup {
    html! {
        h3 { (file.path)
            @if file.before.is_none() { " " (member.say("（新しいファイル）", "(new file)")) }
            @if file.after.is_none() { " " (member.say("（なくなります）", "(removed)")) }
        }
        (lines_of(member, &file.path, lines.as_deref()))
    }
}

/// Renders the lines that differ in two texts; `name` is read out for them.
pub(super) fn lines_of(member: &Member, name: &str, lines: Option<&[Line]>) -> Markup {
    let Some(lines) = lines else {
        return html! {
            p.advice { (member.say(
                "ファイルが大きく、違いも多いため、ここには出せません。",
                "The file is too large, and differs too much, for its lines to be shown here.",
            )) }
        };
    };
    let more = lines.len().saturating_sub(MAX_LINES);
    html! {
        div.difference lang="ja" role="region" tabindex="0" aria-label=(name) {
            @for line in lines.iter().take(MAX_LINES) {
                @match line.kind {
                    LineKind::Added => ins { "+ " (line.text) }
                    LineKind::Removed => del { "− " (line.text) }
                    LineKind::Same => span { "  " (line.text) }
                    LineKind::Gap => span.gap { "⋯" }
                }
            }
            @if more > 0 {
                span.gap { "⋯ " (member.say("ほかの行数：", "further lines: ")) (number(more)) }
            }
        }
    }
}
