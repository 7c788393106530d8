//! CSV as Excel and other programs write it: `,`, `;` or tab, quoted cells with line breaks.

use super::{Row, Table};

/// Number of bytes from which the delimiter is guessed.
const SAMPLE_BYTES: usize = 64 * 1024;

/// Reads the text of a CSV file.
pub(in crate::exchange) fn read(text: &str) -> Table {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
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
        sheet: None,
        rows: rows.collect(),
    }
}

/// Returns the line on which a row starts, after the empty lines that the parser skips.
fn line_of(text: &str, at: &csv::Position) -> usize {
    let number = |value: u64| usize::try_from(value).unwrap_or_default();
    let rest = text.as_bytes().get(number(at.byte())..).unwrap_or_default();
    let breaks = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    number(at.line()) + breaks.filter(|byte| **byte == b'\n').count()
}

/// Returns whether a row is the line `sep=;` that tells Excel the delimiter.
fn is_excel_hint(row: &Row) -> bool {
    row.line == 1 && row.cell(0).to_ascii_lowercase().starts_with("sep=")
}

/// Guesses the delimiter: the sign that occurs most often outside of quoted cells.
fn delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b'\t', 0), (b';', 0)];
    let mut is_quoted = false;
    for byte in text.bytes().take(SAMPLE_BYTES) {
        if byte == b'"' {
            is_quoted = !is_quoted;
        } else if !is_quoted
            && let Some((_, count)) = counts.iter_mut().find(|(sign, _)| *sign == byte)
        {
            *count += 1;
        }
    }
    if let Some(sign) = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("sep="))
    {
        return sign.bytes().next().unwrap_or(b',');
    }
    // A tab is never part of a text that was typed into a cell.
    let [(_, commas), (_, tabs), (_, semicolons)] = counts;
    if tabs > 0 && tabs >= commas.min(semicolons) && tabs >= text.lines().take(3).count() {
        b'\t'
    } else if semicolons > commas {
        b';'
    } else {
        b','
    }
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
