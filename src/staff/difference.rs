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

/// Largest product of the numbers of lines of two texts between their first and their last difference: the
/// time of a comparison grows with it.
const MAX_LINES_PRODUCT: usize = 25_000_000;

/// Returns the lines that differ, each with some lines around it; `None` if the texts are too large and too
/// different to be compared.
#[must_use]
pub fn difference(before: &str, after: &str) -> Option<Vec<Line>> {
    if !is_comparable(before, after) {
        return None;
    }
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
    Some(lines)
}

fn is_comparable(before: &str, after: &str) -> bool {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    let same = |(a, b): &(&&str, &&str)| a == b;
    let start = before.iter().zip(&after).take_while(same).count();
    let (before, after) = (&before[start..], &after[start..]);
    let end = before.iter().rev().zip(after.iter().rev());
    let end = end.take_while(same).count();
    (before.len() - end) * (after.len() - end) <= MAX_LINES_PRODUCT
}

/// Merges two edits of a text; `None` if both changed the same lines, or the texts cannot be compared.
pub(super) fn merge(original: &str, one: &str, other: &str) -> Option<String> {
    let is_possible = is_comparable(original, one) && is_comparable(original, other);
    is_possible.then(|| diffy::merge(original, one, other).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_the_changed_lines_and_those_around_them() {
        let before: String = (0..30).map(|number| format!("{number}\n")).collect();
        let after = before.replace("5\n", "five\n");
        let lines = difference(&before, &after).expect("small texts");
        let of = |kind| {
            let lines = lines.iter().filter(move |line| line.kind == kind);
            lines.map(|line| line.text.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of(LineKind::Removed), ["5", "15", "25"]);
        assert_eq!(of(LineKind::Added), ["five", "1five", "2five"]);
        assert!(of(LineKind::Same).len() >= 9);
        assert_eq!(difference(&before, &before), Some(Vec::new()));
    }

    #[test]
    fn large_texts_are_compared_only_if_most_of_them_is_the_same() {
        let large = |name: &str| -> String {
            let lines = (0..20_000).map(|number| format!("{name} {number}\n"));
            lines.collect()
        };
        let before = large("a");
        let inserted = before.replace("a 10000\n", "a 10000\nnew\n");
        let added = |lines: Vec<Line>| {
            lines
                .iter()
                .filter(|line| line.kind == LineKind::Added)
                .count()
        };
        assert_eq!(difference(&before, &inserted).map(added), Some(1));
        assert_eq!(difference("", &before).map(added), Some(20_000));
        assert_eq!(difference(&before, &large("b")), None);
        assert_eq!(merge(&before, &inserted, &large("b")), None);
    }
}
