//! Excel workbooks: every sheet as a table of texts.
//!
//! Invariant: the memory that a workbook takes is bounded. A file of some kilobytes can unpack to gigabytes,
//! and two cells in opposite corners of a sheet span 17 billion cells.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek};

use calamine::{
    Data, DataType, Reader, Sheet, SheetType, SheetVisible, Xlsx, open_workbook_from_rs,
};
use zip::ZipArchive;

use super::{MAX_CELLS, Row, Table, number_format};

/// Most bytes of the unpacked parts of a workbook, and of the texts of its cells.
const MAX_UNPACKED_BYTES: u64 = 64 << 20;

/// The workbook cannot be read.
#[derive(Debug, thiserror::Error)]
pub(in crate::exchange) enum XlsxError {
    /// It is not a workbook, or a broken one.
    #[error(transparent)]
    Workbook(#[from] calamine::XlsxError),
    /// It is not a zip archive, or a broken one.
    #[error(transparent)]
    Archive(#[from] zip::result::ZipError),
    /// A part cannot be unpacked.
    #[error(transparent)]
    Unpack(#[from] io::Error),
    /// It has more cells or text than is accepted.
    #[error("the workbook is too large")]
    TooLarge,
}

/// What the rest of a workbook may take.
struct Budget {
    cells: usize,
    text_bytes: usize,
}

impl Budget {
    fn take_cells(&mut self, cells: usize) -> Result<(), XlsxError> {
        let rest = self.cells.checked_sub(cells);
        self.cells = rest.ok_or(XlsxError::TooLarge)?;
        Ok(())
    }

    fn take_text(&mut self, text: &str) -> Result<(), XlsxError> {
        let rest = self.text_bytes.checked_sub(text.len());
        self.text_bytes = rest.ok_or(XlsxError::TooLarge)?;
        Ok(())
    }
}

/// Reads the cells of each worksheet as text, as the sheet shows them.
pub(in crate::exchange) fn read(bytes: &[u8]) -> Result<Vec<Table>, XlsxError> {
    check_unpacked_size(bytes)?;
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes))?;
    let mut budget = Budget {
        cells: MAX_CELLS,
        text_bytes: usize::try_from(MAX_UNPACKED_BYTES).unwrap_or(usize::MAX),
    };
    let mut tables = Vec::new();
    for sheet in workbook.sheets_metadata().to_vec() {
        // A chart has no cells.
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        let table = read_sheet(&mut workbook, sheet, &mut budget)?;
        if !table.rows.is_empty() {
            tables.push(table);
        }
    }
    Ok(tables)
}

/// Fails if the parts of a workbook are too large. They are unpacked for that, since an archive may name
/// any size.
fn check_unpacked_size(bytes: &[u8]) -> Result<(), XlsxError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let mut rest = MAX_UNPACKED_BYTES;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index)?.take(rest + 1);
        let size = io::copy(&mut part, &mut io::sink())?;
        rest = rest.checked_sub(size).ok_or(XlsxError::TooLarge)?;
    }
    Ok(())
}

fn read_sheet<R: Read + Seek>(
    workbook: &mut Xlsx<R>,
    sheet: Sheet,
    budget: &mut Budget,
) -> Result<Table, XlsxError> {
    let mut unformatted = Vec::new();
    let mut rows: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut reader = workbook.worksheet_cells_reader(&sheet.name)?;
    while let Some((found, style)) = reader.next_cell_with_style_id()? {
        budget.take_cells(1)?;
        let data = Data::from(found.get_value().clone());
        if data.is_empty() {
            continue;
        }
        let index = |number: u32| usize::try_from(number).unwrap_or_default();
        let (row, column) = found.get_position();
        let (line, column) = (index(row) + 1, index(column));
        let style = reader.styles().get(style);
        let format = style.and_then(|style| style.number_format.as_ref());
        let code = format.map_or("", |format| format.format_code.as_str());
        let text = cell(&data, code).unwrap_or_else(|| {
            unformatted.push((line, column));
            data.as_string().unwrap_or_default()
        });
        budget.take_text(&text)?;
        let texts = rows.entry(line).or_default();
        // Letters in `--map` count from column A.
        if texts.len() <= column {
            budget.take_cells(column - texts.len())?;
            texts.resize(column + 1, String::new());
        }
        texts[column] = text;
    }
    let has_text = |cells: &[String]| cells.iter().any(|cell| !cell.trim().is_empty());
    let rows = rows.into_iter().filter(|(_, cells)| has_text(cells));
    Ok(Table {
        sheet: Some(sheet.name),
        is_hidden: sheet.visible != SheetVisible::Visible,
        rows: rows.map(|(line, cells)| Row { line, cells }).collect(),
        unformatted,
    })
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
