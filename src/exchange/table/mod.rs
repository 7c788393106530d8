//! Tables: CSV, XLSX and lists of JSON objects, as rows of cells and then as records.

mod columns;
mod csv;
mod headings;
mod json;
mod number_format;
mod problems;
mod records;
mod xlsx;

pub(super) use self::csv::read as read_csv;
pub use columns::{ColumnMap, InvalidMap};
pub(super) use headings::heading;
pub(super) use json::{Json, read as read_json};
pub(super) use records::{RowOptions, Rows, rows_to_records, variants_from_cell};
pub(super) use xlsx::{XlsxError, read as read_xlsx};

/// Most cells of a file: rows times columns.
const MAX_CELLS: usize = 2_000_000;

/// A sheet of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Table {
    /// The name of the sheet, if the file has several.
    pub(super) sheet: Option<String>,
    /// Whether the sheet is hidden, so that its author did not mean to show it.
    pub(super) is_hidden: bool,
    /// The rows that have a cell with text.
    pub(super) rows: Vec<Row>,
    /// The line and the column of numbers whose format cannot be shown.
    pub(super) unformatted: Vec<(usize, usize)>,
}

/// A row of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// The line or the row in the file, counted from 1.
    pub(super) line: usize,
    /// The cells as text.
    pub(super) cells: Vec<String>,
}

impl Row {
    /// Returns a cell; empty if the row is shorter.
    pub(super) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}
