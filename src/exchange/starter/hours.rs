//! Hours as people write them: `平日 9:00-17:00`, `月-金 9時～12時、13時～17時; 土 9:00-12:00`.

use unicode_normalization::UnicodeNormalization;

/// The weekdays: the key in TOML, the English name, and the names in Japanese and English.
const DAYS: [(&str, &str, char, &str); 7] = [
    ("monday", "Mondays", '月', "mon"),
    ("tuesday", "Tuesdays", '火', "tue"),
    ("wednesday", "Wednesdays", '水', "wed"),
    ("thursday", "Thursdays", '木', "thu"),
    ("friday", "Fridays", '金', "fri"),
    ("saturday", "Saturdays", '土', "sat"),
    ("sunday", "Sundays", '日', "sun"),
];

/// A time of the day: hours and minutes.
type Time = (u8, u8);

/// The opening hours of a day.
type Intervals = Vec<(Time, Time)>;

/// The hours of each weekday, Monday first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hours([Intervals; 7]);

/// Reads hours: days and their times, one group after another. A text with a part that is not
/// understood is refused, since members would be shown wrong hours.
pub(super) fn parse(written: &str) -> Option<Hours> {
    let text: String = written.nfkc().flat_map(char::to_lowercase).collect();
    let mut text = Text(&text);
    let mut hours = Hours::default();
    text.skip_separators();
    while !text.0.is_empty() {
        let mut days = text.days()?;
        text.exceptions(&mut days)?;
        text.eat(&["は", "の", ":"]);
        let times = text.intervals()?;
        text.exceptions(&mut days)?;
        for day in days {
            hours.0.get_mut(day)?.extend(times.iter().copied());
        }
        text.skip_separators();
    }
    for day in &mut hours.0 {
        day.sort_unstable();
    }
    let follows = |one: &(Time, Time), next: &(Time, Time)| one.1 <= next.0;
    let is_good = hours.0.iter().all(|day| day.is_sorted_by(follows));
    let is_open = hours.0.iter().any(|day| !day.is_empty());
    (is_good && is_open).then_some(hours)
}

/// The signs and words between the first and the last day or time.
const RANGE: [&str; 11] = [
    "-", "~", "〜", "–", "—", "―", "‐", "−", "から", "to ", "through ",
];

/// The words after days that are closed.
const CLOSED: [&str; 7] = [
    "を除く",
    "は除く",
    "除く",
    "は休み",
    "休み",
    "は定休",
    "定休",
];

/// The part of a text that is not read yet.
struct Text<'a>(&'a str);

impl Text<'_> {
    /// Reads one of the texts.
    fn eat(&mut self, texts: &[&str]) -> bool {
        let rest = texts.iter().find_map(|text| self.0.strip_prefix(text));
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn skip_blanks(&mut self) {
        self.0 = self.0.trim_start();
    }

    fn skip_separators(&mut self) {
        self.skip_blanks();
        while self.eat(&[
            ",",
            "、",
            ";",
            "・",
            "/",
            "&",
            "と",
            "および",
            "及び",
            "and ",
        ]) {
            self.skip_blanks();
        }
    }

    /// Reads names of days: `平日`, `毎日`, `月-金`, `月・水・金`, `平日と土曜`.
    fn days(&mut self) -> Option<Vec<usize>> {
        let mut days = self.day()?;
        loop {
            self.skip_blanks();
            if self.eat(&RANGE) {
                self.skip_blanks();
                let (start, end) = (*days.last()?, *self.day()?.first()?);
                let length = (end + 7 - start) % 7;
                days.extend((1..=length).map(|step| (start + step) % 7));
                continue;
            }
            let before = self.0;
            self.skip_separators();
            let Some(more) = self.day() else {
                self.0 = before;
                break;
            };
            days.extend(more);
        }
        days.sort_unstable();
        days.dedup();
        Some(days)
    }

    /// Reads the name of a day or of several.
    fn day(&mut self) -> Option<Vec<usize>> {
        if self.eat(&["平日", "weekdays", "weekday"]) {
            return Some((0..5).collect());
        }
        if self.eat(&["毎日", "全日", "年中無休", "daily", "everyday", "every day"]) {
            return Some((0..7).collect());
        }
        let letters = self.0.find(|c: char| !c.is_ascii_alphabetic());
        let (word, rest) = self.0.split_at(letters.unwrap_or(self.0.len()));
        let is_named = |(_, name, _, short): &(&str, &str, char, &str)| {
            word.starts_with(short) && name.to_ascii_lowercase().starts_with(word)
        };
        if let Some(day) = DAYS.iter().position(is_named) {
            self.0 = rest;
            self.eat(&["."]);
            return Some(vec![day]);
        }
        let first = self.0.chars().next()?;
        let day = DAYS.iter().position(|(_, _, kanji, _)| first == *kanji)?;
        self.0 = self.0.get(first.len_utf8()..)?;
        self.eat(&["曜日", "曜"]);
        Some(vec![day])
    }

    /// Reads 「（水曜を除く）」 and what is said of public holidays; `None` for anything else in brackets
    /// but times.
    fn exceptions(&mut self, days: &mut Vec<usize>) -> Option<()> {
        loop {
            let before = self.0;
            self.skip_separators();
            let is_bracketed = self.eat(&["("]);
            self.skip_blanks();
            if self.eat(&["祝日も"]) {
                self.eat(&["受付", "受け付け", "営業"]);
            } else if self.eat(&["祝日", "祝"]) {
                if !self.eat(&CLOSED) {
                    return None;
                }
            } else if is_bracketed && !self.is_at_time() {
                let closed = self.days()?;
                if !self.eat(&CLOSED) {
                    return None;
                }
                days.retain(|day| !closed.contains(day));
            } else {
                self.0 = before;
                self.skip_blanks();
                return Some(());
            }
            self.skip_blanks();
            if is_bracketed && !self.eat(&[")"]) {
                return None;
            }
        }
    }

    /// Reads pairs of times: `9:00-17:00`, `9時30分～12時、13時～17時半`, `午後1時〜5時`.
    fn intervals(&mut self) -> Option<Intervals> {
        self.skip_blanks();
        let is_bracketed = self.eat(&["("]);
        let mut times: Intervals = Vec::new();
        loop {
            let (start, is_afternoon) = self.time(false)?;
            self.skip_blanks();
            if !self.eat(&RANGE) {
                return None;
            }
            self.skip_blanks();
            // 「午後1時〜5時」 does not end in the morning.
            let (end, _) = self.time(is_afternoon)?;
            self.eat(&["まで"]);
            if start >= end || times.last().is_some_and(|(_, last)| *last > start) {
                return None;
            }
            times.push((start, end));
            let before = self.0;
            self.skip_separators();
            if !self.is_at_time() {
                self.0 = before;
                break;
            }
        }
        (!is_bracketed || self.eat(&[")"])).then_some(times)
    }

    fn is_at_time(&self) -> bool {
        self.0.starts_with(|c: char| c.is_ascii_digit()) || self.0.starts_with("午")
    }

    /// Reads a time, and returns whether it is written as one of the afternoon; `is_afternoon` says so of
    /// a time without 午前 and 午後.
    fn time(&mut self, is_afternoon: bool) -> Option<(Time, bool)> {
        let is_morning = self.eat(&["午前"]);
        let is_afternoon = self.eat(&["午後"]) || (is_afternoon && !is_morning);
        self.skip_blanks();
        let hour = self.number()?;
        let minute = if self.eat(&[":"]) {
            self.number()?
        } else if self.eat(&["時半"]) {
            30
        } else if self.eat(&["時"]) {
            let minute = self.number();
            if minute.is_some() {
                self.eat(&["分"]);
            }
            minute.unwrap_or(0)
        } else {
            0
        };
        let hour = if is_afternoon && hour < 12 {
            hour + 12
        } else {
            hour
        };
        let is_time = minute < 60 && (hour < 24 || (hour, minute) == (24, 0));
        is_time.then_some(((hour, minute), is_afternoon))
    }

    fn number(&mut self) -> Option<u8> {
        let end = self.0.find(|c: char| !c.is_ascii_digit());
        let (digits, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        let number = digits.parse().ok()?;
        self.0 = rest;
        Some(number)
    }
}

/// Returns whether days follow each other.
fn is_row(names: &[&str]) -> bool {
    let position = |name: &str| DAYS.iter().position(|(_, known, ..)| *known == name);
    let positions: Vec<usize> = names.iter().filter_map(|name| position(name)).collect();
    positions
        .windows(2)
        .all(|pair| matches!(pair, [one, next] if one + 1 == *next))
}

impl Hours {
    /// Writes the days as keys of `[hours]`.
    pub(super) fn toml(&self) -> String {
        let mut text = String::new();
        for ((key, ..), times) in DAYS.iter().zip(&self.0) {
            let times = times.iter().map(|((from, from_minute), (to, to_minute))| {
                format!("\"{from:02}:{from_minute:02}-{to:02}:{to_minute:02}\"")
            });
            let times: Vec<String> = times.collect();
            if !times.is_empty() {
                text.push_str(&format!("{key} = [{}]\n", times.join(", ")));
            }
        }
        text
    }

    /// Describes the hours in English, days with the same hours together.
    pub(super) fn english(&self) -> String {
        let mut groups: Vec<(Vec<&str>, &Intervals)> = Vec::new();
        for ((_, name, ..), times) in DAYS.iter().zip(&self.0) {
            match groups.iter_mut().find(|(_, same)| *same == times) {
                Some((names, _)) => names.push(name),
                None => groups.push((vec![name], times)),
            }
        }
        let open = groups.iter().filter(|(_, times)| !times.is_empty());
        let texts = open.map(|(names, times)| {
            let times = times.iter().map(|((from, from_minute), (to, to_minute))| {
                format!("{from}:{from_minute:02}–{to}:{to_minute:02}")
            });
            let times = times.collect::<Vec<_>>().join(", ");
            let is_range = names.len() > 2 && is_row(names);
            let days = match (names.first(), names.last()) {
                (Some(first), Some(last)) if is_range => format!("{first} to {last}"),
                _ => names.join(", "),
            };
            format!("{days}: {times}")
        });
        texts.collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_of_leaflets_are_read() {
        let nine_to_five = "\"09:00-17:00\"";
        for written in [
            "平日 9:00-17:00",
            "月-金 9:00-17:00",
            "月曜日から金曜日 9時～17時",
            "月〜金 午前9時から午後5時まで",
            "mon-fri 9:00-17:00",
            "Weekdays 09:00–17:00",
        ] {
            let toml = parse(written).map(|hours| hours.toml()).unwrap_or_default();
            assert_eq!(toml.matches(nine_to_five).count(), 5, "{written}: {toml}");
            assert!(!toml.contains("saturday"), "{written}");
        }
        let hours = parse("月・水 9時～12時、13時～17時半; 土 9:00-12:00").expect("hours");
        assert_eq!(
            hours.toml(),
            "monday = [\"09:00-12:00\", \"13:00-17:30\"]\nwednesday = [\"09:00-12:00\", \"13:00-17:30\"]\nsaturday = [\"09:00-12:00\"]\n"
        );
        assert_eq!(
            hours.english(),
            "Mondays, Wednesdays: 9:00–12:00, 13:00–17:30; Saturdays: 9:00–12:00"
        );
        let english = parse("平日 9-17時").expect("hours").english();
        assert_eq!(english, "Mondays to Fridays: 9:00–17:00");
        for (written, expected) in [
            (
                "土曜 午後1時〜5時、午後6時から8時まで",
                "saturday = [\"13:00-17:00\", \"18:00-20:00\"]\n",
            ),
            (
                "月〜水（火曜を除く） 9-17時",
                "monday = [\"09:00-17:00\"]\nwednesday = [\"09:00-17:00\"]\n",
            ),
            (
                "火曜 9:00-12:00、土曜 13:00-17:00（祝日を除く）",
                "tuesday = [\"09:00-12:00\"]\nsaturday = [\"13:00-17:00\"]\n",
            ),
            (
                "土日（10:00〜16:00）",
                "saturday = [\"10:00-16:00\"]\nsunday = [\"10:00-16:00\"]\n",
            ),
            (
                "水 13:00-17:00; 水と金 9:00-12:00",
                "wednesday = [\"09:00-12:00\", \"13:00-17:00\"]\nfriday = [\"09:00-12:00\"]\n",
            ),
        ] {
            let hours = parse(written).expect(written);
            assert_eq!(hours.toml(), expected, "{written}");
        }
        for written in [
            "平日と土曜 9-17時",
            "平日、土曜日 9-17時",
            "Mon to Sat 9:00-17:00",
        ] {
            let hours = parse(written).expect(written);
            assert_eq!(hours.toml().matches(nine_to_five).count(), 6, "{written}");
        }
        for wrong in [
            "",
            "平日",
            "平日 9:00-17:00（第3水曜を除く）",
            "平日 9:00-17:00（年末年始を除く）",
            "平日 9:00-17:00 予約制",
            "土日祝 10:00-16:00",
            "隔週月曜 9:00-17:00",
            "平日 午前9時〜5時",
            "平日 9:00-17:00、水曜 13:00-15:00",
            "9:00-17:00",
            "平日 17:00-9:00",
            "平日 9:00",
            "平日 9:75-17:00",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
