//! The kind of value that a question asks for: an amount (いくら), a number of something (何社).
//!
//! Input: a question. Output: [`AskedValue`], which checks whether an entry has such a value or asks for
//! it itself. Lexical scores and embeddings hardly distinguish an entry about an advertisement from one
//! about its price.

use unicode_normalization::UnicodeNormalization;

use crate::knowledge::Entry;
use crate::search::Analysis;

/// Words that ask for an amount of money, as parts of a normalised text without spaces.
const AMOUNTS: &[&str] = &["いくら", "何円", "howmuch"];

/// Words that ask for an amount at the end of a question: 「12か月契約の料金は」.
const FINAL_AMOUNTS: &[&str] = &[
    "料金",
    "費用",
    "代金",
    "価格",
    "値段",
    "金額",
    "上限額",
    "限度額",
];

/// Units that are counted, after 何, and how they are written after a number. A time (何時, 何日) is
/// asked for in too many ways.
const UNITS: &[(&str, &[&str])] = &[
    ("社", &["社"]),
    ("人", &["人", "名"]),
    ("名", &["名", "人"]),
    ("件", &["件"]),
    ("点", &["点"]),
    ("枚", &["枚"]),
    ("まい", &["枚"]),
    ("回", &["回"]),
    ("個", &["個"]),
    ("種類", &["種類"]),
    ("歳", &["歳", "才"]),
    ("割", &["割", "%"]),
    ("%", &["%", "割"]),
    ("パーセント", &["%", "割"]),
    ("文字", &["文字", "字"]),
    ("か月", &["か月", "ヶ月", "ヵ月", "カ月", "ケ月", "年"]),
    ("ヶ月", &["か月", "ヶ月", "ヵ月", "カ月", "ケ月", "年"]),
    ("カ月", &["か月", "ヶ月", "ヵ月", "カ月", "ケ月", "年"]),
];

/// What a question asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AskedValue {
    /// Whether it asks for an amount of money.
    amount: bool,
    /// For each unit that it asks a number of, how that is written after a number.
    units: Vec<&'static [&'static str]>,
}

impl AskedValue {
    /// Reads a question; `None` if it asks for no such value.
    pub(super) fn of(analysis: &Analysis) -> Option<Self> {
        let question: String = analysis.normalized.split(' ').collect();
        Self::of_text(&question)
    }

    fn of_text(question: &str) -> Option<Self> {
        let end = question.trim_end_matches(['は', 'を', 'が', '?', '？', 'っ', 'て']);
        let amount = AMOUNTS.iter().any(|word| question.contains(word))
            || FINAL_AMOUNTS.iter().any(|word| end.ends_with(word));
        let units = question.split('何').skip(1);
        let units = units.filter_map(|after| {
            let mut known = UNITS.iter();
            known.find(|(unit, _)| after.starts_with(unit))
        });
        let units: Vec<_> = units.map(|(_, written)| *written).collect();
        (amount || !units.is_empty()).then_some(Self { amount, units })
    }

    /// Returns whether an entry has all values that are asked for, or asks for them itself.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        let variants = entry.variants.iter().flat_map(|variant| &variant.texts);
        let phrases = [&entry.question].into_iter().chain(variants);
        let phrases: Vec<String> = phrases.map(|text| folded(text)).collect();
        let answer = folded(&entry.answer.text);
        let texts = || phrases.iter().chain([&answer]);
        // An entry may name the amount anywhere in its question: 「料金を知りたい」.
        let names_amount = |text: &String| {
            let mut words = AMOUNTS.iter().chain(FINAL_AMOUNTS);
            words.any(|word| text.contains(word))
        };
        let has_amount =
            phrases.iter().any(names_amount) || texts().any(|text| counts(text, &["円"]));
        (!self.amount || has_amount)
            && self
                .units
                .iter()
                .all(|unit| texts().any(|text| counts(text, unit)))
    }
}

fn folded(text: &str) -> String {
    let letters = text.nfkc().filter(|letter| !letter.is_whitespace());
    letters.flat_map(char::to_lowercase).collect()
}

/// Returns whether a text has a number of a unit, or asks for it.
fn counts(text: &str, units: &[&str]) -> bool {
    units.iter().any(|unit| {
        text.match_indices(unit).any(|(index, _)| {
            let before = text[..index].chars().next_back();
            before.is_some_and(|letter| {
                letter.is_numeric() || "何一二三四五六七八九十数毎各".contains(letter)
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_numbers_are_asked_for() {
        for (text, amount, units) in [
            ("会費はいくらですか", true, 0),
            ("12か月契約の料金は", true, 0),
            ("料金の支払い方法", false, 0),
            ("日数に応じた金額になりますか", false, 0),
            ("何社採択されますか", false, 1),
            ("何円で何枚まで", true, 1),
        ] {
            let asked = AskedValue::of_text(text);
            let found = asked.map_or((false, 0), |asked| (asked.amount, asked.units.len()));
            assert_eq!(found, (amount, units), "{text}");
        }
        assert_eq!(AskedValue::of_text("何か手続きは要りますか"), None);
    }

    #[test]
    fn a_number_stands_before_its_unit() {
        assert!(counts("写真は3枚まで", &["枚"]));
        assert!(counts("何枚載せられる", &["枚"]));
        assert!(!counts("枚数に決まりはない", &["枚"]));
    }
}
