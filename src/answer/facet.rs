//! The kind of value that a question asks for: an amount (いくら), a number of something (何社).
//!
//! Input: a question. Output: [`AskedValue`], which checks whether an entry has such a value or asks for
//! it itself. Lexical scores and embeddings hardly distinguish an entry about an advertisement from one
//! about its price. Units and numbers are those of `search/analysis/quantity`.

use unicode_normalization::UnicodeNormalization;

use crate::knowledge::Entry;
use crate::search::{Analysis, MONEY, asked_units, is_indefinite, states_unit};

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

/// What a question asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AskedValue {
    /// Whether it asks for an amount of money.
    amount: bool,
    /// The units that it asks a number of.
    units: Vec<&'static str>,
}

impl AskedValue {
    /// Reads a question; `None` if it asks for no such value.
    pub(super) fn of(analysis: &Analysis) -> Option<Self> {
        let question: String = analysis.normalized.split(' ').collect();
        Self::of_text(&question)
    }

    fn of_text(question: &str) -> Option<Self> {
        let end = question.trim_end_matches(['は', 'を', 'が', '?', '？', 'っ', 'て']);
        let (money, units): (Vec<_>, Vec<_>) = asked_units(question)
            .into_iter()
            .partition(|unit| *unit == MONEY);
        let amount = !money.is_empty()
            || AMOUNTS.iter().any(|word| {
                let mut places = question.split(word).skip(1);
                places.any(|after| !is_indefinite(after))
            })
            || FINAL_AMOUNTS.iter().any(|word| end.ends_with(word));
        (amount || !units.is_empty()).then_some(Self { amount, units })
    }

    /// Returns whether an entry has all values that are asked for, or asks for them itself.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        let variants = entry.variants.iter().flat_map(|variant| &variant.texts);
        let phrases = || [&entry.question].into_iter().chain(variants.clone());
        let states = |unit: &str| {
            let mut texts = phrases().chain([&entry.answer.text]);
            texts.any(|text| states_unit(text, unit))
        };
        // An entry may name the amount anywhere in its question: 「料金を知りたい」.
        let names_amount = |text: &String| {
            let text = folded(text);
            let mut words = AMOUNTS.iter().chain(FINAL_AMOUNTS);
            words.any(|word| text.contains(word))
        };
        let has_amount = || states(MONEY) || phrases().any(names_amount);
        (!self.amount || has_amount()) && self.units.iter().all(|unit| states(unit))
    }
}

fn folded(text: &str) -> String {
    let letters = text.nfkc().filter(|letter| !letter.is_whitespace());
    letters.flat_map(char::to_lowercase).collect()
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
            ("何回試しても解約できない", false, 0),
            ("何人でも登録できますか", false, 0),
            ("いくら待っても届かない", false, 0),
            ("いくらからですか", true, 0),
            ("いくらかかりますか", true, 0),
            ("何円で何枚まで", true, 1),
        ] {
            let asked = AskedValue::of_text(text);
            let found = asked.map_or((false, 0), |asked| (asked.amount, asked.units.len()));
            assert_eq!(found, (amount, units), "{text}");
        }
        assert_eq!(AskedValue::of_text("何か手続きは要りますか"), None);
    }
}
