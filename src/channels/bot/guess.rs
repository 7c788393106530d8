//! The language of a message whose sender's language is unknown.

use crate::knowledge::Language;

/// Guesses the language of a message: English for several words in ASCII, else Japanese.
pub(in crate::channels) fn guessed_language(text: &str) -> Language {
    let words = text.split_whitespace();
    let words = words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()));
    if text.is_ascii() && words.count() > 1 {
        Language::English
    } else {
        Language::Japanese
    }
}
