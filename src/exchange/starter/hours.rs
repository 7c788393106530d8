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

/// Reads hours; groups of days are separated by `;`.
pub(super) fn parse(written: &str) -> Option<Hours> {
    let text: String = written.nfkc().flat_map(char::to_lowercase).collect();
    let mut hours = Hours::default();
    for group in text
        .split([';', '\n'])
        .filter(|group| !group.trim().is_empty())
    {
        let start = group.find(|c: char| c.is_ascii_digit())?;
        let (days, times) = group.split_at(start);
        let times = intervals(times)?;
        for day in week(days)? {
            hours.0.get_mut(day)?.extend(times.iter().copied());
        }
    }
    let is_open = hours.0.iter().any(|day| !day.is_empty());
    is_open.then_some(hours)
}

/// Reads names of days: `平日`, `毎日`, `月-金`, `月・水・金`.
fn week(text: &str) -> Option<Vec<usize>> {
    if ["平日", "weekday"].iter().any(|name| text.contains(name)) {
        return Some((0..5).collect());
    }
    if ["毎日", "全日", "年中無休", "daily", "every"]
        .iter()
        .any(|name| text.contains(name))
    {
        return Some((0..7).collect());
    }
    let text = text.replace("曜日", "").replace('曜', "");
    let mut days: Vec<usize> = Vec::new();
    let mut rest = text.as_str();
    let mut is_range = false;
    while let Some(first) = rest.chars().next() {
        let found = DAYS
            .iter()
            .position(|(_, _, kanji, latin)| first == *kanji || rest.starts_with(latin));
        if let Some(day) = found {
            match days.last() {
                Some(last) if is_range => {
                    let length = (day + 7 - last) % 7;
                    let start = *last;
                    days.extend((1..=length).map(|step| (start + step) % 7));
                }
                _ => days.push(day),
            }
            is_range = false;
            let length = if first.is_ascii() {
                rest.find(|c: char| !c.is_ascii_alphabetic())
                    .unwrap_or(rest.len())
            } else {
                first.len_utf8()
            };
            rest = rest.get(length..)?;
            continue;
        }
        is_range |= matches!(first, '-' | '~' | '〜' | '–' | '—' | '―' | '‐' | '−' | 'か');
        is_range |= rest.starts_with("to ");
        rest = rest.get(first.len_utf8()..)?;
    }
    (!days.is_empty()).then_some(days)
}

/// Reads pairs of times: `9:00-17:00`, `9時30分～12時、13時～17時半`.
fn intervals(text: &str) -> Option<Intervals> {
    let mut times: Vec<Time> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let is_afternoon = rest.get(..at)?.contains("午後");
        let (hour, after) = number(rest.get(at..)?)?;
        let after_unit = after.strip_prefix(':').or_else(|| after.strip_prefix('時'));
        let (minute, after) = match after_unit {
            Some(after) if after.starts_with('半') => (30, after),
            Some(after) => number(after).unwrap_or((0, after)),
            None => (0, after),
        };
        let hour = if is_afternoon && hour < 12 {
            hour + 12
        } else {
            hour
        };
        times.push((hour, minute));
        rest = after;
    }
    let is_time =
        |(hour, minute): &Time| *minute < 60 && (*hour < 24 || (*hour, *minute) == (24, 0));
    let (pairs, odd) = times.as_chunks::<2>();
    let pairs: Intervals = pairs.iter().map(|[start, end]| (*start, *end)).collect();
    let is_good = odd.is_empty()
        && !pairs.is_empty()
        && times.iter().all(is_time)
        && times.is_sorted_by(|one, next| one <= next)
        && pairs.iter().all(|(start, end)| start < end);
    is_good.then_some(pairs)
}

fn number(text: &str) -> Option<(u8, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
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
        for wrong in [
            "",
            "平日",
            "9:00-17:00",
            "平日 17:00-9:00",
            "平日 9:00",
            "平日 9:75-17:00",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
