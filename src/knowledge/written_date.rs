//! Dates as people write them: `2026/4/1`, `2026年4月1日`, `令和8年4月1日`, `R8.4.1`.

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

/// The eras with their first letter and the year before their first.
const ERAS: [(&str, char, i16); 3] = [
    ("令和", 'r', 2018),
    ("平成", 'h', 1988),
    ("昭和", 's', 1925),
];

/// Reads a date of the Gregorian or the Japanese calendar; `None` if it is not one day.
///
/// The order is year, month, day. A time after the date is ignored.
#[must_use]
pub fn parse_date(written: &str) -> Option<Date> {
    let text: String = written.nfkc().flat_map(char::to_lowercase).collect();
    let text = text.trim();
    let (first_year, text) = ERAS
        .iter()
        .find_map(|(name, letter, before)| {
            let rest = text
                .strip_prefix(name)
                .or_else(|| text.strip_prefix(*letter))?;
            Some((*before, rest.trim_start()))
        })
        .unwrap_or((0, text));
    // 元年 is the first year of an era.
    let text = text.replace('元', "1");
    let (year, rest) = number(&text)?;
    let (month, rest) = number(separated(rest, "年")?)?;
    let (day, rest) = number(separated(rest, "月")?)?;
    let rest = rest.trim_start_matches(['日', ' ', 't']);
    let is_time = rest
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | 'z'));
    if !is_time || (first_year == 0 && year < 1000) {
        return None;
    }
    let year = first_year.checked_add(i16::try_from(year).ok()?)?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn number(text: &str) -> Option<(u32, &str)> {
    let text = text.trim_start();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

fn separated<'a>(text: &'a str, unit: &str) -> Option<&'a str> {
    let text = text.trim_start();
    let separators = [unit, "-", "/", "."];
    separators
        .iter()
        .find_map(|separator| text.strip_prefix(separator))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates_of_both_calendars_are_read() {
        for written in [
            "2026-04-01",
            "2026/4/1",
            "２０２６／０４／０１",
            "2026.4.1",
            "2026年4月1日",
            "令和8年4月1日",
            "令和 8 年 4 月 1 日",
            "R8.4.1",
            "2026/04/01 0:00:00",
            "2026-04-01T00:00:00",
        ] {
            assert_eq!(parse_date(written), Some(date(2026, 4, 1)), "{written}");
        }
        assert_eq!(parse_date("令和元年5月1日"), Some(date(2019, 5, 1)));
        assert_eq!(parse_date("平成31年4月30日"), Some(date(2019, 4, 30)));
        for wrong in [
            "",
            "2026",
            "4/1",
            "2026/02/30",
            "来年",
            "26/4/1",
            "2026-04-01 x",
        ] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }
}
