//! Problems of a knowledge folder: place, mistake and hint, in both languages.
//!
//! Invariant: every problem names a file and a line counted from 1, or a folder; it describes the
//! mistake and how to correct it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::language::{Language, Localized, localized};

/// A position in the knowledge folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file, relative to the knowledge folder; empty for the folder itself.
    pub file: Arc<Path>,
    /// The line, counted from 1; 0 for a folder.
    pub line: usize,
}

impl Location {
    /// Points at a line of a file.
    #[must_use]
    pub fn new(file: impl AsRef<Path>, line: usize) -> Self {
        Self {
            file: file.as_ref().into(),
            line,
        }
    }

    /// Points at a folder: the knowledge folder itself if the name is empty.
    #[must_use]
    pub fn folder(name: impl AsRef<Path>) -> Self {
        Self::new(name, 0)
    }
}

impl Default for Location {
    fn default() -> Self {
        Self::folder("")
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 if self.file.as_os_str().is_empty() => formatter.write_str("knowledge"),
            0 => write!(formatter, "{}", self.file.display()),
            line => write!(formatter, "{}:{line}", self.file.display()),
        }
    }
}

/// Whether the knowledge can be served despite a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The knowledge is refused.
    Error,
    /// The knowledge is served; an author should review the problem.
    Warning,
}

/// One mistake in the knowledge. `Display` writes it in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The place of the mistake.
    pub location: Location,
    /// Whether the knowledge is refused.
    pub severity: Severity,
    /// The mistake; English starts in lower case and has no final period.
    pub mistake: Localized,
    /// How to correct it.
    pub hint: Localized,
}

impl Problem {
    /// Describes a problem for which the knowledge is refused.
    #[must_use]
    pub fn error(location: Location, mistake: Localized, hint: Localized) -> Self {
        Self {
            location,
            severity: Severity::Error,
            mistake,
            hint,
        }
    }

    /// Describes a problem with which the knowledge is still served.
    #[must_use]
    pub fn warning(location: Location, mistake: Localized, hint: Localized) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(location, mistake, hint)
        }
    }

    /// Returns the problem in two lines: place and mistake, then the hint.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let (warning, label) = match language {
            Language::Japanese => ("注意: ", "直し方"),
            Language::English => ("warning: ", "hint"),
        };
        let severity = match self.severity {
            Severity::Error => "",
            Severity::Warning => warning,
        };
        let location = &self.location;
        let (mistake, hint) = (self.mistake.get(language), self.hint.get(language));
        format!("{location}: {severity}{mistake}\n  {label}: {hint}")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text(Language::English))
    }
}

/// Sorts problems by place, errors before warnings.
pub fn sort(problems: &mut [Problem]) {
    problems.sort_by(|one, other| {
        let key = |problem: &Problem| (problem.location.clone(), problem.severity);
        let texts = |problem: &Problem| (problem.mistake.en.clone(), problem.hint.en.clone());
        key(one)
            .cmp(&key(other))
            .then_with(|| texts(one).cmp(&texts(other)))
    });
}

/// Returns whether a problem prevents the knowledge from being served.
#[must_use]
pub fn has_errors(problems: &[Problem]) -> bool {
    problems
        .iter()
        .any(|problem| problem.severity == Severity::Error)
}

/// Returns the hint for an unknown name: the most similar known name, and all known names.
pub(super) fn did_you_mean(written: &str, known: &[&str]) -> Localized {
    let list = known.join(", ");
    match nearest(written, known) {
        Some(meant) => localized!(
            ja: "`{meant}` の書きまちがいではありませんか。ここで使える名前: {list}",
            en: "did you mean `{meant}`? expected one of: {list}",
        ),
        None => localized!(ja: "ここで使える名前: {list}", en: "expected one of: {list}"),
    }
}

/// Finds the known name that differs from the written one in at most a third of the characters.
pub(super) fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let distances = known
        .iter()
        .map(|name| (strsim::levenshtein(written, name), *name));
    let (distance, name) = distances.min()?;
    (distance <= written.chars().count() / 3).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_of_one_or_two_letters_is_recognised() {
        let known = ["answer", "related", "variants"];
        assert_eq!(nearest("varients", &known), Some("variants"));
        assert_eq!(nearest("relatad", &known), Some("related"));
        assert_eq!(nearest("price", &known), None);
        assert_eq!(nearest("", &known), None);
    }
}
