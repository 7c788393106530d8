//! Converts romaji and half-typed kana to kana, with `wana_kana`.
//!
//! Input: a normalised text and the Latin words of the knowledge. Output: the text in kana, if it is
//! Japanese. English text must stay unchanged, although kana can spell 「can you do this」 too.

use rustc_hash::FxHashSet;
use wana_kana::ConvertJapanese;

/// Common English words. A text that contains one is English, unless [`is_syllable`] accepts the word.
/// Words that are also Japanese (`no`, `to`, `made`, `are`) are omitted.
const ENGLISH: &[&str] = &[
    "a", "about", "an", "and", "any", "anyone", "at", "be", "been", "but", "by", "can", "cant",
    "could", "did", "didnt", "do", "does", "doesnt", "dont", "for", "from", "get", "give", "had",
    "has", "have", "help", "hello", "hi", "hey", "how", "i", "if", "im", "in", "is", "isnt", "it",
    "its", "just", "like", "me", "more", "much", "my", "need", "not", "of", "ok", "on", "only",
    "or", "our", "please", "send", "should", "someone", "than", "thanks", "that", "the", "their",
    "them", "there", "they", "this", "use", "want", "was", "we", "what", "when", "where", "which",
    "who", "why", "will", "with", "without", "would", "you", "your",
];

/// Words of the general synonyms that are also Japanese: `site` is して.
const JAPANESE_TOO: &[&str] = &[
    "age", "ai", "ban", "demo", "go", "home", "in", "made", "make", "more", "name", "no", "non",
    "note", "on", "one", "rain", "same", "see", "site", "take", "to", "too",
];

/// Returns whether an English word is more probably Japanese if no other word of the text is English.
pub(super) fn is_japanese_too(word: &str) -> bool {
    JAPANESE_TOO.contains(&word)
}

/// Converts the romaji words of a normalised text to hiragana; `None` if there are none.
///
/// `known` are the Latin words of the knowledge, which are not converted.
pub(super) fn to_kana(text: &str, known: &FxHashSet<String>) -> Option<String> {
    if !text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    if text.is_ascii() {
        return sentence_to_kana(text, known);
    }
    complete_half_typed(text, known)
}

/// Converts an ASCII text if no word of it is English and at least 3 of 5 letters are romaji.
fn sentence_to_kana(text: &str, known: &FxHashSet<String>) -> Option<String> {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '\'')
        .filter(|word| !word.is_empty())
        .collect();
    let mut kana = String::new();
    let (mut converted, mut foreign) = (0_usize, 0_usize);
    for word in words {
        let letters: String = word.chars().filter(|c| *c != '\'').collect();
        let is_number = letters.bytes().all(|byte| byte.is_ascii_digit());
        let is_english = ENGLISH.contains(&letters.as_str());
        if is_english && !is_syllable(&letters) {
            return None;
        }
        match word_to_kana(&letters) {
            Some(word) if (!known.contains(&letters) || is_particle(&letters)) && !is_number => {
                converted += letters.len();
                kana.push_str(&word);
            }
            _ => {
                if !known.contains(&letters) && !is_number {
                    foreign += letters.len();
                }
                // Spaces separate the word from the kana around it.
                kana.push(' ');
                kana.push_str(&letters);
                kana.push(' ');
            }
        }
    }
    (converted > 0 && 2 * converted >= 3 * foreign).then(|| kana.trim().to_owned())
}

/// Returns the katakana reading of a word that is not in the dictionary. Latin letters are read by
/// rule, so that `selas` and セラス, `alibaba` and アリババ have the same reading.
pub(super) fn reading(word: &str) -> String {
    if !word.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return word.to_katakana();
    }
    let mut letters = String::with_capacity(word.len());
    let mut previous = ' ';
    let mut rest = word.chars().peekable();
    while let Some(letter) = rest.next() {
        let next = rest.peek().copied().unwrap_or(' ');
        let sounded = match (letter, next) {
            ('c', 'e' | 'i' | 'y') => 's',
            ('c', _) if next != 'h' => 'k',
            ('l', _) => 'r',
            ('m', 'p' | 'b') => 'n',
            (other, _) => other,
        };
        // A double consonant is one sound in English.
        if sounded != previous || "aiueo".contains(sounded) {
            letters.push(sounded);
        }
        previous = sounded;
    }
    let mut reading = String::new();
    for character in letters.to_katakana().chars() {
        match character {
            't' => reading.push('ト'),
            'd' => reading.push('ド'),
            'n' | 'm' => reading.push('ン'),
            'b' => reading.push('ブ'),
            'c' | 'k' | 'q' => reading.push('ク'),
            'f' | 'h' => reading.push('フ'),
            'g' => reading.push('グ'),
            'j' => reading.push('ジ'),
            'p' => reading.push('プ'),
            'r' => reading.push('ル'),
            's' => reading.push('ス'),
            'v' => reading.push('ブ'),
            'w' => reading.push('ウ'),
            'x' => reading.push_str("クス"),
            'y' => reading.push('イ'),
            'z' => reading.push('ズ'),
            other => reading.push(other),
        }
    }
    reading
}

/// Returns whether a word is a particle; it is converted even if the knowledge has it, as in `No.`.
fn is_particle(word: &str) -> bool {
    matches!(word, "no" | "to" | "ni" | "de" | "wa" | "ga" | "wo" | "mo")
}

/// Returns whether an English word is also a word or a syllable of Japanese.
fn is_syllable(word: &str) -> bool {
    matches!(word, "do" | "me" | "a" | "i" | "be" | "hi" | "more")
}

/// Converts a word that consists of romaji.
fn word_to_kana(word: &str) -> Option<String> {
    // A hyphen is a long-vowel mark, except at the beginning.
    let kana = word
        .trim_start_matches('-')
        .to_hiragana()
        .replace('-', "ー");
    (!kana.bytes().any(|byte| byte.is_ascii_alphabetic()) && !kana.is_empty()).then_some(kana)
}

/// Completes the last kana: `しはらi` becomes しはらい. Drops letters without a vowel: `けっs`.
fn complete_half_typed(text: &str, known: &FxHashSet<String>) -> Option<String> {
    let start = text
        .trim_end_matches(|c: char| c.is_ascii_alphabetic())
        .len();
    let (before, letters) = text.split_at(start);
    let follows_kana = before.ends_with(super::normalize::is_kana);
    if !follows_kana || letters.is_empty() || letters.len() > 4 || known.contains(letters) {
        return None;
    }
    let kana = letters.to_hiragana();
    let kana = kana.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    Some(format!("{before}{kana}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(text: &str) -> Option<String> {
        to_kana(
            text,
            &FxHashSet::from_iter(["sample".to_owned(), "vip".to_owned()]),
        )
    }

    #[test]
    fn romaji_becomes_kana() {
        assert_eq!(convert("kaiyaku shitai").as_deref(), Some("かいやくしたい"));
        assert_eq!(
            convert("sample doko ni okureba ii").as_deref(),
            Some("sample どこにおくればいい")
        );
    }

    #[test]
    fn english_stays_english() {
        for english in [
            "how do i cancel",
            "we dont have a supporter",
            "can you make a site",
            "cancel paid membership",
            "vip",
        ] {
            assert_eq!(convert(english), None, "{english}");
        }
    }

    #[test]
    fn latin_words_share_their_reading_with_kana() {
        for (latin, kana) in [
            ("selas", "セラス"),
            ("alibaba", "アリババ"),
            ("jetro", "ジェトロ"),
        ] {
            assert_eq!(reading(latin), kana);
        }
    }

    #[test]
    fn half_typed_input_is_completed() {
        assert_eq!(convert("しはらi").as_deref(), Some("しはらい"));
        assert_eq!(convert("けっs").as_deref(), Some("けっ"));
        assert_eq!(convert("有料").as_deref(), None);
    }
}
