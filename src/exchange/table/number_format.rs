//! The number formats of Excel: shows a number as the sheet does, such as `300円` and `10%`.

/// Shows a number in a format; `None` for formats of another kind, such as fractions.
pub(super) fn shown(code: &str, value: f64) -> Option<String> {
    if code.is_empty() || code == "@" {
        return Some(value.to_string());
    }
    let format = Format::parse(code)?;
    // The other sections are for negative numbers and for zero.
    if (value < 0.0 && format.sections > 1) || (value == 0.0 && format.sections > 2) {
        return None;
    }
    let percent = (0..format.percents).fold(1.0, |factor, _| factor * 100.0);
    let number = format.pattern.show(value.abs() * percent)?;
    let sign = if value < 0.0 { "-" } else { "" };
    Some(format!("{sign}{}{number}{}", format.before, format.after))
}

/// The first section of a format.
#[derive(Default)]
struct Format {
    before: String,
    pattern: Pattern,
    after: String,
    percents: usize,
    sections: usize,
}

/// How the digits are shown.
#[derive(Default)]
enum Pattern {
    /// As many digits as the number has.
    #[default]
    General,
    /// `#,##0.00`
    Digits(String),
}

/// The colours that a format may name.
const COLOURS: [&str; 8] = [
    "black", "blue", "cyan", "green", "magenta", "red", "white", "yellow",
];

impl Format {
    fn parse(code: &str) -> Option<Self> {
        let mut format = Self {
            sections: 1,
            ..Self::default()
        };
        let mut digits = String::new();
        let mut has_number = false;
        let mut rest = code.chars();
        while let Some(character) = rest.next() {
            let mut literal = String::new();
            match character {
                ';' => {
                    format.sections += 1 + rest.as_str().matches(';').count();
                    break;
                }
                '"' => literal.extend(rest.by_ref().take_while(|c| *c != '"')),
                '\\' => literal.push(rest.next()?),
                // A blank as wide as a character, and a fill.
                '_' | '*' => {
                    rest.next()?;
                }
                '[' => {
                    let inner: String = rest.by_ref().take_while(|c| *c != ']').collect();
                    if let Some(currency) = inner.strip_prefix('$') {
                        literal.push_str(currency.split('-').next().unwrap_or_default());
                    } else if !COLOURS.contains(&inner.to_ascii_lowercase().as_str()) {
                        return None;
                    }
                }
                '0' | '#' | '?' | ',' | '.' => {
                    if has_number && (digits.is_empty() || !format.after.is_empty()) {
                        return None;
                    }
                    has_number = true;
                    digits.push(character);
                }
                'G' | 'g' => {
                    let word = rest.as_str().get(..6).unwrap_or_default();
                    if has_number || !word.eq_ignore_ascii_case("eneral") {
                        return None;
                    }
                    has_number = true;
                    rest = rest.as_str().get(6..).unwrap_or_default().chars();
                }
                '%' => {
                    format.percents += 1;
                    literal.push('%');
                }
                c if c.is_ascii_alphabetic() || matches!(c, '/' | '@') => return None,
                other => literal.push(other),
            }
            if has_number {
                format.after.push_str(&literal);
            } else {
                format.before.push_str(&literal);
            }
        }
        if !digits.is_empty() {
            format.pattern = Pattern::Digits(digits);
        }
        has_number.then_some(format)
    }
}

impl Pattern {
    fn show(&self, value: f64) -> Option<String> {
        let Self::Digits(pattern) = self else {
            return Some(value.to_string());
        };
        let (whole, fraction) = pattern.split_once('.').unwrap_or((pattern, ""));
        // A comma at the end divides by a thousand.
        if whole.ends_with(',') || fraction.contains(['.', ',']) {
            return None;
        }
        let places = fraction.len();
        let factor = 10_f64.powi(i32::try_from(places).ok()?);
        let rounded = (value * factor).round() / factor;
        let written = format!("{rounded:.places$}");
        let (digits, decimals) = written.split_once('.').unwrap_or((&written, ""));
        let zeros = |pattern: &str| pattern.matches('0').count();
        let mut decimals = decimals;
        while decimals.len() > zeros(fraction)
            && let Some(shorter) = decimals.strip_suffix('0')
        {
            decimals = shorter;
        }
        let digits = format!("{digits:0>width$}", width = zeros(whole));
        let mut shown = String::new();
        for (index, digit) in digits.char_indices() {
            if index > 0 && whole.contains(',') && (digits.len() - index).is_multiple_of(3) {
                shown.push(',');
            }
            shown.push(digit);
        }
        if !decimals.is_empty() {
            shown.push('.');
            shown.push_str(decimals);
        }
        Some(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_on_the_sheet() {
        for (code, value, expected) in [
            ("General", 300.5, Some("300.5")),
            ("General\"円\"", 300.0, Some("300円")),
            ("0\"円\"", 300.0, Some("300円")),
            ("#,##0円", 12345.0, Some("12,345円")),
            ("\"約\"#,##0\\円", 999.0, Some("約999円")),
            ("[$¥-411]#,##0;[Red]-[$¥-411]#,##0", 3500.0, Some("¥3,500")),
            ("_-* #,##0_-;-* #,##0_-", 1000.0, Some("1,000")),
            ("0%", 0.1, Some("10%")),
            ("0.0%", 0.125, Some("12.5%")),
            ("0.00", 2.5, Some("2.50")),
            ("#,##0.##", 1234.5, Some("1,234.5")),
            ("000", 7.0, Some("007")),
            ("0", 2.5, Some("3")),
            ("0", -2.0, Some("-2")),
            ("#,##0;[Red]-#,##0", -2.0, None),
            ("# ?/?", 0.5, None),
            ("0.00E+00", 5.0, None),
            ("000-0000", 1_000_001.0, None),
            ("#,##0,\"千円\"", 5000.0, None),
            ("[DBNum1]General", 3.0, None),
            ("\"あり\"", 1.0, None),
        ] {
            assert_eq!(shown(code, value).as_deref(), expected, "{code} {value}");
        }
    }
}
