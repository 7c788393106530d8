//! The kind of value that a question asks for: an amount (いくら), whether there is a charge (無料ですか), a number
//! of something (何社).
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
    "月額",
    "年額",
    "総額",
    "合計額",
    "上限額",
    "限度額",
    "負担額",
    "支給額",
    "補助額",
    "助成額",
    "給付額",
];

/// Words that ask at the end of a question whether there is a charge: 「送料はタダですか」. ただ also ends まただ.
const FREE_WORDS: &[&str] = &["無料", "有料", "タダ", "はただ", "もただ", "がただ"];

/// How a question may end after such a word.
const FREE_ENDINGS: &[&str] = &[
    "",
    "か",
    "ですか",
    "なの",
    "なのか",
    "なんですか",
    "ですよね",
    "でしょうか",
    "なんでしょうか",
    "になる",
    "になりますか",
];

/// Parts of a text that tell of a charge or that there is none.
const COST_PARTS: &[&str] = &[
    "無料", "有料", "無償", "有償", "料", "費", "代金", "お金", "負担", "免除", "タダ", "free",
];

/// Words with such a part that tell of no charge.
const NO_COSTS: &[&str] = &[
    "資料", "材料", "給料", "食料", "飲料", "原料", "燃料", "消費",
];

/// What a question asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AskedValue {
    /// Whether it asks for an amount of money.
    amount: bool,
    /// Whether it asks if something costs anything.
    free: bool,
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
        let free = FREE_WORDS.iter().any(|word| {
            let place = question.rsplit_once(word);
            place.is_some_and(|(_, after)| {
                FREE_ENDINGS.contains(&after.trim_end_matches(['?', '？']))
            })
        });
        (amount || free || !units.is_empty()).then_some(Self {
            amount,
            free,
            units,
        })
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
        let names_costs = || {
            let mut texts = phrases().chain([&entry.answer.text]);
            texts.any(|text| {
                let words = NO_COSTS.iter();
                let text = words.fold(folded(text), |text, word| text.replace(word, ""));
                COST_PARTS.iter().any(|part| text.contains(part))
            })
        };
        (!self.amount || has_amount())
            && (!self.free || states(MONEY) || names_costs())
            && self.units.iter().all(|unit| states(unit))
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
            ("育成手当の月額", true, 0),
            ("自己負担額はいくら", true, 0),
            ("子どもは半額", false, 0),
            ("返金は全額", false, 0),
        ] {
            let asked = AskedValue::of_text(text);
            let found = asked.map_or((false, 0), |asked| (asked.amount, asked.units.len()));
            assert_eq!(found, (amount, units), "{text}");
        }
        for (text, free) in [
            ("バスは子どもタダ", true),
            ("送料は無料ですか", true),
            ("子どもはただになりますか", true),
            ("駐車場は有料ですか", true),
            ("エラーがまただ", false),
            ("無料会員の登録方法", false),
            ("ただいま電話できますか", false),
        ] {
            let asked = AskedValue::of_text(text);
            assert_eq!(asked.is_some_and(|asked| asked.free), free, "{text}");
        }
        assert_eq!(AskedValue::of_text("何か手続きは要りますか"), None);
    }
}
