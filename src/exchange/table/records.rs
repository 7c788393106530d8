//! Rows of a table as records: cells cleaned, merged cells filled, unusable rows reported.

use std::path::Path;

use jiff::civil::Date;

use super::columns::{self, ColumnMap, Columns};
use super::problems::{heading_only, hidden_sheet, incomplete, unformatted, unknown_columns};
use super::{Row, Table};
use crate::exchange::html::{Series, fragment_to_markdown, is_html, is_question};
use crate::exchange::record::{Field, Record, unix_breaks};
use crate::exchange::text;
use crate::knowledge::{Location, Problem, expand, localized, parse_date};

/// The options for reading a table.
pub(in crate::exchange) struct RowOptions<'a> {
    /// The name of the file, for problems.
    pub(in crate::exchange) file: &'a Path,
    /// The columns that the user named.
    pub(in crate::exchange) map: &'a ColumnMap,
    /// Whether answers are Markdown, independently of their heading.
    pub(in crate::exchange) is_markdown: bool,
    /// The address of the page, to resolve links.
    pub(in crate::exchange) base: Option<&'a str>,
    /// Called for each row that was read.
    pub(in crate::exchange) progress: &'a dyn Fn(usize),
}

/// The rows of a table.
#[derive(Default)]
pub(in crate::exchange) struct Rows {
    /// The entries.
    pub(in crate::exchange) records: Vec<Record>,
    /// Number of rows that may be entries and could not be used.
    pub(in crate::exchange) left_out: usize,
}

/// Reads a table; returns no records, and reports a problem, if its columns are unknown.
pub(in crate::exchange) fn rows_to_records(
    table: &Table,
    options: &RowOptions<'_>,
    problems: &mut Vec<Problem>,
) -> Rows {
    let found = match columns::find(table, options.map) {
        Ok(_) if table.is_hidden => {
            let file = named(options.file, table);
            problems.push(hidden_sheet(&Location::folder(file)));
            return Rows {
                left_out: table.rows.len(),
                ..Rows::default()
            };
        }
        Ok(columns) => columns,
        // Such as the choices of a list.
        Err(_) if table.is_hidden => return Rows::default(),
        Err(unknown) => {
            let file = named(options.file, table);
            problems.push(unknown_columns(&Location::folder(file), &unknown));
            let is_table = |row: &Row| row.cells.iter().filter(|cell| !cell.is_empty()).count() > 1;
            return Rows {
                left_out: table.rows.iter().filter(|row| is_table(row)).count(),
                ..Rows::default()
            };
        }
    };
    for (line, column) in &table.unformatted {
        let mut rows = table.rows.iter();
        if found.of.values().flatten().any(|used| used == column)
            && let Some(row) = rows.find(|row| row.line == *line)
        {
            let location = Location::new(named(options.file, table), *line);
            problems.push(unformatted(location, row.cell(*column)));
        }
    }
    let mut reader = Reader {
        is_exact: options.is_markdown || found.first(Field::AnswerMarkdown).is_some(),
        columns: found,
        file: named(options.file, table),
        options,
        category: Vec::new(),
        series: Series::default(),
        left_out: 0,
        problems,
    };
    if !reader.is_exact {
        let cell = |row, field| plain_line(reader.cell(row, field).unwrap_or_default());
        let rows = table.rows.iter().skip(reader.columns.skipped_rows);
        let pairs = rows.map(|row| (cell(row, Field::Question), cell(row, Field::Answer)));
        let pairs: Vec<(String, String)> = pairs.collect();
        reader.series = Series::of(pairs.iter().map(|(one, other)| (&**one, &**other)));
    }
    let rows = table.rows.iter().skip(reader.columns.skipped_rows);
    let mut records = Vec::new();
    for row in rows {
        records.extend(reader.read(row));
        (options.progress)(1);
    }
    Rows {
        records,
        left_out: reader.left_out,
    }
}

/// Returns the name of a file and its sheet.
fn named(file: &Path, table: &Table) -> String {
    match &table.sheet {
        Some(sheet) => format!("{} [{sheet}]", file.display()),
        None => file.display().to_string(),
    }
}

/// The signs before the text of a row that is a heading.
const HEADING_SIGNS: [char; 10] = ['■', '◆', '●', '◎', '○', '▼', '【', '＜', '<', ' '];

struct Reader<'a, 'b> {
    columns: Columns,
    file: String,
    options: &'a RowOptions<'b>,
    /// Whether the table was exported, so that no cell is cleaned.
    is_exact: bool,
    /// The categories of the row or the heading above, for merged cells.
    category: Vec<String>,
    /// The letters before questions and answers.
    series: Series,
    left_out: usize,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_, '_> {
    fn read(&mut self, row: &Row) -> Option<Record> {
        let location = Location::new(&self.file, row.line);
        let question = self.line(row, Field::Question).unwrap_or_default();
        let question = self.series.question(&question).to_owned();
        let answer = self.answer(row, &location);
        if self.read_heading(row, &location, &question, &answer) {
            return None;
        }
        let category = self.category(row);
        if question.is_empty() || answer.is_empty() {
            self.left_out += usize::from(question.len() + answer.len() > 0);
            self.problems.push(incomplete(location, &question, &answer));
            return None;
        }
        let variants = self.cell(row, Field::Variants);
        let variants = variants.map(|cell| variants_from_cell(cell, self.is_exact));
        let related = self.cell(row, Field::Related);
        let related = related.map(|cell| {
            let list = json_list(cell);
            list.unwrap_or_else(|| {
                let parts = cell.split([',', '、', '\n', ' ', ';']).map(str::trim);
                parts
                    .filter(|part| !part.is_empty())
                    .map(str::to_owned)
                    .collect()
            })
        });
        Some(Record {
            id: self.cell(row, Field::Id).map(|id| id.trim().to_owned()),
            desk: self
                .cell(row, Field::Desk)
                .map(|desk| desk.trim().to_owned()),
            category,
            question,
            english_title: self.line(row, Field::EnglishTitle),
            variants,
            answer,
            document: self.line(row, Field::Document),
            section: self.line(row, Field::Section),
            related,
            contact: self
                .cell(row, Field::Contact)
                .map(|contact| contact.trim().to_owned()),
            valid_from: self.date(row, Field::ValidFrom, &location),
            valid_until: self.date(row, Field::ValidUntil, &location),
            review_by: self.date(row, Field::ReviewBy, &location),
            location,
        })
    }

    /// Reads a row that has nothing but a heading, such as 「■ 会員登録について」 between the questions;
    /// returns whether it is one.
    fn read_heading(
        &mut self,
        row: &Row,
        location: &Location,
        question: &str,
        answer: &str,
    ) -> bool {
        let filled = |cell: &String| !cell.trim().is_empty();
        let mut cells = row
            .cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| filled(cell));
        let (Some((column, cell)), None) = (cells.next(), cells.next()) else {
            return false;
        };
        let text = text::clean_line(cell);
        let heading = text.trim_start_matches(HEADING_SIGNS);
        let is_signed = heading.len() < text.len();
        // 「■ 会費について」 is a heading, although 「会費について」 could be a question.
        let is_unsigned_question = is_question(question) && !is_signed;
        if self.is_exact || !answer.is_empty() || is_unsigned_question {
            return false;
        }
        let heading = heading.trim_end_matches(['】', '＞', '>', ' ']);
        let columns = self.columns.of.get(&Field::Category);
        // Where categories have a column, a text below 「質問」 is a question.
        if !heading.contains(char::is_alphabetic)
            || (columns.is_some() && !question.is_empty() && !is_signed)
        {
            return false;
        }
        if !is_signed {
            // It may be a question whose answer was removed.
            self.left_out += usize::from(!question.is_empty());
            self.problems.push(heading_only(location.clone(), &text));
        }
        let columns = columns.map_or(&[][..], Vec::as_slice);
        let level = columns.iter().position(|own| *own == column);
        self.category
            .resize(level.unwrap_or_default(), String::new());
        self.category.push(heading.to_owned());
        self.category.resize(columns.len().max(1), String::new());
        true
    }

    fn cell<'a>(&self, row: &'a Row, field: Field) -> Option<&'a str> {
        Some(row.cell(self.columns.first(field)?))
    }

    /// Reads a cell of one line; an exported cell is unchanged.
    fn line(&self, row: &Row, field: Field) -> Option<String> {
        let cell = self.cell(row, field)?;
        if self.is_exact {
            return Some(unix_breaks(cell));
        }
        Some(plain_line(cell))
    }

    fn answer(&mut self, row: &Row, location: &Location) -> String {
        if self.is_exact {
            let field = if self.columns.of.contains_key(&Field::AnswerMarkdown) {
                Field::AnswerMarkdown
            } else {
                Field::Answer
            };
            return self.cell(row, field).map(unix_breaks).unwrap_or_default();
        }
        let cell = self.cell(row, Field::Answer).unwrap_or_default();
        if !is_html(cell) {
            return text::to_markdown(self.series.answer(cell));
        }
        let rendered = fragment_to_markdown(cell, self.options.base);
        self.problems.extend(rendered.lost.problems(location));
        self.series.answer(&rendered.markdown).to_owned()
    }

    /// Joins the category columns; an empty cell belongs to the merged cell or the heading above.
    fn category(&mut self, row: &Row) -> Option<String> {
        if self.is_exact {
            return self.line(row, Field::Category);
        }
        let columns = self.columns.of.get(&Field::Category);
        let cells: Vec<String> = columns
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(|column| text::clean_line(row.cell(*column)))
            .collect();
        let first = cells.iter().position(|cell| !cell.is_empty());
        let own = match first {
            None => self.category.clone(),
            Some(first) => {
                // The cells to the left are merged with those above; those to the right are empty.
                let above = self.category.iter().take(first).cloned();
                above.chain(cells.into_iter().skip(first)).collect()
            }
        };
        self.category.clone_from(&own);
        let mut levels: Vec<&str> = own
            .iter()
            .map(String::as_str)
            .filter(|cell| !cell.is_empty())
            .collect();
        levels.dedup();
        let joined = levels.join("／");
        Some(joined).filter(|joined| !joined.is_empty())
    }

    /// Reads a date; `Some(None)` for an empty cell, and `None`, which keeps an existing date, for a
    /// cell that is no date.
    fn date(&mut self, row: &Row, field: Field, location: &Location) -> Option<Option<Date>> {
        let cell = self.cell(row, field)?.trim();
        if cell.is_empty() {
            return Some(None);
        }
        let date = parse_date(cell);
        if date.is_none() {
            let name = field.name();
            self.problems.push(Problem::warning(
                location.clone(),
                localized!(
                    ja: "`{name}` の `{cell}` は日付として読めないため、使われません",
                    en: "`{cell}` in `{name}` is not a date and was left out",
                ),
                localized!(
                    ja: "2026-04-01、2026/4/1、令和8年4月1日のように書いてください",
                    en: "write 2026-04-01, 2026/4/1 or 令和8年4月1日",
                ),
            ));
        }
        date.map(Some)
    }
}

/// Returns the text of a cell, which may be HTML, as one line.
fn plain_line(cell: &str) -> String {
    if is_html(cell) {
        let rendered = fragment_to_markdown(cell, None).markdown;
        text::clean_line(&crate::knowledge::Markdown::parse(&rendered).0.text)
    } else {
        text::clean_line(cell)
    }
}

/// Reads a cell with one variant per line, or the JSON list of an export.
pub(in crate::exchange) fn variants_from_cell(cell: &str, is_exact: bool) -> Vec<String> {
    if let Some(list) = json_list(cell) {
        return list.iter().map(|text| unix_breaks(text)).collect();
    }
    if is_exact {
        let lines = cell.lines().filter(|line| !line.trim().is_empty());
        return lines.map(unix_breaks).collect();
    }
    let parts = cell.split(['\n', '\r', ';', '；']).map(text::clean_line);
    let parts = parts.map(|part| part.trim_start_matches(['・', '-', '•', ' ']).to_owned());
    parts
        .filter(|part| !part.is_empty())
        .map(|part| plain_variant(&part))
        .collect()
}

/// Writes the signs of the notation of variants full-width, unless the text is in that notation.
fn plain_variant(text: &str) -> String {
    let is_notation = expand(text)
        .is_ok_and(|texts| texts.len() > 1 && !texts.iter().any(|text| text.contains('|')));
    if is_notation {
        return text.to_owned();
    }
    text.replace('(', "（")
        .replace(')', "）")
        .replace('|', "／")
}

fn json_list(cell: &str) -> Option<Vec<String>> {
    let cell = cell.trim();
    let list = cell.starts_with('[').then(|| serde_json::from_str(cell));
    list.and_then(Result::ok)
}
