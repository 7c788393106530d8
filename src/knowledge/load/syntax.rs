//! Describes TOML syntax errors in plain words.
//!
//! The parser's messages are for programmers. The authors are support staff who type Japanese;
//! their most frequent slips are full-width signs and texts that are not closed.

use super::slips;
use crate::knowledge::language::{Localized, localized};

/// Full-width signs of a Japanese keyboard, with the signs that TOML expects.
const FULL_WIDTH: [(char, char); 12] = [
    ('＝', '='),
    ('“', '"'),
    ('”', '"'),
    ('＂', '"'),
    ('「', '"'),
    ('」', '"'),
    ('，', ','),
    ('、', ','),
    ('［', '['),
    ('］', ']'),
    ('｛', '{'),
    ('｝', '}'),
];

/// Returns the mistake and a hint; `line` is the line with the error and `found` the text at
/// which the parser stopped.
pub(super) fn describe(message: &str, line: &str, found: &str) -> (Localized, Localized) {
    if message.contains("duplicate key") {
        return (
            localized!(ja: "`{found}` が二度書かれています", en: "`{found}` is written twice"),
            localized!(ja: "どちらか一つを消してください", en: "remove one of the two"),
        );
    }
    if let Some(described) = slips::describe(message, line) {
        return described;
    }
    if let Some((wrong, right)) = full_width(line) {
        return (
            localized!(
                ja: "TOML として読めません: 記号 `{wrong}` が全角です",
                en: "not TOML: the character `{wrong}` is full-width",
            ),
            localized!(
                ja: "半角の `{right}` に直してください。文の中では全角のままでかまいません",
                en: "write the half-width `{right}`; inside a text, full-width characters may stay",
            ),
        );
    }
    if message.contains("basic string") && message.contains("expected `\"") {
        return (
            localized!(
                ja: "TOML として読めません: ここで始まる文が閉じられていません",
                en: "not TOML: a text starts here and is not closed",
            ),
            localized!(
                ja: "始まりと同じ記号で閉じてください。一行なら \"…\"、複数行なら \"\"\"…\"\"\" です",
                en: "close it with the same marks: \"…\" on one line, \"\"\"…\"\"\" over several",
            ),
        );
    }
    if message.contains("array") {
        return (
            localized!(
                ja: "TOML として読めません: 一覧の `]` か、区切りの `,` が抜けています",
                en: "not TOML: a list is not closed, or lacks a comma",
            ),
            localized!(
                ja: "一覧は [\"…\", \"…\"] の形で、文のあとに `,`、終わりに `]` を書きます。この行と一つ前の行を確かめてください",
                en: "a list is [\"…\", \"…\"], with a comma after each text and a `]` at the end; check this line and the one above",
            ),
        );
    }
    if message.contains("key with no value") {
        return (
            localized!(
                ja: "TOML として読めません: この行は文の外にあり、`名前 = …` の形でもありません",
                en: "not TOML: this line is outside every text and does not have the form `key = …`",
            ),
            localized!(
                ja: "上の答えの続きなら、答えを閉じる \"\"\" より前に移してください。そうでなければ `名前 = \"文\"` の形で書いてください",
                en: "if it belongs to the answer above, move it before the closing \"\"\"; otherwise write `key = \"text\"`",
            ),
        );
    }
    if message.contains("must be quoted") {
        return (
            localized!(
                ja: "TOML として読めません: 文が引用符で囲まれていません",
                en: "not TOML: a text is not in quotation marks",
            ),
            localized!(
                ja: "\"…\" で囲んでください。答えの途中の行なら、上のほうに \"\"\" が抜けています",
                en: "write it as \"…\"; if it is the middle of an answer, a \"\"\" above is missing",
            ),
        );
    }
    let message = message.replace('\n', ", ");
    (
        localized!(ja: "TOML として読めません: {message}", en: "not TOML: {message}"),
        localized!(
            ja: "一行は `名前 = \"文\"` の形で書きます。正しく読める行と比べ、上のほうの文や一覧が閉じられているか確かめてください",
            en: "a line has the form `key = \"text\"`; compare it with a correct line, and check that every text and list above is closed",
        ),
    )
}

/// Finds a full-width sign outside of the texts of a line.
fn full_width(line: &str) -> Option<(char, char)> {
    let mut outside = line.split('"').step_by(2).flat_map(str::chars);
    outside
        .find_map(|sign| FULL_WIDTH.iter().find(|(wrong, _)| *wrong == sign))
        .copied()
}
