//! The blocks of an answer -> components of a Flex message.
//!
//! Invariant: the result contains every word, link and table cell of an answer. A table becomes rows of
//! labels and values, and each link a line to tap under its text, since LINE has no links within a text.

use serde_json::Value;

use super::flex::{self, Style};
use crate::knowledge::{Block, Span, plain};

/// Placeholder of an empty table cell.
const EMPTY_CELL: &str = "–";

/// Length limit of the spans of one text; a longer text has no styles.
const MAX_STYLED_CHARS: usize = 1_500;

/// Formats blocks.
pub(super) fn blocks(all: &[Block]) -> Vec<Value> {
    let mut components = Vec::new();
    for block in all {
        match block {
            Block::Paragraph(text) => components.extend(running(text, Style::Body)),
            Block::Heading(text) => components.extend(running(text, Style::Heading)),
            Block::List { first, items } => components.extend(list(*first, items)),
            Block::Table { head, rows } => components.extend(table(head, rows)),
            Block::Quote(inner) => components.extend(flex::grounded(blocks(inner))),
            Block::Code(text) => {
                components.extend(flex::grounded(flex::texts(text, Style::Body)));
            }
        }
    }
    components
}

fn list(first: Option<u64>, items: &[Vec<Block>]) -> Vec<Value> {
    let mut components = Vec::new();
    for (number, item) in (first.unwrap_or(1)..).zip(items) {
        let marker = match first {
            Some(_) => format!("{number}."),
            None => "・".to_owned(),
        };
        components.extend(flex::marked(&marker, blocks(item)));
    }
    components
}

/// Formats a table as its rows: a phone is too narrow for columns.
fn table(head: &[Vec<Span>], rows: &[Vec<Vec<Span>>]) -> Vec<Value> {
    let mut components = Vec::new();
    for row in rows {
        components.push(flex::separator());
        for (column, cell) in row.iter().enumerate() {
            let style = if column == 0 {
                Style::Heading
            } else {
                Style::Body
            };
            let mut value = running(cell, style);
            if value.is_empty() {
                value = flex::texts(EMPTY_CELL, style);
            }
            let label = head
                .get(column)
                .map(|label| plain(label).replace('\n', " "));
            match label.filter(|label| !label.trim().is_empty()) {
                Some(label) => components.extend(flex::labelled(label.trim(), value)),
                None => components.extend(value),
            }
        }
    }
    if !rows.is_empty() {
        components.push(flex::separator());
    }
    // A head alone is the content of a table without rows.
    if rows.is_empty() {
        for cell in head {
            components.extend(running(cell, Style::Heading));
        }
    }
    components
}

/// Formats running text, and its links as lines under it.
pub(super) fn running(text: &[Span], style: Style) -> Vec<Value> {
    let mut writer = Writer::default();
    writer.write(text, false);
    if writer.is_link {
        return writer.links;
    }
    let mut components = Vec::new();
    if writer.spans.iter().any(is_styled) && writer.chars <= MAX_STYLED_CHARS {
        components.extend(flex::spans(writer.spans, style));
    } else {
        components.extend(flex::texts(&writer.plain, style));
    }
    components.extend(writer.links);
    components
}

fn is_styled(span: &Value) -> bool {
    span.get("weight").is_some() || span.get("decoration").is_some()
}

#[derive(Default)]
struct Writer {
    spans: Vec<Value>,
    plain: String,
    chars: usize,
    links: Vec<Value>,
    /// Whether the text is one link and nothing else.
    is_link: bool,
}

impl Writer {
    fn write(&mut self, all: &[Span], is_bold: bool) {
        for span in all {
            match span {
                Span::Text(text) | Span::Code(text) => self.text(text, is_bold, false),
                Span::Break => self.text("\n", is_bold, false),
                Span::Strong(inner) => self.write(inner, true),
                Span::Emphasis(inner) => self.write(inner, is_bold),
                Span::Link { url, label } => self.link(url, &plain(label), is_bold),
            }
        }
    }

    fn text(&mut self, text: &str, is_bold: bool, is_link: bool) {
        self.plain.push_str(text);
        self.is_link &= text.trim().is_empty();
        self.chars += text.chars().count();
        self.spans.extend(flex::span(text, is_bold, is_link));
    }

    fn link(&mut self, url: &str, label: &str, is_bold: bool) {
        let address = url.trim_start_matches("mailto:").trim_start_matches("tel:");
        let action = flex::open(url, label);
        self.text(label, is_bold, action.is_some());
        // An address that cannot be opened, and one to dial or to write to, is also shown.
        if (action.is_none() || address != url) && !label.contains(address) {
            self.text(&format!(" ({address})"), is_bold, false);
        }
        let Some(action) = action else { return };
        let mark = match action["type"].as_str() {
            Some("clipboard") => "📋",
            _ if url.starts_with("tel:") => "☎",
            _ => "🔗",
        };
        let label = if label.trim().is_empty() {
            address
        } else {
            label
        };
        let line = flex::link(&format!("{mark} {label}"), action);
        self.is_link = self.links.is_empty() && self.plain.trim() == label.trim();
        if !self.links.contains(&line) {
            self.links.push(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Markdown;

    fn formatted(source: &str) -> String {
        let components = blocks(&Markdown::parse(source).0.blocks());
        let lines = components.iter().map(flex::plain_of);
        lines
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn a_table_becomes_labelled_rows() {
        let rows = formatted(
            "| | A | B |\n|---|---|---|\n| x | ✓ | |\n| y | 1 | [l](https://a.example/) |",
        );
        let expected = "x\nA ✓\nB –\ny\nA 1\nB 🔗 l https://a.example/";
        assert_eq!(rows, expected);
        let long = "長".repeat(20_000);
        let wide = formatted(&format!("| 種別 | 会費 |\n|---|---|\n| 無料 | {long} |"));
        assert!(wide.starts_with("種別 無料\n会費\n長"), "{}", &wide[..60]);
        assert_eq!(wide.matches('長').count(), 20_000);
    }

    #[test]
    fn links_are_lines_under_their_text() {
        let source = "電話は[こちら](tel:03-1234-5678)、<a@b.example> へ。\n二行目 **強い *調子***。[規約](https://a.example/x)";
        let expected = "電話はこちら (03-1234-5678)、a@b.example へ。\n二行目 強い 調子。規約\n\
                        ☎ こちら 0312345678\n📋 a@b.example\n🔗 規約 https://a.example/x";
        assert_eq!(formatted(source), expected);
    }

    #[test]
    fn lists_and_quotations_are_kept() {
        let source = "# 見出し\n\n1. a\n   - b\n2. c\n\n> 引用\n> **二**\n\n```\nx < y\n```";
        assert_eq!(
            formatted(source),
            "見出し\n1. a\n・ b\n2. c\n引用\n二\nx < y"
        );
    }
}
