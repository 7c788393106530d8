//! Masks personal data in a member's words: e-mail addresses and long numbers.
//!
//! Invariant: every word next to an `@` is masked, and every number of six digits or more, in
//! half or full width or in kanji, also with spaces, dashes, dots or commas between the digits.
//! False positives, for example dates, are accepted.

/// Numbers of at least this many digits may identify a person: telephone, card, account.
const MIN_MASKED_DIGITS: usize = 6;

/// Replaces masked text.
const MASK: &str = "***";

/// Replaces e-mail addresses and long numbers by `***`.
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

/// Masks each at sign with the word on either side, also if one space separates them.
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

/// Returns whether a character can be part of an address; Japanese letters can.
fn is_word(c: char) -> bool {
    !c.is_whitespace() && !"、。，,「」（）()<>：;".contains(c)
}

/// Masks each long number together with the separators between its digits.
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
            } else if !is_separator(*c) {
                break;
            }
            index += 1;
        }
        if digits >= MIN_MASKED_DIGITS {
            is_masked[start..end].fill(true);
        }
        index = index.max(end);
    }
}

fn is_digit(c: char) -> bool {
    c.is_numeric() || "〇零一二三四五六七八九".contains(c)
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || "-‐‑–—−－ー―_＿~〜()（）+＋.．/／・*,，、:：の".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_long_numbers_are_masked_and_words_are_kept() {
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
        fn six_consecutive_digits_never_pass(before in "\\PC{0,8}", after in "\\PC{0,8}") {
            let masked = mask(&format!("{before}987654{after}"));
            proptest::prop_assert!(!masked.contains("987654"), "{}", masked);
        }

        #[test]
        fn an_address_never_passes(
            before in "\\PC{0,8}", name in "[a-z0-9.+-]{1,12}", host in "[a-z0-9-]{1,9}[.][a-z]{2,4}"
        ) {
            let masked = mask(&format!("{before}{name}@{host}"));
            proptest::prop_assert!(!masked.contains(&format!("@{host}")), "{}", masked);
            proptest::prop_assert!(!masked.contains('@'), "{}", masked);
        }
    }
}
