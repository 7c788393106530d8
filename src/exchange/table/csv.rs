//! CSV as Excel and other programs write it: `,`, `;` or tab, quoted cells with line breaks.

use std::collections::BTreeMap;

use super::{Row, Table, columns};

/// Number of bytes from which the delimiter is guessed.
const SAMPLE_BYTES: usize = 64 * 1024;

/// Reads the text of a CSV file.
pub(in crate::exchange) fn read(text: &str) -> Table {
    parse(text, delimiter(text))
}

fn parse(text: &str, delimiter: u8) -> Table {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    // A text is valid UTF-8, and rows of any length are accepted, so no row can fail.
    let records = reader.records().map_while(Result::ok);
    let rows = records.map(|record| Row {
        line: record.position().map_or(0, |at| line_of(text, at)),
        cells: record.iter().map(str::to_owned).collect(),
    });
    let has_text = |row: &Row| row.cells.iter().any(|cell| !cell.trim().is_empty());
    let rows = rows.filter(has_text).filter(|row| !is_excel_hint(row));
    Table {
        rows: rows.collect(),
        ..Table::default()
    }
}

/// Returns the line on which a row starts, after the empty lines that the parser skips.
fn line_of(text: &str, at: &csv::Position) -> usize {
    let number = |value: u64| usize::try_from(value).unwrap_or_default();
    let rest = text.as_bytes().get(number(at.byte())..).unwrap_or_default();
    let breaks = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    number(at.line()) + breaks.filter(|byte| **byte == b'\n').count()
}

/// Returns whether a row is the line `sep=;` that names the delimiter for Excel.
fn is_excel_hint(row: &Row) -> bool {
    row.line == 1 && row.cell(0).to_ascii_lowercase().starts_with("sep=")
}

/// Guesses the delimiter: the one that splits most headings into cells with a known name, and
/// otherwise most rows into equally many cells.
///
/// Counting the signs is not enough: an answer may have more tabs and semicolons than the table has
/// columns, and not every program quotes them.
fn delimiter(text: &str) -> u8 {
    let first_line = text.lines().next();
    if let Some(sign) = first_line.and_then(|line| line.strip_prefix("sep=")) {
        return sign.bytes().next().unwrap_or(b',');
    }
    let sample = &text[..text.floor_char_boundary(SAMPLE_BYTES)];
    // Of equally good ones the last is taken, the comma.
    let best = [b';', b'\t', b','].into_iter().max_by_key(|delimiter| {
        let table = parse(sample, *delimiter);
        (columns::known(&table), rows_of_equal_width(&table))
    });
    best.unwrap_or(b',')
}

/// Returns how many rows have the most frequent number of cells, if that is more than one.
fn rows_of_equal_width(table: &Table) -> usize {
    let mut rows = BTreeMap::<usize, usize>::new();
    for row in &table.rows {
        *rows.entry(row.cells.len()).or_default() += 1;
    }
    rows.range(2..).map(|(_, count)| *count).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_guessed_outside_of_quotes() {
        for (text, expected) in [
            ("質問,回答\n\"a;b;c\",\"d\ne\"\n", vec!["a;b;c", "d\ne"]),
            ("質問;回答\na,b;c\n", vec!["a,b", "c"]),
            (
                "質問\t回答\na,b,c\t\"d \"\"e\"\"\"\n",
                vec!["a,b,c", "d \"e\""],
            ),
            ("sep=;\n質問;回答\na;b,c,d\n", vec!["a", "b,c,d"]),
            // More tabs than commas, and not quoted, as a tab needs no quotes here.
            ("質問,回答\na\tb\tc,d\te\tf\n", vec!["a\tb\tc", "d\te\tf"]),
            // Unknown headings.
            ("One;Two\na,b;c\nd;e\n", vec!["d", "e"]),
        ] {
            let table = read(text);
            assert_eq!(
                table.rows.last().map(|row| row.cells.clone()),
                Some(expected.into_iter().map(str::to_owned).collect())
            );
        }
    }

    #[test]
    fn rows_have_the_line_on_which_they_start() {
        let table = read("質問,回答\n\n\"a\nb\",c\nd,e\n");
        let lines: Vec<usize> = table.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [1, 3, 5]);
    }
}
