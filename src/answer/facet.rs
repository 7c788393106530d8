//! The kind of value that a question asks for: an amount (いくら), whether there is a charge (無料ですか), a time of
//! day (何時から), a number of something (何社). And whether it asks for opening hours (日曜もやってますか).
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

/// Parts of a text that states a charge or that there is none.
const COST_PARTS: &[&str] = &[
    "無料", "有料", "無償", "有償", "料", "費", "代金", "お金", "負担", "免除", "タダ", "free",
];

/// Words with such a part that name no charge.
const NO_COSTS: &[&str] = &[
    "資料", "材料", "給料", "食料", "飲料", "原料", "燃料", "消費",
];

/// Parts of a text that answer いくら by stating that there is no charge. 無料 is not one of them: with it, a question of
/// `unseen.tsv` was answered wrongly.
const NO_CHARGE: &[&str] = &["かかりません", "頂戴して", "いただいており"];

/// Words that ask for a time of day.
const CLOCK_WORDS: &[&str] = &["何時", "なんじ"];

/// How a question for a time of day goes on after such a word. 「何時の間に」 asks for none, and 「何時頃届きますか」 may be
/// answered with a number of days.
const CLOCK_ENDINGS: &[&str] = &[
    "から",
    "まで",
    "です",
    "でしょ",
    "に開",
    "に始",
    "に閉",
    "に終",
    "開",
    "閉",
    "始",
    "終",
];

/// Parts of a text that states a time of day, besides a time itself.
const CLOCK_PARTS: &[&str] = &[
    "時刻",
    "時間帯",
    "24時間",
    "終日",
    "一日中",
    "いつでも",
    "正午",
    "日没",
    "午前",
    "午後",
    "朝",
    "昼",
    "夕方",
    "夜",
    "hours",
];

/// Words that ask for opening hours or are about them.
const HOURS_WORDS: &[&str] = &[
    "いつから",
    "いつまで",
    "営業時間",
    "受付時間",
    "開館時間",
    "開店時間",
    "診療時間",
    "定休日",
    "休館日",
    "openinghours",
    "businesshours",
    "whattime",
    "areyouopen",
];

/// Times at which something may be open, in a question for opening hours: 「日曜もやってますか」.
const OPEN_TIMES: &[&str] = &[
    "曜",
    "土日",
    "週末",
    "祝",
    "平日",
    "年末年始",
    "お盆",
    "今日",
    "本日",
    "明日",
    "朝",
    "昼",
    "夜",
];

/// Parts of a text that states days of opening, besides a date.
const DAY_PARTS: &[&str] = &[
    "曜",
    "平日",
    "土日",
    "日祝",
    "土・日",
    "週末",
    "祝日",
    "毎日",
    "毎週",
    "年末年始",
    "休業",
    "休館",
    "休診",
    "休み",
    "定休",
    "無休",
    "365日",
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
        let is_amount = !money.is_empty()
            || AMOUNTS.iter().any(|word| asks_with(question, word))
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
            (asks_for_clock(question), Kind::Clock),
        ];
        let found = found.into_iter().filter(|(is_asked, _)| *is_asked);
        let kinds = found.map(|(_, kind)| kind);
        let kinds: Vec<Kind> = kinds.chain(units.into_iter().map(Kind::Number)).collect();
        (!kinds.is_empty()).then_some(Self { kinds })
    }

    /// Returns whether an entry has all values that are asked for, or asks for them itself. A time of day beside
    /// other values may be in another entry: 「何時からいくらですか」.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        let texts = Texts::of(entry);
        self.kinds.iter().all(|kind| match kind {
            Kind::Amount => {
                let is_about = texts.is_about(AMOUNTS) || texts.is_about(FINAL_AMOUNTS);
                is_about || texts.states(MONEY) || texts.contain(NO_CHARGE)
            }
            Kind::Charge => texts.states(MONEY) || texts.all().any(|text| names_costs(text)),
            Kind::Clock => self.kinds.len() > 1 || texts.state_clock(),
            Kind::Number(unit) => texts.states(unit),
        })
    }
}

/// The texts of an entry.
struct Texts<'a> {
    /// Its question and variants.
    phrases: Vec<&'a String>,
    answer: &'a String,
}

impl<'a> Texts<'a> {
    fn of(entry: &'a Entry) -> Self {
        let variants = entry.variants.iter().flat_map(|variant| &variant.texts);
        Self {
            phrases: [&entry.question].into_iter().chain(variants).collect(),
            answer: &entry.answer.text,
        }
    }

    fn all(&self) -> impl Iterator<Item = &'a String> {
        self.phrases.iter().copied().chain([self.answer])
    }

    /// Returns whether one of them has a number of a unit.
    fn states(&self, unit: &str) -> bool {
        self.all().any(|text| states_unit(text, unit))
    }

    fn contain(&self, parts: &[&str]) -> bool {
        self.all().any(|text| contains_any(&folded(text), parts))
    }

    /// Returns whether a phrase names a value, anywhere: 「料金を知りたい」.
    fn is_about(&self, words: &[&str]) -> bool {
        let mut phrases = self.phrases.iter();
        phrases.any(|text| contains_any(&folded(text), words))
    }

    fn state_clock(&self) -> bool {
        self.states(CLOCK) || self.contain(CLOCK_PARTS) || self.is_about(&["時間", "何時"])
    }
}

/// Returns whether a question is one for opening hours: 「何時からやってますか」, 「日曜は休みですか」.
pub(super) fn asks_for_hours(analysis: &Analysis) -> bool {
    let question: String = analysis.normalized.split(' ').collect();
    asks_for_hours_in(&question)
}

fn asks_for_hours_in(question: &str) -> bool {
    asks_for_clock(question)
        || contains_any(question, HOURS_WORDS)
        || (contains_any(question, OPEN_TIMES) && ends_with_open(question))
}

/// Returns whether an entry states hours or days of opening.
pub(super) fn states_hours(entry: &Entry) -> bool {
    let texts = Texts::of(entry);
    texts.state_clock() || texts.contain(DAY_PARTS)
}

fn asks_for_clock(question: &str) -> bool {
    CLOCK_WORDS.iter().any(|word| {
        let mut places = question.split(word).skip(1);
        places.any(|after| {
            let after = after.trim_start_matches("ごろ").trim_start_matches('頃');
            let is_end = after.trim_end_matches(['?', '？']).is_empty();
            let goes_on = CLOCK_ENDINGS.iter().any(|ending| after.starts_with(ending));
            (is_end || goes_on) && !is_indefinite(after)
        })
    })
}

/// Returns whether a question asks with a word: いくら, but not いくらでも.
fn asks_with(question: &str, word: &str) -> bool {
    let mut places = question.split(word).skip(1);
    places.any(|after| !is_indefinite(after))
}

/// Returns whether a question ends with whether something is open: 「やってますか」, 「休みですか」.
fn ends_with_open(question: &str) -> bool {
    /// Ends of verbs after て, the longest first.
    const VERB_ENDS: &[&str] = &["おります", "います", "ます", "いる", "る"];
    const VERBS: &[&str] = &[
        "やって",
        "開いて",
        "空いて",
        "あいて",
        "営業して",
        "開館して",
        "開店して",
        "診療して",
        "受け付けて",
        "受付して",
        "対応して",
    ];
    /// Ends of nouns, the longest first.
    const NOUN_ENDS: &[&str] = &["なんです", "でしょう", "です", ""];
    const NOUNS: &[&str] = &["営業", "休み", "休業", "休館", "定休日", "休診"];
    let end = question.trim_end_matches(['?', '？', 'か', 'の', 'ん', 'ね', 'よ']);
    let ends_with = |ends: &[&str], words: &[&str]| {
        let stems = ends.iter().filter_map(|own| end.strip_suffix(own));
        stems
            .into_iter()
            .any(|stem| words.iter().any(|word| stem.ends_with(word)))
    };
    ends_with(VERB_ENDS, VERBS) || ends_with(NOUN_ENDS, NOUNS)
}

/// Returns whether a text names a charge or that there is none.
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
        let rows: [(&str, &[Kind]); 37] = [
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
            ("何時になったら届きますか", &[]),
            ("何時の間にか退会になっていた", &[]),
            ("何時頃届きますか", &[]),
            ("何時に終わりますか", &[Kind::Clock]),
            ("何時まで預かってもらえますか", &[Kind::Clock]),
            ("開始は何時ですか", &[Kind::Clock]),
            ("日曜もやってますか", &[]),
            ("いくらで直してもらえますか", &[Kind::Amount]),
            ("日曜に予約を取り消したい", &[]),
        ];
        for (text, expected) in rows {
            assert_eq!(kinds(text), expected, "{text}");
        }
    }

    #[test]
    fn opening_hours_are_asked_for() {
        for (text, expected) in [
            ("何時からやってますか", true),
            ("いつまでやってますか", true),
            ("日曜もやってますか", true),
            ("土日は開いてるの？", true),
            ("月曜はお休みですか", true),
            ("今日は営業しておりますか", true),
            ("夜もやってますか", true),
            ("年末年始は休みなんですか", true),
            ("営業時間", true),
            ("日曜に予約を取り消したい", false),
            ("休みたい", false),
            ("電話したい", false),
        ] {
            assert_eq!(asks_for_hours_in(text), expected, "{text}");
        }
    }
}
