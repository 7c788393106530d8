//! Japanese national holidays, calculated from the rules of the law.
//!
//! Input: a date. Output: the name of the holiday.
//!
//! The rules are those of the Act on National Holidays, 国民の祝日に関する法律
//! (昭和23年法律第178号), called "the Act" below, as in force since 2007, and the special
//! laws that moved or added days in 2019, 2020 and 2021. A table was rejected, because the Cabinet
//! Office publishes one only up to the end of the next year.
//!
//! Invariant: the result depends on the date alone, and no date causes a panic.

use jiff::civil::{Date, Weekday};

/// Returns the name of the national holiday on `date`; `None` for an ordinary day.
///
/// Valid for 2007 to 2099; `None` for every day outside these years. Later amendments of the Act and
/// one-off laws are unknown, and the equinoxes are official only from February of the year before:
/// a desk lists such days in `closed`. Sundays and 年末年始 are not national holidays.
pub fn holiday_name(date: Date) -> Option<&'static str> {
    if !(2007..=2099).contains(&date.year()) {
        return None;
    }
    if let Some(name) = named_day(date) {
        Some(name)
    } else if is_substitute(date) {
        Some("振替休日")
    } else if is_between_holidays(date) {
        Some("国民の休日")
    } else {
        None
    }
}

/// Returns the name of a day that article 2 of the Act or the law for the enthronement names.
fn named_day(date: Date) -> Option<&'static str> {
    let year = date.year();
    let name = match (date.month(), date.day()) {
        (1, 1) => "元日",
        (1, _) if is_monday(date, 2) => "成人の日",
        (2, 11) => "建国記念の日",
        // The abdication law (平成29年法律第63号, supplementary article 10) moved the Emperor's
        // birthday between the two dates of 2019, so that year has none.
        (2, 23) if year >= 2020 => "天皇誕生日",
        (12, 23) if year <= 2018 => "天皇誕生日",
        (3, day) if day == vernal_equinox(year) => "春分の日",
        // 平成17年法律第43号 gave 昭和の日 and みどりの日 these days from 2007.
        (4, 29) => "昭和の日",
        // 平成30年法律第99号 made two days of 2019 count as national holidays, neighbours included.
        (5, 1) if year == 2019 => "天皇の即位の日",
        (10, 22) if year == 2019 => "即位礼正殿の儀の行われる日",
        (5, 3) => "憲法記念日",
        (5, 4) => "みどりの日",
        (5, 5) => "こどもの日",
        (7 | 8 | 10, _) => return movable_day(date),
        (9, _) if is_monday(date, 3) => "敬老の日",
        (9, day) if day == autumnal_equinox(year) => "秋分の日",
        (11, 3) => "文化の日",
        (11, 23) => "勤労感謝の日",
        _ => return None,
    };
    Some(name)
}

/// Returns 海の日, 山の日 and スポーツの日: article 2 of the Act, and the two years of the Tokyo Games.
///
/// The special measures law for the Games (平成27年法律第33号, article 32 as amended by
/// 平成30年法律第55号 for 2020 and by 令和2年法律第68号 for 2021) moved all three.
fn movable_day(date: Date) -> Option<&'static str> {
    match (date.year(), date.month(), date.day()) {
        (2020, 7, 23) | (2021, 7, 22) => Some("海の日"),
        (2020, 7, 24) | (2021, 7, 23) => Some("スポーツの日"),
        (2020, 8, 10) | (2021, 8, 8) => Some("山の日"),
        (2020 | 2021, ..) => None,
        (_, 7, _) if is_monday(date, 3) => Some("海の日"),
        // 山の日 exists since 2016 (平成26年法律第43号).
        (2016.., 8, 11) => Some("山の日"),
        // 体育の日 got its new name in 2020 (平成30年法律第57号).
        (2022.., 10, _) if is_monday(date, 2) => Some("スポーツの日"),
        (_, 10, _) if is_monday(date, 2) => Some("体育の日"),
        _ => None,
    }
}

/// Returns whether a day is 振替休日, article 3 paragraph 2: if a named day falls on a Sunday, the
/// next day that is not itself a named day is a holiday.
fn is_substitute(date: Date) -> bool {
    let mut day = date;
    while let Ok(before) = day.yesterday() {
        if named_day(before).is_none() {
            return false;
        }
        if before.weekday() == Weekday::Sunday {
            return true;
        }
        day = before;
    }
    false
}

/// Returns whether a day is 国民の休日, article 3 paragraph 3: the days before and after it are named
/// days.
fn is_between_holidays(date: Date) -> bool {
    let is_named = |day: Result<Date, jiff::Error>| day.is_ok_and(|day| named_day(day).is_some());
    is_named(date.yesterday()) && is_named(date.tomorrow())
}

/// Returns whether `date` is the `nth` Monday of its month ("Happy Monday", 平成10年法律第141号 and
/// 平成13年法律第59号).
fn is_monday(date: Date, nth: i8) -> bool {
    date.weekday() == Weekday::Monday && (date.day() - 1) / 7 == nth - 1
}

/// Returns the day of March with the vernal equinox, 春分日.
///
/// The Act leaves the equinoxes to astronomy (the National Astronomical Observatory announces
/// them in the gazette). This is the usual approximation for 1980 to 2099, from 新こよみ便利帳
/// by 海上保安庁水路部, in millionths of a day to avoid floating point.
fn vernal_equinox(year: i16) -> i8 {
    equinox(year, 20_843_100)
}

/// Returns the day of September with the autumnal equinox, 秋分日; see [`vernal_equinox`].
fn autumnal_equinox(year: i16) -> i8 {
    equinox(year, 23_248_800)
}

/// Returns the day of an equinox. `day_of_1980` is in millionths of a day; a tropical year has
/// 365.242194 days.
fn equinox(year: i16, day_of_1980: i32) -> i8 {
    let years = i32::from(year) - 1980;
    let day = (day_of_1980 + 242_194 * years).div_euclid(1_000_000) - years.div_euclid(4);
    // For the years of `holiday_name` 19 to 23; no month has a day 0.
    i8::try_from(day).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[track_caller]
    fn check(rows: &[(i16, i8, i8, Option<&str>)]) {
        for &(year, month, day, expected) in rows {
            let date = date(year, month, day);
            assert_eq!(holiday_name(date), expected, "{date}");
        }
    }

    #[test]
    fn the_substitute_of_a_sunday_holiday_follows_the_adjacent_holidays() {
        check(&[
            (2026, 5, 3, Some("憲法記念日")),
            (2026, 5, 6, Some("振替休日")),
            (2027, 3, 22, Some("振替休日")),
            (2026, 11, 23, Some("勤労感謝の日")),
            (2026, 11, 24, None),
        ]);
    }

    #[test]
    fn a_day_between_two_holidays_is_a_holiday() {
        check(&[
            (2026, 9, 22, Some("国民の休日")),
            (2019, 4, 30, Some("国民の休日")),
            (2019, 5, 2, Some("国民の休日")),
            (2027, 9, 21, None),
        ]);
    }

    #[test]
    fn the_special_laws_of_2019_to_2021_apply() {
        check(&[
            (2018, 12, 24, Some("振替休日")),
            (2019, 2, 23, None),
            (2019, 5, 1, Some("天皇の即位の日")),
            (2019, 10, 22, Some("即位礼正殿の儀の行われる日")),
            (2020, 2, 24, Some("振替休日")),
            (2020, 7, 23, Some("海の日")),
            (2020, 7, 24, Some("スポーツの日")),
            (2020, 8, 10, Some("山の日")),
            (2021, 7, 22, Some("海の日")),
            (2021, 7, 23, Some("スポーツの日")),
            (2021, 8, 8, Some("山の日")),
            (2021, 8, 9, Some("振替休日")),
        ]);
    }

    #[test]
    fn days_outside_2007_to_2099_are_ordinary() {
        check(&[
            (2006, 1, 1, None),
            (2099, 12, 31, None),
            (2100, 1, 1, None),
            (-9999, 1, 1, None),
            (9999, 12, 31, None),
        ]);
    }
}
