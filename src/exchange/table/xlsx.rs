//! Excel workbooks: every sheet as a table of texts.

use std::io::Cursor;

use calamine::{Data, DataType, Reader, SheetType, SheetVisible, Xlsx, open_workbook_from_rs};

use super::{Row, Table, number_format};

/// The workbook cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(in crate::exchange) struct XlsxError(#[from] calamine::XlsxError);

/// Reads the cells of each worksheet as text, as the sheet shows them.
pub(in crate::exchange) fn read(bytes: &[u8]) -> Result<Vec<Table>, XlsxError> {
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes))?;
    let mut tables = Vec::new();
    let sheets = workbook.sheets_metadata().to_vec();
    for sheet in sheets {
        // A chart has no cells.
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        let range = workbook.worksheet_range(&sheet.name)?;
        let styles = workbook.worksheet_style(&sheet.name)?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        let index = |number: u32| usize::try_from(number).unwrap_or_default();
        let mut table = Table {
            sheet: Some(sheet.name),
            is_hidden: sheet.visible != SheetVisible::Visible,
            ..Table::default()
        };
        for (cells, row) in range.rows().zip(first_row..) {
            let line = index(row) + 1;
            // Letters in `--map` count from column A.
            let mut texts = vec![String::new(); index(first_column)];
            for (data, column) in cells.iter().zip(first_column..) {
                let style = styles.get((row, column));
                let format = style.and_then(|style| style.number_format.as_ref());
                let code = format.map_or("", |format| format.format_code.as_str());
                let text = cell(data, code).unwrap_or_else(|| {
                    table.unformatted.push((line, index(column)));
                    data.as_string().unwrap_or_default()
                });
                texts.push(text);
            }
            if texts.iter().any(|cell| !cell.trim().is_empty()) {
                table.rows.push(Row { line, cells: texts });
            }
        }
        if !table.rows.is_empty() {
            tables.push(table);
        }
    }
    Ok(tables)
}

/// Returns the text of a cell; `None` for a number in a format that cannot be shown.
fn cell(data: &Data, format: &str) -> Option<String> {
    let text = match data {
        Data::String(text) => text.clone(),
        Data::Float(number) => return number_format::shown(format, *number),
        Data::Int(number) if format.is_empty() => number.to_string(),
        Data::Int(_) => return number_format::shown(format, data.as_f64()?),
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
    };
    Some(text)
}
