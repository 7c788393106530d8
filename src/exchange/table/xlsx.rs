//! Excel workbooks: every sheet as a table of texts.

use std::io::Cursor;

use calamine::{Data, DataType, Reader, Xlsx, open_workbook_from_rs};

use super::{Row, Table};

/// The workbook cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(in crate::exchange) struct XlsxError(#[from] calamine::XlsxError);

/// Reads the cells of each sheet as text, hidden sheets included; number formats are not applied.
pub(in crate::exchange) fn read(bytes: &[u8]) -> Result<Vec<Table>, XlsxError> {
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes))?;
    let mut tables = Vec::new();
    for name in workbook.sheet_names() {
        let range = workbook.worksheet_range(&name)?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        let skipped = usize::try_from(first_column).unwrap_or_default();
        let rows = range.rows().zip(first_row + 1..).map(|(cells, line)| Row {
            line: usize::try_from(line).unwrap_or_default(),
            // Letters in `--map` count from column A.
            cells: std::iter::repeat_n(String::new(), skipped)
                .chain(cells.iter().map(cell))
                .collect(),
        });
        let has_text = |row: &Row| row.cells.iter().any(|cell| !cell.trim().is_empty());
        let rows: Vec<Row> = rows.filter(has_text).collect();
        if !rows.is_empty() {
            tables.push(Table {
                sheet: Some(name),
                rows,
            });
        }
    }
    Ok(tables)
}

fn cell(data: &Data) -> String {
    match data {
        Data::String(text) => text.clone(),
        Data::Float(number) => number.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Bool(value) => value.to_string().to_uppercase(),
        Data::DateTime(value) if value.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
            }
        }
        Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        // `#N/A` and the like are no text of the author.
        Data::Error(_) | Data::Empty => String::new(),
        other => other.as_string().unwrap_or_default(),
    }
}
