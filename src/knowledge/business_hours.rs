//! Business hours of a desk, in the desk's own time zone.
//!
//! Input: opening hours and an instant. Output: whether the desk is open then, and the next change.
//! This module reads neither a clock nor the machine's time zone.
//!
//! Invariant: instants are compared, never wall-clock times, so that a change to or from
//! daylight saving time neither doubles nor loses an opening.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

use crate::knowledge::holidays::holiday_name;

/// Number of days that are searched for the next change, so that the search ends (in well under a
/// millisecond) for a desk that never opens or never closes.
const MAX_DAYS_AHEAD: usize = 400;

const MINUTES_PER_DAY: u16 = 24 * 60;

/// The opening hours of a desk.
///
/// The hours of a date follow the first of these that applies: `exceptions`, `closed`, holidays,
/// the weekday. The order of intervals within a day does not matter, and intervals that touch
/// (`09:00-12:00` and `12:00-17:00`, or `24:00` and `00:00` of the next day) are one opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessHours {
    /// The time zone of all dates and times below.
    pub time_zone: TimeZone,
    /// The regular hours of each weekday, Monday first.
    pub week: [Vec<Interval>; 7],
    /// Whether the desk is closed on Japanese national holidays.
    pub closed_on_holidays: bool,
    /// Extra closed days, such as 年末年始.
    pub closed: Vec<DateRange>,
    /// Dates with hours of their own; no interval means closed.
    pub exceptions: BTreeMap<Date, Vec<Interval>>,
}

/// Whether a desk is open, and the time of the next change, in the desk's time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// The desk is open.
    Open {
        /// The first instant it is closed again; `None` if that is over 400 days ahead.
        closes_at: Option<Zoned>,
    },
    /// The desk is closed.
    Closed {
        /// The first instant it is open again; `None` if that is over 400 days ahead.
        opens_at: Option<Zoned>,
    },
}

impl BusinessHours {
    /// Returns whether the desk is open at `now`, and the time of the next change.
    ///
    /// The start of an interval is open, its end is closed. A wall-clock time that a change
    /// to daylight saving time skips is shifted by the length of the gap; of two equal times the
    /// first counts ("compatible" in RFC 5545 and Temporal).
    pub fn at(&self, now: Timestamp) -> Availability {
        let zoned = |instant: Timestamp| instant.to_zoned(self.time_zone.clone());
        let today = zoned(now).date();
        // Yesterday counts too: its 24:00 may fall into a skipped hour, and so into today.
        let first = today.yesterday().unwrap_or(today);
        let days = first.series(1.day()).take(MAX_DAYS_AHEAD + 2);

        let mut closes_at = None;
        for (start, end) in days.flat_map(|date| self.openings(date)) {
            match closes_at {
                None if end <= now => {}
                None if start > now => {
                    let opens_at = Some(zoned(start));
                    return Availability::Closed { opens_at };
                }
                None => closes_at = Some(end),
                Some(close) if start > close => break,
                Some(close) => closes_at = Some(close.max(end)),
            }
        }
        match closes_at {
            None => Availability::Closed { opens_at: None },
            Some(close) => Availability::Open {
                closes_at: Some(zoned(close)).filter(|close| !is_beyond(today, close.date())),
            },
        }
    }

    /// Returns the intervals of `date` by the first rule that applies.
    fn intervals(&self, date: Date) -> &[Interval] {
        if let Some(intervals) = self.exceptions.get(&date) {
            intervals
        } else if self.closed.iter().any(|range| range.contains(date))
            || (self.closed_on_holidays && holiday_name(date).is_some())
        {
            &[]
        } else {
            let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
            self.week.get(weekday).map_or(&[], Vec::as_slice)
        }
    }

    /// Returns the intervals of `date` as instants, in order; omits an interval that a change to
    /// daylight saving time skips completely.
    fn openings(&self, date: Date) -> Vec<(Timestamp, Timestamp)> {
        let mut openings: Vec<_> = self
            .intervals(date)
            .iter()
            .filter_map(|interval| {
                let start = self.instant(date, interval.start)?;
                let end = self.instant(date, interval.end)?;
                (start < end).then_some((start, end))
            })
            .collect();
        openings.sort_unstable();
        openings
    }

    /// Returns the instant of a minute of `date`; `None` only at the end of the calendar.
    fn instant(&self, date: Date, minute: u16) -> Option<Timestamp> {
        let midnight = date.to_datetime(Time::midnight());
        let time = midnight.checked_add(i64::from(minute).minutes()).ok()?;
        self.time_zone.to_timestamp(time).ok()
    }
}

/// Returns whether `date` is after the last day that is searched from `today`.
fn is_beyond(today: Date, date: Date) -> bool {
    let days = (date - today).get_days();
    usize::try_from(days).is_ok_and(|days| days > MAX_DAYS_AHEAD)
}

/// The keys of the weekdays in TOML, Monday first.
pub const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// A part of one day, including its start and excluding its end.
///
/// Shown and parsed as `09:00-12:00`. Hours that pass midnight are two intervals:
/// `22:00-24:00`, and `00:00-02:00` on the next day.
///
/// Invariant: `start < end`, ensured by [`Interval::parse`]. Any other interval is never open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// The first minute, counted from midnight: 0 (`00:00`) to 1439 (`23:59`).
    pub start: u16,
    /// The minute after the last one, counted from midnight: 1 (`00:01`) to 1440 (`24:00`).
    pub end: u16,
}

impl Interval {
    /// Parses `09:00-12:00`; the end may be `24:00`.
    ///
    /// # Errors
    ///
    /// [`HoursError`] for any other form, and for an end that is not after the start.
    pub fn parse(text: &str) -> Result<Self, HoursError> {
        let (start, end) = text
            .split_once('-')
            .and_then(|(start, end)| Some((parse_minute(start)?, parse_minute(end)?)))
            .ok_or(HoursError::Interval)?;
        if start < end {
            Ok(Self { start, end })
        } else {
            Err(HoursError::IntervalOrder)
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start, end } = self;
        let (start_hour, start_minute) = (start / 60, start % 60);
        let (end_hour, end_minute) = (end / 60, end % 60);
        write!(
            f,
            "{start_hour:02}:{start_minute:02}-{end_hour:02}:{end_minute:02}"
        )
    }
}

/// Parses `HH:MM`, up to `24:00`, as minutes since midnight.
fn parse_minute(text: &str) -> Option<u16> {
    let &[h1, h2, b':', m1, m2] = text.as_bytes() else {
        return None;
    };
    let two_digits = |tens: u8, ones: u8| {
        (tens.is_ascii_digit() && ones.is_ascii_digit())
            .then(|| u16::from(tens - b'0') * 10 + u16::from(ones - b'0'))
    };
    let minute = two_digits(m1, m2).filter(|minute| *minute < 60)?;
    let since_midnight = two_digits(h1, h2)? * 60 + minute;
    (since_midnight <= MINUTES_PER_DAY).then_some(since_midnight)
}

/// Days from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateRange {
    /// The first day.
    pub first: Date,
    /// The last day, not before the first.
    pub last: Date,
}

impl DateRange {
    /// Parses `2026-12-29..2027-01-03`, the last day included, or one date.
    ///
    /// # Errors
    ///
    /// [`HoursError`] for any other form, for a date that does not exist, and for a last day before
    /// the first.
    pub fn parse(text: &str) -> Result<Self, HoursError> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let (first, last) = (parse_date(first)?, parse_date(last)?);
        if first <= last {
            Ok(Self { first, last })
        } else {
            Err(HoursError::DateOrder)
        }
    }

    /// Returns whether `date` is one of the days.
    pub fn contains(&self, date: Date) -> bool {
        (self.first..=self.last).contains(&date)
    }
}

/// Parses `YYYY-MM-DD` only; jiff alone also accepts `20261229` and a time after the date.
fn parse_date(text: &str) -> Result<Date, HoursError> {
    text.parse::<Date>()
        .ok()
        .filter(|date| date.to_string() == text)
        .ok_or_else(|| HoursError::Date(text.to_owned()))
}

/// The reason why a text is not an interval or a range of days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoursError {
    /// Not of the form `HH:MM-HH:MM`.
    Interval,
    /// The interval is empty or passes midnight.
    IntervalOrder,
    /// This part is not `YYYY-MM-DD`, or not a day of the calendar.
    Date(String),
    /// The range ends before it starts.
    DateOrder,
}

/// Finds two intervals of one day that share a minute, the earlier one first.
pub fn overlapping(intervals: &[Interval]) -> Option<(Interval, Interval)> {
    let mut sorted = intervals.to_vec();
    sorted.sort_unstable();
    // If any two of the sorted intervals overlap, two adjacent ones do.
    sorted
        .iter()
        .zip(sorted.iter().skip(1))
        .find(|(earlier, later)| later.start < earlier.end)
        .map(|(earlier, later)| (*earlier, *later))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICE: [&str; 2] = ["09:00-12:00", "13:00-17:00"];

    fn intervals(texts: &[&str]) -> Vec<Interval> {
        let parse = |text: &&str| Interval::parse(text).expect("an interval");
        texts.iter().map(parse).collect()
    }

    /// The same hours from Monday to Friday, holidays closed.
    fn weekdays(time_zone: &str, texts: &[&str]) -> BusinessHours {
        let day = || intervals(texts);
        BusinessHours {
            time_zone: TimeZone::get(time_zone).expect("a time zone"),
            week: [day(), day(), day(), day(), day(), vec![], vec![]],
            closed_on_holidays: true,
            closed: vec![],
            exceptions: BTreeMap::new(),
        }
    }

    fn tokyo() -> BusinessHours {
        weekdays("Asia/Tokyo", &OFFICE)
    }

    fn every_day(time_zone: &str, texts: &[&str]) -> BusinessHours {
        BusinessHours {
            week: std::array::from_fn(|_| intervals(texts)),
            closed_on_holidays: false,
            ..weekdays(time_zone, texts)
        }
    }

    fn except(mut hours: BusinessHours, date: &str, texts: &[&str]) -> BusinessHours {
        let date = date.parse().expect("a date");
        hours.exceptions.insert(date, intervals(texts));
        hours
    }

    fn closed(mut hours: BusinessHours, range: &str) -> BusinessHours {
        hours
            .closed
            .push(DateRange::parse(range).expect("a date range"));
        hours
    }

    /// Compares with `open until T` or `closed until T`, with the desk's own offset.
    #[track_caller]
    fn check(hours: &BusinessHours, rows: &[(&str, &str)]) {
        for (now, expected) in rows {
            let (word, until) = match hours.at(now.parse().expect("an instant")) {
                Availability::Open { closes_at } => ("open", closes_at),
                Availability::Closed { opens_at } => ("closed", opens_at),
            };
            let until = until.map_or("further notice".to_owned(), |until| {
                until.strftime("%Y-%m-%dT%H:%M%:z").to_string()
            });
            assert_eq!(format!("{word} until {until}"), *expected, "at {now}");
        }
    }

    #[test]
    fn the_start_of_an_interval_is_open_and_its_end_is_closed() {
        check(
            &tokyo(),
            &[
                (
                    "2026-11-24T08:59:59.999+09:00",
                    "closed until 2026-11-24T09:00+09:00",
                ),
                (
                    "2026-11-24T09:00:00+09:00",
                    "open until 2026-11-24T12:00+09:00",
                ),
                (
                    "2026-11-24T11:59:59.999+09:00",
                    "open until 2026-11-24T12:00+09:00",
                ),
                (
                    "2026-11-24T12:00:00+09:00",
                    "closed until 2026-11-24T13:00+09:00",
                ),
                (
                    "2026-11-24T17:00:00+09:00",
                    "closed until 2026-11-25T09:00+09:00",
                ),
            ],
        );
    }

    #[test]
    fn weekends_and_holidays_are_skipped() {
        let rows = [
            (
                "2026-11-23T10:00:00+09:00",
                "closed until 2026-11-24T09:00+09:00",
            ),
            (
                "2026-05-01T18:00:00+09:00",
                "closed until 2026-05-07T09:00+09:00",
            ),
            (
                "2026-09-18T17:00:00+09:00",
                "closed until 2026-09-24T09:00+09:00",
            ),
            (
                "2027-03-19T20:00:00+09:00",
                "closed until 2027-03-23T09:00+09:00",
            ),
        ];
        check(&tokyo(), &rows);
    }

    #[test]
    fn holidays_are_ordinary_days_unless_they_close_the_desk() {
        let hours = BusinessHours {
            closed_on_holidays: false,
            ..tokyo()
        };
        let rows = [(
            "2026-11-23T10:00:00+09:00",
            "open until 2026-11-23T12:00+09:00",
        )];
        check(&hours, &rows);
    }

    #[test]
    fn the_year_end_closure_includes_both_its_days() {
        let hours = closed(tokyo(), "2026-12-29..2027-01-03");
        let rows = [
            (
                "2026-12-28T16:59:59+09:00",
                "open until 2026-12-28T17:00+09:00",
            ),
            (
                "2026-12-28T17:00:00+09:00",
                "closed until 2027-01-04T09:00+09:00",
            ),
            (
                "2026-12-29T10:00:00+09:00",
                "closed until 2027-01-04T09:00+09:00",
            ),
            (
                "2027-01-04T09:00:00+09:00",
                "open until 2027-01-04T12:00+09:00",
            ),
        ];
        check(&hours, &rows);
    }

    #[test]
    fn an_exception_wins_over_closures_holidays_and_the_weekday() {
        let hours = closed(tokyo(), "2026-12-29..2027-01-03");
        let hours = except(hours, "2026-12-30", &["10:00-11:00", "14:00-15:00"]);
        let hours = except(hours, "2026-11-23", &["09:00-10:00"]);
        let hours = except(hours, "2026-11-24", &[]);
        let rows = [
            (
                "2026-12-30T10:30:00+09:00",
                "open until 2026-12-30T11:00+09:00",
            ),
            (
                "2026-12-30T11:00:00+09:00",
                "closed until 2026-12-30T14:00+09:00",
            ),
            (
                "2026-12-30T14:00:00+09:00",
                "open until 2026-12-30T15:00+09:00",
            ),
            (
                "2026-12-30T15:00:00+09:00",
                "closed until 2027-01-04T09:00+09:00",
            ),
            (
                "2026-11-23T09:30:00+09:00",
                "open until 2026-11-23T10:00+09:00",
            ),
            (
                "2026-11-24T10:00:00+09:00",
                "closed until 2026-11-25T09:00+09:00",
            ),
        ];
        check(&hours, &rows);
    }

    #[test]
    fn a_closed_day_wins_over_the_weekday() {
        let hours = closed(tokyo(), "2026-11-24");
        let rows = [(
            "2026-11-24T10:00:00+09:00",
            "closed until 2026-11-25T09:00+09:00",
        )];
        check(&hours, &rows);
    }

    #[test]
    fn hours_are_in_the_time_zone_of_the_desk() {
        let hours = every_day("America/New_York", &["09:00-17:00"]);
        let rows = [
            // 23:00 in Tokyo is 10:00 in New York, on the same day.
            (
                "2026-11-24T23:00:00+09:00",
                "open until 2026-11-24T17:00-05:00",
            ),
            (
                "2026-11-24T09:00:00+09:00",
                "closed until 2026-11-24T09:00-05:00",
            ),
        ];
        check(&hours, &rows);
    }

    #[test]
    fn daylight_saving_time_shifts_the_instants() {
        let hours = every_day("America/New_York", &["01:00-01:30", "02:00-03:00"]);
        let rows = [
            // 2026-03-08 has no 02:00 to 03:00; the next interval is the next day's.
            (
                "2026-03-08T01:15:00-05:00",
                "open until 2026-03-08T01:30-05:00",
            ),
            (
                "2026-03-08T01:30:00-05:00",
                "closed until 2026-03-09T01:00-04:00",
            ),
            // 2026-11-01 has 01:00 to 02:00 twice; the first one counts.
            (
                "2026-11-01T01:15:00-04:00",
                "open until 2026-11-01T01:30-04:00",
            ),
            (
                "2026-11-01T01:15:00-05:00",
                "closed until 2026-11-01T02:00-05:00",
            ),
        ];
        check(&hours, &rows);
        let hours = every_day("America/New_York", &["00:00-24:00"]);
        let hours = except(hours, "2026-03-09", &[]);
        let rows = [(
            "2026-03-08T00:00:00-05:00",
            "open until 2026-03-09T00:00-04:00",
        )];
        check(&hours, &rows);
    }

    #[test]
    fn intervals_that_touch_are_one_opening_in_any_order() {
        let hours = weekdays("Asia/Tokyo", &["12:00-17:00", "09:00-12:00"]);
        let rows = [(
            "2026-11-24T09:00:00+09:00",
            "open until 2026-11-24T17:00+09:00",
        )];
        check(&hours, &rows);
    }

    #[test]
    fn an_opening_may_continue_past_midnight() {
        let hours = every_day("Asia/Tokyo", &["22:00-24:00", "00:00-02:00"]);
        let rows = [
            (
                "2026-11-24T22:30:00+09:00",
                "open until 2026-11-25T02:00+09:00",
            ),
            (
                "2026-11-25T00:00:00+09:00",
                "open until 2026-11-25T02:00+09:00",
            ),
            (
                "2026-11-25T02:00:00+09:00",
                "closed until 2026-11-25T22:00+09:00",
            ),
        ];
        check(&hours, &rows);
    }

    #[test]
    fn a_desk_without_a_change_in_400_days_has_no_next_change() {
        let now = "2026-11-24T10:00:00+09:00";
        let always = every_day("Asia/Tokyo", &["00:00-24:00"]);
        check(&always, &[(now, "open until further notice")]);
        let never = every_day("Asia/Tokyo", &[]);
        check(&never, &[(now, "closed until further notice")]);
        // 2027-12-29 is 400 days after 2026-11-24.
        let once = except(never.clone(), "2027-12-29", &["23:00-24:00"]);
        check(&once, &[(now, "closed until 2027-12-29T23:00+09:00")]);
        let too_late = except(never, "2027-12-30", &["00:00-24:00"]);
        check(&too_late, &[(now, "closed until further notice")]);
        let until = except(always.clone(), "2027-12-29", &["00:00-23:00"]);
        check(&until, &[(now, "open until 2027-12-29T23:00+09:00")]);
    }

    #[test]
    fn no_instant_panics() {
        let hours = every_day("Pacific/Apia", &["00:00-24:00"]);
        for now in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            hours.at(now);
        }
        let hours = BusinessHours {
            week: std::array::from_fn(|_| {
                let backwards = Interval { start: 900, end: 0 };
                vec![backwards, Interval { start: 0, end: 0 }]
            }),
            ..tokyo()
        };
        let now = "2026-11-24T10:00:00+09:00";
        check(&hours, &[(now, "closed until further notice")]);
    }

    #[test]
    fn an_interval_is_displayed_as_it_is_parsed() {
        for text in ["09:00-12:00", "00:00-24:00", "23:59-24:00"] {
            assert_eq!(intervals(&[text])[0].to_string(), text);
        }
    }

    #[test]
    fn a_malformed_interval_is_rejected() {
        for text in [
            "",
            "-",
            "9:00-12:00",
            "09:00",
            "09:00-24:01",
            "09:60-10:00",
            "25:00-26:00",
            "09:00–12:00",
            "09:00 - 12:00",
            "+9:00-12:00",
            "09:00-12:00-13:00",
        ] {
            assert_eq!(Interval::parse(text), Err(HoursError::Interval), "{text}");
        }
        for text in ["12:00-09:00", "09:00-09:00", "22:00-00:00"] {
            let error = HoursError::IntervalOrder;
            assert_eq!(Interval::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_malformed_date_range_is_rejected() {
        for (text, part) in [
            ("", ""),
            ("2026-12-29..", ""),
            ("2026-02-30", "2026-02-30"),
            ("2026-12-29..2027-1-3", "2027-1-3"),
            ("20261229", "20261229"),
            ("2026-12-29T10:00", "2026-12-29T10:00"),
            ("2026-12-29...2027-01-03", ".2027-01-03"),
        ] {
            let error = HoursError::Date(part.to_owned());
            assert_eq!(DateRange::parse(text), Err(error), "{text}");
        }
        let text = "2027-01-03..2026-12-29";
        let error = HoursError::DateOrder;
        assert_eq!(DateRange::parse(text), Err(error));
    }

    #[test]
    fn intervals_that_overlap_are_found_and_those_that_touch_are_not() {
        let overlap = |texts: &[&str]| {
            overlapping(&intervals(texts)).map(|(a, b)| (a.to_string(), b.to_string()))
        };
        assert_eq!(overlap(&["13:00-17:00", "09:00-13:00"]), None);
        assert_eq!(
            overlap(&["13:00-17:00", "18:00-19:00", "09:00-13:01"]),
            Some(("09:00-13:01".to_owned(), "13:00-17:00".to_owned()))
        );
        assert!(overlap(&["09:00-12:00", "09:00-12:00"]).is_some());
    }
}
