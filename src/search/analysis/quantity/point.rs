//! Reads one value with its unit: 3か月, 1時間30分, ¥5,500, 第2回, 令和8年1月2日.
//!
//! Input: the letters of a normalised text and a position. Output: a [`Point`], before ranges and
//! bounds are applied.

use std::borrow::Cow;

use super::bounds::Bound;
use super::calendar;
use super::number::{ONE, number};
use super::units::{ends_with, label, starts_with, unit};
use super::value::{CLOCK, DATE, YEAR};

/// Units that number things rather than count them; the word before names what they number, too:
/// 様式第1号 is 様式1.
const NUMBERING: [&str; 6] = ["号", "番", "条", "項", "回目", "章"];

/// One value with its unit.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) unit: Cow<'static, str>,
    pub(super) low: i64,
    pub(super) high: i64,
    pub(super) is_twelve_hour: bool,
    /// How many of the smallest unit the written unit is.
    pub(super) factor: i64,
    /// Whether 万 or 億 is part of the number.
    pub(super) is_myriad: bool,
    /// A further quantity of the same words: the year of a date, the label of 様式第1号.
    pub(super) also: Option<(Cow<'static, str>, i64)>,
    pub(super) end: usize,
}

/// Reads one value with its unit that begins with a number.
pub(super) fn point(letters: &[char], start: usize) -> Option<Point> {
    if let Some(date) = calendar::date(letters, start) {
        let year = date.year.map(|year| year * ONE);
        return Some(match date.days {
            Some((low, high)) => Point {
                high: high * ONE,
                also: year.map(|year| (YEAR.into(), year)),
                ..Point::new(DATE, low * ONE, 1, date.end)
            },
            None => Point::new(YEAR, year?, 1, date.end),
        });
    }
    if let Some(clock) = calendar::clock(letters, start) {
        return Some(Point {
            is_twelve_hour: clock.is_twelve_hour,
            ..Point::new(CLOCK, clock.minutes * ONE, 60, clock.end)
        });
    }
    let number = number(letters, start)?;
    let rest = letters.get(number.end..).unwrap_or_default();
    let currency = currency_before(&letters[..start]);
    let Some(unit) = unit(rest) else {
        // 2万コース is a price.
        let is_kanji = rest
            .first()
            .is_some_and(|letter| matches!(letter, '一'..='鿿'));
        let myriad = (number.is_myriad && !is_kanji).then_some("円");
        let name = currency.or(myriad)?;
        return Some(Point {
            is_myriad: number.is_myriad,
            ..Point::new(name, number.value, 1, number.end)
        });
    };
    let mut point = Point {
        is_myriad: number.is_myriad,
        ..Point::new(
            unit.name,
            number.value.saturating_mul(unit.factor),
            unit.factor,
            number.end + unit.length,
        )
    };
    if ends_with(&letters[..start], "第") && point.unit == "回" {
        point.unit = "回目".into();
    }
    point.add_parts(letters);
    if NUMBERING.contains(&&*point.unit) {
        let name = label(&letters[..start]).filter(|name| *name != point.unit);
        point.also = name.map(|name| (name.into(), number.value));
    }
    Some(point)
}

/// Reads a quantity that does not begin with a number: 半年, 正午, 元年.
pub(super) fn special(letters: &[char], start: usize) -> Option<Point> {
    let rest = letters.get(start..)?;
    match rest.first()? {
        '半' if starts_with(rest, "半年") => Some(Point::new("か月", 6 * ONE, 12, start + 2)),
        '正' if starts_with(rest, "正午") => {
            Some(Point::new(CLOCK, 12 * 60 * ONE, 60, start + 2))
        }
        '元' if starts_with(rest, "元年") => point(letters, start),
        _ => None,
    }
}

fn currency_before(before: &[char]) -> Option<&'static str> {
    let last = before.iter().rev().find(|letter| **letter != ' ')?;
    match last {
        '¥' => Some("円"),
        '$' => Some("ドル"),
        '€' => Some("ユーロ"),
        _ => None,
    }
}

impl Point {
    pub(super) fn new(
        unit: impl Into<Cow<'static, str>>,
        value: i64,
        factor: i64,
        end: usize,
    ) -> Self {
        Self {
            unit: unit.into(),
            low: value,
            high: value,
            is_twelve_hour: false,
            factor,
            is_myriad: false,
            also: None,
            end,
        }
    }

    /// Adds smaller units of the same dimension, and a half: 1時間30分, 1年6か月, 1年半.
    fn add_parts(&mut self, letters: &[char]) {
        let rest = letters.get(self.end..).unwrap_or_default();
        if self.factor > 1 && rest.first() == Some(&'半') {
            let half = self.factor * ONE / 2;
            (self.low, self.high) = (
                self.low.saturating_add(half),
                self.high.saturating_add(half),
            );
            self.end += 1;
            return;
        }
        if self.unit == "か月" && rest.first() == Some(&'半') {
            self.low = self.low.saturating_add(ONE / 2);
            self.high = self.low;
            self.end += 1;
            return;
        }
        while let Some(part) = number(letters, self.end)
            && let Some(unit) = unit(letters.get(part.end..).unwrap_or_default())
            && unit.name == self.unit
            && unit.factor < self.factor
        {
            self.low = self
                .low
                .saturating_add(part.value.saturating_mul(unit.factor));
            self.high = self.low;
            self.factor = unit.factor;
            self.end = part.end + unit.length;
        }
    }

    /// Extends the point by a bound.
    pub(super) fn bound(&mut self, bound: Bound) {
        match bound {
            Bound::AtLeast => self.high = i64::MAX,
            Bound::MoreThan => {
                self.low = self.high.saturating_add(1);
                self.high = i64::MAX;
            }
            Bound::AtMost => self.low = i64::MIN,
            Bound::LessThan => {
                self.high = self.low.saturating_sub(1);
                self.low = i64::MIN;
            }
        }
    }
}
