//! Changes the closed days of a desk in its TOML file; the rest of the file is kept.

use std::path::Path;

use toml_edit::{Array, Item, Table, Value};

use super::edit::{EditError, parse_document, rewritten};
use super::text_array;
use crate::knowledge::business_hours::DateRange;
use crate::knowledge::localized;

/// Sets the closed days of a desk; the path is for errors.
///
/// # Errors
/// [`EditError`] if the text is no TOML, or the desk has no table of hours.
pub fn set_closed_days(
    path: &Path,
    before: &str,
    ranges: &[DateRange],
) -> Result<String, EditError> {
    rewritten(before, |text| {
        let mut document = parse_document(path, &text)?;
        let hours = document.get_mut("hours").and_then(Item::as_table_mut);
        let hours = hours.ok_or_else(|| without_hours(path))?;
        set(hours, ranges);
        Ok(document.to_string())
    })
}

fn set(hours: &mut Table, ranges: &[DateRange]) {
    let list = hours.get_mut("closed").and_then(Item::as_array_mut);
    let is_updated = list.is_some_and(|list| {
        // A range keeps the form in which it is written.
        let written: Vec<String> = list.iter().filter_map(as_text).collect();
        let texts = ranges.iter().map(|range| {
            let mut written = written.iter();
            let known = written.find(|text| DateRange::parse(text).as_ref() == Ok(range));
            known.cloned().unwrap_or_else(|| text_of(range))
        });
        let texts: Vec<String> = texts.collect();
        text_array::update(list, &texts, |text| text.into())
    });
    if !is_updated {
        let texts = ranges.iter().map(text_of).collect::<Array>();
        hours.insert("closed", Item::Value(Value::Array(texts)));
    }
}

fn as_text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Writes a range as [`DateRange::parse`] reads it.
fn text_of(range: &DateRange) -> String {
    match range.first == range.last {
        true => range.first.to_string(),
        false => format!("{}..{}", range.first, range.last),
    }
}

fn without_hours(path: &Path) -> EditError {
    let path = path.display();
    EditError::Form(localized!(
        ja: "`{path}` に `[hours]` の表がありません。何も書いていません",
        en: "`{path}` has no table `[hours]`; nothing was written",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_days_are_added_and_removed_and_the_rest_is_kept() {
        let range = |text: &str| DateRange::parse(text).expect("a range");
        let path = Path::new("desk.toml");
        let before = "id = \"a\"\n\n[hours]\nmonday = [\"09:00-17:00\"] # 朝から\nclosed = [\"2026-08-13\"] # お盆\n\n[[hours.exception]]\ndate = 2026-12-28\n";
        let ranges = [range("2026-08-13"), range("2026-12-29..2027-01-03")];
        let added = set_closed_days(path, before, &ranges).expect("a text");
        let expected = "closed = [\"2026-08-13\", \"2026-12-29..2027-01-03\"] # お盆";
        assert_eq!(
            added,
            before.replace("closed = [\"2026-08-13\"] # お盆", expected)
        );
        let removed = set_closed_days(path, &added, &ranges[..1]).expect("a text");
        assert_eq!(removed, before);
        let none = set_closed_days(path, before, &[]).expect("a text");
        assert_eq!(none, before.replace("\"2026-08-13\"", ""), "an empty list");
        let again = set_closed_days(path, &none, &ranges[1..]).expect("a text");
        assert!(again.contains("closed = [\"2026-12-29..2027-01-03\"] # お盆"));
        let new = set_closed_days(path, "[hours]\n", &ranges[..1]).expect("a text");
        assert_eq!(new, "[hours]\nclosed = [\"2026-08-13\"]\n");
        assert!(set_closed_days(path, "id = \"a\"\n", &ranges).is_err());
    }
}
