//! Tables for fixed-width output: terminals and code blocks.

use unicode_width::UnicodeWidthStr;

/// Pads the cells of each column to equal width; returns the lines and the width of the table.
///
/// A row may have fewer cells than others. Trailing spaces are removed.
#[must_use]
pub fn aligned(rows: &[Vec<String>], separator: &str) -> (Vec<String>, usize) {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = cell.width().max(*widest);
        }
    }
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(&widths).map(|(cell, widest)| {
            let padding = " ".repeat(widest - cell.width());
            format!("{cell}{padding}")
        });
        let line = cells.collect::<Vec<_>>().join(separator);
        line.trim_end().to_owned()
    });
    let gaps = separator.width() * widths.len().saturating_sub(1);
    (lines.collect(), widths.iter().sum::<usize>() + gaps)
}
