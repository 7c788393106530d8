//! The character filter: text -> normalised text.
//!
//! The result is in NFKC and lower case, without invisible characters and accents, with kanji in
//! their present forms, one kind of long-vowel mark, one space between words, and at most two of the
//! same character in a row (one ー or っ, any number of digits).
//!
//! Invariants: idempotent; never panics.

use unicode_normalization::UnicodeNormalization;

use super::variants::{fold, is_dash, is_mistaken_mark, is_saito, modern};

/// Distance between the code points of a hiragana and its katakana.
pub(super) const KATAKANA_OFFSET: u32 = 96;

/// Distance between the code points of a full-width form and its ASCII character.
const FULL_WIDTH_OFFSET: u32 = 0xfee0;

/// Normalises a text. Keeps punctuation for spelling variants such as `alibaba.com`.
pub(super) fn normalize(text: &str) -> String {
    // Most texts have plain characters only, for which the general way does too much.
    if text.chars().all(is_plain) {
        return clean(text.chars().map(fold_plain), text.len());
    }
    // Before NFKC: an invisible character separates a kana from its voicing mark, and NFKC would put
    // a space before a voicing mark that is a character of its own (ハ゛).
    let visible = text.chars().filter(|character| !is_invisible(*character));
    let visible = visible.map(combining_voicing_mark);
    let folded = visible.nfkc().flat_map(char::to_lowercase).flat_map(fold);
    clean(folded, text.len())
}

/// Returns whether one character stands for a character in NFKC, whatever its neighbours are.
fn is_plain(character: char) -> bool {
    matches!(
        character,
        '\u{0}'..='\u{7f}'
            | 'ぁ'..='ゖ'
            | 'ァ'..='ヺ'
            | '一'..='鿿'
            | '！'..='～'
            | 'ー' | '、' | '。' | '「' | '」' | '・' | '\u{3000}'
    )
}

/// Returns a plain character in NFKC, in lower case and in its present form.
fn fold_plain(character: char) -> char {
    match character {
        '一'..='鿿' => modern(character),
        '！'..='～' => char::from_u32(u32::from(character) - FULL_WIDTH_OFFSET)
            .map_or(character, |ascii| ascii.to_ascii_lowercase()),
        '\u{3000}' => ' ',
        other => other.to_ascii_lowercase(),
    }
}

/// Replaces spaces, dashes and mistaken marks in a folded text, and shortens runs.
fn clean(folded: impl Iterator<Item = char>, length: usize) -> String {
    let mut normal = String::with_capacity(length);
    let mut run = 0_usize;
    // Whether a kanji 一 of the current katakana word was a mistaken ー.
    let mut has_mistaken_mark = false;
    let mut folded = folded.peekable();
    while let Some(character) = folded.next() {
        let character = match character {
            c if c.is_whitespace() || c.is_control() => ' ',
            c if is_dash(c) && normal.ends_with(is_kana) => 'ー',
            '一' => {
                let (previous, next) = (normal.chars().next_back(), folded.peek().copied());
                has_mistaken_mark = is_mistaken_mark(previous, next, has_mistaken_mark);
                if has_mistaken_mark { 'ー' } else { '一' }
            }
            '斎' if is_saito(folded.peek().copied()) => '斉',
            c => c,
        };
        has_mistaken_mark &= is_kana(character);
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

/// Folds the variant characters of a text and drops invisible ones, and nothing else. Returns for each
/// byte of the result, and for its end, the position in the text.
pub(super) fn fold_in_place(text: &str) -> (String, Vec<usize>) {
    let mut folded = String::with_capacity(text.len());
    let mut positions = Vec::with_capacity(text.len() + 1);
    for (position, character) in text.char_indices() {
        if !is_invisible(character) {
            folded.extend(fold(character));
        }
        positions.resize(folded.len(), position);
    }
    positions.push(text.len());
    (folded, positions)
}

/// Replaces a voicing mark that is a character of its own by the one that joins the kana before it.
fn combining_voicing_mark(character: char) -> char {
    match character {
        '゛' => '\u{3099}',
        '゜' => '\u{309a}',
        other => other,
    }
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

/// Returns whether a character is hiragana.
pub(super) fn is_hiragana(character: char) -> bool {
    matches!(character, 'ぁ'..='ゖ')
}

fn is_word_character(character: char) -> bool {
    // The commonest ones first: the tables of Unicode are slow.
    matches!(character, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | '一'..='鿿' | '々' | '〇')
        || character.is_alphanumeric()
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
    use unicode_normalization::char::{canonical_combining_class, compose};

    use super::*;

    #[test]
    fn width_case_and_invisible_characters_do_not_matter() {
        assert_eq!(normalize("ＳＥＬＡＳ　ｶｲﾔｸ"), "selas カイヤク");
        assert_eq!(normalize("解\u{200b}約\u{feff}"), "解約");
        assert_eq!(normalize("\u{202e}abc\u{0}def"), "abc def");
    }

    #[test]
    fn plain_characters_are_folded_as_all_others() {
        let plain = ('\0'..='\u{ffff}').filter(|character| is_plain(*character));
        for character in plain {
            let general = std::iter::once(character).nfkc();
            let general = general.flat_map(char::to_lowercase).flat_map(fold);
            assert!(general.eq([fold_plain(character)]), "{character}");
            assert!(!is_invisible(character), "{character}");
            // Nothing is joined to the character before it.
            assert_eq!(canonical_combining_class(character), 0, "{character}");
            let joined = "かがa一"
                .chars()
                .filter_map(|before| compose(before, character));
            assert_eq!(joined.count(), 0, "{character}");
        }
    }

    #[test]
    fn long_vowel_marks_and_runs_are_folded() {
        assert_eq!(normalize("サポ-タ―"), "サポーター");
        assert_eq!(normalize("やめたーーーい！！！！！"), "やめたーい!!");
        assert_eq!(normalize("10000円"), "10000円");
    }

    #[test]
    fn variant_characters_are_folded() {
        for (variant, expected) in [
            ("髙﨑", "高崎"),
            ("渡邊・渡邉", "渡辺・渡辺"),
            ("齋藤 齊藤 斎藤", "斉藤 斉藤 斉藤"),
            ("書齋で一齊に", "書斎で一斉に"),
            // A variation selector, a compatibility ideograph, a radical.
            ("葛\u{e0100}城", "葛城"),
            ("\u{fa19}社", "神社"),
            ("⻑野", "長野"),
            ("Café ZOË", "cafe zoe"),
            ("ハ゛イク", "バイク"),
        ] {
            assert_eq!(normalize(variant), expected, "{variant}");
        }
    }

    #[test]
    fn folding_in_place_keeps_the_positions() {
        let text = "髙\u{e0100}﨑とCafé";
        let (folded, positions) = fold_in_place(text);
        assert_eq!(folded, "高崎とCafe");
        let end = folded.find("崎").unwrap_or_default();
        assert_eq!(&text[..positions[end]], "髙\u{e0100}");
        assert_eq!(&text[positions[folded.len() - 1]..], "é");
        assert_eq!(positions[folded.len()], text.len());
    }

    #[test]
    fn look_alikes_of_the_long_vowel_mark_are_folded() {
        for dash in "~〜〰-‐‑‒–—―−⎯─━➖ーｰ一".chars() {
            let text = format!("メ{dash}ルサ{dash}バ{dash}の設定");
            assert_eq!(normalize(&text), "メールサーバーの設定", "{dash}");
        }
        for number in ["プラン一つ", "ペア一カ月", "データ一覧", "サーバー一台"]
        {
            assert_eq!(normalize(number), number);
        }
    }

    #[test]
    fn punctuation_separates_words() {
        assert_eq!(drop_punctuation("解約(退会)は？😢 q&a"), "解約 退会 は q a");
        assert_eq!(drop_punctuation("。。。"), "");
    }
}
