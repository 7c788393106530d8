//! JSON: a list of entries with the keys of the TOML files; `answer_markdown` is the answer.

use serde::Serialize;

use super::ExportError;
use crate::exchange::record::WrittenEntry;

#[derive(Serialize)]
struct Document<'a> {
    entries: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    desk: &'a str,
    category: &'a str,
    question: &'a str,
    title_en: Option<&'a str>,
    variants: &'a [String],
    answer_markdown: &'a str,
    document: &'a str,
    section: &'a str,
    related: &'a [String],
    contact: Option<&'a str>,
    valid_from: Option<String>,
    valid_until: Option<String>,
    review_by: Option<String>,
}

/// Writes the entries as JSON.
pub(super) fn write(entries: &[WrittenEntry]) -> Result<Vec<u8>, ExportError> {
    let entries = entries.iter().map(|entry| Entry {
        id: &entry.id,
        desk: &entry.desk,
        category: &entry.category,
        question: &entry.question,
        title_en: entry.english_title.as_deref(),
        variants: &entry.variants,
        answer_markdown: &entry.answer,
        document: &entry.document,
        section: &entry.section,
        related: &entry.related,
        contact: entry.contact.as_deref(),
        valid_from: entry.valid_from.map(|day| day.to_string()),
        valid_until: entry.valid_until.map(|day| day.to_string()),
        review_by: entry.review_by.map(|day| day.to_string()),
    });
    let document = Document {
        entries: entries.collect(),
    };
    let mut json = serde_json::to_vec_pretty(&document)?;
    json.push(b'\n');
    Ok(json)
}
