//! Japanese within the texts of English pages, which screen readers must read as Japanese.

use maud::{Markup, html};

use crate::knowledge::Language;

/// The quotation marks of English sentences.
const QUOTATION_MARKS: [char; 2] = ['“', '”'];

/// Renders a text; in a text in English, the Japanese is marked: all of a quotation with a Japanese
/// letter, else the part from the first to the last Japanese letter before, between or after the
/// quotations.
pub(super) fn with_japanese(language: Language, text: &str) -> Markup {
    if language != Language::English {
        return html! { (text) };
    }
    html! {
        @for (piece, is_japanese) in pieces(text) {
            @if is_japanese { span lang="ja" { (piece) } } @else { (piece) }
        }
    }
}

/// Splits a text into pieces; the flag marks those in Japanese.
fn pieces(text: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut is_quoted = false;
    for part in text.split_inclusive(QUOTATION_MARKS) {
        let inner = part.trim_end_matches(QUOTATION_MARKS);
        match japanese_part(inner) {
            Some(_) if is_quoted => pieces.push((inner, true)),
            Some((before, japanese, after)) => {
                pieces.extend([(before, false), (japanese, true), (after, false)]);
            }
            None => pieces.push((inner, false)),
        }
        pieces.push((&part[inner.len()..], false));
        is_quoted = part.ends_with('“');
    }
    pieces.retain(|(piece, _)| !piece.is_empty());
    pieces
}

/// Splits a text before its first and after its last Japanese letter.
fn japanese_part(text: &str) -> Option<(&str, &str, &str)> {
    let start = text.find(is_japanese)?;
    let (last, letter) = text.char_indices().rfind(|(_, c)| is_japanese(*c))?;
    let end = last + letter.len_utf8();
    Some((&text[..start], &text[start..end], &text[end..]))
}

/// Returns whether a character is kana, kanji or a sign of Japanese such as 「〒」.
fn is_japanese(character: char) -> bool {
    matches!(character, '\u{3005}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_japanese_of_an_english_text_is_marked() {
        let marked = |text: &str| {
            let marked = with_japanese(Language::English, text).into_string();
            marked
                .replace("<span lang=\"ja\">", "[")
                .replace("</span>", "]")
        };
        for (text, expected) in [
            (
                "the menu item お問い合わせ on the site",
                "the menu item [お問い合わせ] on the site",
            ),
            (
                "〒107-6006 東京都港区赤坂 1-12-32 アーク森ビル",
                "[〒107-6006 東京都港区赤坂 1-12-32 アーク森ビル]",
            ),
            (
                "Ask the SELAS 事務局 about “SELAS 事務局の電話番号” or “会費”.",
                "Ask the SELAS [事務局] about “[SELAS 事務局の電話番号]” or “[会費]”.",
            ),
            ("“Membership” and ”会費", "“Membership” and ”[会費]"),
            ("03-0000-0000", "03-0000-0000"),
            ("", ""),
        ] {
            assert_eq!(marked(text), expected);
        }
        let japanese = with_japanese(Language::Japanese, "会費 A");
        assert_eq!(japanese.into_string(), "会費 A");
    }
}
