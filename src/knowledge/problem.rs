//! What is wrong with a knowledge folder, told so that its author can mend it.
//!
//! Invariant: every problem names a file, a line counted from 1, what is wrong and how to mend it.

use std::fmt;
use std::path::PathBuf;

/// Where something stands in the knowledge folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file, relative to the knowledge folder.
    pub file: PathBuf,
    /// The line, counted from 1.
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
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file.display(), self.line)
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
