//! Reads question sets.
//!
//! Input: a TSV file of one or several kinds of lines, distinguished by their columns:
//!
//! | columns | kind |
//! |---|---|
//! | `text`, `expected`, and optionally `style` | a question |
//! | `text`, `part+part`, and optionally `style` | a message with several requests |
//! | `conversation`, `turn`, `text`, `expected` | a turn of a conversation |
//!
//! A line of column names gives the order of the columns in the lines after it, see [`Header`]. For
//! `expected` and each part, see [`Expected`]. Empty lines and lines that start with `#` are skipped.
//! UTF-8, Shift_JIS and UTF-16 are read. Output: [`Case`]s.
//!
//! Invariant: the turns of a conversation follow each other, counted from 1.

use std::path::{Path, PathBuf};

use super::expected::Expected;
use crate::knowledge::{KnowledgeBase, Language, Localized, decode, localized};

/// The style of a message with several requests, if its line has none.
const SEVERAL_STYLE: &str = "several";

/// The style of a question, if its line has none.
const QUESTION_STYLE: &str = "question";

/// The names that a column may have in a line of column names.
const TEXT_NAMES: &[&str] = &[
    "text",
    "question",
    "message",
    "質問",
    "質問文",
    "文章",
    "発言",
];
const EXPECTED_NAMES: &[&str] = &["expected", "parts", "正解", "期待"];
const STYLE_NAMES: &[&str] = &["style", "種類"];
const CONVERSATION_NAMES: &[&str] = &["conversation", "会話"];
const TURN_NAMES: &[&str] = &["turn", "番号"];

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
    let bytes = std::fs::read(path).map_err(|source| SetError::Read {
        path: path.to_owned(),
        source,
    })?;
    let mistake_on = |line, mistake| SetError::Line {
        path: path.to_owned(),
        line,
        mistake,
    };
    // Excel saves text with tabs as Shift_JIS or UTF-16.
    let decoded = decode(&bytes).ok_or_else(|| {
        let mistake = localized!(
            ja: "文字コードが分かりません。UTF-8 のタブ区切りのテキストで保存し直してください",
            en: "cannot tell the encoding, expected text with tabs in UTF-8",
        );
        mistake_on(1, mistake)
    })?;
    let text = decoded.text.as_str();
    let mut cases: Vec<Case> = Vec::new();
    let mut header = None;
    let rows = text.lines().enumerate();
    let rows = rows.filter(|(_, row)| !row.trim().is_empty() && !row.starts_with('#'));
    for (index, row) in rows {
        let cells: Vec<String> = row.split('\t').map(unquoted).collect();
        // Excel leaves empty cells at the end of a row; a question may have no style.
        let filled = cells.iter().rposition(|cell| !cell.is_empty());
        let filled = filled.map_or(0, |last| last + 1).max(3);
        let cells: Vec<&str> = cells.iter().take(filled).map(String::as_str).collect();
        if let Some(found) = Header::parse(&cells) {
            header = Some(found);
            continue;
        }
        // A line with more cells than names is of another kind than the header.
        let columns = match header.filter(|header| cells.len() <= header.length) {
            Some(header) => header.columns(&cells),
            None => Columns::by_number(&cells),
        };
        let case = columns.and_then(|columns| parse(columns, cases.last(), knowledge));
        let case = case.map_err(|mistake| {
            let mistake = if is_csv(row) { csv_mistake() } else { mistake };
            mistake_on(index + 1, mistake)
        });
        cases.push(case?);
    }
    Ok(cases)
}

/// Returns a cell without the quotation marks that Excel puts around a text with `"` or `,` in it.
fn unquoted(cell: &str) -> String {
    let cell = cell.trim();
    let inner = cell
        .strip_prefix('"')
        .and_then(|cell| cell.strip_suffix('"'));
    match inner {
        Some(inner) => inner.replace("\"\"", "\"").trim().to_owned(),
        None => cell.to_owned(),
    }
}

/// Returns whether a line looks like CSV rather than text with tabs.
fn is_csv(row: &str) -> bool {
    !row.contains('\t') && row.contains(',')
}

fn csv_mistake() -> Localized {
    localized!(
        ja: "コンマ区切り（CSV）のようです。タブ区切りで保存し直してください（Excel なら、名前を付けて保存 → テキスト（タブ区切り））",
        en: "this looks like CSV, expected columns separated by tabs (in Excel: save as text, tab delimited)",
    )
}

/// The places of the columns that a line of column names has. Columns of other names are ignored.
#[derive(Debug, Clone, Copy)]
struct Header {
    text: usize,
    expected: usize,
    style: Option<usize>,
    conversation: Option<usize>,
    turn: Option<usize>,
    length: usize,
}

impl Header {
    /// Parses a line of column names; `None` if it has no name for the text or for what is expected.
    fn parse(cells: &[&str]) -> Option<Self> {
        let place = |names: &[&str]| {
            cells.iter().position(|cell| {
                let mut names = names.iter();
                names.any(|name| name.eq_ignore_ascii_case(cell))
            })
        };
        Some(Self {
            text: place(TEXT_NAMES)?,
            expected: place(EXPECTED_NAMES)?,
            style: place(STYLE_NAMES),
            conversation: place(CONVERSATION_NAMES),
            turn: place(TURN_NAMES),
            length: cells.len(),
        })
    }

    /// Finds the columns of a line. A missing cell is empty, and an empty one is absent.
    fn columns<'a>(&self, cells: &[&'a str]) -> Result<Columns<'a>, Localized> {
        let cell = |place: usize| cells.get(place).copied().filter(|cell| !cell.is_empty());
        let optional = |place: Option<usize>| place.and_then(cell);
        let (Some(text), Some(expected)) = (cell(self.text), cell(self.expected)) else {
            return Err(localized!(
                ja: "列の名前の行にある、質問と正解の列の両方が必要です",
                en: "expected a text and an expected result, in the columns that the line of column names gives them",
            ));
        };
        let place = optional(self.conversation).zip(optional(self.turn));
        if place.is_none() && (self.conversation.is_some() || self.turn.is_some()) {
            return Err(localized!(
                ja: "会話の列と番号の列の両方が必要です",
                en: "expected both a conversation and a turn",
            ));
        }
        Ok(Columns {
            text,
            expected,
            style: optional(self.style),
            place,
        })
    }
}

/// The columns of a line.
#[derive(Debug, Clone, Copy)]
struct Columns<'a> {
    text: &'a str,
    expected: &'a str,
    style: Option<&'a str>,
    /// The conversation and the number of the turn.
    place: Option<(&'a str, &'a str)>,
}

impl<'a> Columns<'a> {
    /// Tells the columns apart by their number.
    fn by_number(cells: &[&'a str]) -> Result<Self, Localized> {
        let (text, expected, style, place) = match *cells {
            [text, expected] => (text, expected, None, None),
            [text, expected, style] => (text, expected, Some(style), None),
            [conversation, turn, text, expected] => {
                (text, expected, None, Some((conversation, turn)))
            }
            _ => {
                return Err(localized!(
                    ja: "タブ区切りの列は「質問、正解」「質問、正解、種類」「会話、番号、質問、正解」のどれかにするか、先頭に列の名前の行を置いてください",
                    en: "expected columns separated by tabs: text, expected; or text, expected, style; or conversation, turn, text, expected; or a first line of column names",
                ));
            }
        };
        Ok(Self {
            text,
            expected,
            style: style.filter(|style| !style.is_empty()),
            place,
        })
    }
}

/// Parses a line; `last` is the case of the line before it.
fn parse(
    columns: Columns<'_>,
    last: Option<&Case>,
    knowledge: &KnowledgeBase,
) -> Result<Case, Localized> {
    let turn = columns
        .place
        .map(|(id, number)| following(id, number, last));
    let turn = turn.transpose()?;
    let parts = columns.expected.split('+').map(str::trim).map(|part| {
        Expected::parse(part, knowledge).ok_or_else(|| {
            localized!(
                ja: "`{part}` は項目の id でも、ESCALATE:<窓口>、ESCALATE:any、OFFTOPIC、CHITCHAT、CHOICE:<項目>、CONTACT:<窓口>、CONTACT:any、UNCLEAR、NOTHELPED でもありません",
                en: "`{part}` is neither an entry of the knowledge nor ESCALATE:<desk>, ESCALATE:any, OFFTOPIC, CHITCHAT, CHOICE:<entry>, CONTACT:<desk>, CONTACT:any, UNCLEAR or NOTHELPED",
            )
        })
    });
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    let style = match (&turn, columns.style) {
        (Some(_), _) => parts.first().map_or("", |part| part.act().name()),
        (None, Some(style)) => style,
        (None, None) if parts.len() > 1 => SEVERAL_STYLE,
        (None, None) => QUESTION_STYLE,
    };
    Ok(Case {
        question: columns.text.to_owned(),
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
