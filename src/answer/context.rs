//! Questions that depend on the conversation: 「サービスなら？」, 「それはいつ？」, 「2」.

use unicode_normalization::UnicodeNormalization;

use super::judgement::{Decision, Judgement};
use crate::search::{Analysis, Ranking, Subject};

/// Maximum number of content words of a question that may need the conversation.
const MAX_FRAGMENT_WORDS: usize = 2;

/// Minimum confidence at which a short question needs no conversation.
const MIN_CLEAR_CONFIDENCE: f32 = 0.5;

/// Factor on the probability of the entry shown last, for a question that depends on the
/// conversation.
const LAST_ENTRY_FACTOR: f32 = 1.5;

/// Demonstratives, as tokens of the analyzer.
const DEMONSTRATIVES: &[&str] = &[
    "それ",
    "その",
    "そこ",
    "これ",
    "この",
    "そう",
    "じゃあ",
    "では",
    "そっち",
    "そちら",
];

/// Endings that ask for another case: 「商談会だったら」, 「サービスの場合は」.
const OTHER_CASE_ENDINGS: &[&str] = &["なら", "だったら", "の場合", "場合は", "のほうは", "の方は"];

/// Interrogatives at the end of a normalised text. Matched in the text and not in the tokens, since
/// IPADIC cuts それはいつ into それ|は|い|つ.
const INTERROGATIVES: &[&str] = &[
    "いつ",
    "どこ",
    "いくら",
    "だれ",
    "誰",
    "なぜ",
    "何",
    "なに",
    "どう",
    "どれ",
    "いつから",
    "いつまで",
    "どうやって",
    "どうすれば",
    "どこから",
    "どのくらい",
];

/// Returns whether a question is a fragment that ends in an interrogative. Such a question is neither
/// small talk nor a complaint, although それはいつ resembles それは違う.
fn ends_in_interrogative(analysis: &Analysis) -> bool {
    let end = analysis
        .normalized
        .trim_end_matches(['か', 'の', 'で', 'す', ' ']);
    is_fragment(analysis) && INTERROGATIVES.iter().any(|word| end.ends_with(word))
}

/// Returns whether a short question has a demonstrative or asks for another case.
pub(super) fn is_fragment(analysis: &Analysis) -> bool {
    let tokens = &analysis.tokens;
    let points_back = tokens
        .iter()
        .any(|token| DEMONSTRATIVES.contains(&token.surface.as_str()));
    let end = analysis.normalized.trim_end_matches(['は', 'ば', ' ']);
    let is_case = OTHER_CASE_ENDINGS
        .iter()
        .any(|case| end.ends_with(case.trim_end_matches('は')));
    content_words(analysis) <= MAX_FRAGMENT_WORDS && (points_back || is_case)
}

/// Returns whether a question has to be ranked together with the entry shown last.
pub(super) fn depends_on_conversation(analysis: &Analysis, judgement: &Judgement) -> bool {
    if ends_in_interrogative(analysis) {
        return true;
    }
    if matches!(
        judgement.decision,
        Decision::SmallTalk(_) | Decision::HandOff(_)
    ) {
        return false;
    }
    // A short question with a clear subject (領収書がほしい) starts a new subject.
    let is_clear = judgement.confidence >= MIN_CLEAR_CONFIDENCE;
    is_fragment(analysis) || (content_words(analysis) <= MAX_FRAGMENT_WORDS && !is_clear)
}

fn content_words(analysis: &Analysis) -> usize {
    let tokens = analysis.tokens.iter();
    tokens.filter(|token| token.is_content).count()
}

/// Returns whether an answer has the kind of value that a question asks for: a time for いつ, an
/// amount for いくら. Other interrogatives fit any answer.
fn has_asked_value(analysis: &Analysis, answer: &str) -> bool {
    let letters: Vec<char> = answer
        .nfkc()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let counts = |units: &[char]| {
        letters
            .windows(2)
            .any(|pair| pair[0].is_ascii_digit() && units.contains(&pair[1]))
    };
    let asks_for = |word: &str| analysis.normalized.contains(word);
    if asks_for("いつ") {
        let when = ["以降", "タイミング", "随時", "順次"];
        return counts(&['日', '月', '時', '年']) || when.iter().any(|word| answer.contains(word));
    }
    if asks_for("いくら") {
        return counts(&['円']) || answer.contains("無料");
    }
    true
}

/// Raises the probability of the entry shown last if its answer has the kind of value that the
/// question asks for; otherwise sets it to 0. Removes small talk and hand-offs from the ranking of
/// a fragment that ends in an interrogative.
pub(super) fn reweigh_last_entry(
    ranking: &mut Ranking,
    analysis: &Analysis,
    last: Subject,
    last_answer: &str,
) {
    if ends_in_interrogative(analysis) {
        ranking.keep(|subject| !matches!(subject, Subject::SmallTalk(_) | Subject::HandOff(_)));
    }
    let factor = if has_asked_value(analysis, last_answer) {
        LAST_ENTRY_FACTOR
    } else {
        0.0
    };
    ranking.reweigh(last, factor);
}

/// Parses a choice by number: `2`, `２番`, `②`.
pub(super) fn chosen_number(text: &str) -> Option<usize> {
    let text: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    let digits = text.trim_end_matches(['番', '目', '.', '。', 'で', '、']);
    digits
        .parse()
        .ok()
        .filter(|number| (1..=9).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_by_number_is_read_in_every_notation() {
        for (text, number) in [("2", 2), ("２番", 2), ("③", 3), (" 1 ", 1), ("1番目", 1)] {
            assert_eq!(chosen_number(text), Some(number), "{text}");
        }
        assert_eq!(chosen_number("25日"), None);
        assert_eq!(chosen_number("0"), None);
    }
}
