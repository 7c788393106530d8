//! The hours of a day as people type them: `9:00～12:00、13時～17時30分`.

use crate::knowledge::business_hours::Interval;

/// Signs that people type between two times.
const DASHES: [char; 9] = ['～', '〜', '－', '–', '—', '−', '‐', '~', 'ー'];

/// Words for a day without hours.
const CLOSED: [&str; 5] = ["休み", "休", "定休", "定休日", "closed"];

/// Reads the hours of a day; none if it is empty or says that the desk is closed.
pub(super) fn read(text: &str) -> Option<Vec<Interval>> {
    let text: String = text.chars().map(plain).collect();
    let text = text.trim();
    if CLOSED.contains(&text.to_lowercase().as_str()) {
        return Some(Vec::new());
    }
    // Blanks around a dash do not separate.
    let parts: Vec<&str> = text.split('-').map(str::trim).collect();
    let text = parts.join("-");
    let intervals = text.split([',', ' ']).filter(|part| !part.is_empty());
    intervals.map(interval).collect()
}

/// Writes the hours of a day for a field of a form.
pub(super) fn write(intervals: &[Interval]) -> String {
    let texts: Vec<String> = intervals.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

fn plain(character: char) -> char {
    match character {
        '０'..='９' => {
            let digit = u32::from(character) - u32::from('０');
            char::from_digit(digit, 10).unwrap_or(character)
        }
        '：' => ':',
        '、' | '，' | '・' | '/' => ',',
        dash if DASHES.contains(&dash) => '-',
        blank if blank.is_whitespace() => ' ',
        other => other,
    }
}

fn interval(text: &str) -> Option<Interval> {
    let (start, end) = text.split_once('-')?;
    let text = format!("{}-{}", time(start)?, time(end)?);
    Interval::parse(&text).ok()
}

/// Writes a time with four digits.
fn time(text: &str) -> Option<String> {
    let text = text.trim_end_matches('分');
    let (hour, minute) = text.split_once([':', '時']).unwrap_or((text, ""));
    let minute = if minute.is_empty() { "0" } else { minute };
    let (hour, minute): (u8, u8) = (hour.parse().ok()?, minute.parse().ok()?);
    Some(format!("{hour:02}:{minute:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_type_them() {
        for (text, expected) in [
            ("", Some("")),
            ("休み", Some("")),
            ("Closed", Some("")),
            ("09:00-12:00, 13:00-17:00", Some("09:00-12:00, 13:00-17:00")),
            (
                "9:00～12:00、13:00～17:30",
                Some("09:00-12:00, 13:00-17:30"),
            ),
            ("９：００ － １７：００", Some("09:00-17:00")),
            ("9時〜12時 13時〜17時30分", Some("09:00-12:00, 13:00-17:30")),
            ("22-24", Some("22:00-24:00")),
            ("17:00-9:00", None),
            ("9:00", None),
            ("9:00-25:00", None),
            ("朝から", None),
            ("9:75-12:00", None),
        ] {
            let hours = read(text).map(|hours| write(&hours));
            assert_eq!(hours.as_deref(), expected, "{text}");
        }
    }
}
