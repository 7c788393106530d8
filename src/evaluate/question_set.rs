//! Reads question sets.
//!
//! Input: a TSV file of one or several kinds of lines, told apart by their columns:
//!
//! | columns | kind |
//! |---|---|
//! | `text`, `expected`, `style` | a question |
//! | `text`, `part+part` or `text`, `part+part`, `style` | a message with several requests |
//! | `conversation`, `turn`, `text`, `expected` | a turn of a conversation |
//!
//! For `expected` and each part, see [`Expected`]. Empty lines, lines that start with `#`, and a first
//! line of column names are skipped. Output: [`Case`]s.
//!
//! Invariant: the turns of a conversation follow each other, counted from 1.

use std::path::{Path, PathBuf};

use super::expected::Expected;
use crate::knowledge::{KnowledgeBase, Language, Localized, localized};

/// The style of a message with several requests, if its line has no column for it.
const SEVERAL_STYLE: &str = "several";

/// The names of columns, for a first line that has only such names.
const COLUMN_NAMES: [&str; 7] = [
    "text",
    "question",
    "expected",
    "style",
    "parts",
    "conversation",
    "turn",
];

/// A message with its expected result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The text of the message.
    pub question: String,
    /// The expected result of each request, in the order asked.
    pub parts: Vec<Expected>,
    /// The kind of question, such as `kana` or `typo`; for a turn the name of its act.
    pub style: String,
    /// The place in a conversation, for a turn.
    pub turn: Option<Turn>,
}

/// The place of a turn in its conversation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// The id of the conversation.
    pub conversation: String,
    /// The number of the turn, counted from 1.
    pub number: usize,
}

impl Case {
    /// Returns the expected result, unless there are several requests or the case is a turn that
    /// follows another.
    #[must_use]
    pub fn single(&self) -> Option<&Expected> {
        match self.parts.as_slice() {
            [expected] if self.turn.as_ref().is_none_or(|turn| turn.number == 1) => Some(expected),
            _ => None,
        }
    }

    /// Returns the expected result as the question set has it.
    #[must_use]
    pub fn expected(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(ToString::to_string).collect();
        parts.join("+")
    }
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
    /// A line has a mistake.
    #[error("{}:{line}: {}", path.display(), mistake.en)]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The mistake and what was expected.
        mistake: Localized,
    },
}

impl SetError {
    /// Describes the error with its place.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        match self {
            Self::Read { path, source } => {
                let path = path.display();
                let text = localized!(
                    ja: "質問集 `{path}` を読めません: {source}",
                    en: "cannot read the question set `{path}`: {source}",
                );
                text.get(language).to_owned()
            }
            Self::Line {
                path,
                line,
                mistake,
            } => format!("{}:{line}: {}", path.display(), mistake.get(language)),
        }
    }
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
    let text = text.trim_start_matches('\u{feff}');
    let mut cases: Vec<Case> = Vec::new();
    let rows = text.lines().enumerate();
    let rows = rows.filter(|(_, row)| !row.trim().is_empty() && !row.starts_with('#'));
    for (order, (index, row)) in rows.enumerate() {
        let columns: Vec<&str> = row.split('\t').map(str::trim).collect();
        if order == 0 && columns.iter().all(|name| COLUMN_NAMES.contains(name)) {
            continue;
        }
        let case = parse(&columns, cases.last(), knowledge);
        cases.push(case.map_err(|mistake| SetError::Line {
            path: path.to_owned(),
            line: index + 1,
            mistake,
        })?);
    }
    Ok(cases)
}

/// Parses a line; `last` is the case of the line before it.
fn parse(
    columns: &[&str],
    last: Option<&Case>,
    knowledge: &KnowledgeBase,
) -> Result<Case, Localized> {
    let (question, expected, style, turn) = match *columns {
        [question, expected, style] => (question, expected, style, None),
        [question, expected] if expected.contains('+') => (question, expected, SEVERAL_STYLE, None),
        [conversation, number, question, expected] => {
            let turn = following(conversation, number, last)?;
            (question, expected, "", Some(turn))
        }
        _ => {
            return Err(localized!(
                ja: "タブ区切りの列は「質問、正解、種類」「質問、正解+正解」「会話、番号、質問、正解」のどれかにしてください",
                en: "expected three columns separated by tabs: question, expected, style; or two: text, part+part; or four: conversation, turn, text, expected",
            ));
        }
    };
    let parts = expected.split('+').map(str::trim).map(|part| {
        Expected::parse(part, knowledge).ok_or_else(|| {
            localized!(
                ja: "`{part}` は項目の id でも、ESCALATE:<窓口>、ESCALATE:any、OFFTOPIC、CHITCHAT、CHOICE:<項目>、CONTACT:<窓口>、UNCLEAR、NOTHELPED でもありません",
                en: "`{part}` is neither an entry of the knowledge nor ESCALATE:<desk>, ESCALATE:any, OFFTOPIC, CHITCHAT, CHOICE:<entry>, CONTACT:<desk>, UNCLEAR or NOTHELPED",
            )
        })
    });
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    let act = parts.first().map_or("", |part| part.act().name());
    let style = if turn.is_some() { act } else { style };
    Ok(Case {
        question: question.to_owned(),
        style: style.to_owned(),
        parts,
        turn,
    })
}

/// Parses the place of a turn, which is the first of a conversation or follows the last case.
fn following(conversation: &str, number: &str, last: Option<&Case>) -> Result<Turn, Localized> {
    let last = last.and_then(|case| case.turn.as_ref());
    let next = last.filter(|turn| turn.conversation == conversation);
    let next = next.map_or(1, |turn| turn.number + 1);
    match number.parse() {
        Ok(number) if number == 1 || number == next => Ok(Turn {
            conversation: conversation.to_owned(),
            number,
        }),
        _ => Err(localized!(
            ja: "会話 `{conversation}` の番号が `{number}` です。{next} にしてください",
            en: "turn `{number}` of the conversation `{conversation}`, expected {next}",
        )),
    }
}
