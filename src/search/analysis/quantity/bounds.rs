//! The words that bound a quantity: 以上, 未満, まで, at least.
//!
//! Input: the letters of a normalised text after or before a quantity. Output: the [`Bound`].

use super::units::{ends_with, starts_with};

/// Words that make 日 a number of days rather than a day of a month: 3日で届く, 10日後.
const AFTER_DAYS: [&str; 24] = [
    "で",
    "かか",
    "かけ",
    "ほど",
    "くらい",
    "ぐらい",
    "程度",
    "経",
    "たっ",
    "たち",
    "たつ",
    "後",
    "前",
    "待",
    "分",
    "おき",
    "ごと",
    "も",
    "しか",
    "あれば",
    "連続",
    "以",
    "未満",
    "を超",
];

/// Words after 日 that begin like one of [`AFTER_DAYS`] and bound a day of a month.
const AFTER_DAY: [&str; 3] = ["以降", "以後", "以前"];

/// How a word bounds the quantity beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// The value or more.
    AtLeast,
    /// More than the value.
    MoreThan,
    /// The value or less.
    AtMost,
    /// Less than the value.
    LessThan,
}

use Bound::{AtLeast, AtMost, LessThan, MoreThan};

/// Words after a quantity, the longer ones first where one begins with another.
const BOUNDS_AFTER: &[(&str, Bound)] = &[
    ("以上", AtLeast),
    ("以降", AtLeast),
    ("以後", AtLeast),
    ("から", AtLeast),
    ("+", AtLeast),
    (" or more", AtLeast),
    (" or older", AtLeast),
    (" or over", AtLeast),
    (" or above", AtLeast),
    (" or longer", AtLeast),
    (" and over", AtLeast),
    (" and older", AtLeast),
    (" and above", AtLeast),
    ("を超", MoreThan),
    ("をこえ", MoreThan),
    ("を過ぎ", MoreThan),
    ("を上回", MoreThan),
    ("超", MoreThan),
    ("過ぎ", MoreThan),
    ("すぎ", MoreThan),
    ("より多", MoreThan),
    ("より高", MoreThan),
    ("より大", MoreThan),
    ("より上", MoreThan),
    ("より長", MoreThan),
    ("より後", MoreThan),
    ("以下", AtMost),
    ("以内", AtMost),
    ("以前", AtMost),
    ("まで", AtMost),
    ("迄", AtMost),
    (" or less", AtMost),
    (" or fewer", AtMost),
    (" or younger", AtMost),
    (" or under", AtMost),
    (" and under", AtMost),
    ("未満", LessThan),
    ("を下回", LessThan),
    ("に満たない", LessThan),
    ("より少", LessThan),
    ("より安", LessThan),
    ("より低", LessThan),
    ("より小", LessThan),
    ("より下", LessThan),
    ("より短", LessThan),
    ("より前", LessThan),
];

/// English words before a quantity.
const BOUNDS_BEFORE: &[(&str, Bound)] = &[
    ("at least ", AtLeast),
    ("after ", AtLeast),
    ("from ", AtLeast),
    ("more than ", MoreThan),
    ("older than ", MoreThan),
    ("longer than ", MoreThan),
    ("over ", MoreThan),
    ("above ", MoreThan),
    ("up to ", AtMost),
    ("at most ", AtMost),
    ("no more than ", AtMost),
    ("within ", AtMost),
    ("until ", AtMost),
    ("less than ", LessThan),
    ("younger than ", LessThan),
    ("under ", LessThan),
    ("below ", LessThan),
    ("before ", LessThan),
];

/// Returns whether the words after 日 make it a number of days.
pub(super) fn counts_days(after: &[char]) -> bool {
    let starts = |words: &[&str]| words.iter().any(|word| starts_with(after, word));
    starts(&AFTER_DAYS) && !starts(&AFTER_DAY)
}

/// Returns the bound written at the start of the letters, with its length.
pub(super) fn bound_after(letters: &[char]) -> Option<(Bound, usize)> {
    let mut bounds = BOUNDS_AFTER.iter();
    let found = bounds.find(|(word, _)| starts_with(letters, word));
    found.map(|(word, bound)| (*bound, word.chars().count()))
}

/// Returns the bound written in English at the end of the letters.
pub(super) fn bound_before(letters: &[char]) -> Option<Bound> {
    let bounds = BOUNDS_BEFORE.iter();
    let found = bounds.filter(|(word, _)| ends_with(letters, word));
    found
        .max_by_key(|(word, _)| word.len())
        .map(|(_, bound)| *bound)
}
