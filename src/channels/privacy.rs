//! What may be written down of a member's words: everything but addresses and long numbers.
//!
//! Invariant: what looks like an e-mail address, or has six digits or more, in half or full
//! width and with whatever stands between them, never passes. Too much is masked rather than too
//! little: a date goes too.

/// From this many digits on a number may name a person: telephone, card, postal code with more.
const LONG_NUMBER: usize = 6;

/// Stands for what was masked.
const MASK: &str = "***";

/// Replaces e-mail addresses and long numbers.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = address(rest).or_else(|| long_number(rest));
        let length = match length {
            Some(length) => {
                masked.push_str(MASK);
                length
            }
            // A word is passed over whole, so that its end is not taken for an address.
            None if is_address_part(first) => {
                let end = rest.find(|c| !is_address_part(c) || c.is_numeric());
                let end = end.unwrap_or(rest.len()).max(first.len_utf8());
                masked.push_str(&rest[..end]);
                end
            }
            None => {
                masked.push(first);
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    masked
}

/// Returns the length of the e-mail address at the start of a text.
fn address(text: &str) -> Option<usize> {
    let at = text.find(|c| !is_address_part(c))?;
    let sign = text[at..]
        .chars()
        .next()
        .filter(|c| matches!(c, '@' | '＠'))?;
    let host = at + sign.len_utf8();
    let end = text[host..].find(|c| !is_address_part(c));
    (at > 0).then_some(end.map_or(text.len(), |end| host + end))
}

fn is_address_part(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '.' | '_' | '-' | '+' | '%')
        || matches!(c, '０'..='９' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' | '．' | '＿' | '－' | '＋')
}

/// Returns the length of the number at the start of a text if it has many digits.
fn long_number(text: &str) -> Option<usize> {
    let mut digits = 0;
    let mut end = 0;
    for (index, c) in text.char_indices() {
        if c.is_numeric() {
            digits += 1;
            end = index + c.len_utf8();
        } else if digits == 0 && !matches!(c, '+' | '＋' | '(' | '（') || !is_between_digits(c) {
            break;
        }
    }
    (digits >= LONG_NUMBER).then_some(end)
}

fn is_between_digits(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '‐' | '‑' | '–' | '—' | '−' | '－' | 'ー' | '―')
        || matches!(
            c,
            '(' | ')' | '（' | '）' | '+' | '＋' | '.' | '．' | '/' | '／' | '・' | '~'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_long_numbers_are_masked_and_words_stay() {
        for (text, masked) in [
            ("", ""),
            ("解約できません", "解約できません"),
            ("taro.yamada+x@example.co.jpへ", "***へ"),
            (
                "連絡はtaro@example.jp、電話は03-3582-8333です",
                "連絡は***、電話は***です",
            ),
            ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", "***"),
            ("０９０ー１２３４ー５６７８", "***"),
            ("(03) 1234 5678 まで", "*** まで"),
            ("+81 90 1234 5678", "***"),
            ("4111 1111 1111 1111", "***"),
            ("①②③④⑤⑥", "***"),
            ("3,500円を25日に", "3,500円を25日に"),
            ("2026年", "2026年"),
            ("会員番号jp123456789です", "会員番号jp***です"),
            ("@だけ", "@だけ"),
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
        fn no_address_passes(before in "\\PC{0,8}", after in "\\PC{0,8}") {
            let masked = mask(&format!("{before}taro@example.jp{after}"));
            proptest::prop_assert!(!masked.contains("taro@example.jp"), "{}", masked);
        }
    }
}
