//! Reads dates, years and times of day: 1月29日 and 1/29, 令和8年 and 2026年, 午後3時 and 15:00.
//!
//! Input: the letters of a normalised text and a position. A date is the number `month * 100 + day`;
//! a month is the range of its days. A time of day is a number of minutes.

use super::number::{Number, number};
use super::units::{ends_with, starts_with, unit};

/// Years that are written without an era.
const YEARS: std::ops::RangeInclusive<i64> = 1_900..=2_100;

/// Japanese eras with the year before their first one.
const ERAS: [(&str, i64); 8] = [
    ("令和", 2018),
    ("平成", 1988),
    ("昭和", 1925),
    ("大正", 1911),
    ("明治", 1867),
    ("r", 2018),
    ("h", 1988),
    ("s", 1925),
];

/// A date as it is written; at least one of year and days is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Date {
    pub(super) year: Option<i64>,
    /// The first and the last day.
    pub(super) days: Option<(i64, i64)>,
    pub(super) end: usize,
}

/// A time of day as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub(super) minutes: i64,
    /// Whether it may be twelve hours later: 3時 without 午前 or 午後.
    pub(super) is_twelve_hour: bool,
    pub(super) end: usize,
}

/// Reads the date that begins at a position with a number or with 元年.
pub(super) fn date(letters: &[char], start: usize) -> Option<Date> {
    if let Some(date) = numeric_date(letters, start) {
        return Some(date);
    }
    let (first, end) = match letters.get(start) {
        Some('元') => (1, start + 1),
        _ => {
            let number = number(letters, start)?;
            (number.whole(1..=9_999)?, number.end)
        }
    };
    let era = era(&letters[..start]);
    let is_year_sign = letters.get(end) == Some(&'年');
    // R8 without 年 is common, S3 and H1 are names of products.
    let is_bare_year = ends_with(&letters[..start], "r") && !is_part_of_number(letters, end);
    let year = match era {
        Some((before, is_name)) if is_year_sign || (!is_name && is_bare_year) => {
            Some(before + first).filter(|_| first < 100)
        }
        _ => Some(first).filter(|year| is_year_sign && YEARS.contains(year)),
    };
    let Some(year) = year else {
        return days(letters, start);
    };
    let mut end = end + usize::from(is_year_sign);
    if letters.get(end) == Some(&'度') {
        end += 1;
    }
    let after = end + usize::from(letters.get(end) == Some(&' '));
    let days = days(letters, after);
    Some(Date {
        year: Some(year),
        end: days.map_or(end, |days| days.end),
        days: days.and_then(|days| days.days),
    })
}

/// Returns the year before the first year of the era at the end of the letters, and whether its name
/// is written in full.
fn era(before: &[char]) -> Option<(i64, bool)> {
    let before = match before {
        [rest @ .., ' '] => rest,
        before => before,
    };
    let found = ERAS.iter().find(|(name, _)| {
        ends_with(before, name)
            && (name.len() > 1
                || !before
                    .iter()
                    .rev()
                    .nth(1)
                    .is_some_and(char::is_ascii_alphanumeric))
    });
    found.map(|(name, year)| (*year, name.len() > 1))
}

/// Reads a month with or without a day: 1月29日, 1月の29日, 12月29, 1月.
fn days(letters: &[char], start: usize) -> Option<Date> {
    let first = number(letters, start)?;
    let month = first.whole(1..=12)?;
    if letters.get(first.end) != Some(&'月') {
        return None;
    }
    let end = first.end + 1;
    // 月額, 2月間 and 3月号 are no dates; 月 with a bound or a day is.
    if matches!(letters.get(end), Some('額' | '間' | '謝' | '号')) {
        return None;
    }
    let day_start = end + usize::from(matches!(letters.get(end), Some('の' | ' ')));
    let with_day = number(letters, day_start).and_then(|second: Number| {
        let day = second.whole(1..=31)?;
        let rest = letters.get(second.end..).unwrap_or_default();
        let is_day = rest.first() == Some(&'日');
        (is_day || (!second.is_kanji && unit(rest).is_none()))
            .then_some((day, second.end + usize::from(is_day)))
    });
    let (days, end) = match with_day {
        Some((day, end)) => ((month * 100 + day, month * 100 + day), end),
        None => ((month * 100 + 1, month * 100 + 31), end),
    };
    Some(Date {
        year: None,
        days: Some(days),
        end,
    })
}

/// Reads a date in digits: 2026/1/29, 2026-01-29, 1/29, 12-29.
fn numeric_date(letters: &[char], start: usize) -> Option<Date> {
    let before = start.checked_sub(1).and_then(|at| letters.get(at)).copied();
    let (first, end) = digits(letters, start)?;
    let separator = letters.get(end).copied();
    let separator = separator.filter(|sign| matches!(sign, '/' | '-' | '.'))?;
    let (second, second_end) = digits(letters, end + 1)?;
    if letters.get(second_end) == Some(&separator) {
        let (third, end) = digits(letters, second_end + 1)?;
        let year = match era(&letters[..start]) {
            Some((before, _)) if first < 100 => before + first,
            _ => first,
        };
        let is_date = YEARS.contains(&year) && is_day(second, third);
        return (is_date && !is_part_of_number(letters, end)).then_some(Date {
            year: Some(year),
            days: Some((second * 100 + third, second * 100 + third)),
            end,
        });
    }
    let is_free = |letter: char| !(letter.is_ascii_alphanumeric() || "/-.".contains(letter));
    // 3-1 may be a section and 1.5 a decimal: only a day after the 12th makes it a date.
    let is_certain = separator == '/' || second > 12;
    (is_certain
        && is_day(first, second)
        && before.is_none_or(is_free)
        && !is_part_of_number(letters, second_end)
        && (separator == '/' || unit(letters.get(second_end..).unwrap_or_default()).is_none()))
    .then_some(Date {
        year: None,
        days: Some((first * 100 + second, first * 100 + second)),
        end: second_end,
    })
}

fn is_day(month: i64, day: i64) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// Returns whether digits go on at a position: a telephone number or a version.
fn is_part_of_number(letters: &[char], at: usize) -> bool {
    let sign = letters.get(at).is_some_and(|sign| "/-.".contains(*sign));
    let letter = |at: usize| letters.get(at).is_some_and(char::is_ascii_alphanumeric);
    letter(at) || (sign && letter(at + 1))
}

/// Reads one to four Arabic digits; returns their value and the position after them.
fn digits(letters: &[char], start: usize) -> Option<(i64, usize)> {
    let rest = letters.get(start..)?.iter();
    let digits: String = rest.take_while(|letter| letter.is_ascii_digit()).collect();
    let value = digits.parse().ok()?;
    (digits.len() <= 4).then_some((value, start + digits.len()))
}

/// Reads the time of day that begins at a position with a number.
pub(super) fn clock(letters: &[char], start: usize) -> Option<Clock> {
    let (hour, minute, mut end, is_ambiguous) = hour_and_minute(letters, start)?;
    let suffix = english_half(letters, end);
    if let Some((_, after)) = suffix {
        end = after;
    }
    let half = half(&letters[..start]).or(suffix.map(|(is_afternoon, _)| is_afternoon));
    let is_afternoon = half == Some(true);
    // 12 am is midnight and 12 pm is noon; 午後12時 is noon or midnight.
    let hour = match (half, hour) {
        (Some(false), 12) if suffix.is_some() => 0,
        (_, hour) if is_afternoon && hour < 12 => hour + 12,
        (_, hour) => hour,
    };
    Some(Clock {
        minutes: hour * 60 + minute,
        is_twelve_hour: half.is_none() && is_ambiguous && (1..12).contains(&hour),
        end,
    })
}

/// Reads 15時30分, 3時半, 15:30, or a number before am or pm. The last value tells whether the hour
/// may be one of the afternoon.
fn hour_and_minute(letters: &[char], start: usize) -> Option<(i64, i64, usize, bool)> {
    if let Some((hour, end)) = digits(letters, start)
        && letters.get(end) == Some(&':')
        && let Some((minute, after)) = digits(letters, end + 1)
        && after == end + 3
        && hour <= 30
        && minute < 60
        && letters.get(after) != Some(&':')
    {
        let is_ambiguous = letters.get(start) != Some(&'0');
        return Some((hour, minute, after, is_ambiguous));
    }
    let first = number(letters, start)?;
    let hour = first.whole(0..=30)?;
    if letters.get(first.end) != Some(&'時') {
        let is_english = english_half(letters, first.end).is_some();
        return is_english.then_some((hour, 0, first.end, true));
    }
    let end = first.end + 1;
    if matches!(
        letters.get(end),
        Some('間' | '期' | '代' | '給' | '点' | '限' | '短')
    ) {
        return None;
    }
    if letters.get(end) == Some(&'半') {
        return Some((hour, 30, end + 1, true));
    }
    let minute = number(letters, end).and_then(|second| {
        let minute = second.whole(0..=59)?;
        (letters.get(second.end) == Some(&'分')).then_some((minute, second.end + 1))
    });
    let (minute, end) = minute.unwrap_or((0, end));
    Some((hour, minute, end, !first.has_leading_zero))
}

/// Returns whether the letters end with a word for the morning (false) or the afternoon (true).
fn half(before: &[char]) -> Option<bool> {
    let before = match before {
        [rest @ .., ' ' | 'の'] => rest,
        before => before,
    };
    let ends = |words: &[&str]| words.iter().any(|word| ends_with(before, word));
    if ends(&["午後", "pm", "p.m.", "夜", "夕方", "夕"]) {
        Some(true)
    } else if ends(&["午前", "am", "a.m.", "朝"]) {
        Some(false)
    } else {
        None
    }
}

/// Reads am or pm; returns whether it is pm, and the position after it.
fn english_half(letters: &[char], start: usize) -> Option<(bool, usize)> {
    let start = start + usize::from(letters.get(start) == Some(&' '));
    let rest = letters.get(start..)?;
    for (word, is_afternoon) in [("a.m.", false), ("p.m.", true), ("am", false), ("pm", true)] {
        let after = rest.get(word.len());
        if starts_with(rest, word) && !after.is_some_and(char::is_ascii_alphanumeric) {
            return Some((is_afternoon, start + word.len()));
        }
    }
    None
}
