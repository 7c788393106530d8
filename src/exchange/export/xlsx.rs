//! A workbook for Excel: one sheet, headings that stay in view, texts that wrap.

use rust_xlsxwriter::{Format, FormatAlign, Workbook};

use super::{COLUMNS, ExportError, cells, headings};
use crate::exchange::record::{Field, WrittenEntry};
use crate::knowledge::Language;

/// Maximum length of a cell of Excel.
const MAX_CELL_CHARS: usize = 32_767;

/// Writes the entries as a workbook.
pub(super) fn write(entries: &[WrittenEntry], language: Language) -> Result<Vec<u8>, ExportError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("FAQ")?;
    let bold = Format::new().set_bold();
    let text = Format::new()
        .set_text_wrap()
        .set_align(FormatAlign::Top)
        .set_num_format("@");
    for ((column, heading), field) in (0..).zip(headings(language)).zip(COLUMNS) {
        sheet.write_with_format(0, column, heading, &bold)?;
        let width = match field {
            Field::AnswerMarkdown => 60,
            Field::Question | Field::EnglishTitle | Field::Variants => 40,
            Field::Id | Field::Category | Field::Document | Field::Section => 20,
            _ => 12,
        };
        sheet.set_column_width(column, width)?;
    }
    for (row, entry) in (1..).zip(entries) {
        for (column, cell) in (0..).zip(cells(entry)) {
            if cell.encode_utf16().count() > MAX_CELL_CHARS {
                return Err(ExportError::TooLong(entry.id.clone()));
            }
            if !cell.is_empty() {
                sheet.write_with_format(row, column, cell, &text)?;
            }
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(workbook.save_to_buffer()?)
}
