//! Exports the entries as CSV, XLSX, JSON, JSON-LD or Markdown.
//!
//! Invariant: CSV, XLSX and JSON hold every part of every entry, so that importing them changes nothing.
//! JSON-LD and Markdown hold what readers see: id, category, question and answer of the entries that are
//! valid today.

mod csv;
mod json;
mod json_ld;
mod markdown;
mod xlsx;

use jiff::civil::Date;

use crate::exchange::record::{Field, WrittenEntry};
use crate::exchange::table::heading;
use crate::knowledge::{Entry, KnowledgeBase, Language};

/// A file format of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CSV in UTF-8 with a byte order mark, which Excel needs.
    Csv,
    /// A workbook.
    Xlsx,
    /// JSON.
    Json,
    /// A schema.org `FAQPage`.
    JsonLd,
    /// Markdown with a heading per question.
    Markdown,
}

impl Format {
    /// Every format with its name and the endings of its files.
    pub const ALL: [(Self, &'static str, &'static [&'static str]); 5] = [
        (Self::Csv, "csv", &["csv"]),
        (Self::Xlsx, "xlsx", &["xlsx"]),
        (Self::Json, "json", &["json"]),
        (Self::JsonLd, "json-ld", &["jsonld"]),
        (Self::Markdown, "markdown", &["md", "markdown"]),
    ];

    /// Finds a format by its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|(_, known, _)| *known == name)
            .map(|(format, ..)| *format)
    }

    /// Finds a format by the ending of a file.
    #[must_use]
    pub fn of_ending(ending: &str) -> Option<Self> {
        let ending = ending.to_ascii_lowercase();
        let mut all = Self::ALL.iter();
        all.find(|(.., endings)| endings.contains(&ending.as_str()))
            .map(|(format, ..)| *format)
    }
}

/// The entries cannot be written in a format.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// An answer is longer than a cell of Excel may be.
    #[error(
        "the entry `{0}` is longer than a cell of Excel can hold (32,767 characters); use `--format csv` or `json`"
    )]
    TooLong(String),
    /// The workbook cannot be written.
    #[error(transparent)]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The CSV cannot be written.
    #[error(transparent)]
    Csv(#[from] ::csv::Error),
    /// The JSON cannot be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Writes the entries; `language` is that of the headings. The formats for readers have those only that
/// are valid `today`.
///
/// # Errors
/// [`ExportError`] if the format cannot hold an entry.
pub fn export(
    knowledge: &KnowledgeBase,
    format: Format,
    language: Language,
    today: Date,
) -> Result<Vec<u8>, ExportError> {
    let entries: Vec<WrittenEntry> = knowledge.entries.iter().map(WrittenEntry::from).collect();
    let valid = knowledge.entries.iter();
    let valid: Vec<&Entry> = valid.filter(|entry| entry.is_valid_on(today)).collect();
    match format {
        Format::Csv => csv::write(&entries, language),
        Format::Xlsx => xlsx::write(&entries, language),
        Format::Json => json::write(&entries),
        Format::JsonLd => json_ld::write(&knowledge.desks, &valid, language),
        Format::Markdown => Ok(markdown::write(&knowledge.desks, &valid, language).into_bytes()),
    }
}

/// Characters at the start of a cell after which a spreadsheet reads a formula. With Japanese settings
/// Excel reads full-width signs like half-width ones.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'];

/// Returns whether a spreadsheet would take a cell of a CSV file for a formula.
#[must_use]
pub fn is_formula(cell: &str) -> bool {
    cell.starts_with(FORMULA_STARTS)
}

/// The columns of exported tables, in order.
const COLUMNS: [Field; 14] = [
    Field::Id,
    Field::Desk,
    Field::Category,
    Field::Question,
    Field::AnswerMarkdown,
    Field::Variants,
    Field::EnglishTitle,
    Field::Document,
    Field::Section,
    Field::Related,
    Field::Contact,
    Field::ValidFrom,
    Field::ValidUntil,
    Field::ReviewBy,
];

/// Returns the headings of exported tables.
fn headings(language: Language) -> [&'static str; COLUMNS.len()] {
    COLUMNS.map(|field| heading(field, language == Language::Japanese))
}

/// Returns the cells of an entry.
fn cells(entry: &WrittenEntry) -> [String; COLUMNS.len()] {
    let date = |day: &Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    COLUMNS.map(|field| match field {
        Field::Id => entry.id.clone(),
        Field::Desk => entry.desk.clone(),
        Field::Category => entry.category.clone(),
        Field::Question => entry.question.clone(),
        Field::EnglishTitle => entry.english_title.clone().unwrap_or_default(),
        Field::Answer | Field::AnswerMarkdown => entry.answer.clone(),
        Field::Variants => variants_cell(&entry.variants),
        Field::Document => entry.document.clone(),
        Field::Section => entry.section.clone(),
        Field::Related => entry.related.join("\n"),
        Field::Contact => entry.contact.clone().unwrap_or_default(),
        Field::ValidFrom => date(&entry.valid_from),
        Field::ValidUntil => date(&entry.valid_until),
        Field::ReviewBy => date(&entry.review_by),
    })
}

/// Writes one variant per line; as a JSON list if that would not be read back.
fn variants_cell(variants: &[String]) -> String {
    let lines = variants.join("\n");
    if crate::exchange::table::variants_from_cell(&lines, true) == variants {
        return lines;
    }
    serde_json::to_string(variants).unwrap_or(lines)
}
