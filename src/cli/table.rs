//! Aligns the columns of tables in plain text, for a terminal.

use crate::channels::columns;

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
    let cells = |line: &str| line.split(SEPARATOR).map(str::to_owned).collect();
    let rows: Vec<Vec<String>> = table.lines().map(cells).collect();
    columns::aligned(&rows, SEPARATOR).0.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_full_width_and_half_width_text_are_aligned() {
        let text = "次の表:\n\n | 商品 | サービス\n名 (かな) | ✓ | ✓\nJAN | ✓\n\nおわり | です";
        assert_eq!(
            aligned(text),
            "次の表:\n\n          | 商品 | サービス\n名 (かな) | ✓    | ✓\nJAN       | ✓\n\nおわり | です"
        );
    }
}
