//! Reads TOML tables key by key, so that *every* mistake in a file is reported with its line.
//!
//! serde stops at the first mistake; an author with five wants five. A [`TableReader`] remembers
//! which keys it was asked for: what is left over when it is finished is an unknown key.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::Document;
use crate::knowledge::messages::Localized;
use crate::knowledge::problem::{Location, did_you_mean};

/// A text with the place where it stands.
pub(super) struct Located {
    pub(super) text: String,
    pub(super) location: Location,
    span: Range<usize>,
}

/// One table of a [`Document`].
pub(super) struct TableReader<'a> {
    document: &'a Document,
    name: String,
    pub(super) location: Location,
    table: &'a DeTable<'a>,
    read: BTreeSet<&'static str>,
}

impl<'a> TableReader<'a> {
    /// Wraps a table; `name` stands before what is said about it.
    pub(super) fn new(
        document: &'a Document,
        name: String,
        location: Location,
        table: &'a DeTable<'a>,
    ) -> Self {
        Self {
            document,
            name,
            location,
            table,
            read: BTreeSet::new(),
        }
    }

    /// Reports a problem at a place in this table.
    pub(super) fn report(&self, location: Location, what: impl AsRef<str>, hint: &str) {
        let what = if self.name.is_empty() {
            what.as_ref().to_owned()
        } else {
            format!("{}: {}", self.name, what.as_ref())
        };
        self.document.report(location, what, hint);
    }

    /// Reports that a key is missing, unless it may stand where the syntax is broken.
    pub(super) fn report_missing(&self, key: &str, hint: &str) {
        if !self.document.has_gaps() {
            let what = format!("`{key}` is missing");
            self.report(self.location.clone(), what, hint);
        }
    }

    /// Notes where keys stand, for the rules across files.
    pub(super) fn note_keys(&self, keys: &[&'static str]) {
        let mut written = self.document.written();
        for key in keys.iter().filter(|key| self.table.contains_key(**key)) {
            written.note_key(&self.location, key, self.location_of(key));
        }
    }

    /// Notes that this table has an id, whatever else is wrong with it.
    pub(super) fn note_id(&self, kind: &'static str, id: &str) {
        self.document.written().note_id(kind, id);
    }

    /// Returns whether a key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Returns the line in a long text on which a part of it stands, looking from an offset on,
    /// and the offset after it.
    pub(super) fn place_within(
        &self,
        text: &Located,
        part: &str,
        from: usize,
    ) -> (Location, usize) {
        let start = text.span.start + from;
        let raw = self.document.text(start..text.span.end);
        match raw.and_then(|raw| raw.find(part)) {
            Some(at) => {
                let place = self.document.location(&(start + at..start + at));
                (place, from + at + part.len())
            }
            None => (text.location.clone(), from),
        }
    }

    /// Names the table in problems that follow, for example `entry "selas-receipt"`.
    pub(super) fn rename(&mut self, name: String) {
        self.name = name;
    }

    fn get(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.read.insert(key);
        self.table.get(key)
    }

    fn place(&self, value: &Spanned<DeValue<'_>>) -> Location {
        self.document.location(&value.span())
    }

    /// Returns where a key stands; the table's own place if it has no such key.
    pub(super) fn location_of(&self, key: &str) -> Location {
        match self.table.get_key_value(key) {
            Some((key, _)) => self.document.location(&key.span()),
            None => self.location.clone(),
        }
    }

    fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str, example: &str) {
        let found = plain_type(value.get_ref());
        let what = format!("`{key}` is {found}, expected {expected}");
        self.report(self.place(value), what, &format!("write `{example}`"));
    }

    /// Reads a text that may be absent; an empty one is a problem.
    pub(super) fn optional_text(&mut self, key: &'static str) -> Option<Located> {
        self.text_or_hint(key, "write the text, or remove the line")
    }

    /// Reads a text that must be there.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Located> {
        if !self.has(key) {
            self.read.insert(key);
            self.report_missing(key, &format!("add `{key} = \"…\"`"));
            return None;
        }
        self.text_or_hint(key, "write the text between the quotation marks")
    }

    fn text_or_hint(&mut self, key: &'static str, hint_if_empty: &str) -> Option<Located> {
        let value = self.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            let example = format!("{key} = \"…\"");
            self.wrong_type(key, value, "a text in quotation marks", &example);
            return None;
        };
        if text.trim().is_empty() {
            let what = format!("`{key}` is empty");
            self.report(self.place(value), what, hint_if_empty);
            return None;
        }
        Some(self.located(text, value))
    }

    fn located(&self, text: &str, value: &Spanned<DeValue<'_>>) -> Located {
        Located {
            text: text.to_owned(),
            location: self.place(value),
            span: value.span(),
        }
    }

    /// Reads a list of texts that may be absent.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<Located> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let example = format!("{key} = [\"…\", \"…\"]");
        let Some(values) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of texts", &example);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for value in values.iter() {
            if let Some(text) = value.get_ref().as_str() {
                texts.push(self.located(text, value));
            } else {
                let found = plain_type(value.get_ref());
                let what = format!("`{key}` has {found} in it, expected only texts");
                self.report(self.place(value), what, &format!("write `{example}`"));
            }
        }
        texts
    }

    /// Reads `true` or `false`; absent is `false`.
    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        let Some(value) = self.get(key) else {
            return false;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong_type(key, value, "true or false", &format!("{key} = true"));
            false
        })
    }

    /// Reads a number that must be there.
    pub(super) fn number(&mut self, key: &'static str) -> Option<f32> {
        let Some(value) = self.get(key) else {
            self.report_missing(key, &format!("add `{key} = 0.0`"));
            return None;
        };
        let number = number_of(value.get_ref());
        if number.is_none() {
            self.wrong_type(key, value, "a number", &format!("{key} = 0.0"));
        }
        number
    }

    /// Reads a table of numbers by name; absent is none.
    pub(super) fn numbers(&mut self, key: &'static str) -> BTreeMap<String, f32> {
        let mut numbers = BTreeMap::new();
        let Some(value) = self.get(key) else {
            return numbers;
        };
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(key, value, "a table of numbers", &format!("[{key}]"));
            return numbers;
        };
        for (name, value) in table.iter() {
            match number_of(value.get_ref()) {
                Some(number) => {
                    numbers.insert(name.get_ref().to_string(), number);
                }
                None => {
                    let name = name.get_ref();
                    self.wrong_type(name, value, "a number", &format!("{name} = 0.0"));
                }
            }
        }
        numbers
    }

    /// Reads a day written as TOML's `2027-03-31`.
    pub(super) fn date(&mut self, key: &'static str) -> Option<Date> {
        let value = self.get(key)?;
        let date = value.get_ref().as_datetime().map(ToString::to_string);
        let parsed = date.and_then(|text| text.parse().ok());
        if parsed.is_none() {
            let example = format!("{key} = 2027-03-31");
            self.wrong_type(key, value, "a day without quotation marks", &example);
        }
        parsed
    }

    /// Reads a text in both languages that must be there: `{ ja = "…", en = "…" }`.
    pub(super) fn localized(&mut self, key: &'static str) -> Option<Localized> {
        if !self.has(key) {
            self.read.insert(key);
            self.report_missing(key, &format!("add `{}`", localized_example(key)));
            return None;
        }
        self.optional_localized(key)
    }

    /// Reads a text in both languages that may be absent.
    pub(super) fn optional_localized(&mut self, key: &'static str) -> Option<Localized> {
        let example = localized_example(key);
        let mut table = self.optional_table(key, "the text in both languages", &example)?;
        let ja = table.text("ja");
        let en = table.text("en");
        table.finish();
        Some(Localized {
            ja: ja?.text,
            en: en?.text,
        })
    }

    /// Reads a table that must be there.
    pub(super) fn table(
        &mut self,
        key: &'static str,
        expected: &str,
        example: &str,
    ) -> Option<TableReader<'a>> {
        if !self.has(key) {
            self.read.insert(key);
            self.report_missing(key, &format!("add `{example}`"));
            return None;
        }
        self.optional_table(key, expected, example)
    }

    /// Reads a table that may be absent.
    pub(super) fn optional_table(
        &mut self,
        key: &'static str,
        expected: &str,
        example: &str,
    ) -> Option<TableReader<'a>> {
        let value = self.get(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(key, value, expected, example);
            return None;
        };
        Some(self.child(key, value, table))
    }

    /// Reads `[[key]]` tables; absent is none.
    pub(super) fn tables(&mut self, key: &'static str) -> Vec<TableReader<'a>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let hint = format!("head each one with a line `[[{key}]]`, with two brackets");
        let mut tables = Vec::new();
        for value in value
            .get_ref()
            .as_array()
            .into_iter()
            .flat_map(|values| values.iter())
        {
            match value.get_ref().as_table() {
                Some(table) => tables.push(self.child(key, value, table)),
                None => {
                    let what = format!("`{key}` has {} in it", plain_type(value.get_ref()));
                    self.report(self.place(value), what, &hint);
                }
            }
        }
        if value.get_ref().as_array().is_none() {
            let what = if value.get_ref().is_table() {
                format!("`[{key}]` has single brackets")
            } else {
                format!("`{key}` is {}", plain_type(value.get_ref()))
            };
            self.report(self.place(value), what, &hint);
        }
        tables
    }

    fn child(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        table: &'a DeTable<'a>,
    ) -> TableReader<'a> {
        let name = if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}, {key}", self.name)
        };
        TableReader::new(self.document, name, self.place(value), table)
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(self) {
        for (key, _) in self.table.iter() {
            if self.read.contains(key.get_ref().as_ref()) {
                continue;
            }
            let known: Vec<&str> = self.read.iter().copied().collect();
            self.report(
                self.document.location(&key.span()),
                format!("unknown key `{}`", key.get_ref()),
                &did_you_mean(key.get_ref(), &known),
            );
        }
    }
}

fn localized_example(key: &str) -> String {
    format!("{key} = {{ ja = \"…\", en = \"…\" }}")
}

/// Names a value's type as somebody would who has never programmed.
fn plain_type(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a day or a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn number_of(value: &DeValue<'_>) -> Option<f32> {
    let text = match value {
        DeValue::Float(float) => float.as_str(),
        DeValue::Integer(integer) => integer.as_str(),
        _ => return None,
    };
    text.parse().ok().filter(|number: &f32| number.is_finite())
}
