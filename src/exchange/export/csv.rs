//! CSV as Excel opens it: UTF-8 with a byte order mark, CRLF between rows.

use super::{ExportError, cells, headings, is_formula};
use crate::exchange::record::WrittenEntry;
use crate::knowledge::Language;

/// Writes the entries as CSV.
pub(super) fn write(entries: &[WrittenEntry], language: Language) -> Result<Vec<u8>, ExportError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(headings(language))?;
    for entry in entries {
        writer.write_record(cells(entry).map(|cell| inert(&cell)))?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()).into())
}

/// Puts a blank before a cell that Excel would take for a formula, such as a list of `- `.
///
/// The import drops blanks at the start of a cell.
fn inert(cell: &str) -> String {
    let blank = if is_formula(cell) { " " } else { "" };
    format!("{blank}{cell}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        for cell in ["=1+1", "+1", "- 一つ", "@SUM", "＝１＋１", "－一つ", "\t=1"] {
            assert_eq!(inert(cell), format!(" {cell}"));
        }
        assert_eq!(inert("会費は"), "会費は");
    }
}
