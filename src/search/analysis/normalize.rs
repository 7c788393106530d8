//! The character filter: brings a text to the one form in which the rest of the analysis sees it.
//!
//! NFKC, lower case, no invisible characters, one kind of long-vowel mark, no runs of more than
//! two of the same character, one space between words. Invariant: idempotent, never panics.

use unicode_normalization::UnicodeNormalization;

/// Normalises a text; punctuation stays, as spelling variants such as `alibaba.com` need it.
pub(super) fn normalize(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut run = 0_usize;
    // Invisible characters go first: they would keep a kana and its voicing mark apart.
    let visible = text.chars().filter(|character| !is_invisible(*character));
    for character in visible.nfkc().flat_map(char::to_lowercase) {
        let character = match character {
            c if c.is_whitespace() || c.is_control() => ' ',
            // Dashes after kana are long-vowel marks typed with another key: らｰめん, データ―.
            '~' | '〜' | '-' | '‐' | '‑' | '–' | '—' | '―' | '−' | '─'
                if normal.ends_with(is_kana) =>
            {
                'ー'
            }
            c => c,
        };
        if normal.ends_with(character) {
            run += 1;
            let longest = if matches!(character, ' ' | 'ー' | 'っ' | 'ッ') {
                1
            } else {
                2
            };
            // ASCII digits count: 1000 is not 100.
            if run >= longest && !character.is_ascii_digit() {
                continue;
            }
        } else {
            run = 0;
        }
        normal.push(character);
    }
    normal.truncate(normal.trim_end().len());
    let leading = normal.len() - normal.trim_start().len();
    normal.drain(..leading);
    normal
}

/// Replaces everything that is not part of a word by one space.
pub(super) fn drop_punctuation(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for character in text.chars() {
        if is_word_character(character) {
            words.push(character);
        } else if !words.ends_with(' ') && !words.is_empty() {
            words.push(' ');
        }
    }
    words.truncate(words.trim_end().len());
    words
}

/// Tells whether a character is hiragana, katakana or the long-vowel mark.
pub(super) fn is_kana(character: char) -> bool {
    matches!(character, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー')
}

fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, 'ー' | '々' | '〇')
}

/// Format characters, joiners, direction marks and variation selectors: they carry no meaning
/// here, and they hide words from the dictionary.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_and_invisible_characters_do_not_matter() {
        assert_eq!(normalize("ＳＥＬＡＳ　ｶｲﾔｸ"), "selas カイヤク");
        assert_eq!(normalize("解\u{200b}約\u{feff}"), "解約");
        assert_eq!(normalize("\u{202e}abc\u{0}def"), "abc def");
    }

    #[test]
    fn long_vowel_marks_and_runs_are_folded() {
        assert_eq!(normalize("サポ-タ―"), "サポーター");
        assert_eq!(normalize("やめたーーーい！！！！！"), "やめたーい!!");
        assert_eq!(normalize("10000円"), "10000円");
    }

    #[test]
    fn punctuation_becomes_a_boundary() {
        assert_eq!(drop_punctuation("解約(退会)は？😢 q&a"), "解約 退会 は q a");
        assert_eq!(drop_punctuation("。。。"), "");
    }
}
