//! Reads TOML tables key by key, so that *every* mistake in a file is reported with its line.
//!
//! serde stops at the first mistake; an author with five wants five. A [`TableReader`] remembers
//! which keys it was asked for: what is left over when it is finished is an unknown key.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::knowledge::messages::Localized;
use crate::knowledge::problem::{Location, Problem};

/// A TOML file and the problems found in it so far.
pub(super) struct Document {
    file: PathBuf,
    text: String,
    line_starts: Vec<usize>,
    problems: RefCell<Vec<Problem>>,
}

impl Document {
    /// Takes a file's text; `file` is its name within the knowledge folder.
    pub(super) fn new(file: &Path, text: String) -> Self {
        let line_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = line_breaks.map(|(index, _)| index + 1).collect();
        Self {
            file: file.to_owned(),
            text,
            line_starts,
            problems: RefCell::default(),
        }
    }

    /// Parses the text; a mistake in the syntax becomes a problem and what stands around it is
    /// still read.
    pub(super) fn parse(&self) -> DeTable<'_> {
        let (table, errors) = DeTable::parse_recoverable(&self.text);
        for error in errors {
            let location = self.location(&error.span().unwrap_or_default());
            self.report(
                location,
                format!("not TOML: {}", error.message().replace('\n', ", ")),
                "see https://toml.io; texts stand in \"…\", long ones in \"\"\"…\"\"\"",
            );
        }
        table.into_inner()
    }

    /// Wraps the file's outermost table.
    pub(super) fn root<'a>(&'a self, table: &'a DeTable<'a>) -> TableReader<'a> {
        TableReader {
            document: self,
            name: "this file".to_owned(),
            location: Location::new(&self.file, 1),
            table,
            read: BTreeSet::new(),
        }
    }

    fn location(&self, span: &Range<usize>) -> Location {
        let before = self
            .line_starts
            .partition_point(|start| *start <= span.start);
        Location::new(&self.file, before + 1)
    }

    fn report(&self, location: Location, what: String, hint: &str) {
        self.problems
            .borrow_mut()
            .push(Problem::error(location, what, hint));
    }

    /// Returns the problems found.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }
}

/// A text with the place where it stands.
pub(super) struct Located {
    pub(super) text: String,
    pub(super) location: Location,
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
    /// Reports a problem at a place in this table.
    pub(super) fn report(&self, location: Location, what: impl AsRef<str>, hint: &str) {
        let what = format!("{}: {}", self.name, what.as_ref());
        self.document.report(location, what, hint);
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

    fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) {
        let what = format!(
            "`{key}` is of type {}, expected {expected}",
            value.get_ref().type_str()
        );
        self.report(
            self.place(value),
            what,
            &format!("write `{key} = …` as {expected}"),
        );
    }

    /// Reads a text that may be absent; an empty one is a problem.
    pub(super) fn optional_text(&mut self, key: &'static str) -> Option<Located> {
        let value = self.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(key, value, "a text in quotation marks");
            return None;
        };
        if text.trim().is_empty() {
            let what = format!("`{key}` is empty");
            self.report(
                self.place(value),
                what,
                "write the text, or remove the line",
            );
            return None;
        }
        Some(Located {
            text: text.to_owned(),
            location: self.place(value),
        })
    }

    /// Reads a text that must be there.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Located> {
        if !self.table.contains_key(key) {
            self.read.insert(key);
            let what = format!("`{key}` is missing");
            self.report(self.location.clone(), what, &format!("add `{key} = \"…\"`"));
            return None;
        }
        self.optional_text(key)
    }

    /// Reads a list of texts that may be absent.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<Located> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let Some(values) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of texts: [\"…\", \"…\"]");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for value in values.iter() {
            match value.get_ref().as_str() {
                Some(text) => texts.push(Located {
                    text: text.to_owned(),
                    location: self.place(value),
                }),
                None => self.wrong_type(key, value, "a list of texts: [\"…\", \"…\"]"),
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
            self.wrong_type(key, value, "true or false");
            false
        })
    }

    /// Reads a number that must be there.
    pub(super) fn number(&mut self, key: &'static str) -> Option<f32> {
        let Some(value) = self.get(key) else {
            let what = format!("`{key}` is missing");
            self.report(self.location.clone(), what, &format!("add `{key} = 0.0`"));
            return None;
        };
        let number = number_of(value.get_ref());
        if number.is_none() {
            self.wrong_type(key, value, "a number");
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
            self.wrong_type(key, value, "a table of numbers");
            return numbers;
        };
        for (name, value) in table.iter() {
            match number_of(value.get_ref()) {
                Some(number) => {
                    numbers.insert(name.get_ref().to_string(), number);
                }
                None => self.wrong_type(name.get_ref(), value, "a number"),
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
            self.wrong_type(key, value, "a day without quotation marks: 2027-03-31");
        }
        parsed
    }

    /// Reads a text in both languages: `{ ja = "…", en = "…" }`.
    pub(super) fn localized(&mut self, key: &'static str) -> Option<Localized> {
        if !self.table.contains_key(key) {
            self.read.insert(key);
            let what = format!("`{key}` is missing");
            let hint = format!("add `{key} = {{ ja = \"…\", en = \"…\" }}`");
            self.report(self.location.clone(), what, &hint);
            return None;
        }
        let mut table = self.table(key)?;
        let ja = table.text("ja");
        let en = table.text("en");
        table.finish();
        Some(Localized {
            ja: ja?.text,
            en: en?.text,
        })
    }

    /// Reads a table that may be absent.
    pub(super) fn table(&mut self, key: &'static str) -> Option<TableReader<'a>> {
        let value = self.get(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(key, value, "a table");
            return None;
        };
        Some(self.child(key, value, table))
    }

    /// Reads `[[key]]` tables; absent is none.
    pub(super) fn tables(&mut self, key: &'static str) -> Vec<TableReader<'a>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let Some(values) = value.get_ref().as_array() else {
            self.wrong_type(key, value, &format!("tables headed [[{key}]]"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for value in values.iter() {
            match value.get_ref().as_table() {
                Some(table) => tables.push(self.child(key, value, table)),
                None => self.wrong_type(key, value, &format!("tables headed [[{key}]]")),
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
        TableReader {
            document: self.document,
            name: key.to_owned(),
            location: self.place(value),
            table,
            read: BTreeSet::new(),
        }
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
                &format!("known here are: {}", known.join(", ")),
            );
        }
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
