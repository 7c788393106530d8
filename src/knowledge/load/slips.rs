//! Slips of hand-made files that a parser describes badly: invisible characters, dates, backslashes,
//! quotation marks within a text.

use crate::knowledge::language::{Localized, localized};
use crate::knowledge::written_date::parse_date;

/// Describes the slip on a line, if it has one of these; `message` is that of the parser.
pub(super) fn describe(message: &str, line: &str) -> Option<(Localized, Localized)> {
    control_character(line)
        .or_else(|| invisible_blank(line))
        .or_else(|| unquoted_date(line))
        .or_else(|| backslash(message, line))
        .or_else(|| inner_quote(line))
}

/// Describes a control character, which no text may have.
fn control_character(line: &str) -> Option<(Localized, Localized)> {
    let found = line.chars().find(|c| c.is_control() && *c != '\t')?;
    let code = format!("U+{:04X}", u32::from(found));
    let (ja, en) = match found {
        '\u{b}' => (
            "垂直タブ（Word や Excel の改行）",
            "a vertical tab (a line break of Word or Excel)",
        ),
        '\u{1a}' => (
            "Ctrl-Z（古いソフトのファイルの終わり）",
            "a Ctrl-Z (the end of a file in old programs)",
        ),
        _ => ("目に見えない制御文字", "an invisible control character"),
    };
    Some((
        localized!(
            ja: "TOML として読めません: {ja}（{code}）があります",
            en: "not TOML: there is {en} ({code})",
        ),
        localized!(
            ja: "その文字を消してください。見えないときは、この行を消して書き直します",
            en: "remove the character; if it cannot be seen, delete the line and write it again",
        ),
    ))
}

/// Lists the invisible characters in a file, at most one for each line: its number, counted from 1.
///
/// They come from web pages and word processors; a member who types the word without them would not
/// find it, and a mark of direction reverses what is shown.
pub(super) fn invisible_characters(text: &str) -> Vec<(usize, Localized, Localized)> {
    let lines = text.lines().enumerate();
    let found = lines.filter_map(|(index, line)| {
        let mut chars = line.chars();
        let found = chars.find(|c| is_invisible(*c))?;
        let code = format!("U+{:04X}", u32::from(found));
        let (ja, en) = match found {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => (
                "文字の並ぶ向きを変える見えない文字",
                "an invisible mark that changes the direction of the text",
            ),
            '\u{feff}' => (
                "ファイルの途中にある BOM（見えない文字）",
                "a byte order mark within the file, which is invisible",
            ),
            '\u{ad}' => ("見えないハイフン", "a soft hyphen, which is invisible"),
            _ => ("幅のない見えない文字", "an invisible character without width"),
        };
        Some((
            index + 1,
            localized!(
                ja: "この行に{ja}（{code}）があります",
                en: "the line has {en} ({code})",
            ),
            localized!(
                ja: "その文字を消してください。見えないときは、その語を消して書き直します",
                en: "remove the character; if it cannot be seen, delete the word and write it again",
            ),
        ))
    });
    found.collect()
}

/// Returns whether a character is invisible and has no use in a text. Not the joiner of emoji (U+200D),
/// nor selectors of variants.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{200b}'
            | '\u{200c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

/// Describes a blank outside of texts that TOML does not know.
fn invisible_blank(line: &str) -> Option<(Localized, Localized)> {
    let is_unknown = |c: &char| {
        matches!(
            c,
            '\u{3000}' | '\u{a0}' | '\u{202f}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{ad}'
        )
    };
    let mut outside = line.split('"').step_by(2).flat_map(str::chars);
    let found = outside.find(is_unknown)?;
    // A line of Japanese text that stands outside of every text has another mistake.
    let rest = line.trim_start_matches(|c| c == ' ' || c == '\t' || is_unknown(&c));
    let first = rest.chars().next()?;
    if !(first.is_ascii_alphanumeric()
        || matches!(first, '[' | ']' | '"' | '=' | ',' | '#' | '{' | '}'))
    {
        return None;
    }
    let code = format!("U+{:04X}", u32::from(found));
    let (ja, en) = match found {
        '\u{3000}' => ("全角の空白", "a full-width blank"),
        '\u{a0}' | '\u{202f}' => (
            "ノーブレークスペース（ふつうの空白に見える文字）",
            "a no-break space, which looks like a blank",
        ),
        _ => (
            "幅のない見えない文字",
            "an invisible character without width",
        ),
    };
    Some((
        localized!(
            ja: "TOML として読めません: 文の外に{ja}（{code}）があります",
            en: "not TOML: there is {en} ({code}) outside of a text",
        ),
        localized!(
            ja: "半角の空白に直すか、消してください。文の中ではそのままでかまいません",
            en: "replace it by an ordinary blank, or remove it; inside a text it may stay",
        ),
    ))
}

/// Describes a date in a form of everyday life: `valid_from = 2026/4/1`.
fn unquoted_date(line: &str) -> Option<(Localized, Localized)> {
    let (key, value) = line.split_once('=')?;
    let value = value.split('#').next()?.trim();
    let date = parse_date(value)?;
    Some(describe_date(key.trim(), value, &date.to_string()))
}

/// Returns the problem of a date in another form than TOML's, with the date in that form.
pub(super) fn describe_date(key: &str, written: &str, date: &str) -> (Localized, Localized) {
    (
        localized!(
            ja: "`{key}` の日付 `{written}` の書き方が違います",
            en: "`{key}` has the date `{written}` in a form that is not read",
        ),
        localized!(
            ja: "引用符なしで `{key} = {date}` と書いてください",
            en: "write `{key} = {date}`, without quotation marks",
        ),
    )
}

/// Describes a backslash that starts no escape: `"C:\Users"`.
fn backslash(message: &str, line: &str) -> Option<(Localized, Localized)> {
    let is_escape = message.contains("escape") || message.contains("unicode");
    (is_escape && line.contains('\\')).then(|| {
        (
            localized!(
                ja: "TOML として読めません: 文の中の `\\` は、特別な意味をもつ記号です",
                en: "not TOML: a `\\` in a text starts a special character",
            ),
            localized!(
                ja: "`C:\\\\Users` のように `\\\\` と二つ重ねてください",
                en: "write it twice, as in `C:\\\\Users`",
            ),
        )
    })
}

/// Describes a quotation mark within a text of one line: `"会員"証"の再発行"`.
fn inner_quote(line: &str) -> Option<(Localized, Localized)> {
    let value = match line.split_once('=') {
        Some((key, value)) if !key.contains('"') => value,
        _ => line,
    };
    let value = value.trim();
    let rest = value
        .strip_prefix('"')
        .filter(|rest| !rest.starts_with("\"\""))?;
    let mut is_escaped = false;
    let end = rest.find(|c| {
        let is_end = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end
    })?;
    let after = rest.get(end + 1..)?.trim_start();
    let is_inner = after.contains('"') && !after.starts_with([',', ']', '#', '}']);
    is_inner.then(|| {
        (
            localized!(
                ja: "TOML として読めません: 文の途中に `\"` があり、そこで文が終わってしまいます",
                en: "not TOML: a `\"` within the text ends it",
            ),
            localized!(
                ja: "文の中の `\"` は `\\\"` と書くか、「」に変えてください",
                en: "write `\\\"` for a quotation mark within a text, or use 「」",
            ),
        )
    })
}
