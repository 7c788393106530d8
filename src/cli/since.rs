//! `--since`: a number of days or hours, or a date.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The beginning of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    /// So long ago.
    Ago(SignedDuration),
    /// At the beginning of a day.
    Day(Date),
}

impl Since {
    /// Reads `30d`, `12h` or `2026-11-01`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let number = |unit: char| text.strip_suffix(unit)?.parse::<u32>().ok();
        if let Some(days) = number('d').filter(|days| *days <= 36_500) {
            return Ok(Self::Ago(SignedDuration::from_hours(i64::from(days) * 24)));
        }
        if let Some(hours) = number('h').filter(|hours| *hours <= 876_000) {
            return Ok(Self::Ago(SignedDuration::from_hours(hours.into())));
        }
        let day = text.parse().map(Self::Day);
        day.map_err(|_| {
            "expected a number of days or hours, or a date, for example `30d`, `12h` or `2026-11-01`"
                .to_owned()
        })
    }

    /// Returns the time, in a time zone.
    pub(super) fn time(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        match self {
            Self::Ago(ago) => now.saturating_sub(ago).unwrap_or(Timestamp::UNIX_EPOCH),
            Self::Day(day) => day
                .to_zoned(zone.clone())
                .map_or(Timestamp::UNIX_EPOCH, |start| start.timestamp()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_duration_or_a_date() {
        let now: Timestamp = "2026-11-29T12:00:00Z".parse().expect("a time");
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        for (text, expected) in [
            ("1d", "2026-11-28T12:00:00Z"),
            ("12h", "2026-11-29T00:00:00Z"),
            ("2026-11-01", "2026-10-31T15:00:00Z"),
        ] {
            let since = Since::parse(text).expect(text);
            assert_eq!(since.time(now, &zone).to_string(), expected);
        }
        for text in ["", "30", "d", "-1d", "99999999d", "yesterday"] {
            assert!(Since::parse(text).is_err(), "{text}");
        }
    }
}
