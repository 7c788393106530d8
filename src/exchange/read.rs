//! Reads a file of any format as records.
//!
//! Input: the bytes of a file and its name. Output: a [`Source`] with records and problems. The
//! format follows from the content, and from the ending where the content fits several.

use std::path::Path;

use super::html::{Found, Pair, read_json_ld, read_page};
use super::record::Record;
use super::table::{
    ColumnMap, Json, RowOptions, Rows, Table, XlsxError, read_csv, read_json, read_xlsx,
    rows_to_records,
};
use super::text;
use crate::knowledge::{Location, Markdown, Problem, decode, has_errors, localized};

/// How a file is read.
#[derive(Default)]
pub struct Options<'a> {
    /// The columns of a table that its headings do not identify.
    pub map: ColumnMap,
    /// Whether answers in a table are Markdown already.
    pub is_markdown: bool,
    /// The address of a page, to resolve its links.
    pub base: Option<String>,
    /// Called with the number of records that were read.
    pub progress: Option<&'a dyn Fn(usize)>,
}

/// The content of a file.
#[derive(Debug, Default)]
pub struct Source {
    /// The title of the document: the page's own, else the name of the file.
    pub title: String,
    /// The entries.
    pub records: Vec<Record>,
    /// Everything that could not be used.
    pub problems: Vec<Problem>,
    /// Number of rows or questions that may be entries and could not be used.
    pub left_out: usize,
    /// The encoding of a text file, unless it is UTF-8.
    pub encoding: Option<&'static str>,
}

/// Reads a file; `name` is its path as the user wrote it.
#[must_use]
pub fn read(name: &Path, bytes: &[u8], options: &Options<'_>) -> Source {
    let mut source = Source {
        title: stem(name),
        ..Source::default()
    };
    let nothing = |_| {};
    let rows = RowOptions {
        file: name,
        map: &options.map,
        is_markdown: options.is_markdown,
        base: options.base.as_deref(),
        progress: options.progress.unwrap_or(&nothing),
    };
    let ending = name
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase());
    let ending = ending.unwrap_or_default();
    if bytes.starts_with(b"PK\x03\x04") {
        match read_xlsx(bytes) {
            Ok(tables) => read_tables(&tables, &rows, &mut source),
            Err(XlsxError::TooLarge) => source.problems.push(too_large(name)),
            Err(error) => {
                let error = error.to_string();
                source.problems.push(unreadable(name, "Excel", &error));
            }
        }
        finish(name, &mut source);
        return source;
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        source.problems.push(old_excel(name));
        return source;
    }
    let Some(decoded) = decode(bytes) else {
        source.problems.push(not_text(name));
        return source;
    };
    source.encoding = Some(decoded.encoding).filter(|encoding| *encoding != "UTF-8");
    let text = decoded.text;
    let start = text.trim_start();
    let is_json = matches!(ending.as_str(), "json" | "jsonl" | "ndjson" | "jsonld");
    if is_json || (start.starts_with(['{', '[']) && ending != "csv" && ending != "md") {
        match read_json(&text) {
            Ok(Some(Json::Table(table))) => read_tables(&[table], &rows, &mut source),
            Ok(Some(Json::Linked(value))) => {
                let found = read_json_ld(&value, options.base.as_deref());
                add_pairs(name, found, &mut source, rows.progress);
            }
            Ok(None) => source
                .problems
                .push(unreadable(name, "JSON", "no list of objects")),
            Err(error) => source
                .problems
                .push(unreadable(name, "JSON", &error.to_string())),
        }
    } else if matches!(ending.as_str(), "md" | "markdown") {
        let html = Markdown::to_unchecked_html(&text);
        let found = read_page(&html, options.base.as_deref());
        add_pairs(name, found, &mut source, rows.progress);
    } else if matches!(ending.as_str(), "html" | "htm" | "xhtml") || start.starts_with('<') {
        let found = read_page(&text, options.base.as_deref());
        add_pairs(name, found, &mut source, rows.progress);
    } else {
        read_tables(&[read_csv(&text)], &rows, &mut source);
    }
    finish(name, &mut source);
    source
}

/// Returns the name of a file without its folder, its ending and the id that Notion adds.
pub(super) fn stem(name: &Path) -> String {
    let stem = name
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let without_id = stem
        .rsplit_once(' ')
        .filter(|(_, id)| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    text::clean_line(without_id.map_or(stem.as_str(), |(title, _)| title))
}

fn read_tables(tables: &[Table], rows: &RowOptions<'_>, source: &mut Source) {
    let mut problems = Vec::new();
    let shown = tables.iter().filter(|table| !table.is_hidden).count();
    for table in tables {
        let first = source.records.len();
        let Rows { records, left_out } = rows_to_records(table, rows, &mut problems);
        source.records.extend(records);
        source.left_out += left_out;
        // Without a column for it, the name of a sheet is the category.
        let sheet = table.sheet.as_ref().filter(|_| shown > 1);
        for record in source.records.iter_mut().skip(first) {
            record.category = record.category.take().or_else(|| sheet.cloned());
        }
    }
    if !source.records.is_empty() && has_errors(&problems) {
        // A workbook has other sheets, too.
        for problem in &mut problems {
            problem.severity = crate::knowledge::Severity::Warning;
        }
    }
    source.problems.extend(problems);
}

fn add_pairs(name: &Path, found: Found, source: &mut Source, progress: &dyn Fn(usize)) {
    if let Some(title) = found.title {
        source.title = title;
    }
    for pair in found.pairs {
        let Pair {
            number,
            id,
            category,
            question,
            answer,
            lost,
        } = pair;
        let location = Location::new(name, number);
        progress(1);
        source.problems.extend(lost.problems(&location));
        if question.is_empty() {
            source.left_out += 1;
            source.problems.push(without_question(location, number));
            continue;
        }
        if answer.is_empty() {
            source.left_out += 1;
            source.problems.push(Problem::warning(
                location,
                localized!(
                    ja: "{number} 番目の質問に回答がないため、取り込みません: {question}",
                    en: "question {number} has no answer and was left out: {question}",
                ),
                localized!(
                    ja: "画像だけの回答は取り込めません。文章で書き足してください",
                    en: "an answer that is only an image cannot be imported; write it in words",
                ),
            ));
            continue;
        }
        source.records.push(Record {
            location,
            id,
            category,
            question,
            answer,
            ..Record::default()
        });
    }
}

/// Reports answers that Markdown would not show, and a file without any entry.
fn finish(name: &Path, source: &mut Source) {
    for record in &source.records {
        let flaws = Markdown::flaws(&record.answer);
        if flaws > 0 {
            source.problems.push(Problem::warning(
                record.location.clone(),
                localized!(
                    ja: "回答に HTML、画像、または使えないリンクがあります",
                    en: "the answer has HTML, images or links that are not allowed",
                ),
                localized!(
                    ja: "取り込んだあとで madoguchi check の表示に従って直してください",
                    en: "correct them as madoguchi check says after the import",
                ),
            ));
        }
    }
    if source.records.is_empty() && !has_errors(&source.problems) {
        source.problems.push(Problem::error(
            Location::folder(name),
            localized!(
                ja: "質問と回答の組が見つかりません",
                en: "no question with an answer was found",
            ),
            localized!(
                ja: "表なら「質問」「回答」の列、ページなら見出し・dl・details・「Q.」「A.」のどれかで書かれている必要があります",
                en: "a table needs the columns 質問 and 回答; a page needs headings, dl, details, or paragraphs with Q. and A.",
            ),
        ));
    }
}

fn without_question(location: Location, number: usize) -> Problem {
    Problem::warning(
        location,
        localized!(
            ja: "{number} 番目の質問に文がないため、取り込みません",
            en: "question {number} has no text and was left out",
        ),
        localized!(ja: "質問の文を書いてください", en: "write the text of the question"),
    )
}

fn unreadable(name: &Path, format: &str, error: &str) -> Problem {
    Problem::error(
        Location::folder(name),
        localized!(
            ja: "{format} として読めません: {error}",
            en: "cannot be read as {format}: {error}",
        ),
        localized!(
            ja: "もとのソフトで開けることを確かめ、保存し直してください。パスワードは外してください",
            en: "check that its own program opens it, and save it again, without a password",
        ),
    )
}

fn too_large(name: &Path) -> Problem {
    Problem::error(
        Location::folder(name),
        localized!(
            ja: "セルか文字が多すぎるため、読めません",
            en: "the workbook has too many cells or too much text",
        ),
        localized!(
            ja: "質問と回答のほかのシート、空の行や列、画像を削除するか、いくつかのファイルに分けてください",
            en: "delete other sheets, empty rows and columns, and pictures, or split it into several files",
        ),
    )
}

fn old_excel(name: &Path) -> Problem {
    Problem::error(
        Location::folder(name),
        localized!(
            ja: "古い形式の Excel（.xls）か、パスワードのかかったファイルです",
            en: "this is an old Excel file (.xls), or one with a password",
        ),
        localized!(
            ja: "Excel で開き、「Excel ブック（.xlsx）」として、パスワードなしで保存し直してください",
            en: "open it in Excel and save it as a workbook (.xlsx) without a password",
        ),
    )
}

fn not_text(name: &Path) -> Problem {
    Problem::error(
        Location::folder(name),
        localized!(
            ja: "この形式のファイルは読めません",
            en: "a file of this kind cannot be read",
        ),
        localized!(
            ja: "CSV、Excel（.xlsx）、HTML、Markdown、JSON のどれかにしてください（Word や PDF は、本文を Excel の表に移します）",
            en: "use CSV, Excel (.xlsx), HTML, Markdown or JSON; copy the text of Word or PDF into a table",
        ),
    )
}
