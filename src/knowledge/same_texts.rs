//! Texts that two subjects have, which the search could not tell apart.
//!
//! Input: a knowledge base. Output: problems.

use std::fmt;
use std::hash::BuildHasher as _;
use std::panic::resume_unwind;
use std::thread;

use rustc_hash::{FxBuildHasher, FxHashMap};
use unicode_normalization::UnicodeNormalization;

use super::KnowledgeBase;
use super::language::localized;
use super::problem::{Location, Problem};

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
#[derive(Clone, Copy, PartialEq, Eq)]
struct Owner<'a> {
    kind: &'static str,
    id: &'a str,
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
    let owner = |kind, id| Owner { kind, id };
    for entry in &knowledge.entries {
        let owner = owner("entry", entry.id.as_str());
        check(owner, entry.question.as_str(), &entry.location);
    }
    let entries = knowledge.entries.iter();
    let entries = entries.map(|e| (owner("entry", e.id.as_str()), &e.variants));
    let referrals = knowledge.referrals.iter();
    let referrals = referrals.map(|r| (owner("referral", r.id.as_str()), &r.variants));
    let small_talk = knowledge.small_talk.iter();
    let small_talk = small_talk.map(|s| (owner("small_talk", s.id.as_str()), &s.variants));
    let hand_offs = knowledge.hand_offs.iter();
    let hand_offs = hand_offs.map(|h| (owner("hand_off", h.id.as_str()), &h.variants));
    let out_of_scope = knowledge.out_of_scope.iter();
    let out_of_scope = out_of_scope.map(|o| (owner("out_of_scope", o.id.as_str()), &o.variants));
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
    let mut problems = Vec::new();
    for (text, hash) in texts.iter().zip(hashes) {
        let earlier = *first.entry(hash).or_insert(text);
        if earlier.owner != text.owner && folded(earlier.text) == folded(text.text) {
            let (other, place) = (earlier.owner, earlier.location);
            problems.push(double_text(
                text.owner,
                text.text,
                text.location,
                other,
                place,
            ));
        }
    }
    problems
}

fn double_text(
    owner: Owner<'_>,
    text: &str,
    location: &Location,
    other: Owner<'_>,
    place: &Location,
) -> Problem {
    let mistake = localized!(
        ja: "{owner} と {other} ({place}) の両方に `{text}` という尋ね方があります",
        en: "{owner} and {other} ({place}) both have the text `{text}`",
    );
    let hint = localized!(
        ja: "正しい答えになるほうにだけ残してください。両方が答えになる場合は、それぞれの文を具体的にしてください（記号、空白、全角と半角、大文字と小文字の違いは区別されません）",
        en: "keep it only where the answer fits; if both fit, make each text more specific (punctuation, spaces, width and case are ignored)",
    );
    Problem::error(location.clone(), mistake, hint)
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
