//! An analyzed text: its tokens, terms and reading.

use super::normalize::is_hiragana;
use super::quantity::Quantity;
use super::token::Token;

/// An analyzed text.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    /// The original text.
    pub text: String,
    /// The text after the character filter, in canonical spellings and with romaji as kana.
    pub normalized: String,
    /// All tokens, including function words and stop words.
    pub tokens: Vec<Token>,
    /// Terms of the index field `words`.
    pub words: Vec<WordTerm>,
    /// Its quantities: values with units.
    pub quantities: Vec<Quantity>,
    /// The katakana reading of the whole text.
    pub reading: String,
    /// Whether the text has no kanji and is mostly kana, so that its word boundaries are unreliable.
    pub is_kana: bool,
    /// Whether the original text is phonetic: hiragana or romaji, known spellings included.
    pub(in crate::search) is_phonetic: bool,
    /// Whether the original text is mostly in hiragana with spaces between its words.
    pub(in crate::search) is_spaced: bool,
}

impl Analysis {
    /// Returns the key of exact matches: the normalised text without spaces and drawled vowels (おやすみなさーい), or
    /// the first sign of a text without words (👍🏻👍 gives 👍).
    pub(in crate::search) fn exact_form(&self) -> String {
        exact_form(&self.normalized, &self.text)
    }
}

/// Returns [`Analysis::exact_form`] of a text and its normalised form.
pub(super) fn exact_form(normalized: &str, text: &str) -> String {
    if normalized.is_empty() {
        let sign = text.chars().find(|letter| !letter.is_whitespace());
        return sign.map_or_else(String::new, String::from);
    }
    let mut form = String::with_capacity(normalized.len());
    for letter in normalized.chars() {
        let is_drawl = letter == 'ー' && form.ends_with(is_hiragana);
        if letter != ' ' && !is_drawl {
            form.push(letter);
        }
    }
    form
}

/// A term of the index field `words`.
#[derive(Debug, Clone, PartialEq)]
pub struct WordTerm {
    /// The base form, or the name of a synonym group.
    pub text: String,
    /// 0 to 1. A word shares its weight with its synonym group; with general groups it has more than 1 in all if
    /// there are several.
    pub weight: f32,
    /// The word whose general group it is.
    pub group_of: Option<String>,
}

impl WordTerm {
    /// Returns whether the term is a word of the text. The others, for synonym groups and negations, begin
    /// with a sign that no word has.
    pub(in crate::search) fn is_word(&self) -> bool {
        self.text.starts_with(char::is_alphanumeric)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_form_has_no_spaces_and_no_drawled_vowels() {
        for (normalized, text, form) in [
            ("お休み なさーい", "", "お休みなさい"),
            ("さよならー", "", "さよなら"),
            ("サーバー の らーめん", "", "サーバーのらめん"),
            ("", "👍🏻👍", "👍"),
        ] {
            assert_eq!(exact_form(normalized, text), form);
        }
    }
}
