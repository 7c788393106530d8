//! One TOML file of the knowledge: its text, its problems and its source map.
//!
//! Input: the text of a file. Output: a parsed table, and problems with their lines. After a syntax
//! error the rest of the file is still read.

use std::cell::{RefCell, RefMut};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::de::DeTable;

use super::syntax;
use crate::knowledge::language::Localized;
use crate::knowledge::problem::{Location, Problem};
use crate::knowledge::source_map::SourceMap;

/// A TOML file and the problems found in it so far.
pub(super) struct Document {
    file: Arc<Path>,
    text: String,
    line_starts: Vec<usize>,
    problems: RefCell<Vec<Problem>>,
    source_map: RefCell<SourceMap>,
    /// Lines with a syntax error; further problems on them would only be its consequences.
    broken_lines: RefCell<BTreeSet<usize>>,
}

impl Document {
    /// Wraps the text of a file; `file` is its path within the knowledge folder.
    pub(super) fn new(file: &Path, text: String) -> Self {
        let line_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = line_breaks.map(|(index, _)| index + 1).collect();
        Self {
            file: file.into(),
            text,
            line_starts,
            problems: RefCell::default(),
            source_map: RefCell::default(),
            broken_lines: RefCell::default(),
        }
    }

    /// Parses the text and reports syntax errors; the rest of the file is still read.
    ///
    /// One mistake often makes the parser fail on several lines; it is reported once.
    pub(super) fn parse(&self) -> DeTable<'_> {
        let (table, errors) = DeTable::parse_recoverable(&self.text);
        let mut last: Option<(usize, Localized)> = None;
        for error in errors {
            let span = self.opening_if_at_end(error.span().unwrap_or_default(), error.message());
            let location = self.location(&span);
            let number = location.line;
            let line = self.text.lines().nth(number - 1).unwrap_or_default();
            let found = self.text.get(span).unwrap_or_default();
            let (mistake, hint) = syntax::describe(error.message(), line, found);
            let is_repeated = last.as_ref().is_some_and(|(before, same)| {
                *before == number || (*before + 1 == number && *same == mistake)
            });
            if !is_repeated {
                self.report(Problem::error(location, mistake.clone(), hint));
            }
            self.broken_lines.borrow_mut().insert(number);
            last = Some((number, mistake));
        }
        if self.has_gaps() {
            self.source_map().add_gap();
        }
        table.into_inner()
    }

    /// Moves an error at the end of the file to the opening mark that was never closed.
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

    /// Returns the first line of the file.
    pub(super) fn start(&self) -> Location {
        self.line(1)
    }

    /// Returns the line on which a span starts.
    pub(super) fn location(&self, span: &Range<usize>) -> Location {
        let before = self
            .line_starts
            .partition_point(|start| *start <= span.start);
        self.line(before + 1)
    }

    /// Returns the location of a line. All of them share one path: there may be a million texts.
    fn line(&self, line: usize) -> Location {
        Location {
            file: Arc::clone(&self.file),
            line,
        }
    }

    /// Reports a problem, unless its line has a syntax error.
    pub(super) fn report(&self, problem: Problem) {
        if !self.broken_lines.borrow().contains(&problem.location.line) {
            self.problems.borrow_mut().push(problem);
        }
    }

    /// Returns the text of a span.
    pub(super) fn text(&self, span: Range<usize>) -> Option<&str> {
        self.text.get(span)
    }

    /// Returns whether the file has a syntax error; a missing key may then be in an unread part.
    pub(super) fn has_gaps(&self) -> bool {
        !self.broken_lines.borrow().is_empty()
    }

    /// Returns the source map to add to.
    pub(super) fn source_map(&self) -> RefMut<'_, SourceMap> {
        self.source_map.borrow_mut()
    }

    /// Returns the problems and the source map.
    pub(super) fn into_parts(self) -> (Vec<Problem>, SourceMap) {
        (self.problems.into_inner(), self.source_map.into_inner())
    }
}
