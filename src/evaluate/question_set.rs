//! Reads question sets.
//!
//! Input: a TSV file with lines of `question <TAB> expected <TAB> style`, where `expected` is one or
//! several entry ids joined by `|`, `ESCALATE:<desk>`, `ESCALATE:any`, `OFFTOPIC` or `CHITCHAT`.
//! Empty lines and lines that start with `#` are skipped. Output: [`Case`]s.
//!
//! Invariant: the entries and desks of a [`Case`] exist in the knowledge.

use std::path::{Path, PathBuf};

use crate::knowledge::{DeskId, EntryId, KnowledgeBase};

/// A question with its expected result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The question.
    pub question: String,
    /// The expected result.
    pub expected: Expected,
    /// The kind of question, such as `kana` or `typo`.
    pub style: String,
}

/// The expected result of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// An answer with one of these entries.
    Entries(Vec<EntryId>),
    /// An escalation to the desk; `None` allows any desk.
    Escalate(Option<DeskId>),
    /// No answer, since the question is out of scope.
    OffTopic,
    /// A small-talk reply.
    Chitchat,
}

/// An error in a question set.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// The file cannot be read.
    #[error("cannot read the question set `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The I/O error.
        #[source]
        source: std::io::Error,
    },
    /// A line does not have three columns.
    #[error(
        "{}:{line}: expected three columns separated by tabs: question, expected, style",
        path.display()
    )]
    Columns {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// The second column is unknown.
    #[error(
        "{}:{line}: `{expected}` is neither an entry of the knowledge nor ESCALATE:<desk>, ESCALATE:any, OFFTOPIC or CHITCHAT",
        path.display()
    )]
    Expected {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The content of the column.
        expected: String,
    },
}

/// Reads a question set and checks it against the knowledge.
///
/// # Errors
/// [`SetError`] for the first invalid line, or if the file cannot be read.
pub fn read(path: &Path, knowledge: &KnowledgeBase) -> Result<Vec<Case>, SetError> {
    let text = std::fs::read_to_string(path).map_err(|source| SetError::Read {
        path: path.to_owned(),
        source,
    })?;
    let mut cases = Vec::new();
    for (index, row) in text.lines().enumerate() {
        if row.trim().is_empty() || row.starts_with('#') {
            continue;
        }
        let line = index + 1;
        let columns: Vec<&str> = row.split('\t').collect();
        let [question, expected, style] = columns.as_slice() else {
            let path = path.to_owned();
            return Err(SetError::Columns { path, line });
        };
        let parsed = parse(expected.trim(), knowledge).ok_or_else(|| SetError::Expected {
            path: path.to_owned(),
            line,
            expected: (*expected).to_owned(),
        })?;
        cases.push(Case {
            question: (*question).to_owned(),
            expected: parsed,
            style: style.trim().to_owned(),
        });
    }
    Ok(cases)
}

fn parse(expected: &str, knowledge: &KnowledgeBase) -> Option<Expected> {
    match expected {
        "OFFTOPIC" => return Some(Expected::OffTopic),
        "CHITCHAT" => return Some(Expected::Chitchat),
        "ESCALATE:any" => return Some(Expected::Escalate(None)),
        _ => {}
    }
    if let Some(desk) = expected.strip_prefix("ESCALATE:") {
        return Some(Expected::Escalate(Some(knowledge.desk(desk)?.id.clone())));
    }
    let ids = expected
        .split('|')
        .map(|id| Some(knowledge.entry(id)?.id.clone()));
    Some(Expected::Entries(ids.collect::<Option<_>>()?))
}
