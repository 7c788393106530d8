//! The columns of a table: recognised by their heading, or named by `--map`.

use std::collections::BTreeMap;

use super::headings::{fold, names};
use super::{Row, Table};
use crate::exchange::record::Field;

/// The columns of each field; several for categories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Columns {
    /// Positions of columns, counted from 0.
    pub(super) of: BTreeMap<Field, Vec<usize>>,
    /// Number of rows before the first record.
    pub(super) skipped_rows: usize,
}

impl Columns {
    /// Returns the first column of a field.
    pub(super) fn first(&self, field: Field) -> Option<usize> {
        self.of.get(&field)?.first().copied()
    }

    fn size(&self) -> usize {
        self.of.values().flatten().count()
    }

    fn is_complete(&self) -> bool {
        let has = |field| self.of.contains_key(&field);
        has(Field::Question) && (has(Field::Answer) || has(Field::AnswerMarkdown))
    }
}

/// Columns that the user names: `question=A,answer=C`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMap(Vec<(Field, String)>);

/// The text is not a list of `field=column`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not `field=column`, expected for example `question=A,answer=C`; fields: {fields}", fields = field_names())]
pub struct InvalidMap(String);

fn field_names() -> String {
    let names = Field::ALL.iter().map(|(_, name)| *name);
    names.collect::<Vec<_>>().join(", ")
}

impl ColumnMap {
    /// Parses `field=column` pairs, separated by commas; a column is a heading, a letter or a number.
    ///
    /// # Errors
    /// [`InvalidMap`] with the first part that is no such pair.
    pub fn parse(text: &str) -> Result<Self, InvalidMap> {
        let parts = text.split(',').map(|part| {
            let invalid = || InvalidMap(part.to_owned());
            let (name, column) = part.split_once('=').ok_or_else(invalid)?;
            let mut fields = Field::ALL.iter();
            let field = fields.find(|(_, known)| *known == name.trim().to_ascii_lowercase());
            let (field, _) = field.ok_or_else(invalid)?;
            let column = column.trim();
            if column.is_empty() {
                return Err(invalid());
            }
            Ok((*field, column.to_owned()))
        });
        Ok(Self(parts.collect::<Result<_, _>>()?))
    }

    /// Adds pairs; a later pair for the same field replaces an earlier one, except for categories.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Returns whether no column is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The reason why the columns of a table are unknown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// No heading was recognised; the cells of the first rows, as a hint.
    Headings(Vec<String>),
    /// `--map` names a column that the table does not have.
    Column(String, Vec<String>),
}

/// Number of rows in which the headings are looked for, after titles and notes.
const MAX_TITLE_ROWS: usize = 20;

/// Returns how many columns have a heading that is recognised; 0 without questions and answers.
pub(super) fn known(table: &Table) -> usize {
    let columns = find(table, &ColumnMap::default()).unwrap_or_default();
    columns.size()
}

/// Finds the columns of a table.
pub(super) fn find(table: &Table, map: &ColumnMap) -> Result<Columns, Unknown> {
    let mut best: Option<Columns> = None;
    for (index, row) in table.rows.iter().enumerate().take(MAX_TITLE_ROWS) {
        let one = recognise(&row.cells, index + 1);
        // Merged headings take two rows: 「分類」 above 「大分類」「中分類」.
        let two = table
            .rows
            .get(index + 1)
            .filter(|next| is_all_headings(next));
        let two = two.map(|next| {
            let width = row.cells.len().max(next.cells.len());
            let cell = |column| match next.cell(column) {
                "" => row.cell(column).to_owned(),
                lower => lower.to_owned(),
            };
            let cells: Vec<String> = (0..width).map(cell).collect();
            recognise(&cells, index + 2)
        });
        for columns in [two, Some(one)].into_iter().flatten() {
            let is_larger = |best: &Columns| columns.size() > best.size();
            if columns.is_complete() && best.as_ref().is_none_or(is_larger) {
                best = Some(columns);
            }
        }
        if best.is_some() && index > 1 {
            break;
        }
    }
    if map.is_empty() {
        let head = || widest(table).map_or_else(Vec::new, |row| row.cells.clone());
        return best.ok_or_else(|| Unknown::Headings(head()));
    }
    apply(table, map, best)
}

/// Applies `--map` over the recognised columns.
fn apply(table: &Table, map: &ColumnMap, recognised: Option<Columns>) -> Result<Columns, Unknown> {
    let mut by_name: Option<usize> = None;
    let mut named: BTreeMap<Field, Vec<usize>> = BTreeMap::new();
    // A letter or a number names a heading only in the row of headings, since a cell may have it too.
    let filled = |row: &Row| row.cells.iter().filter(|cell| !cell.is_empty()).count();
    let head = match &recognised {
        Some(columns) => columns.skipped_rows.saturating_sub(1),
        None => table
            .rows
            .iter()
            .position(|row| filled(row) > 1)
            .unwrap_or_default(),
    };
    for (field, column) in &map.0 {
        let is_letter = position(column).is_some();
        let rows = table.rows.iter().enumerate().take(MAX_TITLE_ROWS);
        let mut rows = rows.filter(|(index, _)| !is_letter || *index == head);
        let heading = rows.find_map(|(index, row)| {
            let at = row
                .cells
                .iter()
                .position(|cell| fold(cell) == fold(column))?;
            Some((index, at))
        });
        let position = match (heading, position(column)) {
            (Some((row, at)), _) => {
                by_name = by_name.max(Some(row + 1));
                at
            }
            (None, Some(at)) => at,
            (None, None) => {
                let head = widest(table).map_or_else(Vec::new, |row| row.cells.clone());
                return Err(Unknown::Column(column.clone(), head));
            }
        };
        named.entry(*field).or_default().push(position);
    }
    let mut columns = recognised.unwrap_or_default();
    if let Some(skipped) = by_name {
        // Merged headings take two rows.
        columns.skipped_rows = columns.skipped_rows.max(skipped);
    } else if columns.skipped_rows == 0 {
        columns.skipped_rows = rows_before_text(table, &named);
    }
    if named.contains_key(&Field::AnswerMarkdown) {
        columns.of.remove(&Field::Answer);
    }
    if named.contains_key(&Field::Answer) {
        columns.of.remove(&Field::AnswerMarkdown);
    }
    // A column that is named for one field is not recognised as another.
    let taken: Vec<usize> = named.values().flatten().copied().collect();
    for positions in columns.of.values_mut() {
        positions.retain(|position| !taken.contains(position));
    }
    columns.of.extend(named);
    columns.of.retain(|_, positions| !positions.is_empty());
    if columns.is_complete() {
        Ok(columns)
    } else {
        let head = widest(table).map_or_else(Vec::new, |row| row.cells.clone());
        Err(Unknown::Headings(head))
    }
}

/// Counts the rows before the first one whose question and answer look like text, not like a
/// heading.
fn rows_before_text(table: &Table, named: &BTreeMap<Field, Vec<usize>>) -> usize {
    /// Maximum length of a heading.
    const MAX_HEADING_CHARS: usize = 12;
    let answer = named
        .get(&Field::Answer)
        .or_else(|| named.get(&Field::AnswerMarkdown));
    let columns: Vec<usize> = named
        .get(&Field::Question)
        .into_iter()
        .chain(answer)
        .flatten()
        .copied()
        .collect();
    let is_text = |row: &Row| {
        let cells = || columns.iter().map(|column| row.cell(*column));
        let is_long = |cell: &str| {
            cell.chars().count() > MAX_HEADING_CHARS || cell.ends_with(['。', '？', '?', '.'])
        };
        cells().all(|cell| !cell.is_empty()) && cells().any(is_long)
    };
    table.rows.iter().position(is_text).unwrap_or_default()
}

fn widest(table: &Table) -> Option<&Row> {
    let filled = |row: &&Row| {
        row.cells
            .iter()
            .filter(|cell| !cell.trim().is_empty())
            .count()
    };
    let first = table.rows.iter().take(MAX_TITLE_ROWS);
    // The first of the widest rows.
    first.rev().max_by_key(filled)
}

/// Reads a column's letter (`A`, `AB`) or number (counted from 1) as a position.
fn position(column: &str) -> Option<usize> {
    if let Ok(number) = column.parse::<usize>() {
        return number.checked_sub(1);
    }
    let is_letters =
        (1..=3).contains(&column.len()) && column.bytes().all(|b| b.is_ascii_alphabetic());
    is_letters.then(|| {
        let letters = column
            .bytes()
            .map(|b| usize::from(b.to_ascii_uppercase() - b'A') + 1);
        letters.fold(0, |position, letter| position * 26 + letter) - 1
    })
}

/// Recognises the fields of a row of headings.
fn recognise(cells: &[String], skipped_rows: usize) -> Columns {
    let folded: Vec<String> = cells.iter().map(|cell| fold(cell)).collect();
    let mut of: BTreeMap<Field, Vec<usize>> = BTreeMap::new();
    for is_certain in [true, false] {
        for (field, _) in Field::ALL {
            if of.contains_key(&field) {
                continue;
            }
            let names: Vec<&str> = names(field, is_certain).collect();
            let is_named = |text: &String| {
                // `category1` and `category2` are levels of one heading.
                let text = match field {
                    Field::Category => text.trim_end_matches(|c: char| c.is_ascii_digit()),
                    _ => text.as_str(),
                };
                !text.is_empty() && names.contains(&text)
            };
            let taken: Vec<usize> = of.values().flatten().copied().collect();
            let positions = folded
                .iter()
                .enumerate()
                .filter(|(at, text)| !taken.contains(at) && is_named(text));
            let mut positions: Vec<usize> = positions.map(|(at, _)| at).collect();
            if field != Field::Category {
                positions.truncate(1);
            }
            if !positions.is_empty() {
                of.insert(field, positions);
            }
        }
    }
    if of.contains_key(&Field::AnswerMarkdown) {
        of.remove(&Field::Answer);
    }
    Columns { of, skipped_rows }
}

/// Returns whether a row has at least one heading and nothing else.
fn is_all_headings(row: &Row) -> bool {
    let is_heading = |cell: &String| {
        let text = fold(cell);
        let all = Field::ALL
            .iter()
            .flat_map(|(field, _)| names(*field, true).chain(names(*field, false)));
        all.into_iter().any(|name| name == text)
    };
    row.cells
        .iter()
        .filter(|cell| !cell.trim().is_empty())
        .all(is_heading)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[&[&str]]) -> Table {
        let row = |(cells, line): (&&[&str], usize)| Row {
            line,
            cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        };
        Table {
            rows: rows.iter().zip(1..).map(row).collect(),
            ..Table::default()
        }
    }

    #[test]
    fn headings_are_found_below_titles_and_over_two_rows() {
        let table = table(&[
            &["よくある質問一覧", "", "", ""],
            &["令和8年4月1日現在", "", "", "子育て課"],
            &["No.", "分類", "", "質問 （必須）", "回答"],
            &["", "大分類", "中分類", "", ""],
            &["1", "妊娠", "届出", "いつ？", "すぐ"],
        ]);
        let columns = find(&table, &ColumnMap::default()).expect("columns");
        assert_eq!(columns.skipped_rows, 4);
        assert_eq!(columns.of[&Field::Category], [1, 2]);
        assert_eq!(columns.first(Field::Question), Some(3));
        assert_eq!(columns.first(Field::Answer), Some(4));
        assert_eq!(columns.first(Field::Id), None);
    }

    #[test]
    fn weak_headings_count_only_without_certain_ones() {
        let columns = |head: &[&str]| find(&table(&[head]), &ColumnMap::default());
        let found = columns(&["Title", "Question", "Answer", "Text"]).expect("columns");
        assert_eq!(found.first(Field::Question), Some(1));
        let found = columns(&["id", "title", "text", "category1", "category2"]).expect("columns");
        assert_eq!(
            (found.first(Field::Question), found.first(Field::Answer)),
            (Some(1), Some(2))
        );
        assert_eq!(found.of[&Field::Category], [3, 4]);
        assert!(columns(&["ア", "イ"]).is_err());
    }

    #[test]
    fn columns_are_named_by_heading_letter_or_number() {
        let table = table(&[
            &["番号", "問合せ", "対処"],
            &["1", "いつですか。", "今日です。"],
        ]);
        for map in [
            "question=問合せ,answer=対処",
            "question=B,answer=C",
            "question=2,answer=3",
        ] {
            let columns = find(&table, &ColumnMap::parse(map).expect("a map")).expect("columns");
            assert_eq!(columns.first(Field::Question), Some(1), "{map}");
            assert_eq!(columns.first(Field::Answer), Some(2), "{map}");
            assert_eq!(columns.skipped_rows, 1, "{map}");
        }
        let wrong = find(
            &table,
            &ColumnMap::parse("question=質問文だよ,answer=C").expect("a map"),
        );
        assert!(matches!(wrong, Err(Unknown::Column(..))), "{wrong:?}");
        assert!(ColumnMap::parse("frage=A").is_err());
    }
}
