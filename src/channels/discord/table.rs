//! Tables as a code block, wide ones as a list: Discord's Markdown has no tables.
//!
//! Invariant: the result has every cell and every link of the table.

use super::markdown::{code, link, spans};
use crate::channels::columns;
use crate::knowledge::{Span, plain};

/// Placeholder of an empty cell.
const EMPTY: &str = "–";

/// Space between columns.
const GAP: &str = "  ";

/// Maximum width of an aligned table, in half-width characters; a phone wraps longer lines.
const MAX_TABLE_WIDTH: usize = 60;

/// A cell.
type Cell = Vec<Span>;

/// Writes a table as blocks of Markdown.
pub(super) fn write(head: &[Cell], rows: &[Vec<Cell>]) -> Vec<String> {
    let text = |cell: &Cell| {
        let text = plain(cell).replace('\n', " ");
        if text.is_empty() {
            EMPTY.to_owned()
        } else {
            text
        }
    };
    let is_headed = head.iter().any(|cell| !cell.is_empty());
    let headings = head.iter().map(|cell| plain(cell).replace('\n', " "));
    let mut lines: Vec<Vec<String>> = Vec::new();
    if is_headed {
        lines.push(headings.collect());
    }
    lines.extend(rows.iter().map(|row| row.iter().map(text).collect()));
    let (mut written, width) = columns::aligned(&lines, GAP);
    if width > MAX_TABLE_WIDTH {
        return vec![list(head, rows)];
    }
    if is_headed {
        written.insert(1, "-".repeat(width));
    }
    let mut blocks = vec![code(&written.join("\n"))];
    // Discord shows no links in a code block.
    let mut links = Vec::new();
    for cell in head.iter().chain(rows.iter().flatten()) {
        collect_links(cell, &mut links);
    }
    if !links.is_empty() {
        blocks.push(links.join("\n"));
    }
    blocks
}

fn collect_links(cell: &[Span], into: &mut Vec<String>) {
    for span in cell {
        match span {
            Span::Link { url, label } => {
                let link = link(&plain(label), url);
                if !into.contains(&link) {
                    into.push(link);
                }
            }
            Span::Strong(inner) | Span::Emphasis(inner) => collect_links(inner, into),
            Span::Text(_) | Span::Code(_) | Span::Break => {}
        }
    }
}

fn list(head: &[Cell], rows: &[Vec<Cell>]) -> String {
    let mut lines = Vec::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let marker = if column == 0 { "-" } else { "  -" };
            let label = head.get(column).map(|label| spans(label));
            let label = label.filter(|label| !label.is_empty());
            let label = label.map_or_else(String::new, |label| format!("{label}: "));
            let cell = if cell.is_empty() {
                EMPTY.to_owned()
            } else {
                spans(cell).replace('\n', " ")
            };
            lines.push(if column == 0 {
                format!("{marker} {label}**{}**", cell.replace("**", ""))
            } else {
                format!("{marker} {label}{cell}")
            });
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{Block, Markdown};

    fn formatted(source: &str) -> String {
        let blocks = Markdown::parse(source).0.blocks();
        let [Block::Table { head, rows }] = &blocks[..] else {
            return String::new();
        };
        write(head, rows).join("\n\n")
    }

    #[test]
    fn columns_are_aligned() {
        let table = formatted(
            "| | 商品 | B |\n|---|---|---|\n| 名 (かな) | ✓ | |\n| y | *1* | [l](https://a.example) |",
        );
        let expected = "```\n           商品  B\n------------------\n名 (かな)  ✓     –\ny          1     l\n```\n\n\
                        [l](https://a.example)";
        assert_eq!(table, expected);
    }

    #[test]
    fn a_wide_table_becomes_a_list() {
        let long = "長".repeat(40);
        let wide = formatted(&format!("| 種別 | 会費 |\n|---|---|\n| 無料 | {long} |"));
        assert_eq!(wide, format!("- 種別: **無料**\n  - 会費: {long}"));
    }
}
