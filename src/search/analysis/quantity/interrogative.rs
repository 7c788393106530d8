//! The units whose number a question asks for: 社 in 「何社まで」.
//!
//! Input: a text. Output: the names of units, as in [`Quantity`](super::Quantity)s.

use super::of_text;
use super::units::unit;
use super::value::{DAY, DAYS};
use crate::search::analysis::normalize::normalize;

/// Unit of an amount of money.
pub const MONEY: &str = "円";

/// Unit of a length of time.
const SECONDS: &str = "秒";

/// Units of which a number is no value to look for in an answer: a time is asked for and stated in too
/// many ways (何日, 何時間), 何番 asks for a telephone number too, and 何度 and 何通り ask for no unit.
const UNCOUNTED: [&str; 7] = [DAY, DAYS, SECONDS, "番", "号", "度", "通"];

/// A spelling that only a question has, and its unit.
const IN_KANA: (&str, &str) = ("まい", "枚");

/// Letters before a unit that stand for a number: 数社, 毎回.
const VAGUE_NUMBERS: [char; 5] = ['何', '数', '毎', '各', '幾'];

/// Lists the units after 何 in a text without spaces, in order.
#[must_use]
pub fn asked_units(text: &str) -> Vec<&'static str> {
    let units = text.split('何').skip(1).filter_map(|after| {
        let is_asked =
            |(name, rest): &(&str, &str)| !UNCOUNTED.contains(name) && !is_indefinite(rest);
        let (spelling, name) = IN_KANA;
        let in_kana = after.strip_prefix(spelling).map(|rest| (name, rest));
        in_kana.or_else(|| unit_at(after)).filter(is_asked)
    });
    units.map(|(name, _)| name).collect()
}

/// Returns whether the text after an interrogative makes it indefinite, so that it asks for no value:
/// 何回も, いくらか, 何人でも, 何回試しても. 「もら」 begins もらう, 「から」 and 「かか」 are から and かかる, and in
/// 「いくらか教えて」 か ends a question.
#[must_use]
pub fn is_indefinite(after: &str) -> bool {
    let is_particle = |particle: &str, others: &[&str]| {
        let rest = after.strip_prefix(particle);
        rest.is_some_and(|rest| !others.iter().any(|other| rest.starts_with(other)))
    };
    let clause = after.split(['、', ',', '。']).next().unwrap_or_default();
    is_particle("も", &["ら"])
        || is_particle("か", &["ら", "か", "教え", "知り", "わか", "分か"])
        || ["ても", "でも"].iter().any(|word| {
            let mut after = clause.split(word).skip(1);
            after.any(|rest| !rest.starts_with("ら"))
        })
}

/// Returns whether a text has a number of a unit, be it vague or asked for: 3枚, 数枚, 何枚.
#[must_use]
pub fn states_unit(text: &str, name: &str) -> bool {
    if of_text(text).iter().any(|quantity| quantity.unit() == name) {
        return true;
    }
    let normal = normalize(text);
    let mut vague = normal.match_indices(VAGUE_NUMBERS);
    vague.any(|(index, number)| {
        let found = unit_at(&normal[index + number.len()..]);
        found.is_some_and(|(found, _)| found == name)
    })
}

/// Returns the name of the unit at the start of a text, and the text after it.
fn unit_at(text: &str) -> Option<(&'static str, &str)> {
    /// Length of the longest unit, with a space before it.
    const MAX_UNIT_CHARS: usize = 10;
    let letters: Vec<char> = text.chars().take(MAX_UNIT_CHARS).collect();
    let found = unit(&letters)?;
    let mut ends = text.char_indices().map(|(index, _)| index);
    let end = ends.nth(found.length).unwrap_or(text.len());
    // A unit of this name is no quantity: 何者.
    (found.name != "-").then(|| (found.name, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_asked_for_after_an_interrogative() {
        let rows: [(&str, &[&str]); 11] = [
            ("何社採択されますか", &["社"]),
            ("写真は何まいまで", &["枚"]),
            ("何名で何回まで", &["人", "回"]),
            ("何ヶ月かかりますか", &["か月"]),
            ("何パーセント引きですか", &["%"]),
            ("何円ですか", &["円"]),
            ("何日かかりますか", &[]),
            ("電話は何番ですか", &[]),
            ("何か手続きは要りますか", &[]),
            ("何回もエラーが出る", &[]),
            ("何枚もらえますか", &["枚"]),
        ];
        for (text, expected) in rows {
            assert_eq!(asked_units(text), expected, "{text}");
        }
    }

    #[test]
    fn a_unit_is_stated_with_a_number() {
        for (text, unit, expected) in [
            ("写真は3枚まで", "枚", true),
            ("写真は三枚まで", "枚", true),
            ("何枚載せられる", "枚", true),
            ("数枚載せられます", "枚", true),
            ("枚数に決まりはない", "枚", false),
            ("20名様まで", "人", true),
            ("1年間有効です", "か月", true),
            ("2026年に始まります", "か月", false),
            ("5千円です", "円", true),
        ] {
            assert_eq!(states_unit(text, unit), expected, "{text}");
        }
    }
}
