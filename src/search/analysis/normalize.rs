//! The character filter: text -> normalised text.
//!
//! The result is in NFKC and lower case, without invisible characters, with one kind of long-vowel
//! mark, one space between words, and at most two of the same character in a row (one ー or っ, any
//! number of digits).
//!
//! Invariants: idempotent; never panics.

use unicode_normalization::UnicodeNormalization;

/// Distance between the code points of a hiragana and its katakana.
pub(super) const KATAKANA_OFFSET: u32 = 96;

/// Normalises a text. Keeps punctuation for spelling variants such as `alibaba.com`.
pub(super) fn normalize(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut run = 0_usize;
    // Before NFKC: an invisible character separates a kana from its voicing mark.
    let visible = text.chars().filter(|character| !is_invisible(*character));
    for character in visible.nfkc().flat_map(char::to_lowercase) {
        let character = match character {
            c if c.is_whitespace() || c.is_control() => ' ',
            // A dash after a kana is a mistyped long-vowel mark: らｰめん, データ―.
            '~' | '〜' | '-' | '‐' | '‑' | '–' | '—' | '―' | '−' | '─'
                if normal.ends_with(is_kana) =>
            {
                'ー'
            }
            c => c,
        };
        if normal.ends_with(character) {
            run += 1;
            let max_run = if matches!(character, ' ' | 'ー' | 'っ' | 'ッ') {
                1
            } else {
                2
            };
            // Digits are kept: 1000 is not 100.
            if run >= max_run && !character.is_ascii_digit() {
                continue;
            }
        } else {
            run = 0;
        }
        normal.push(character);
    }
    normal.trim().to_owned()
}

/// Replaces each run of characters outside words by one space.
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

/// Returns whether a character is hiragana, katakana or the long-vowel mark.
pub(super) fn is_kana(character: char) -> bool {
    matches!(character, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー')
}

fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, 'ー' | '々' | '〇')
}

/// Returns whether a character is a format character, joiner, direction mark or variation selector.
/// Inside a word they prevent its lookup in the dictionary.
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
    fn punctuation_separates_words() {
        assert_eq!(drop_punctuation("解約(退会)は？😢 q&a"), "解約 退会 は q a");
        assert_eq!(drop_punctuation("。。。"), "");
    }
}
