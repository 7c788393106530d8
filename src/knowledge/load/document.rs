//! One TOML file of the knowledge: its text, the problems in it, and the notes on it.
//!
//! Text in, a parsed table and problems with their lines out; a mistake in the syntax does not
//! keep the rest of the file from being read.

use std::cell::{RefCell, RefMut};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::syntax;
use super::toml_reader::TableReader;
use super::written::Written;
use crate::knowledge::problem::{Location, Problem};

/// A TOML file and the problems found in it so far.
pub(super) struct Document {
    file: PathBuf,
    text: String,
    line_starts: Vec<usize>,
    problems: RefCell<Vec<Problem>>,
    written: RefCell<Written>,
    /// Lines with a mistake in the syntax; what else is said about them would be its echo.
    broken_lines: RefCell<BTreeSet<usize>>,
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
            written: RefCell::default(),
            broken_lines: RefCell::default(),
        }
    }

    /// Parses the text; a mistake in the syntax becomes a problem and what stands around it is
    /// still read. One mistake often upsets the parser several times and is told once.
    pub(super) fn parse(&self) -> DeTable<'_> {
        let (table, errors) = DeTable::parse_recoverable(&self.text);
        let mut last: Option<(usize, String)> = None;
        for error in errors {
            let span = self.opening_if_at_end(error.span().unwrap_or_default(), error.message());
            let location = self.location(&span);
            let number = location.line;
            let line = self.text.lines().nth(number - 1).unwrap_or_default();
            let found = self.text.get(span).unwrap_or_default();
            let (what, hint) = syntax::describe(error.message(), line, found);
            let is_echo = last.as_ref().is_some_and(|(told, same)| {
                *told == number || (*told + 1 == number && *same == what)
            });
            if !is_echo {
                self.report(location, what.clone(), &hint);
            }
            self.broken_lines.borrow_mut().insert(number);
            last = Some((number, what));
        }
        if self.has_gaps() {
            self.written().note_gap();
        }
        table.into_inner()
    }

    /// Moves a mistake from the end of the file to where what is not closed was opened.
    fn opening_if_at_end(&self, span: Range<usize>, message: &str) -> Range<usize> {
        let rest = self.text.get(span.start..).unwrap_or_default();
        if !rest.trim().is_empty() {
            return span;
        }
        let opening = if message.contains("multi-line") {
            self.text.rfind("\"\"\"")
        } else {
            Some(self.text.trim_end().len().saturating_sub(1))
        };
        opening.map_or(span, |at| at..at)
    }

    /// Wraps the file's outermost table.
    pub(super) fn root<'a>(&'a self, table: &'a DeTable<'a>) -> TableReader<'a> {
        TableReader::new(self, String::new(), Location::new(&self.file, 1), table)
    }

    /// Returns the line on which a span starts.
    pub(super) fn location(&self, span: &Range<usize>) -> Location {
        let before = self
            .line_starts
            .partition_point(|start| *start <= span.start);
        Location::new(&self.file, before + 1)
    }

    /// Reports a problem at a place in this file.
    pub(super) fn report(&self, location: Location, what: String, hint: &str) {
        if !self.broken_lines.borrow().contains(&location.line) {
            let problem = Problem::error(location, what, hint);
            self.problems.borrow_mut().push(problem);
        }
    }

    /// Returns the text of a span.
    pub(super) fn text(&self, span: Range<usize>) -> Option<&str> {
        self.text.get(span)
    }

    /// Tells whether the syntax has a mistake, so that what seems to be missing may be unread.
    pub(super) fn has_gaps(&self) -> bool {
        !self.broken_lines.borrow().is_empty()
    }

    /// Returns the notes to add to.
    pub(super) fn written(&self) -> RefMut<'_, Written> {
        self.written.borrow_mut()
    }

    /// Returns the problems found and the notes taken.
    pub(super) fn into_parts(self) -> (Vec<Problem>, Written) {
        (self.problems.into_inner(), self.written.into_inner())
    }
}
