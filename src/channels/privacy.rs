//! What may be written down of a member's words: everything but addresses and long numbers.
//!
//! Invariant: nothing that touches an `@` passes, nor six digits in a row, in half or full width
//! or as kanji, with spaces, dashes, dots, commas and the like between them. Too much is masked
//! rather than too little: a date goes too.

/// From this many digits on a number may name a person: telephone, card, postal code with more.
const LONG_NUMBER: usize = 6;

/// Stands for what was masked.
const MASK: &str = "***";

/// Replaces e-mail addresses and long numbers.
#[must_use]
pub fn mask(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut is_masked = vec![false; characters.len()];
    mask_addresses(&characters, &mut is_masked);
    mask_numbers(&characters, &mut is_masked);
    let mut masked = String::with_capacity(text.len());
    let mut was_masked = false;
    for (character, is_masked) in characters.into_iter().zip(is_masked) {
        match (is_masked, was_masked) {
            (true, false) => masked.push_str(MASK),
            (true, true) => {}
            (false, _) => masked.push(character),
        }
        was_masked = is_masked;
    }
    masked
}

/// Masks what stands around each sign of an address: a word on either side, a space between.
fn mask_addresses(characters: &[char], is_masked: &mut [bool]) {
    let is_sign = |c: &char| matches!(c, '@' | '＠' | '﹫');
    for (sign, _) in characters.iter().enumerate().filter(|(_, c)| is_sign(c)) {
        let mut start = sign;
        if start > 0 && characters[start - 1].is_whitespace() {
            start -= 1;
        }
        while start > 0 && is_word(characters[start - 1]) {
            start -= 1;
        }
        let mut end = sign + 1;
        if characters.get(end).is_some_and(|c| c.is_whitespace()) {
            end += 1;
        }
        while characters.get(end).is_some_and(|c| is_word(*c)) {
            end += 1;
        }
        is_masked[start..end].fill(true);
    }
}

/// Tells whether a character may be of an address: Japanese letters may, marks may not.
fn is_word(c: char) -> bool {
    !c.is_whitespace()
        && !matches!(
            c,
            '、' | '。'
                | '，'
                | ','
                | '「'
                | '」'
                | '（'
                | '）'
                | '('
                | ')'
                | '<'
                | '>'
                | '：'
                | ';'
        )
}

/// Masks each run of digits, with what may stand between them, that has many.
fn mask_numbers(characters: &[char], is_masked: &mut [bool]) {
    let mut index = 0;
    while index < characters.len() {
        if !is_digit(characters[index]) {
            index += 1;
            continue;
        }
        let start = index;
        let (mut digits, mut end) = (0, index);
        while let Some(c) = characters.get(index) {
            if is_digit(*c) {
                digits += 1;
                end = index + 1;
            } else if !is_between_digits(*c) {
                break;
            }
            index += 1;
        }
        if digits >= LONG_NUMBER {
            is_masked[start..end].fill(true);
        }
        index = index.max(end);
    }
}

fn is_digit(c: char) -> bool {
    c.is_numeric()
        || matches!(
            c,
            '〇' | '零' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九'
        )
}

fn is_between_digits(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '‐' | '‑' | '–' | '—' | '−' | '－' | 'ー' | '―' | '_' | '＿' | '~' | '〜'
        )
        || matches!(
            c,
            '(' | ')' | '（' | '）' | '+' | '＋' | '.' | '．' | '/' | '／' | '・' | '*'
        )
        || matches!(c, ',' | '，' | '、' | ':' | '：' | 'の')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_long_numbers_are_masked_and_words_stay() {
        for (text, masked) in [
            ("", ""),
            ("解約できません", "解約できません"),
            ("taro.yamada+x@example.co.jp へ", "*** へ"),
            (
                "連絡 taro@example.jp、電話は03-3582-8333です",
                "連絡 ***、電話は***です",
            ),
            ("連絡はtaro@example.jpへ。", "***。"),
            ("田中@example.jp", "***"),
            ("taro @ example.jp", "***"),
            ("\"taro yamada\"@example.jp", "\"taro ***"),
            ("taro@例え.jp", "***"),
            ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", "***"),
            ("０９０ー１２３４ー５６７８", "***"),
            ("090_1234_5678", "***"),
            ("090,1234,5678", "***"),
            ("〇九〇一二三四五六七八", "***"),
            ("(03) 1234 5678 まで", "(*** まで"),
            ("+81 90 1234 5678", "+***"),
            ("4111 1111 1111 1111", "***"),
            ("①②③④⑤⑥", "***"),
            ("3,500円を25日に", "3,500円を25日に"),
            ("2026年", "2026年"),
            ("会員番号jp123456789です", "会員番号jp***です"),
            ("@だけ", "***"),
            ("SELAS 2 回目", "SELAS 2 回目"),
        ] {
            assert_eq!(mask(text), masked, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_with_six_digits_in_a_row_passes(before in "\\PC{0,8}", after in "\\PC{0,8}") {
            let masked = mask(&format!("{before}987654{after}"));
            proptest::prop_assert!(!masked.contains("987654"), "{}", masked);
        }

        #[test]
        fn no_address_passes(
            before in "\\PC{0,8}", name in "[a-z0-9.+-]{1,12}", host in "[a-z0-9-]{1,9}[.][a-z]{2,4}"
        ) {
            let masked = mask(&format!("{before}{name}@{host}"));
            proptest::prop_assert!(!masked.contains(&format!("@{host}")), "{}", masked);
            proptest::prop_assert!(!masked.contains('@'), "{}", masked);
        }
    }
}
