//! Reads numbers: 3,500 and 三千五百, 2.5万, 壱万, 二〇二六.
//!
//! Input: the letters of a normalised text and a position. Output: the value in thousandths, since
//! quantities are compared exactly.

/// The value 1; a [`Number`] counts thousandths.
pub(super) const ONE: i64 = 1_000;

/// Maximum number of digits in a row that are read; longer ones are telephone or member numbers.
const MAX_DIGITS: usize = 9;

/// A number as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    /// Thousandths.
    pub(super) value: i64,
    /// Position after its last letter.
    pub(super) end: usize,
    /// Whether it contains no Arabic digit.
    pub(super) is_kanji: bool,
    /// Whether 万 or 億 is part of it.
    pub(super) is_myriad: bool,
    /// Whether it begins with a zero and has more digits: 01, but not 0.5.
    pub(super) has_leading_zero: bool,
}

impl Number {
    /// Returns the value if it is a whole number in a range.
    pub(super) fn whole(&self, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let whole = self.value / ONE;
        (self.value % ONE == 0 && range.contains(&whole)).then_some(whole)
    }
}

/// Returns the value of a kanji digit.
fn kanji_digit(letter: char) -> Option<i64> {
    let digits = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let value = match letter {
        '零' => Some(0),
        '壱' => Some(1),
        '弐' => Some(2),
        _ => digits.iter().position(|digit| *digit == letter),
    };
    value.and_then(|value| i64::try_from(value).ok())
}

/// Returns the value of a multiplier below 万.
fn small_multiplier(letter: char) -> Option<i64> {
    match letter {
        '十' | '拾' => Some(10),
        '百' => Some(100),
        '千' => Some(1_000),
        _ => None,
    }
}

fn great_multiplier(letter: char) -> Option<i64> {
    match letter {
        '万' => Some(10_000),
        '億' => Some(100_000_000),
        _ => None,
    }
}

/// Returns whether a number may begin with a letter.
pub(super) fn is_numeral(letter: char) -> bool {
    letter.is_ascii_digit() || kanji_digit(letter).is_some() || small_multiplier(letter).is_some()
}

/// Reads the number that begins at a position, if one does.
pub(super) fn number(letters: &[char], start: usize) -> Option<Number> {
    let mut number = Number {
        value: 0,
        end: start,
        is_kanji: true,
        is_myriad: false,
        has_leading_zero: false,
    };
    let (mut total, mut section) = (0_i64, 0_i64);
    // The digits before the next multiplier.
    let mut digits: Option<i64> = None;
    let mut is_last_kanji_digit = false;
    while let Some(letter) = letters.get(number.end).copied() {
        let mut length = 1;
        let was_kanji_digit = std::mem::take(&mut is_last_kanji_digit);
        if letter.is_ascii_digit() && digits.is_none() {
            let (value, after) = arabic(letters, number.end)?;
            number.is_kanji = false;
            number.has_leading_zero = letter == '0' && after > number.end + 1 && value >= ONE;
            digits = Some(value);
            length = after - number.end;
        } else if let Some(digit) = kanji_digit(letter)
            && (digits.is_none() || was_kanji_digit)
        {
            let before = digits.unwrap_or(0);
            digits = Some(before.saturating_mul(10).saturating_add(digit * ONE));
            is_last_kanji_digit = true;
        } else if let Some(multiplier) = small_multiplier(letter) {
            let value = digits.take().unwrap_or(ONE).saturating_mul(multiplier);
            section = section.saturating_add(value);
        } else if let Some(multiplier) = great_multiplier(letter)
            && (digits.is_some() || section > 0)
        {
            let value = section.saturating_add(digits.take().unwrap_or(0));
            total = total.saturating_add(value.saturating_mul(multiplier));
            section = 0;
            number.is_myriad = true;
        } else {
            break;
        }
        number.end += length;
    }
    number.value = total
        .saturating_add(section)
        .saturating_add(digits.unwrap_or(0));
    (number.end > start).then_some(number)
}

/// Reads Arabic digits with their thousands separators and decimals; returns the value and the
/// position after it. `None` for a telephone number and the like.
fn arabic(letters: &[char], start: usize) -> Option<(i64, usize)> {
    let digits_at = |at: usize| {
        let rest = letters.get(at..).unwrap_or_default();
        rest.iter()
            .take_while(|letter| letter.is_ascii_digit())
            .count()
    };
    let mut digits: String = letters[start..start + digits_at(start)].iter().collect();
    if digits.len() > MAX_DIGITS {
        return None;
    }
    let mut end = start + digits.len();
    let is_money = |at: usize| matches!(letters.get(at), Some('円' | 'え'));
    // 3,500 and 3、500; 3 500円 and 3.500円 only before the unit, since 3 500 may be two numbers.
    let mut is_grouped = false;
    while digits.len() <= MAX_DIGITS - 3
        && (is_grouped || digits.len() <= 3)
        && let Some(separator) = letters.get(end)
        && digits_at(end + 1) == 3
        && (matches!(separator, ',' | '、' | '\'')
            || matches!(separator, ' ' | '.') && is_money(end + 4))
    {
        digits.extend(&letters[end + 1..end + 4]);
        is_grouped = true;
        end += 4;
    }
    let whole: i64 = digits.parse().ok()?;
    let mut value = whole.saturating_mul(ONE);
    // 2.5, but neither 2026.1.2 nor a version 1.2.3.
    let decimals = digits_at(end + 1);
    if letters.get(end) == Some(&'.')
        && (1..=3).contains(&decimals)
        && letters.get(end + 1 + decimals) != Some(&'.')
    {
        let text: String = letters[end + 1..end + 1 + decimals].iter().collect();
        let fraction: i64 = format!("{text:0<3}").parse().ok()?;
        value = value.saturating_add(fraction);
        end += 1 + decimals;
    }
    Some((value, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_notation() {
        for (text, expected) in [
            ("3500", 3500),
            ("3,500", 3500),
            ("3、500", 3500),
            ("3'500", 3500),
            ("3 500円", 3500),
            ("3.500円", 3500),
            ("三千五百", 3500),
            ("3千5百", 3500),
            ("三五〇〇", 3500),
            ("1,234,567", 1_234_567),
            ("一万", 10_000),
            ("壱万", 10_000),
            ("弐拾万", 200_000),
            ("2.0万", 20_000),
            ("1.5万", 15_000),
            ("1億2,000万", 120_000_000),
            ("二十九", 29),
            ("十", 10),
            ("百五", 105),
            ("二〇二六", 2026),
            ("05", 5),
        ] {
            let letters: Vec<char> = text.chars().collect();
            let found = number(&letters, 0).map(|number| number.value);
            assert_eq!(found, Some(expected * ONE), "{text}");
        }
    }

    #[test]
    fn other_digits_are_no_number() {
        let letters: Vec<char> = "09012345678".chars().collect();
        assert_eq!(number(&letters, 0), None);
        let letters: Vec<char> = "1、2、300".chars().collect();
        assert_eq!(number(&letters, 0).map(|number| number.value), Some(ONE));
        let letters: Vec<char> = "2026.1.2".chars().collect();
        let found = number(&letters, 0);
        assert_eq!(found.map(|number| number.value), Some(2026 * ONE));
    }
}
