//! The blocks of an answer as Discord's Markdown, cut into parts.
//!
//! Invariants: the [`Text`] contains every word and table cell of an answer, and every link that
//! Discord supports; a part never ends inside an escape or a code block, but may end inside a very
//! long line.

use super::markdown::{FENCE, code, spans};
use super::table;
use crate::channels::bot::split;
use crate::knowledge::Block;

/// Text in Discord's Markdown: blocks, with an empty line between them.
#[derive(Debug, Clone, Default)]
pub(super) struct Text(Vec<String>);

impl Text {
    /// Adds the blocks of an answer.
    pub(super) fn answer(&mut self, all: &[Block]) {
        self.0.extend(blocks(all));
    }

    /// Adds Markdown.
    pub(super) fn block(&mut self, markdown: String) {
        if !markdown.is_empty() {
            self.0.push(markdown);
        }
    }

    /// Splits the text into as few parts as possible, each of at most `limit` characters.
    pub(super) fn parts(&self, limit: usize) -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        let mut room = 0;
        for piece in self.0.iter().flat_map(|block| pieces(block, limit)) {
            let length = piece.chars().count() + 2;
            match parts.last_mut() {
                Some(part) if length <= room => {
                    part.push_str("\n\n");
                    part.push_str(&piece);
                    room -= length;
                }
                _ => {
                    room = limit.saturating_sub(length - 2);
                    parts.push(piece);
                }
            }
        }
        parts
    }
}

/// Cuts a block that is too long for a part.
fn pieces(block: &str, limit: usize) -> Vec<String> {
    if block.chars().count() <= limit {
        return vec![block.to_owned()];
    }
    let inner = block.strip_prefix("```\n");
    let inner = inner.and_then(|rest| rest.strip_suffix("\n```"));
    // The fences take eight characters.
    let limit = if inner.is_some() { limit - 8 } else { limit };
    let mut pieces = Vec::new();
    let mut rest = inner.unwrap_or(block);
    while !rest.is_empty() {
        let full = split::fitting(rest, limit, |_| 1);
        let mut end = split::boundary(rest, full);
        if end < rest.len() {
            // A backslash stays with the character that it escapes.
            let before = rest[..end].trim_end_matches('\\').len();
            end = if before == 0 { end } else { before };
        }
        pieces.push(&rest[..end]);
        rest = &rest[end..];
    }
    let pieces = pieces.into_iter().map(|piece| piece.trim_end_matches('\n'));
    let pieces = pieces.map(|piece| match inner {
        Some(_) => format!("{FENCE}\n{piece}\n{FENCE}"),
        None => piece.to_owned(),
    });
    pieces.collect()
}

fn blocks(all: &[Block]) -> Vec<String> {
    let written = all.iter().flat_map(|block| match block {
        Block::Paragraph(text) => vec![spans(text)],
        Block::Heading(text) => vec![format!("**{}**", spans(text).replace("**", ""))],
        Block::List { first, items } => vec![list(*first, items, 0)],
        Block::Table { head, rows } => table::write(head, rows),
        Block::Quote(inner) => {
            let inner = blocks(inner).join("\n\n");
            let lines = inner.lines().map(|line| format!("> {line}"));
            vec![lines.collect::<Vec<_>>().join("\n")]
        }
        Block::Code(text) => vec![code(text)],
    });
    written.filter(|block| !block.is_empty()).collect()
}

fn list(first: Option<u64>, items: &[Vec<Block>], depth: usize) -> String {
    let mut lines = Vec::new();
    let indent = "  ".repeat(depth);
    for (number, item) in (first.unwrap_or(1)..).zip(items) {
        let marker = first.map_or("-".to_owned(), |_| format!("{number}."));
        let mut is_marked = false;
        for block in item {
            if let Block::List { first, items } = block {
                lines.push(list(*first, items, depth + 1));
                continue;
            }
            for line in blocks(std::slice::from_ref(block)).join("\n").lines() {
                let marker = if is_marked { " " } else { &marker };
                lines.push(format!("{indent}{marker} {line}"));
                is_marked = true;
            }
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::markdown::escape;
    use super::*;
    use crate::knowledge::Markdown;

    fn formatted(source: &str) -> String {
        blocks(&Markdown::parse(source).0.blocks()).join("\n\n")
    }

    #[test]
    fn links_lists_and_quotations_are_kept() {
        let source = "# 見出し\n\n1. a\n   - b\n2. c\n\n> 引用\n> **二**\n\n```\nx < `y`\n```\n\n\
                      電話は[こちら](tel:0312345678)、<a@b.example> へ。[_l_](https://a.example/x(1))";
        let expected = "**見出し**\n\n1. a\n  - b\n2. c\n\n> 引用\n> **二**\n\n```\nx < `y`\n```\n\n\
                        電話はこちら (0312345678)、a@b.example へ。[l](https://a.example/x%281%29)";
        assert_eq!(formatted(source), expected);
        let bare = "[https://a.example](https://b.example)";
        assert_eq!(formatted(bare), "https://b.example");
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_no_part_is_too_long(
            texts in proptest::collection::vec("[*`\\\\<a漢😀 \n。]{0,300}", 0..8),
            limit in 20_usize..200,
        ) {
            let mut text = Text::default();
            for (index, piece) in texts.iter().enumerate() {
                let piece = piece.trim_matches('\n');
                text.block(if index % 2 == 0 { escape(piece) } else { code(piece) });
            }
            let parts = text.parts(limit);
            for part in &parts {
                proptest::prop_assert!(part.chars().count() <= limit, "{part}");
                proptest::prop_assert_eq!(part.matches(FENCE).count() % 2, 0, "{}", part);
            }
            let ink = |text: &str| -> Vec<char> {
                let is_ink = |c: &char| !matches!(c, ' ' | '\n' | '\\' | '`' | '\u{200b}');
                text.chars().filter(is_ink).collect()
            };
            proptest::prop_assert_eq!(ink(&parts.concat()), ink(&texts.concat()));
        }
    }
}
