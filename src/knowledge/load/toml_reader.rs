//! Reads TOML tables key by key, so that *every* mistake in a file is reported with its line.
//!
//! serde stops at the first mistake. A [`TableReader`] records which keys were read and reports
//! the others as unknown when it is finished.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::Document;
use super::slips::describe_date;
use super::wording::{add, localized_example, plain_type, write};
use crate::knowledge::language::{Localized, localized};
use crate::knowledge::problem::{Location, Problem, did_you_mean};
use crate::knowledge::written_date::parse_date;

/// A text with its position.
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
    /// Wraps the outermost table of a file.
    pub(super) fn root(document: &'a Document, table: &'a DeTable<'a>) -> Self {
        Self::new(document, String::new(), document.start(), table)
    }

    fn new(
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

    /// Reports a problem in this table.
    pub(super) fn report(&self, location: Location, mistake: Localized, hint: Localized) {
        let mistake = self.named(mistake);
        self.document
            .report(Problem::error(location, mistake, hint));
    }

    /// Reports a problem with which the knowledge is still served.
    pub(super) fn warn(&self, location: Location, mistake: Localized, hint: Localized) {
        let mistake = self.named(mistake);
        self.document
            .report(Problem::warning(location, mistake, hint));
    }

    fn named(&self, mistake: Localized) -> Localized {
        let name = &self.name;
        if name.is_empty() {
            return mistake;
        }
        localized!(mistake; ja: "{name}: {mistake}", en: "{name}: {mistake}")
    }

    /// Reports a missing key, unless it may be in a part with a syntax error.
    pub(super) fn report_missing(&self, key: &str, hint: Localized) {
        if !self.document.has_gaps() {
            let mistake = localized!(ja: "`{key}` がありません", en: "`{key}` is missing");
            self.report(self.location.clone(), mistake, hint);
        }
    }

    /// Records the positions of keys, for the rules across files.
    pub(super) fn record_keys(&self, keys: &[&'static str]) {
        let mut source_map = self.document.source_map();
        for key in keys.iter().filter(|key| self.table.contains_key(**key)) {
            source_map.add_key(&self.location, key, &self.location_of(key));
        }
    }

    /// Records the id of this table, even if the table is broken.
    pub(super) fn record_id(&self, kind: &'static str, id: &str) {
        self.document.source_map().add_id(kind, id);
    }

    /// Returns whether the table has a key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Returns whether the value of a key is a table.
    pub(super) fn has_table(&self, key: &str) -> bool {
        let value = self.table.get(key);
        value.is_some_and(|value| value.get_ref().is_table())
    }

    /// Finds a part of a text after an offset; returns its position and the offset after it.
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

    pub(super) fn get(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.read.insert(key);
        self.table.get(key)
    }

    /// Returns a value, or reports that its key is missing.
    pub(super) fn require(
        &mut self,
        key: &'static str,
        example: &str,
    ) -> Option<&'a Spanned<DeValue<'a>>> {
        let value = self.get(key);
        if value.is_none() {
            self.report_missing(key, add(example));
        }
        value
    }

    fn place(&self, value: &Spanned<DeValue<'_>>) -> Location {
        self.document.location(&value.span())
    }

    /// Returns the position of a key; the position of the table if it has no such key.
    pub(super) fn location_of(&self, key: &str) -> Location {
        match self.table.get_key_value(key) {
            Some((key, _)) => self.document.location(&key.span()),
            None => self.location.clone(),
        }
    }

    pub(super) fn wrong_type(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        expected: &Localized,
        example: &str,
    ) {
        let found = plain_type(value.get_ref());
        let mistake = localized!(
            found, expected;
            ja: "`{key}` には{expected}を書きますが、{found}が書かれています",
            en: "`{key}` is {found}, expected {expected}",
        );
        self.report(self.place(value), mistake, write(example));
    }

    /// Reads an optional text; an empty one is a problem.
    pub(super) fn optional_text(&mut self, key: &'static str) -> Option<Located> {
        let hint = localized!(
            ja: "文を書くか、この行を消してください",
            en: "write the text, or remove the line",
        );
        self.text_or_hint(key, hint)
    }

    /// Reads a required text.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Located> {
        self.require(key, &format!("{key} = \"…\""))?;
        let hint = localized!(
            ja: "引用符の間に文を書いてください",
            en: "write the text between the quotation marks",
        );
        self.text_or_hint(key, hint)
    }

    fn text_or_hint(&mut self, key: &'static str, hint_if_empty: Localized) -> Option<Located> {
        let value = self.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            let expected = localized!(ja: "引用符で囲んだ文", en: "a text in quotation marks");
            self.wrong_type(key, value, &expected, &format!("{key} = \"…\""));
            return None;
        };
        if text.trim().is_empty() {
            let mistake = localized!(ja: "`{key}` が空です", en: "`{key}` is empty");
            self.report(self.place(value), mistake, hint_if_empty);
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

    /// Reads an optional list of texts.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<Located> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let example = format!("{key} = [\"…\", \"…\"]");
        let Some(values) = value.get_ref().as_array() else {
            let expected = localized!(ja: "文の一覧（[ ] で囲む）", en: "a list of texts");
            self.wrong_type(key, value, &expected, &example);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for value in values.iter() {
            if let Some(text) = value.get_ref().as_str() {
                texts.push(self.located(text, value));
            } else {
                let found = plain_type(value.get_ref());
                let mistake = localized!(
                    found;
                    ja: "`{key}` の中に{found}があります。書けるのは文だけです",
                    en: "`{key}` has {found} in it, expected only texts",
                );
                self.report(self.place(value), mistake, write(&example));
            }
        }
        texts
    }

    /// Reads `true` or `false`; `false` by default.
    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        let Some(value) = self.get(key) else {
            return false;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            let expected = localized!(ja: "true か false", en: "true or false");
            self.wrong_type(key, value, &expected, &format!("{key} = true"));
            false
        })
    }

    /// Reads an optional day, written as TOML's `2027-03-31`.
    pub(super) fn date(&mut self, key: &'static str) -> Option<Date> {
        let value = self.get(key)?;
        let date = value.get_ref().as_datetime().map(ToString::to_string);
        let parsed = date.and_then(|text| text.parse().ok());
        let written = value.get_ref().as_str();
        if let Some((written, date)) = written.and_then(|text| Some((text, parse_date(text)?))) {
            let (mistake, hint) = describe_date(key, written, &date.to_string());
            self.report(self.place(value), mistake, hint);
        } else if parsed.is_none() {
            let expected = localized!(ja: "引用符なしの日付", en: "a date without quotation marks");
            self.wrong_type(key, value, &expected, &format!("{key} = 2027-03-31"));
        }
        parsed
    }

    /// Reads a required text in both languages: `{ ja = "…", en = "…" }`.
    pub(super) fn localized(&mut self, key: &'static str) -> Option<Localized> {
        self.require(key, &localized_example(key))?;
        self.optional_localized(key)
    }

    /// Reads an optional text in both languages.
    pub(super) fn optional_localized(&mut self, key: &'static str) -> Option<Localized> {
        let expected = localized!(ja: "日本語と英語の文", en: "the text in both languages");
        let mut table = self.optional_table(key, &expected, &localized_example(key))?;
        let ja = table.text("ja");
        let en = table.text("en");
        table.finish();
        Some(Localized {
            ja: ja?.text,
            en: en?.text,
        })
    }

    /// Reads a required table.
    pub(super) fn table(
        &mut self,
        key: &'static str,
        expected: &Localized,
        example: &str,
    ) -> Option<TableReader<'a>> {
        self.require(key, example)?;
        self.optional_table(key, expected, example)
    }

    /// Reads an optional table.
    pub(super) fn optional_table(
        &mut self,
        key: &'static str,
        expected: &Localized,
        example: &str,
    ) -> Option<TableReader<'a>> {
        let value = self.get(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(key, value, expected, example);
            return None;
        };
        Some(self.child(key, value, table))
    }

    /// Reads `[[key]]` tables, none by default.
    pub(super) fn tables(&mut self, key: &'static str) -> Vec<TableReader<'a>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let hint = localized!(
            ja: "一つずつ `[[{key}]]` という行（かっこは二重）で始めてください",
            en: "start each one with a line `[[{key}]]`, in double brackets",
        );
        let Some(values) = value.get_ref().as_array() else {
            let mistake = if value.get_ref().is_table() {
                localized!(
                    ja: "`[{key}]` のかっこが一重です",
                    en: "`[{key}]` has single brackets",
                )
            } else {
                let found = plain_type(value.get_ref());
                localized!(
                    found;
                    ja: "`{key}` に{found}が書かれています",
                    en: "`{key}` is {found}",
                )
            };
            self.report(self.place(value), mistake, hint);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for value in values.iter() {
            match value.get_ref().as_table() {
                Some(table) => tables.push(self.child(key, value, table)),
                None => {
                    let found = plain_type(value.get_ref());
                    let mistake = localized!(
                        found;
                        ja: "`{key}` の中に{found}があります",
                        en: "`{key}` has {found} in it",
                    );
                    self.report(self.place(value), mistake, hint.clone());
                }
            }
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

    /// Reports the keys that were not read.
    pub(super) fn finish(self) {
        for (key, _) in self.table.iter() {
            let name = key.get_ref().as_ref();
            if self.read.contains(name) {
                continue;
            }
            let known: Vec<&str> = self.read.iter().copied().collect();
            self.report(
                self.document.location(&key.span()),
                localized!(ja: "`{name}` という名前は使えません", en: "unknown key `{name}`"),
                did_you_mean(name, &known),
            );
        }
    }
}
