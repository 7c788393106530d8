//! Differences of texts by line, as parts of pages.

use maud::{Markup, html};

use super::member::Member;
use crate::insights::number;
use crate::staff::{FileChange, LineKind, difference};

/// Number of lines of a file that are shown; an import may have tens of thousands.
const MAX_LINES: usize = 2_000;

/// Renders the difference of a file.
pub(super) fn difference_of(member: &Member, file: &FileChange) -> Markup {
    let (before, after) = (file.before.as_deref(), file.after.as_deref());
    html! {
        h3 { (file.path)
            @if before.is_none() { " " (member.say("（新しいファイル）", "(new file)")) }
            @if after.is_none() { " " (member.say("（なくなります）", "(removed)")) }
        }
        (lines_of(member, &file.path, before, after))
    }
}

/// Renders the lines that differ in two texts, below a name.
pub(super) fn lines_of(
    member: &Member,
    name: &str,
    before: Option<&str>,
    after: Option<&str>,
) -> Markup {
    let lines = difference(before.unwrap_or_default(), after.unwrap_or_default());
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
