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
    /// The second half with the modifier that it shares with the first one: 「本の題名と著者」 asks for
    /// the author of the book. Every reading of the half must agree with it.
    pub(in crate::answer) shared: Option<String>,
    /// Whether the sentence says that it asks several things: 「のと、」, 「両方」.
    pub(in crate::answer) is_explicit: bool,
}

/// How two halves are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// 「と」 between nouns.
    Nouns,
    /// 「と、」, 「および」 between nouns.
    NounsWithComma,
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

/// Lists the ways to split a sentence. `is_enumeration` is true if the sentence or the message around
/// it announces a list of requests.
pub(in crate::answer) fn splits<'a>(
    text: &'a str,
    analysis: &Analysis,
    is_enumeration: bool,
    analyze: impl Fn(&str) -> Analysis,
) -> Vec<Split<'a>> {
    // In kana 「と」 is a part of many words, and word boundaries are unreliable.
    if analysis.is_kana {
        return Vec::new();
    }
    let text = without_count(text);
    let joins_nouns = analysis.tokens.iter().any(is_noun_joint);
    let joints = joints(text).into_iter();
    joints
        .filter_map(|(joint, left, right)| {
            let (left, right) = (trim(left), trim(right));
            // Most joints are none, and an analysis costs more than all that can tell this without one.
            let may_fit = match joint {
                Joint::Nouns => joins_nouns && !relates(right),
                Joint::Comma => is_enumeration || may_end_question(left),
                Joint::NounsWithComma | Joint::Clauses | Joint::English => true,
            };
            if !may_fit {
                return None;
            }
            let halves = [analyze(left), analyze(right)];
            let is_split = stands(&halves) && fits(joint, analysis, &halves, is_enumeration);
            let is_explicit = is_enumeration || matches!(joint, Joint::Clauses | Joint::English);
            is_split.then(|| Split {
                is_explicit,
                ..readings(joint, left, right, &halves)
            })
        })
        .collect()
}

/// Returns whether a text says that it lists several requests.
pub(in crate::answer) fn has_enumeration(text: &str) -> bool {
    words::occurs(&words::ENUMERATIONS, text)
}

/// Returns the items of an enumeration: 「Aの方法、Bの期限、Cの要否をまとめて教えてください」. Empty if the
/// text is none.
pub(in crate::answer) fn items(text: &str, analyze: impl Fn(&str) -> Analysis) -> Vec<&str> {
    let items: Vec<&str> = without_count(text).split('、').map(trim).collect();
    let Some((_, before)) = items.split_last() else {
        return Vec::new();
    };
    let has_topic = |text: &&str| {
        let tokens = analyze(text).tokens;
        let mut tokens = tokens.iter();
        tokens.any(|token| token.is_content && !words::is_courtesy(&token.base))
    };
    let are_nouns = before.iter().all(|item| ends_in_noun(&analyze(item)));
    if items.len() >= 3 && are_nouns && items.iter().all(has_topic) {
        items
    } else {
        Vec::new()
    }
}

/// Removes the count after a list and what follows it: 「A、B、Cの三点についてお知らせください」.
fn without_count(text: &str) -> &str {
    let counts = [
        "の二点",
        "の三点",
        "の2点",
        "の3点",
        "の２点",
        "の３点",
        "の二つ",
        "の三つ",
    ];
    let mut counts = counts.iter().filter_map(|count| text.find(count));
    counts.next().map_or(text, |position| &text[..position])
}

/// Finds the places at which a sentence may be split.
fn joints(text: &str) -> Vec<(Joint, &str, &str)> {
    let mut joints = Vec::new();
    for (index, letter) in text.char_indices() {
        let (before, rest) = text.split_at(index);
        let after = &rest[letter.len_utf8()..];
        let is_comma = after.starts_with(['、', '，', ',']);
        let mut push = |joint, left, right| joints.push((joint, left, right));
        match letter {
            'と' if before.ends_with(['の', 'か']) && is_comma => {
                push(Joint::Clauses, before.trim_end_matches('の'), after);
            }
            'と' if is_comma => push(Joint::NounsWithComma, before, after),
            'と' => push(Joint::Nouns, before, after),
            '、' | '，' if !before.ends_with('と') => push(Joint::Comma, before, after),
            ',' => {
                let question = after.trim_start().strip_prefix("and ");
                let mut starts = words::ENGLISH_REQUESTS.iter();
                let asked = question.filter(|rest| starts.any(|w| rest.starts_with(w.as_str())));
                match asked {
                    Some(rest) => push(Joint::English, before, rest),
                    None => push(Joint::Comma, before, after),
                }
            }
            _ => {
                let found = CONJUNCTIONS.iter().find(|word| rest.starts_with(**word));
                if let Some(found) = found {
                    push(Joint::NounsWithComma, before, &rest[found.len()..]);
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

/// Returns whether a text has an interrogative. 「何か」 and 「どこか」 are none.
fn asks(half: &Analysis) -> bool {
    let indefinite = ["何", "なに", "誰", "だれ", "どこ"];
    let tokens = &half.tokens;
    (0..tokens.len()).any(|index| {
        let surface = tokens[index].surface.as_str();
        let next = tokens.get(index + 1).map(|token| token.surface.as_str());
        words::has(&words::INTERROGATIVES, surface)
            && !(indefinite.contains(&surface) && matches!(next, Some("か" | "も")))
    })
}

/// Returns whether a text relates two things: 「AとBの違い」, but not 「Aと、Bとの関係」.
fn relates(text_after: &str) -> bool {
    words::RELATIONS.iter().any(|word| {
        let found = text_after.find(word.as_str());
        found.is_some_and(|found| !text_after[..found].ends_with("との"))
    })
}

/// Returns whether a text may end as the half of a question before a comma does; see [`fits`].
fn may_end_question(left: &str) -> bool {
    let is_sign = |c: char| !c.is_alphanumeric();
    let end = left
        .trim_end_matches(is_sign)
        .trim_end_matches(['を', 'も']);
    end.trim_end_matches(is_sign).ends_with(['か', 'で', 'て'])
}

/// Returns whether a joint really joins two requests.
fn fits(
    joint: Joint,
    whole: &Analysis,
    [left, right]: &[Analysis; 2],
    is_enumeration: bool,
) -> bool {
    let is_together = right.tokens.first().is_some_and(|token| {
        words::has(&words::TOGETHER, &token.base) || words::has(&words::TOGETHER, &token.surface)
    });
    match joint {
        Joint::English | Joint::Clauses => true,
        Joint::NounsWithComma => ends_in_noun(left) && !is_together,
        Joint::Nouns => ends_in_noun(left) && !is_together && is_parallel(whole, left),
        Joint::Comma if ends_in_noun(left) => is_enumeration,
        // 「いつか、いくらかを知りたい」, 「いくらで、どう払いますか」. Without an interrogative and a
        // verb of asking, the halves are alternatives: 「届くのか、取りに行くのか」.
        Joint::Comma => {
            let end = left.normalized.trim_end_matches(['を', 'も']);
            let mut tokens = right.tokens.iter().rev().take(6);
            let is_indirect = tokens.any(|token| words::has(&words::CARRIERS, &token.base));
            let is_question = end.ends_with('か') && !end.ends_with("どうか");
            let both_ask = asks(left) && asks(right) && end.ends_with(['か', 'で', 'て']);
            is_question && is_indirect || both_ask
        }
    }
}

fn ends_in_noun(half: &Analysis) -> bool {
    half.tokens.last().is_some_and(|token| {
        let part = token.part_of_speech.as_str();
        part.starts_with("名詞") && !part.starts_with("名詞,代名詞")
    })
}

fn is_noun_joint(token: &Token) -> bool {
    token.part_of_speech.contains("並立助詞") || token.part_of_speech.starts_with("接続詞")
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
    (1..tokens.len()).any(|index| {
        let mut before = tokens[..index].iter().rev();
        is_noun_joint(&tokens[index])
            && ends
                .iter()
                .all(|end| before.next().is_some_and(|token| token.surface == *end))
    })
}

/// Lists how each half may be read by itself.
fn readings<'a>(joint: Joint, left: &'a str, right: &'a str, halves: &[Analysis; 2]) -> Split<'a> {
    let mut split = Split {
        asked: [left, right],
        readings: [vec![left.to_owned()], vec![right.to_owned()]],
        shared: None,
        is_explicit: false,
    };
    if !ends_in_noun(&halves[0]) {
        return split;
    }
    let head_end = right
        .char_indices()
        .skip(1)
        .map(|(index, _)| index)
        .find(|index| {
            let mut predicates = PREDICATES.iter();
            // In 「A、B、C」 a comma begins the next item.
            let is_item = joint == Joint::Comma && right[*index..].starts_with('、');
            !is_item && predicates.any(|word| right[*index..].starts_with(word))
        });
    let head = &right[..head_end.unwrap_or(right.len())];
    if let Some(end) = head_end {
        split.readings[0].push(format!("{left}{}", &right[end..]));
    }
    if let Some((modifier, _)) = left.rsplit_once('の')
        && !modifier.is_empty()
    {
        let modified = format!("{modifier}の{right}");
        let mut length = 0;
        let of_head = halves[1].tokens.iter().take_while(|token| {
            length += token.surface.len();
            length <= head.len()
        });
        if !head.contains('の') && of_head.filter(|token| token.is_content).count() <= 1 {
            split.shared = Some(modified.clone());
        }
        split.readings[1].push(modified);
    }
    split
}
