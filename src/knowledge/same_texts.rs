//! Texts that two subjects have, which the search could not tell apart.
//!
//! Input: a knowledge base. Output: problems. Two entries may share texts if no day has both: that is
//! how a change is prepared. An own subject may repeat a text of a shipped one, over which it wins.

use std::fmt;
use std::hash::BuildHasher as _;
use std::panic::resume_unwind;
use std::thread;

use jiff::civil::Date;
use rustc_hash::{FxBuildHasher, FxHashMap};
use unicode_normalization::UnicodeNormalization;

use super::language::localized;
use super::problem::{Location, Problem};
use super::{Entry, KnowledgeBase};

/// Minimum number of texts that are worth a thread.
const MIN_TEXTS_PER_THREAD: usize = 10_000;

/// Folds a text so that texts that look alike become equal.
pub(crate) fn folded(text: &str) -> String {
    let dropped = |c: &char| c.is_whitespace() || matches!(c, '?' | '!' | '。' | '、' | '.' | ',');
    // Most texts have only characters that folding keeps or drops, and NFKC is slow.
    if text.chars().all(is_folded) {
        let kept = text
            .chars()
            .filter(|c| !dropped(c) && !matches!(c, '？' | '！'));
        return kept.collect();
    }
    let folded = text.nfkc().flat_map(char::to_lowercase);
    folded.filter(|c| !dropped(c)).collect()
}

/// Returns whether folding keeps a character as it is, or drops it. `false` if that is not quickly known.
fn is_folded(letter: char) -> bool {
    matches!(
        letter,
        'ぁ'..='ゖ' | 'ァ'..='ー' | '一'..='鿿' | '。' | '、' | '？' | '！' | '0'..='9'
    )
}

/// A subject of any kind, as named in problems.
#[derive(Clone, Copy)]
struct Owner<'a> {
    kind: &'static str,
    id: &'a str,
    /// The first and the last day on which it is valid.
    days: (Option<Date>, Option<Date>),
    /// Whether it is shipped with the program; see [`KnowledgeBase::add_defaults`].
    is_default: bool,
}

impl Owner<'_> {
    fn is(&self, other: &Self) -> bool {
        (self.kind, self.id, self.is_default) == (other.kind, other.id, other.is_default)
    }

    /// Returns whether both are valid on at least one day.
    fn overlaps(&self, other: &Self) -> bool {
        let ends_before = |one: &Self, two: &Self| match (one.days.1, two.days.0) {
            (Some(last), Some(first)) => last < first,
            _ => false,
        };
        !ends_before(self, other) && !ends_before(other, self)
    }

    fn is_dated(&self) -> bool {
        self.days.0.is_some() || self.days.1.is_some()
    }
}

/// A text of a subject.
struct OwnedText<'a> {
    owner: Owner<'a>,
    text: &'a str,
    location: &'a Location,
}

impl fmt::Display for Owner<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} \"{}\"", self.kind, self.id)
    }
}

/// Reports a text that belongs to two subjects of any kind.
pub(super) fn check_texts(knowledge: &KnowledgeBase, problems: &mut Vec<Problem>) {
    let mut texts: Vec<OwnedText<'_>> = Vec::new();
    let mut check = |owner, text, location| {
        texts.push(OwnedText {
            owner,
            text,
            location,
        });
    };
    let owner = |kind, id, is_default| Owner {
        kind,
        id,
        days: (None, None),
        is_default,
    };
    let of_entry = |entry: &Entry| (entry.valid_from, entry.valid_until);
    for entry in &knowledge.entries {
        let owner = Owner {
            days: of_entry(entry),
            ..owner("entry", entry.id.as_str(), false)
        };
        check(owner, entry.question.as_str(), &entry.location);
    }
    let entries = knowledge.entries.iter().map(|entry| {
        let owner = Owner {
            days: of_entry(entry),
            ..owner("entry", entry.id.as_str(), false)
        };
        (owner, &entry.variants)
    });
    let referrals = knowledge.referrals.iter();
    let referrals = referrals.map(|r| (owner("referral", r.id.as_str(), false), &r.variants));
    let small_talk = knowledge.small_talk.iter();
    let small_talk = small_talk.map(|s| {
        (
            owner("small_talk", s.id.as_str(), s.is_default),
            &s.variants,
        )
    });
    let hand_offs = knowledge.hand_offs.iter();
    let hand_offs =
        hand_offs.map(|h| (owner("hand_off", h.id.as_str(), h.is_default), &h.variants));
    let out_of_scope = knowledge.out_of_scope.iter();
    let out_of_scope = out_of_scope.map(|o| {
        (
            owner("out_of_scope", o.id.as_str(), o.is_default),
            &o.variants,
        )
    });
    let all = entries
        .chain(referrals)
        .chain(small_talk)
        .chain(hand_offs)
        .chain(out_of_scope);
    for (owner, variants) in all {
        for variant in variants {
            for text in &variant.texts {
                check(owner, text.as_str(), &variant.location);
            }
        }
    }
    problems.extend(double_texts(&texts));
}

/// Lists the texts that an earlier text of another subject equals.
///
/// Compares the hashes of folded texts, computed on all processors, and the texts themselves only if
/// their hashes are equal: there may be a million.
fn double_texts(texts: &[OwnedText<'_>]) -> Vec<Problem> {
    let hash = |text: &OwnedText<'_>| FxBuildHasher.hash_one(folded(text.text));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let length = texts.len().div_ceil(threads).max(MIN_TEXTS_PER_THREAD);
    let hashes: Vec<u64> = thread::scope(|scope| {
        let chunks = texts.chunks(length);
        let chunks: Vec<_> = chunks
            .map(|chunk| scope.spawn(|| chunk.iter().map(hash).collect::<Vec<_>>()))
            .collect();
        let chunks = chunks.into_iter().flat_map(|chunk| {
            let hashes = chunk.join();
            hashes.unwrap_or_else(|panic| resume_unwind(panic))
        });
        chunks.collect()
    });
    let mut first: FxHashMap<u64, &OwnedText<'_>> = FxHashMap::default();
    first.reserve(texts.len());
    // The few texts that are not the first ones with their hash and may still be repeated.
    let mut more: FxHashMap<u64, Vec<&OwnedText<'_>>> = FxHashMap::default();
    let mut problems = Vec::new();
    for (text, hash) in texts.iter().zip(hashes) {
        let earliest = *first.entry(hash).or_insert(text);
        if earliest.owner.is(&text.owner) {
            continue;
        }
        let more = more.entry(hash).or_default();
        let mut earlier = std::iter::once(&earliest).chain(&*more);
        let double = earlier.find(|earlier| {
            !earlier.owner.is(&text.owner)
                && earlier.owner.overlaps(&text.owner)
                && folded(earlier.text) == folded(text.text)
        });
        match double {
            Some(earlier) => problems.extend(double_text(earlier, text)),
            None => more.push(text),
        }
    }
    problems
}

/// Describes a text of two subjects; `None` if both are shipped.
fn double_text(earlier: &OwnedText<'_>, later: &OwnedText<'_>) -> Option<Problem> {
    match (earlier.owner.is_default, later.owner.is_default) {
        (true, true) => None,
        (false, false) => Some(double_own_text(earlier, later)),
        (true, false) => Some(default_text(later, &earlier.owner)),
        (false, true) => Some(default_text(earlier, &later.owner)),
    }
}

fn double_own_text(earlier: &OwnedText<'_>, later: &OwnedText<'_>) -> Problem {
    let (owner, text) = (later.owner, later.text);
    let (other, place) = (earlier.owner, earlier.location);
    let mistake = localized!(
        ja: "{owner} と {other} ({place}) の両方に `{text}` という尋ね方があります",
        en: "{owner} and {other} ({place}) both have the text `{text}`",
    );
    let hint = if owner.is_dated() || other.is_dated() {
        localized!(
            ja: "両方が有効な日があります。先の項目の `valid_until` を、次の項目の `valid_from` より前の日にすれば、同じ尋ね方を書けます。期間が重なってよい場合は、正しい答えになるほうにだけ残してください",
            en: "both are valid on the same days; with a `valid_until` of the one before the `valid_from` of the other, they may share it; otherwise keep it only where the answer fits",
        )
    } else {
        localized!(
            ja: "正しい答えになるほうにだけ残してください。両方が答えになる場合は、それぞれの文を具体的にしてください（記号、空白、全角と半角、大文字と小文字の違いは区別されません）",
            en: "keep it only where the answer fits; if both fit, make each text more specific (punctuation, spaces, width and case are ignored)",
        )
    };
    Problem::error(later.location.clone(), mistake, hint)
}

/// Warns that an own subject takes a text of a shipped one.
fn default_text(own: &OwnedText<'_>, default: &Owner<'_>) -> Problem {
    let (owner, text) = (own.owner, own.text);
    let mistake = localized!(
        ja: "{owner} の `{text}` は、元から入っている {default} にもあります。{owner} が優先されます",
        en: "{owner} has the text `{text}`, as has the shipped {default}; {owner} takes precedence",
    );
    let hint = localized!(
        ja: "それでよければ、このままでかまいません。あいさつなどとして扱うなら、この尋ね方を消してください",
        en: "keep it if that is meant; remove the text to leave it to the shipped topic",
    );
    Problem::warning(own.location.clone(), mistake, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_look_alike_are_folded_alike() {
        for (text, expected) in [
            ("会費は、いつ払いますか？", "会費はいつ払いますか"),
            ("会費は いつ払いますか!", "会費はいつ払いますか"),
            ("ＳＥＬＡＳの会費？", "selasの会費"),
            ("Selas の会費。", "selasの会費"),
            ("ｶｲﾋ 2026年！", "カイヒ2026年"),
            ("か\u{3099}いど①", "がいど1"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn the_quick_answer_of_folding_is_that_of_nfkc() {
        for letter in (0..=0x2_ffff)
            .filter_map(char::from_u32)
            .filter(|c| is_folded(*c))
        {
            let slow: String = letter.nfkc().flat_map(char::to_lowercase).collect();
            let is_dropped = matches!(letter, '。' | '、' | '？' | '！');
            assert!(is_dropped || slow == letter.to_string(), "{letter}");
        }
    }
}
