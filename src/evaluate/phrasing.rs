//! Proposes other ways to ask, by rules.
//!
//! Input: the question of an entry. Output: casual, short and keyword forms of it, as candidates that an
//! author reviews. The rules know the endings of questions and nothing of any subject.

use crate::search::{Analysis, Searcher};

/// Endings of questions with shorter or more casual ones, the longest first among those that end alike.
const ENDINGS: &[(&str, &[&str])] = &[
    (
        "するにはどうすればよいですか",
        &["したい", "する方法", "する手続き"],
    ),
    (
        "するにはどうすればいいですか",
        &["したい", "する方法", "する手続き"],
    ),
    (
        "するにはどうしたらよいですか",
        &["したい", "する方法", "する手続き"],
    ),
    (
        "するにはどうしたらいいですか",
        &["したい", "する方法", "する手続き"],
    ),
    ("にはどうすればよいですか", &["方法", "にはどうする"]),
    ("にはどうすればいいですか", &["方法", "にはどうする"]),
    (
        "はどうすればよいですか",
        &["のやり方", "の方法", "はどうするの"],
    ),
    (
        "はどうすればいいですか",
        &["のやり方", "の方法", "はどうするの"],
    ),
    (
        "はどうしたらよいですか",
        &["のやり方", "の方法", "はどうするの"],
    ),
    (
        "はどうしたらいいですか",
        &["のやり方", "の方法", "はどうするの"],
    ),
    (
        "について教えてください",
        &["", "について", "について知りたい"],
    ),
    ("を教えてください", &["", "を教えて", "を知りたい"]),
    ("が知りたいです", &["", "を教えて"]),
    (
        "することはできますか",
        &["できますか", "したい", "できるの"],
    ),
    ("ことはできますか", &["ことはできる", "のは可能ですか"]),
    ("はできますか", &["できる", "は可能ですか", "したい"]),
    ("はありますか", &["はある", "ってある", "の有無"]),
    ("がありますか", &["がある", "ってある"]),
    ("はいつまでですか", &["いつまで", "の期限", "の締め切り"]),
    ("はいつからですか", &["いつから", "の開始日"]),
    ("はいつですか", &["いつ", "っていつ", "の日"]),
    ("はいくらですか", &["いくら", "っていくら", "の金額"]),
    (
        "はいくらかかりますか",
        &["いくらかかる", "の費用", "の料金"],
    ),
    ("はどこですか", &["どこ", "ってどこ", "の場所"]),
    ("はどこにありますか", &["どこにある", "の場所"]),
    ("とは何ですか", &["とは", "って何", "の意味"]),
    ("とはなんですか", &["とは", "って何", "の意味"]),
    ("は何ですか", &["は何", "って何"]),
    ("はなんですか", &["は何", "って何"]),
    ("は必要ですか", &["は必要", "はいりますか", "っているの"]),
    ("が必要ですか", &["が必要", "はいるの"]),
    ("てもいいですか", &["てもいい", "ても大丈夫ですか"]),
    ("てもよいですか", &["てもいい", "ても大丈夫ですか"]),
    ("ですか", &["", "なの"]),
];

/// Maximum number of words of a keyword form.
const MAX_KEYWORDS: usize = 5;

/// Proposes other ways to ask a question.
#[must_use]
pub fn phrasings(searcher: &Searcher, question: &str) -> Vec<String> {
    let question = question
        .trim()
        .trim_end_matches(['？', '?', '。', '！', '!']);
    let mut found = by_ending(question);
    let analysis = searcher.analyze(question);
    found.extend(in_plain_form(&analysis));
    found.extend(keywords(&analysis));
    let mut unique: Vec<String> = Vec::new();
    for text in found {
        let text = text.trim().to_owned();
        if text.chars().count() > 1 && text != question && !unique.contains(&text) {
            unique.push(text);
        }
    }
    unique
}

/// Replaces the ending of a question.
fn by_ending(question: &str) -> Vec<String> {
    let found = ENDINGS
        .iter()
        .find_map(|(ending, others)| Some((question.strip_suffix(ending)?, *others)));
    // An ending alone names no subject.
    let found = found.filter(|(rest, _)| !rest.is_empty());
    let (rest, others) = found.unwrap_or_default();
    others
        .iter()
        .map(|other| format!("{rest}{other}"))
        .collect()
}

/// Puts the last verb into its dictionary form: 申し込めますか gives 申し込める.
fn in_plain_form(analysis: &Analysis) -> Option<String> {
    let tokens = &analysis.tokens;
    let is_ending = |part: &str| part.starts_with("助動詞") || part.starts_with("助詞");
    let last = tokens
        .iter()
        .rposition(|token| !is_ending(&token.part_of_speech))?;
    let (before, verb) = (&tokens[..last], &tokens[last]);
    let is_polite = tokens[last + 1..].iter().any(|token| token.base == "ます");
    (is_polite && verb.part_of_speech.starts_with("動詞")).then(|| {
        let before: String = before.iter().map(|token| token.surface.as_str()).collect();
        format!("{before}{}", verb.base)
    })
}

/// Joins the content words, as in a search box.
fn keywords(analysis: &Analysis) -> Option<String> {
    let content = analysis.tokens.iter().filter(|token| token.is_content);
    let words: Vec<&str> = content.map(|token| token.surface.as_str()).collect();
    (2..=MAX_KEYWORDS)
        .contains(&words.len())
        .then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_replaced_by_shorter_ones() {
        let check = |question: &str, expected: &[&str]| {
            assert_eq!(by_ending(question), expected, "{question}");
        };
        check(
            "申込みの締め切りはいつですか",
            &[
                "申込みの締め切りいつ",
                "申込みの締め切りっていつ",
                "申込みの締め切りの日",
            ],
        );
        check(
            "退会するにはどうすればよいですか",
            &["退会したい", "退会する方法", "退会する手続き"],
        );
        check(
            "会費とは何ですか",
            &["会費とは", "会費って何", "会費の意味"],
        );
        check("とは何ですか", &[]);
        check("カードをなくしました", &[]);
    }

    #[test]
    fn a_longer_ending_comes_before_the_one_that_it_contains() {
        for (index, (ending, _)) in ENDINGS.iter().enumerate() {
            let mut before = ENDINGS[..index].iter();
            assert!(
                before.all(|(other, _)| !ending.ends_with(other)),
                "{ending}"
            );
        }
    }
}
