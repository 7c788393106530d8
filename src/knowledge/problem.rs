//! What is wrong with a knowledge folder, told so that its author can mend it.
//!
//! Invariant: every problem names a file and a line counted from 1, or a folder, what is
//! wrong and how to mend it.

use std::fmt;
use std::path::PathBuf;

/// Where something stands in the knowledge folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file, relative to the knowledge folder; empty for the folder itself.
    pub file: PathBuf,
    /// The line, counted from 1; 0 for a folder.
    pub line: usize,
}

impl Location {
    /// Points at a line of a file.
    #[must_use]
    pub fn new(file: impl Into<PathBuf>, line: usize) -> Self {
        Self {
            file: file.into(),
            line,
        }
    }

    /// Points at a folder: the knowledge folder itself if the name is empty.
    #[must_use]
    pub fn folder(name: impl Into<PathBuf>) -> Self {
        Self::new(name, 0)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 if self.file.as_os_str().is_empty() => formatter.write_str("knowledge folder"),
            0 => write!(formatter, "{}", self.file.display()),
            line => write!(formatter, "{}:{line}", self.file.display()),
        }
    }
}

/// Whether the knowledge can serve in spite of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The knowledge is refused.
    Error,
    /// The knowledge serves; somebody should look.
    Warning,
}

/// One thing that is wrong with the knowledge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where it stands.
    pub location: Location,
    /// Whether the knowledge is refused.
    pub severity: Severity,
    /// What is wrong, lower case, without a final period.
    pub what: String,
    /// How to mend it.
    pub hint: String,
}

impl Problem {
    /// Describes a problem for which the knowledge is refused.
    #[must_use]
    pub fn error(location: Location, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            location,
            severity: Severity::Error,
            what: what.into(),
            hint: hint.into(),
        }
    }

    /// Describes a problem with which the knowledge still serves.
    #[must_use]
    pub fn warning(location: Location, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(location, what, hint)
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "",
            Severity::Warning => "warning: ",
        };
        write!(
            formatter,
            "{}: {severity}{}\n  hint: {}",
            self.location, self.what, self.hint
        )
    }
}

/// Tells whether any of the problems makes the knowledge unfit to serve.
#[must_use]
pub fn has_errors(problems: &[Problem]) -> bool {
    problems
        .iter()
        .any(|problem| problem.severity == Severity::Error)
}

/// Writes the hint for a name that is not known: the one that was probably meant, and all others.
pub(super) fn did_you_mean(written: &str, known: &[&str]) -> String {
    let list = format!("known here are: {}", known.join(", "));
    match nearest(written, known) {
        Some(meant) => format!("did you mean `{meant}`? {list}"),
        None => list,
    }
}

/// Finds the name that differs from what was written by few letters.
pub(super) fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let distances = known.iter().map(|name| (distance(written, name), *name));
    let (distance, name) = distances.min()?;
    (distance <= written.chars().count() / 3).then_some(name)
}

/// Counts the letters to add, drop or replace between two names (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, compared) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *compared);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_a_letter_or_two_is_recognised() {
        let known = ["answer", "related", "variants"];
        assert_eq!(nearest("varients", &known), Some("variants"));
        assert_eq!(nearest("relatad", &known), Some("related"));
        assert_eq!(nearest("price", &known), None);
        assert_eq!(nearest("", &known), None);
    }
}
