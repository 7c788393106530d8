//! Differences of two texts by line, and the merge of two edits of the same text.

/// The role of a line in a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// In both texts.
    Same,
    /// Only in the new text.
    Added,
    /// Only in the old text.
    Removed,
    /// Stands for lines that are the same and not shown.
    Gap,
}

/// A line of a difference, without its line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its role.
    pub kind: LineKind,
    /// Its text.
    pub text: String,
}

/// Returns the lines that differ, each with some lines around it.
#[must_use]
pub fn difference(before: &str, after: &str) -> Vec<Line> {
    let patch = diffy::create_patch(before, after);
    let mut lines = Vec::new();
    for hunk in patch.hunks() {
        if !lines.is_empty() {
            lines.push(Line {
                kind: LineKind::Gap,
                text: String::new(),
            });
        }
        lines.extend(hunk.lines().iter().map(|line| {
            let (kind, text) = match line {
                diffy::Line::Context(text) => (LineKind::Same, text),
                diffy::Line::Delete(text) => (LineKind::Removed, text),
                diffy::Line::Insert(text) => (LineKind::Added, text),
            };
            Line {
                kind,
                text: text.trim_end_matches(['\n', '\r']).to_owned(),
            }
        }));
    }
    lines
}

/// Merges two edits of a text; `None` if both changed the same lines.
pub(super) fn merge(original: &str, one: &str, other: &str) -> Option<String> {
    diffy::merge(original, one, other).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_the_changed_lines_and_those_around_them() {
        let before: String = (0..30).map(|number| format!("{number}\n")).collect();
        let after = before.replace("5\n", "five\n");
        let lines = difference(&before, &after);
        let of = |kind| {
            let lines = lines.iter().filter(move |line| line.kind == kind);
            lines.map(|line| line.text.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of(LineKind::Removed), ["5", "15", "25"]);
        assert_eq!(of(LineKind::Added), ["five", "1five", "2five"]);
        assert!(of(LineKind::Same).len() >= 9 && difference(&before, &before).is_empty());
    }
}
