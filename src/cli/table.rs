//! Tables in plain text -> the same with their columns under each other, for a terminal.

use crate::channels::columns::width;

/// Separates cells in the plain text of an answer; see [`crate::knowledge::Markdown`].
const SEPARATOR: &str = " | ";

/// Aligns every table: a block whose first line has several cells.
pub(super) fn aligned(text: &str) -> String {
    let blocks = text.split("\n\n").map(|block| {
        let is_table = block
            .lines()
            .next()
            .is_some_and(|line| line.contains(SEPARATOR));
        if is_table {
            align(block)
        } else {
            block.to_owned()
        }
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

fn align(table: &str) -> String {
    let rows = table.lines().map(|line| line.split(SEPARATOR));
    let rows: Vec<Vec<&str>> = rows.map(Iterator::collect).collect();
    let mut widths: Vec<usize> = Vec::new();
    for row in &rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = width(cell).max(*widest);
        }
    }
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(&widths).map(|(cell, widest)| {
            let padding = " ".repeat(widest - width(cell));
            format!("{cell}{padding}")
        });
        let line = cells.collect::<Vec<_>>().join(SEPARATOR);
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_whatever_the_script() {
        let text = "次の表:\n\n | 商品 | サービス\n名 (かな) | ✓ | ✓\nJAN | ✓\n\nおわり | です";
        assert_eq!(
            aligned(text),
            "次の表:\n\n          | 商品 | サービス\n名 (かな) | ✓    | ✓\nJAN       | ✓\n\nおわり | です"
        );
    }
}
