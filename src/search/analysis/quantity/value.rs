//! A quantity, and how well the quantities of two texts fit.

use std::borrow::Cow;
use std::fmt;

use super::number::ONE;

/// Unit of a date; the value is `month * 100 + day`.
pub(super) const DATE: &str = "月日";

/// Unit of a year.
pub(super) const YEAR: &str = "西暦";

/// Unit of a time of day; the value is in minutes.
pub const CLOCK: &str = "時刻";

/// Unit of a day of some month.
pub(super) const DAY: &str = "日";

/// Unit of a number of days.
pub(super) const DAYS: &str = "日間";

/// Half a day in the unit [`CLOCK`].
const HALF_DAY: i64 = 12 * 60 * ONE;

/// A value, or a range of values, with its unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    /// The smallest unit of the dimension, the label of a number, or [`DATE`], [`YEAR`], [`CLOCK`].
    pub(super) unit: Cow<'static, str>,
    /// The least value, in thousandths; `i64::MIN` without one.
    pub(super) low: i64,
    /// The greatest value; `i64::MAX` without one. A range of dates over the turn of the year, or of
    /// times over midnight, has a greatest value below the least one.
    pub(super) high: i64,
    /// Whether it may be twelve hours later: 3時 without 午前 or 午後.
    pub(super) is_twelve_hour: bool,
}

/// How the quantities of a question fit those of an entry, over the units that both have; the worst
/// unit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuantityFit {
    /// The entry has each of them.
    Equal,
    /// A range of the one contains or overlaps the other.
    Within,
    /// The entry has one of several of a unit.
    Partly,
    /// The entry has only other values of a unit.
    Apart,
}

impl QuantityFit {
    /// Returns the name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Within => "within",
            Self::Partly => "partly",
            Self::Apart => "apart",
        }
    }
}

impl Quantity {
    /// Returns the unit: the smallest one of the dimension, or the label of a number.
    pub(in crate::search) fn unit(&self) -> &str {
        &self.unit
    }

    pub(super) fn exact(unit: Cow<'static, str>, value: i64) -> Self {
        Self {
            unit,
            low: value,
            high: value,
            is_twelve_hour: false,
        }
    }

    /// Returns how two quantities of the same unit fit; `None` if they have no value in common.
    fn fit(&self, other: &Self) -> Option<QuantityFit> {
        let own = self.readings();
        let others = other.readings();
        let pairs = own.iter().flatten().flat_map(|own| {
            let others = others.iter().flatten();
            others.filter_map(move |other| fit(*own, *other))
        });
        pairs.min()
    }

    /// Returns the ranges that the quantity may stand for: one, or two for a time of day in twelve
    /// hours.
    fn readings(&self) -> [Option<(i64, i64)>; 2] {
        let later = |value: i64| match value {
            i64::MIN | i64::MAX => value,
            value => value.saturating_add(HALF_DAY),
        };
        let second = self.is_twelve_hour;
        [
            Some((self.low, self.high)),
            second.then(|| (later(self.low), later(self.high))),
        ]
    }
}

/// Compares two ranges; one whose end is below its start goes over the turn of the year or over
/// midnight.
fn fit(one: (i64, i64), other: (i64, i64)) -> Option<QuantityFit> {
    if one == other {
        return Some(QuantityFit::Equal);
    }
    let parts = |(low, high): (i64, i64)| match low <= high {
        true => [(low, high), (low, high)],
        false => [(low, i64::MAX), (i64::MIN, high)],
    };
    let overlap = parts(one).iter().any(|one| {
        let mut others = parts(other).into_iter();
        others.any(|other| one.0 <= other.1 && other.0 <= one.1)
    });
    overlap.then_some(QuantityFit::Within)
}

/// Compares the quantities of a question with those of an entry in the units that count; `None` if
/// they have none of these in common.
pub(in crate::search) fn compare(
    question: &[Quantity],
    entry: &[Quantity],
    counts: impl Fn(&str) -> bool,
) -> Option<QuantityFit> {
    let mut worst = None;
    for (index, quantity) in question.iter().enumerate() {
        let unit = &quantity.unit;
        let is_counted = question[..index]
            .iter()
            .any(|earlier| earlier.unit == *unit);
        let own = || entry.iter().filter(|own| own.unit == *unit);
        if is_counted || !counts(unit) || own().next().is_none() {
            continue;
        }
        let mut fits = question
            .iter()
            .filter(|other| other.unit == *unit)
            .map(|other| own().filter_map(|own| other.fit(own)).min());
        let first = fits.next().flatten();
        let (mut best, mut least, mut has_apart) = (first, first, first.is_none());
        for fit in fits {
            has_apart |= fit.is_none();
            best = best.into_iter().chain(fit).min();
            least = least.into_iter().chain(fit).max();
        }
        let of_unit = match (best, least, has_apart) {
            (None, _, _) => QuantityFit::Apart,
            (_, _, true) => QuantityFit::Partly,
            (_, least, false) => least.unwrap_or(QuantityFit::Equal),
        };
        worst = worst.max(Some(of_unit));
    }
    worst
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |f: &mut fmt::Formatter<'_>, value: i64| {
            let (whole, rest) = (value / ONE, value % ONE);
            match &*self.unit {
                _ if matches!(value, i64::MIN | i64::MAX) => Ok(()),
                DATE => write!(f, "{}/{}", whole / 100, whole % 100),
                CLOCK => write!(f, "{}:{:02}", whole / 60, whole % 60),
                _ if rest == 0 => write!(f, "{whole}"),
                _ => write!(f, "{whole}.{rest:03}"),
            }
        };
        value(f, self.low)?;
        if self.low != self.high {
            f.write_str("〜")?;
            value(f, self.high)?;
        }
        write!(f, " {}", self.unit)
    }
}
