//! Romaji and half-typed kana, converted to kana by `wana_kana` where the text is Japanese.
//!
//! The difficulty is to leave English alone: 「can you do this」 can be spelled in kana as well.

use std::collections::HashSet;

use wana_kana::ConvertJapanese;

/// English words that romaji does not have; one of them makes a text English. Words that are
/// Japanese too (`no`, `to`, `made`, `are`) are left out on purpose.
const ENGLISH: &[&str] = &[
    "a", "about", "an", "and", "any", "anyone", "at", "be", "been", "but", "by", "can", "cant",
    "could", "did", "didnt", "do", "does", "doesnt", "dont", "for", "from", "get", "give", "had",
    "has", "have", "help", "hello", "hi", "hey", "how", "i", "if", "im", "in", "is", "isnt", "it",
    "its", "just", "like", "me", "more", "much", "my", "need", "not", "of", "ok", "on", "only",
    "or", "our", "please", "send", "should", "someone", "than", "thanks", "that", "the", "their",
    "them", "there", "they", "this", "use", "want", "was", "we", "what", "when", "where", "which",
    "who", "why", "will", "with", "without", "would", "you", "your",
];

/// Converts the romaji words of a normalised text to hiragana, if it is romaji at all.
///
/// `known` holds the Latin words that the knowledge itself uses; they stay as they are. Returns
/// nothing if there is nothing to convert.
pub(super) fn to_kana(text: &str, known: &HashSet<String>) -> Option<String> {
    if !text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    if text.is_ascii() {
        return sentence_to_kana(text, known);
    }
    finish_half_typed(text, known)
}

/// A text in Latin letters is romaji if no word of it is English and its letters are kana.
fn sentence_to_kana(text: &str, known: &HashSet<String>) -> Option<String> {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '\'')
        .filter(|word| !word.is_empty())
        .collect();
    let mut kana = String::new();
    let (mut converted, mut foreign) = (0_usize, 0_usize);
    for word in words {
        let letters: String = word.chars().filter(|c| *c != '\'').collect();
        let is_number = letters.bytes().all(|byte| byte.is_ascii_digit());
        // `do` and `me` are English words and Japanese syllables: they decide nothing alone.
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
                // A space on either side keeps the word apart from the kana around it.
                kana.push(' ');
                kana.push_str(&letters);
                kana.push(' ');
            }
        }
    }
    (converted > 0 && 2 * converted >= 3 * foreign).then(|| kana.trim().to_owned())
}

/// Reads a word that the dictionary does not know: kana as they are, Latin letters by rule, so
/// that `selas` and セラス, `alibaba` and アリババ share their reading.
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
        // A doubled consonant is one sound in English words.
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

/// Between other words of romaji these are what they always are, even where the knowledge has a
/// `No.` of its own.
fn is_particle(word: &str) -> bool {
    matches!(word, "no" | "to" | "ni" | "de" | "wa" | "ga" | "wo" | "mo")
}

fn is_syllable(word: &str) -> bool {
    matches!(
        word,
        "do" | "me" | "a" | "i" | "be" | "hi" | "made" | "more"
    )
}

/// Converts a word if all of it is romaji.
fn word_to_kana(word: &str) -> Option<String> {
    // A hyphen lengthens a vowel and begins no word.
    let kana = word
        .trim_start_matches('-')
        .to_hiragana()
        .replace('-', "ー");
    (!kana.bytes().any(|byte| byte.is_ascii_alphabetic()) && !kana.is_empty()).then_some(kana)
}

/// Half-typed input: `しはらi` becomes しはらい, `けっs` loses the letter that is not a syllable
/// yet.
fn finish_half_typed(text: &str, known: &HashSet<String>) -> Option<String> {
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
            &HashSet::from(["sample".to_owned(), "vip".to_owned()]),
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
    fn half_typed_input_is_finished() {
        assert_eq!(convert("しはらi").as_deref(), Some("しはらい"));
        assert_eq!(convert("けっs").as_deref(), Some("けっ"));
        assert_eq!(convert("有料").as_deref(), None);
    }
}
