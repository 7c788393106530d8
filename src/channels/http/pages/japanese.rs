//! Japanese within the texts of English pages, which screen readers must read as Japanese.

use maud::{Markup, html};

use super::view::View;
use crate::knowledge::Language;

/// Renders a text; on an English page, its part from the first to the last Japanese letter is marked as
/// Japanese.
pub(super) fn with_japanese(view: &View, text: &str) -> Markup {
    match japanese_part(text) {
        Some((before, part, after)) if view.visit.language == Language::English => html! {
            (before) span lang="ja" { (part) } (after)
        },
        _ => html! { (text) },
    }
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
    fn the_japanese_part_of_a_text_is_found() {
        for (text, expected) in [
            (
                "the menu item お問い合わせ on the site",
                Some(("the menu item ", "お問い合わせ", " on the site")),
            ),
            (
                "〒107-6006 東京都港区赤坂 1-12-32 アーク森ビル",
                Some(("", "〒107-6006 東京都港区赤坂 1-12-32 アーク森ビル", "")),
            ),
            ("03-0000-0000", None),
            ("", None),
        ] {
            assert_eq!(japanese_part(text), expected);
        }
    }
}
