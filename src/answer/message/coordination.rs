//! Proposes how a sentence with several requests may be split: 「Aの方法と、Bの期限を教えて」.
//!
//! Input: a sentence. Output: [`Split`]s. Whether the halves stand by themselves is decided by their
//! rankings, in `answer/splitting.rs`.

use super::words;
use crate::search::{Analysis, Token};

/// A proposal to split a sentence in two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::answer) struct Split<'a> {
    /// The halves as written.
    pub(in crate::answer) asked: [&'a str; 2],
    /// How each half may be read by itself: as written, with the predicate of the sentence, or
    /// with the modifier of the other half.
    pub(in crate::answer) readings: [Vec<String>; 2],
}

/// How two halves are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// 「と」, 「および」 between nouns.
    Nouns,
    /// 「のと、」 between clauses.
    Clauses,
    /// A comma.
    Comma,
    /// ", and" before an English question.
    English,
}

/// Conjunctions between nouns, apart from 「と」.
const CONJUNCTIONS: &[&str] = &[
    "および",
    "及び",
    "ならびに",
    "並びに",
    "と併せて",
    "とあわせて",
];

/// Particles after which the predicate begins that both nouns share.
const PREDICATES: &[&str] = &[
    "、",
    "は",
    "が",
    "を",
    "に",
    "って",
    "について",
    "それぞれ",
    "両方",
    "どっち",
    "どちら",
];

/// Lists the ways to split a sentence. `is_enumeration` tells that the sentence lists requests, from
/// the message around it.
pub(in crate::answer) fn splits<'a>(
    text: &'a str,
    analysis: &Analysis,
    is_enumeration: bool,
    analyze: impl Fn(&str) -> Analysis,
) -> Vec<Split<'a>> {
    // In kana 「と」 is a part of many words, and word boundaries are unreliable.
    if analysis.is_kana || words::RELATIONS.iter().any(|word| text.contains(word)) {
        return Vec::new();
    }
    let is_enumeration = is_enumeration || has_enumeration(text);
    let joints = joints(text).into_iter();
    joints
        .filter_map(|(joint, left, right)| {
            let (left, right) = (trim(left), trim(right));
            let halves = [analyze(left), analyze(right)];
            let is_split = stands(&halves) && fits(joint, text, analysis, &halves, is_enumeration);
            is_split.then(|| Split {
                asked: [left, right],
                readings: readings(left, right, &halves),
            })
        })
        .collect()
}

/// Returns whether a text says that it lists several requests.
pub(in crate::answer) fn has_enumeration(text: &str) -> bool {
    words::ENUMERATIONS.iter().any(|word| text.contains(word))
}

/// Finds the places at which a sentence may be split.
fn joints(text: &str) -> Vec<(Joint, &str, &str)> {
    let mut joints = Vec::new();
    for (index, letter) in text.char_indices() {
        let (before, rest) = text.split_at(index);
        let after = &rest[letter.len_utf8()..];
        let mut push = |joint, left, right| joints.push((joint, left, right));
        match letter {
            'と' if before.ends_with('の') && after.starts_with(['、', '，', ',']) => {
                push(Joint::Clauses, before.trim_end_matches('の'), after);
            }
            'と' => push(Joint::Nouns, before, after),
            '、' | '，' if !before.ends_with('と') => push(Joint::Comma, before, after),
            ',' => {
                let question = after.trim_start().strip_prefix("and ");
                let asks =
                    |rest: &&str| words::ENGLISH_REQUESTS.iter().any(|w| rest.starts_with(w));
                if let Some(rest) = question.filter(asks) {
                    push(Joint::English, before, rest);
                } else {
                    push(Joint::Comma, before, after);
                }
            }
            _ => {
                let found = CONJUNCTIONS.iter().find(|word| rest.starts_with(**word));
                if let Some(found) = found {
                    push(Joint::Nouns, before, &rest[found.len()..]);
                }
            }
        }
    }
    joints
}

fn trim(text: &str) -> &str {
    text.trim_matches(['、', '，', ',', ' ', '\u{3000}'])
}

/// Returns whether both halves have a topic, and the second one begins like a phrase.
fn stands(halves: &[Analysis; 2]) -> bool {
    let has_topic = |half: &Analysis| {
        let mut tokens = half.tokens.iter();
        tokens.any(|token| token.is_content && !words::is_courtesy(&token.base))
    };
    let begins = halves[1].tokens.first().is_some_and(|token| {
        !token.part_of_speech.starts_with('助') && !token.part_of_speech.starts_with("記号")
    });
    begins && halves.iter().all(has_topic)
}

/// Returns whether a joint really joins two requests.
fn fits(
    joint: Joint,
    text: &str,
    whole: &Analysis,
    [left, right]: &[Analysis; 2],
    is_enumeration: bool,
) -> bool {
    match joint {
        Joint::English | Joint::Clauses => true,
        Joint::Nouns => ends_in_noun(left) && is_parallel(whole, left),
        Joint::Comma if ends_in_noun(left) => is_enumeration,
        // 「いつか、いくらかを知りたい」. Without an interrogative and a verb of asking, the halves
        // are alternatives: 「届くのか、取りに行くのか」.
        Joint::Comma => {
            let end = left.normalized.trim_end_matches(['を', 'も']);
            let asks = |half: &Analysis| {
                let mut tokens = half.tokens.iter();
                tokens.any(|token| words::INTERROGATIVES.contains(&token.surface.as_str()))
            };
            let mut tokens = right.tokens.iter().rev().take(6);
            let is_indirect = tokens.any(|token| words::CARRIERS.contains(&token.base.as_str()));
            end.ends_with('か')
                && !text.contains("かどうか")
                && (is_indirect || asks(left) && asks(right))
        }
    }
}

fn ends_in_noun(half: &Analysis) -> bool {
    half.tokens.last().is_some_and(|token| {
        let part = token.part_of_speech.as_str();
        part.starts_with("名詞") && !part.starts_with("名詞,代名詞")
    })
}

/// Returns whether the token after the left half joins nouns. 「会社と話す」 does not, 「会社との契約」
/// neither.
fn is_parallel(whole: &Analysis, left: &Analysis) -> bool {
    let tokens = &whole.tokens;
    let ends: Vec<&str> = left
        .tokens
        .iter()
        .rev()
        .take(2)
        .map(|token| token.surface.as_str())
        .collect();
    let is_joint = |token: &Token| {
        token.part_of_speech.contains("並立助詞") || token.part_of_speech.starts_with("接続詞")
    };
    (1..tokens.len()).any(|index| {
        let mut before = tokens[..index].iter().rev();
        is_joint(&tokens[index])
            && ends
                .iter()
                .all(|end| before.next().is_some_and(|token| token.surface == *end))
    })
}

/// Lists how each half may be read by itself.
fn readings(left: &str, right: &str, halves: &[Analysis; 2]) -> [Vec<String>; 2] {
    let mut of_left = vec![left.to_owned()];
    let mut of_right = vec![right.to_owned()];
    if !ends_in_noun(&halves[0]) {
        return [of_left, of_right];
    }
    let head_end = right
        .char_indices()
        .skip(1)
        .map(|(index, _)| index)
        .find(|index| {
            PREDICATES
                .iter()
                .any(|word| right[*index..].starts_with(word))
        });
    let head = &right[..head_end.unwrap_or(right.len())];
    if let Some(end) = head_end {
        of_left.push(format!("{left}{}", &right[end..]));
    }
    if let Some((modifier, _)) = left.rsplit_once('の')
        && !modifier.is_empty()
    {
        let modified = format!("{modifier}の{right}");
        let tokens = halves[1].tokens.iter();
        let mut length = 0;
        let of_head = tokens.take_while(|token| {
            length += token.surface.len();
            length <= head.len()
        });
        // 「本の題名と著者」: a bare noun shares the modifier.
        if !head.contains('の') && of_head.filter(|token| token.is_content).count() <= 1 {
            of_right.clear();
        }
        of_right.push(modified);
    }
    [of_left, of_right]
}
