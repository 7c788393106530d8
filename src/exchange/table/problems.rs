//! The problems of rows and columns.

use super::columns::Unknown;
use crate::exchange::text;
use crate::knowledge::{Location, Problem, localized};

/// Reports a row that is taken for a heading, and may be a question without an answer.
pub(super) fn heading_only(location: Location, text: &str) -> Problem {
    Problem::warning(
        location,
        localized!(
            ja: "文が一つだけの行なので、次の行からのカテゴリとして使います: {text}",
            en: "the row has one text only, which becomes the category of the next rows: {text}",
        ),
        localized!(
            ja: "質問なら回答を書き、見出しなら先頭に ■ を付けてください",
            en: "if it is a question, write its answer; if it is a heading, begin it with ■",
        ),
    )
}

/// Reports a hidden sheet with questions and answers.
pub(super) fn hidden_sheet(location: &Location) -> Problem {
    Problem::warning(
        location.clone(),
        localized!(
            ja: "非表示のシートなので、取り込みません",
            en: "the sheet is hidden and was left out",
        ),
        localized!(
            ja: "取り込むならシートを再表示し、要らないならシートを削除してください",
            en: "unhide the sheet to import it, or delete it",
        ),
    )
}

/// Reports a number whose format cannot be shown.
pub(super) fn unformatted(location: Location, cell: &str) -> Problem {
    Problem::warning(
        location,
        localized!(
            ja: "表示形式を読めないため、値のまま取り込みました: {cell}",
            en: "the number format cannot be read, so the value was imported: {cell}",
        ),
        localized!(
            ja: "Excel に見えるとおりの文字で書いてください",
            en: "write the cell as text, as Excel shows it",
        ),
    )
}

pub(super) fn incomplete(location: Location, question: &str, answer: &str) -> Problem {
    let found: String = if question.is_empty() {
        answer
    } else {
        question
    }
    .chars()
    .take(40)
    .collect();
    let mistake = if question.is_empty() && answer.is_empty() {
        localized!(ja: "質問も回答もない行です", en: "the row has neither a question nor an answer")
    } else if question.is_empty() {
        localized!(
            ja: "質問がないため、取り込みません: {found}",
            en: "the row has no question and was left out: {found}",
        )
    } else {
        localized!(
            ja: "回答がないため、取り込みません: {found}",
            en: "the row has no answer and was left out: {found}",
        )
    };
    let hint = localized!(
        ja: "一行に質問と回答を一つずつ書いてください",
        en: "write one question and its answer in each row",
    );
    Problem::warning(location, mistake, hint)
}

pub(super) fn unknown_columns(location: &Location, unknown: &Unknown) -> Problem {
    let (Unknown::Headings(cells) | Unknown::Column(_, cells)) = unknown;
    let letters = ('A'..='Z').map(String::from);
    let columns = letters
        .zip(cells)
        .filter(|(_, cell)| !cell.trim().is_empty());
    let columns = columns.map(|(letter, cell)| {
        let cell: String = text::clean_line(cell).chars().take(20).collect();
        format!("{letter}={cell}")
    });
    let columns = columns.take(12).collect::<Vec<_>>().join(", ");
    let mistake = match unknown {
        Unknown::Headings(_) => localized!(
            ja: "質問と回答の列が分かりません。見つけた列: {columns}",
            en: "cannot tell the columns of questions and answers; found: {columns}",
        ),
        Unknown::Column(column, _) => localized!(
            ja: "--map の列 `{column}` がありません。見つけた列: {columns}",
            en: "there is no column `{column}` of --map; found: {columns}",
        ),
    };
    let hint = localized!(
        ja: "見出しを「質問」「回答」にするか、--map question=B,answer=C のように列を指定してください",
        en: "name the headings 質問 and 回答 (question and answer), or give the columns: --map question=B,answer=C",
    );
    Problem::error(location.clone(), mistake, hint)
}
