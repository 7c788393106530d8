//! Text of an answer that CommonMark changes without a trace: `5*3*2` loses its stars, a line that
//! starts with `# ` becomes a heading.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag};

/// Text that is shown otherwise than it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SilentChange {
    /// The text as written.
    pub(super) written: String,
    /// The same with backslashes, which shows it as written.
    pub(super) escaped: String,
    /// Whether it becomes a heading; otherwise it loses characters.
    pub(super) is_heading: bool,
}

/// Lists the texts that were hardly meant as markup: stars within a word or a product, and headings of
/// the highest level, which only the question may have.
pub(super) fn silent_changes(source: &str) -> Vec<SilentChange> {
    let mut changes: Vec<SilentChange> = Vec::new();
    let mut end = 0;
    let events = Parser::new_ext(source, Options::ENABLE_TABLES).into_offset_iter();
    for (event, range) in events {
        let written = source.get(range.clone()).unwrap_or_default();
        let change = match event {
            Event::Start(Tag::Heading {
                level: HeadingLevel::H1,
                ..
            }) if written.starts_with('#') => {
                let line = written.lines().next().unwrap_or_default().trim_end();
                Some(SilentChange {
                    written: line.to_owned(),
                    escaped: format!("\\{line}"),
                    is_heading: true,
                })
            }
            Event::Start(Tag::Emphasis | Tag::Strong)
                if range.start >= end && is_within_word(source, range.start, written) =>
            {
                let before = &source[..range.start];
                let word = before.len() - before.trim_end_matches(is_word).len();
                let after = &source[range.end..];
                let rest = after.len() - after.trim_start_matches(is_word).len();
                end = range.end + rest;
                let whole = &source[range.start - word..end];
                Some(SilentChange {
                    written: whole.to_owned(),
                    escaped: whole.replace('*', "\\*"),
                    is_heading: false,
                })
            }
            _ => None,
        };
        changes.extend(change);
    }
    changes
}

/// Returns whether stars stand between two letters or digits of one word, as in a product.
fn is_within_word(source: &str, start: usize, written: &str) -> bool {
    let before = source[..start].chars().next_back();
    let first = written.trim_start_matches('*').chars().next();
    written.starts_with('*') && before.is_some_and(is_word) && first.is_some_and(is_word)
}

/// Returns whether a character belongs to a number or a word in ASCII. Japanese words have stars around
/// them that are meant: 「必ず**電話**で」.
fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_of_a_product_and_marks_of_a_line_are_found() {
        for (source, written, escaped) in [
            ("5*3*2 cm です", "5*3*2", r"5\*3\*2"),
            ("型番は A*1*B、C*2*D", "A*1*B", r"A\*1\*B"),
            ("2**3**4", "2**3**4", r"2\*\*3\*\*4"),
            ("注意\n\n# 内線 12\n続き", "# 内線 12", r"\# 内線 12"),
        ] {
            let changes = silent_changes(source);
            let first = changes.first().expect(source);
            assert_eq!((&*first.written, &*first.escaped), (written, escaped));
            let repaired = source.replacen(written, escaped, 1);
            let left = silent_changes(&repaired);
            assert_eq!(left.len(), changes.len() - 1, "{repaired}");
        }
        for source in [
            "必ず**電話**で",
            "*強調*と**太字**",
            "5*3 と 2",
            "a * b * c",
            r"5\*3\*2",
            "## 見出し",
            "#1 の窓口",
            "**A**B",
            "snake_case_name",
        ] {
            assert_eq!(silent_changes(source), [], "{source}");
        }
    }
}
