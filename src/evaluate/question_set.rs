//! Question sets: a TSV of questions with what is expected of them.
//!
//! `question <TAB> expected <TAB> style`; expected is an entry id, several joined by `|`,
//! `ESCALATE:<desk>` or `ESCALATE:any`, `OFFTOPIC` or `CHITCHAT`. Empty lines and lines that start
//! with `#` are skipped.

use std::path::{Path, PathBuf};

use crate::knowledge::{DeskId, EntryId, KnowledgeBase};

/// A question with what is expected of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The question.
    pub question: String,
    /// What is expected.
    pub expected: Expected,
    /// The kind of question, such as `kana` or `typo`.
    pub style: String,
}

/// What is expected of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// One of these entries.
    Entries(Vec<EntryId>),
    /// A desk; absent where any will do.
    Escalate(Option<DeskId>),
    /// Nothing to do with the organisation.
    OffTopic,
    /// Small talk.
    Chitchat,
}

/// Says what is wrong with a question set.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// The file cannot be read.
    #[error("cannot read the question set `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A line has not three columns.
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
    /// The second column is not known.
    #[error(
        "{}:{line}: `{expected}` is neither an entry of the knowledge nor ESCALATE:<desk>, ESCALATE:any, OFFTOPIC or CHITCHAT",
        path.display()
    )]
    Expected {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What stands there.
        expected: String,
    },
}

/// Reads a question set and checks it against the knowledge.
///
/// # Errors
/// [`SetError`] at the first line that is not understood.
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
        let Some(expectation) = parse(expected.trim(), knowledge) else {
            return Err(SetError::Expected {
                path: path.to_owned(),
                line,
                expected: (*expected).to_owned(),
            });
        };
        cases.push(Case {
            question: (*question).to_owned(),
            expected: expectation,
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
