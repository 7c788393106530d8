//! Finds the quantities of a text: numbers with their units, labels, bounds and ranges.
//!
//! Input: the letters of a normalised text. Output: [`Quantity`]s in the order of the text.

use std::borrow::Cow;

use super::bounds::{bound_after, bound_before, counts_days};
use super::number::{Number, ONE, is_numeral, number};
use super::point::{Point, point, special};
use super::units::{ends_with, is_word, label, starts_with, unit};
use super::value::{CLOCK, DATE, DAY, DAYS, Quantity, YEAR};
use crate::search::analysis::normalize::{is_hiragana, is_kana};
use crate::search::analysis::token::katakana_stem;

/// Marks a circled digit, which NFKC turns into a plain one.
pub(super) const CIRCLED: char = '#';

/// The mark that makes a digit a keycap: 2️⃣.
const KEYCAP: char = '\u{20e3}';

/// Unit of a circled digit without a word before it, and of 手順.
const STEP: &str = "手順";

/// Roman numerals after a label: 手順Ⅱ.
const ROMAN: [&str; 10] = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"];

/// English number words before a unit: six months.
pub(super) const ENGLISH: [&str; 12] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
];

/// Signs and words between the ends of a range.
const RANGE_SIGNS: [&str; 10] = ["〜", "~", " - ", "-", "–", "—", "−", "から", " to ", "ー"];

/// Maximum length of a Latin word that labels a number: windows11.
const MAX_LABEL_CHARS: usize = 12;

/// Finds the quantities.
pub(super) fn scan(letters: &[char]) -> Vec<Quantity> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        at = quantity(letters, at, &mut found);
    }
    found
}

/// Adds the quantity that begins at a position, and returns the position to go on from.
fn quantity(letters: &[char], start: usize, found: &mut Vec<Quantity>) -> usize {
    let letter = letters[start];
    if letter.is_ascii_alphabetic() {
        return latin(letters, start, found);
    }
    if !is_numeral(letter) {
        match special(letters, start) {
            Some(point) => return finish(letters, start, point, found),
            None => return start + 1,
        }
    }
    let Some(number) = number(letters, start) else {
        // A number that is too long: skips all of it.
        let rest = letters[start..].iter();
        return start + rest.take_while(|letter| is_numeral(**letter)).count();
    };
    let before = start.checked_sub(1).map(|before| letters[before]);
    // 数十人 is no number.
    let is_vague = matches!(before, Some('数' | '何' | '幾'))
        || matches!(letters.get(number.end), Some('数' | '幾'));
    if is_vague || (number.is_kanji && is_word(&letters[start..])) {
        return number.end;
    }
    if let Some(point) = point(letters, start) {
        return finish(letters, start, point, found);
    }
    // 3〜5日: the unit follows the second number.
    if let Some(length) = range_sign(letters, number.end)
        && !matches!(before, Some('-' | '/' | '.'))
        && let Some(mut point) = point(letters, number.end + length)
    {
        if point.unit != DATE && point.unit != YEAR {
            let is_scaled = point.is_myriad && !number.is_myriad;
            let myriad = if is_scaled { 10_000 } else { 1 };
            point.low = number.value.saturating_mul(point.factor * myriad);
            point.is_twelve_hour = false;
        }
        return finish(letters, start, point, found);
    }
    if let Some((name, end)) = numbered(letters, start, &number) {
        let point = Point::new(name, number.value, 1, end);
        return finish(letters, start, point, found);
    }
    number.end
}

/// Adds a point, extended to a range and bounded by the words around it.
fn finish(letters: &[char], start: usize, mut first: Point, found: &mut Vec<Quantity>) -> usize {
    let mut end = first.end;
    let counts_days = counts_days(letters.get(end..).unwrap_or_default());
    let mut is_range = first.low != first.high;
    if first.low == first.high || first.unit == DATE {
        if let Some(second) = range_end(letters, &first) {
            first.high = second.high;
            end = second.end;
            is_range = true;
            let later = first.high.saturating_add(12 * 60 * ONE);
            let is_next_day = letters[start..end].contains(&'翌');
            if first.unit == CLOCK && first.high < first.low && later >= first.low {
                // 午後1時から5時; but 22時から翌5時 and 午後10時から午前5時 go over midnight.
                if second.is_twelve_hour && !is_next_day {
                    first.high = later;
                }
            }
            first.is_twelve_hour = false;
        } else if let Some((bound, length)) = bound_after(&letters[end..]) {
            end += length;
            first.bound(bound);
        } else if let Some(bound) = bound_before(&letters[..start]) {
            first.bound(bound);
        }
    }
    if first.unit == DAY && (is_range || counts_days) {
        first.unit = DAYS.into();
    }
    if let Some((unit, value)) = first.also.take() {
        found.push(Quantity::exact(unit, value));
    }
    if first.unit != "-" {
        found.push(Quantity {
            unit: first.unit,
            low: first.low,
            high: first.high,
            is_twelve_hour: first.is_twelve_hour,
        });
    }
    end
}

/// Reads the second end of a range: 〜5日, から17時.
fn range_end(letters: &[char], first: &Point) -> Option<Point> {
    let start = first.end + range_sign(letters, first.end)?;
    // 9時〜午後5時
    let rest = letters.get(start..).unwrap_or_default();
    let prefixes = [
        "午前", "午後", "夜", "夕方", "翌日", "翌", "第", "¥", "$", "同月", "同年",
    ];
    let prefix = prefixes.iter().find(|prefix| starts_with(rest, prefix));
    let start = start + prefix.map_or(0, |prefix| prefix.chars().count());
    let mut second = point(letters, start).or_else(|| special(letters, start))?;
    if first.unit == DATE && second.unit == DAY {
        // 1月2日〜5日
        let month = first.low / (100 * ONE) * 100 * ONE;
        second.high = second.high.saturating_add(month);
        second.unit = DATE.into();
    }
    // 3日から1週間
    let is_days = first.unit == DAY && second.unit == DAYS;
    (first.unit == second.unit || is_days).then_some(second)
}

/// Returns the length of the sign or word of a range at a position.
fn range_sign(letters: &[char], at: usize) -> Option<usize> {
    let rest = letters.get(at..)?;
    let sign = RANGE_SIGNS.iter().find(|sign| starts_with(rest, sign));
    sign.map(|sign| sign.chars().count())
}

/// Reads a Latin word: a number word before a unit, or a Roman numeral after a label. Returns the
/// position to go on from.
fn latin(letters: &[char], start: usize, found: &mut Vec<Quantity>) -> usize {
    let rest = letters[start..].iter();
    let word: String = rest
        .take_while(|letter| letter.is_ascii_alphabetic())
        .collect();
    let end = start + word.len();
    let position = |words: &[&str]| words.iter().position(|known| *known == word);
    let value = |position: usize| i64::try_from(position + 1).unwrap_or(0) * ONE;
    let rest = letters.get(end..).unwrap_or_default();
    if let Some(position) = position(&ENGLISH)
        && let Some(unit) = unit(rest)
        && unit.name != "-"
    {
        let amount = value(position).saturating_mul(unit.factor);
        let point = Point::new(unit.name, amount, unit.factor, end + unit.length);
        return finish(letters, start, point, found);
    }
    if let Some(position) = position(&ROMAN)
        && !rest.first().is_some_and(char::is_ascii_digit)
        && let Some(name) = label(&letters[..start])
    {
        return finish(
            letters,
            start,
            Point::new(name, value(position), 1, end),
            found,
        );
    }
    end
}

/// Returns the label of a number without a unit, and the position after the number.
fn numbered(letters: &[char], start: usize, number: &Number) -> Option<(Cow<'static, str>, usize)> {
    number.whole(0..=9_999)?;
    let next = letters.get(number.end).copied();
    let is_joined = |sign: char| "/-.:@".contains(sign);
    if next.is_some_and(|sign| {
        is_joined(sign)
            && letters
                .get(number.end + 1)
                .is_some_and(char::is_ascii_alphanumeric)
    }) {
        return None;
    }
    let before = &letters[..start];
    // 手順一覧 has no number, and 手順2確認 has one.
    let is_in_word = |letter: char| letter.is_alphanumeric() && !is_hiragana(letter);
    let is_free = !next.is_some_and(|letter| is_in_word(letter) || letter == 'つ');
    if (!number.is_kanji || is_free)
        && let Some(name) = label(before)
    {
        return Some((name.into(), number.end));
    }
    if before.last() == Some(&CIRCLED) || next == Some(KEYCAP) {
        return Some((STEP.into(), number.end));
    }
    if ends_with(before, "第") {
        return Some(("第".into(), number.end));
    }
    if number.is_kanji || !is_free {
        return None;
    }
    // In an English sentence, a number after a word counts the next one: the 3 plans.
    let is_english = letters.iter().all(char::is_ascii);
    let before = match before {
        [rest @ .., ' '] if !is_english => rest,
        before => before,
    };
    word_before(before).map(|word| (word.into(), number.end))
}

/// Returns the katakana or Latin word at the end of the letters: サーバー, windows.
fn word_before(before: &[char]) -> Option<String> {
    let last = *before.last()?;
    let is_katakana = |letter: &char| is_kana(*letter) && !is_hiragana(*letter);
    let letters: Vec<char> = if last.is_ascii_alphabetic() {
        let word = before.iter().rev();
        word.take_while(|letter| letter.is_ascii_alphabetic())
            .copied()
            .collect()
    } else {
        let word = before.iter().rev();
        word.take_while(|letter| is_katakana(letter))
            .copied()
            .collect()
    };
    let word: String = letters.iter().rev().collect();
    let is_name =
        letters.len() <= MAX_LABEL_CHARS && (last.is_ascii_alphabetic() || letters.len() > 1);
    is_name.then(|| katakana_stem(word))
}
