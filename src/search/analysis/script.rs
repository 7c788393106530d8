//! Detects the script of a text. Word boundaries are unreliable in texts in kana.

use super::normalize::is_kana;

/// Minimum number of parts between spaces of a text that is written with spaces between its words.
const MIN_PARTS: usize = 3;

/// Returns whether a text has no kanji and more kana than ASCII characters.
pub(super) fn is_in_kana(normalized: &str) -> bool {
    let (mut kana, mut latin) = (0, 0);
    for letter in normalized.chars() {
        match letter {
            ' ' => {}
            letter if is_kana(letter) => kana += 1,
            letter if letter.is_ascii() => latin += 1,
            _ => return false,
        }
    }
    kana > latin
}

/// Returns whether a text in kana has no katakana. The dictionary has most words in katakana.
pub(super) fn is_in_hiragana(normalized: &str) -> bool {
    is_in_kana(normalized) && !normalized.contains(|letter| matches!(letter, 'ァ'..='ヺ'))
}

/// Returns whether a text is written with spaces between its words and mostly in hiragana, as for children
/// and by learners: 「てがみ が 来ました」.
pub(super) fn is_divided(normalized: &str) -> bool {
    let parts = normalized.split(' ');
    let (hiragana, others): (Vec<&str>, Vec<&str>) = parts.partition(|part| is_in_hiragana(part));
    hiragana.len() + others.len() >= MIN_PARTS && hiragana.len() > others.len()
}

/// Returns whether a text that is divided has spaces between its parts, and not punctuation alone:
/// 「もしも、やめたら、どうなりますか」 is ordinary spelling.
pub(super) fn is_spaced(text: &str) -> bool {
    text.split_whitespace().count() >= MIN_PARTS
}

/// Returns whether a text is in hiragana, or in the half-width kana of old terminals. Full-width
/// katakana with hiragana is ordinary spelling (ネットはありますか).
pub(super) fn is_phonetic(text: &str, normalized: &str) -> bool {
    let is_katakana = |letter| matches!(letter, 'ァ'..='ヺ');
    let is_half_width = |letter| matches!(letter, '\u{ff66}'..='\u{ff9d}');
    is_in_kana(normalized) && (!text.contains(is_katakana) || text.contains(is_half_width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spaced_text_has_spaces_and_not_punctuation_alone() {
        assert!(is_spaced("しごと を かえました"));
        assert!(is_spaced("しごと　を　かえました"));
        assert!(!is_spaced("もしも、やめたら、どうなりますか"));
    }

    #[test]
    fn a_text_with_spaces_between_words_is_divided_if_most_are_in_hiragana() {
        for text in ["てがみ が 来ました", "保留 と かいた てがみ きました"] {
            assert!(is_divided(text), "{text}");
        }
        for text in [
            "マッチング 一件 いくら",
            "ロタ ワクチン 助成",
            "かいひ いくら",
        ] {
            assert!(!is_divided(text), "{text}");
        }
    }
}
