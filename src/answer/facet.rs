//! The kind of value that a question asks for: an amount (いくら), whether there is a charge (無料ですか), a time of
//! day (何時), days of the week (何曜日), a number of something (何社).
//!
//! Input: a question. Output: [`AskedValue`], which checks whether an entry has such a value or asks for
//! it itself. Lexical scores and embeddings hardly distinguish an entry about an advertisement from one
//! about its price. Units and numbers are those of `search/analysis/quantity`.

use unicode_normalization::UnicodeNormalization;

use crate::knowledge::Entry;
use crate::search::{Analysis, CLOCK, MONEY, asked_units, is_indefinite, states_unit};

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

/// Words that ask for a time of day. 何時間 asks for a length of time.
const CLOCKS: &[&str] = &[
    "何時",
    "なんじから",
    "なんじまで",
    "なんじに",
    "なんじです",
    "whattime",
];

/// Parts of a text that tell of a time of day, besides a time itself.
const CLOCK_PARTS: &[&str] = &[
    "何時",
    "時刻",
    "時間帯",
    "24時間",
    "終日",
    "一日中",
    "いつでも",
    "正午",
    "日没",
    "hours",
];

/// Words that ask for days of the week.
const WEEKDAYS: &[&str] = &["何曜", "なんようび", "whatday", "whichday"];

/// Parts of a question about certain days: with an ending of [`is_open_asked`] it asks whether something is open then.
const DAY_PARTS: &[&str] = &[
    "曜",
    "土日",
    "週末",
    "祝日",
    "祭日",
    "平日",
    "日祝",
    "年末年始",
    "お盆",
];

/// Parts of a text that tell of days of the week.
const WEEKDAY_PARTS: &[&str] = &[
    "曜",
    "平日",
    "土日",
    "週末",
    "祝日",
    "毎日",
    "毎週",
    "定休",
    "無休",
    "休館日",
    "休業日",
    "day",
];

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An amount of money.
    Amount,
    /// Whether something costs anything.
    Charge,
    /// A time of day.
    Clock,
    /// Days of the week.
    Weekday,
    /// A number of a unit.
    Number(&'static str),
}

/// What a question asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AskedValue {
    kinds: Vec<Kind>,
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
        let asks = |words: &[&str]| words.iter().any(|word| asks_with(question, word));
        let is_amount = !money.is_empty()
            || asks(AMOUNTS)
            || FINAL_AMOUNTS.iter().any(|word| end.ends_with(word));
        let is_charge = FREE_WORDS.iter().any(|word| {
            let place = question.rsplit_once(word);
            place.is_some_and(|(_, after)| {
                FREE_ENDINGS.contains(&after.trim_end_matches(['?', '？']))
            })
        });
        let found = [
            (is_amount, Kind::Amount),
            (is_charge, Kind::Charge),
            (asks(CLOCKS), Kind::Clock),
            (
                asks(WEEKDAYS) || (contains_any(question, DAY_PARTS) && is_open_asked(question)),
                Kind::Weekday,
            ),
        ];
        let found = found.into_iter().filter(|(is_asked, _)| *is_asked);
        let kinds = found.map(|(_, kind)| kind);
        let kinds: Vec<Kind> = kinds.chain(units.into_iter().map(Kind::Number)).collect();
        (!kinds.is_empty()).then_some(Self { kinds })
    }

    /// Returns whether it asks for a time of day or for days, as do questions for opening hours.
    pub(super) fn is_time(&self) -> bool {
        self.kinds
            .iter()
            .any(|kind| matches!(kind, Kind::Clock | Kind::Weekday))
    }

    /// Returns whether an entry has all values that are asked for, or asks for them itself.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        let variants = entry.variants.iter().flat_map(|variant| &variant.texts);
        let phrases: Vec<&String> = [&entry.question].into_iter().chain(variants).collect();
        let texts = || phrases.iter().copied().chain([&entry.answer.text]);
        let states = |unit: &str| texts().any(|text| states_unit(text, unit));
        // An entry may name the value anywhere in its question: 「料金を知りたい」.
        let is_about = |words: &[&str]| {
            phrases
                .iter()
                .any(|text| contains_any(&folded(text), words))
        };
        let tells = |parts: &[&str]| texts().any(|text| contains_any(&folded(text), parts));
        self.kinds.iter().all(|kind| match kind {
            Kind::Amount => states(MONEY) || is_about(AMOUNTS) || is_about(FINAL_AMOUNTS),
            Kind::Charge => states(MONEY) || texts().any(|text| names_costs(text)),
            Kind::Clock => states(CLOCK) || tells(CLOCK_PARTS) || is_about(&["時間"]),
            Kind::Weekday => tells(WEEKDAY_PARTS),
            Kind::Number(unit) => states(unit),
        })
    }
}

/// Returns whether a question asks with a word: いくら, but not いくらでも.
fn asks_with(question: &str, word: &str) -> bool {
    let mut places = question.split(word).skip(1);
    places.any(|after| !is_indefinite(after) && !after.starts_with('間'))
}

/// Returns whether a question ends by asking whether something is open: 「やってますか」, 「休みですか」.
fn is_open_asked(question: &str) -> bool {
    /// Ends of verbs after て, the longest first.
    const VERB_ENDS: &[&str] = &["います", "ます", "いる", "る"];
    const VERBS: &[&str] = &[
        "やって",
        "開いて",
        "空いて",
        "あいて",
        "営業して",
        "受け付けて",
        "受付して",
        "対応して",
    ];
    const NOUNS: &[&str] = &["営業", "休み", "休業", "休館", "定休日", "休診"];
    let end = question.trim_end_matches(['?', '？', 'か', 'の', 'ん', 'ね', 'よ']);
    let verb = VERB_ENDS
        .iter()
        .find_map(|verb_end| end.strip_suffix(verb_end));
    let noun = end.strip_suffix("です").unwrap_or(end);
    verb.is_some_and(|verb| VERBS.iter().any(|own| verb.ends_with(own)))
        || NOUNS.iter().any(|own| noun.ends_with(own))
}

/// Returns whether a text tells of a charge or that there is none.
fn names_costs(text: &str) -> bool {
    let words = NO_COSTS.iter();
    let text = words.fold(folded(text), |text, word| text.replace(word, ""));
    contains_any(&text, COST_PARTS)
}

fn contains_any(text: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| text.contains(part))
}

fn folded(text: &str) -> String {
    let letters = text.nfkc().filter(|letter| !letter.is_whitespace());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        AskedValue::of_text(text).map_or_else(Vec::new, |asked| asked.kinds)
    }

    #[test]
    fn values_are_asked_for() {
        let rows: [(&str, &[Kind]); 34] = [
            ("会費はいくらですか", &[Kind::Amount]),
            ("12か月契約の料金は", &[Kind::Amount]),
            ("料金の支払い方法", &[]),
            ("日数に応じた金額になりますか", &[]),
            ("何社採択されますか", &[Kind::Number("社")]),
            ("何回試しても解約できない", &[]),
            ("何人でも登録できますか", &[]),
            ("いくら待っても届かない", &[]),
            ("いくらからですか", &[Kind::Amount]),
            ("いくらかかりますか", &[Kind::Amount]),
            ("何円で何枚まで", &[Kind::Amount, Kind::Number("枚")]),
            ("育成手当の月額", &[Kind::Amount]),
            ("自己負担額はいくら", &[Kind::Amount]),
            ("子どもは半額", &[]),
            ("返金は全額", &[]),
            ("何か手続きは要りますか", &[]),
            ("バスは子どもタダ", &[Kind::Charge]),
            ("送料は無料ですか", &[Kind::Charge]),
            ("子どもはただになりますか", &[Kind::Charge]),
            ("駐車場は有料ですか", &[Kind::Charge]),
            ("エラーがまただ", &[]),
            ("無料会員の登録方法", &[]),
            ("ただいま電話できますか", &[]),
            ("プールは何時から", &[Kind::Clock]),
            ("なんじまでやってますか", &[Kind::Clock]),
            ("何時でも入れますか", &[]),
            ("なんじゃこれ", &[]),
            ("何時間かかりますか", &[]),
            ("何曜日の何時ですか", &[Kind::Clock, Kind::Weekday]),
            ("日曜もやってますか", &[Kind::Weekday]),
            ("土日は開いてるの？", &[Kind::Weekday]),
            ("月曜はお休みですか", &[Kind::Weekday]),
            ("日曜に予約を取り消したい", &[]),
            ("今日はお休みですか", &[]),
        ];
        for (text, expected) in rows {
            assert_eq!(kinds(text), expected, "{text}");
        }
    }
}
