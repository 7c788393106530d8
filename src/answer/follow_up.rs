//! Questions that lean on what was said before: 「サービスなら？」, 「それはいつ？」, 「2」.

use unicode_normalization::UnicodeNormalization;

use super::policy::{Decision, Judgement, MAX_SUGGESTIONS, likely_entries};
use crate::search::{Analysis, Ranking, Subject};

/// A question with more words than this stands on its own.
const FRAGMENT_WORDS: usize = 2;

/// From this confidence on, whatever was decided, a short question needs nothing said before.
const CLEAR: f32 = 0.5;

/// Words that point back; as tokens of the analyzer.
const POINTING: &[&str] = &[
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

/// Endings that ask about another case of the same: 「商談会だったら」, 「サービスの場合は」.
const CASES: &[&str] = &["なら", "だったら", "の場合", "場合は", "のほうは", "の方は"];

/// Words that ask; as they end a normalised text. IPADIC cuts それはいつ into それ|は|い|つ, so they
/// are looked for in the text.
const ASKING: &[&str] = &[
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

/// Tells whether a fragment asks something: then it is neither small talk nor a complaint, however
/// much それは違う looks like それはいつ.
fn asks(analysis: &Analysis) -> bool {
    let end = analysis
        .normalized
        .trim_end_matches(['か', 'の', 'で', 'す', ' ']);
    is_fragment(analysis) && ASKING.iter().any(|word| end.ends_with(word))
}

/// Tells whether a question points at something said before, or asks for another case of it.
pub(super) fn is_fragment(analysis: &Analysis) -> bool {
    let tokens = &analysis.tokens;
    let points_back = tokens
        .iter()
        .any(|token| POINTING.contains(&token.surface.as_str()));
    let end = analysis.normalized.trim_end_matches(['は', 'ば', ' ']);
    let is_case = CASES
        .iter()
        .any(|case| end.ends_with(case.trim_end_matches('は')));
    content_words(analysis) <= FRAGMENT_WORDS && (points_back || is_case)
}

/// Tells whether a question is to be understood with what was said before.
pub(super) fn leans_on_context(analysis: &Analysis, judgement: &Judgement) -> bool {
    if asks(analysis) {
        return true;
    }
    // What is understood without it needs no context.
    if matches!(
        judgement.decision,
        Decision::SmallTalk(_) | Decision::HandOff(_)
    ) {
        return false;
    }
    // A few words that say clearly what they are about (領収書がほしい) begin a new subject.
    let is_clear = judgement.confidence >= CLEAR;
    is_fragment(analysis) || (content_words(analysis) <= FRAGMENT_WORDS && !is_clear)
}

fn content_words(analysis: &Analysis) -> usize {
    let tokens = analysis.tokens.iter();
    tokens.filter(|token| token.is_content).count()
}

/// Tells whether an answer says what a fragment asks for: a time for いつ, money for いくら. Any
/// answer may say the rest.
fn says_what_is_asked(analysis: &Analysis, answer: &str) -> bool {
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

/// Raises the chance of what was spoken of last: a fragment more likely asks for more of it than
/// for anything else, if its answer says such a thing at all.
pub(super) fn stay_near(
    ranking: &mut Ranking,
    analysis: &Analysis,
    last: Subject,
    last_answer: &str,
) {
    /// How many times likelier the last subject is than it would be out of the blue.
    const BONUS: f32 = 1.5;
    // What was just shown and does not say it is not what is asked for.
    let factor = if says_what_is_asked(analysis, last_answer) {
        BONUS
    } else {
        0.0
    };
    if asks(analysis) {
        ranking.subjects.retain(|ranked| {
            let subject = ranked.candidate.subject;
            !matches!(subject, Subject::SmallTalk(_) | Subject::HandOff(_))
        });
    }
    let mut sum = ranking.nothing;
    for ranked in &mut ranking.subjects {
        if ranked.candidate.subject == last {
            ranked.probability *= factor;
        }
        sum += ranked.probability;
    }
    for ranked in &mut ranking.subjects {
        ranked.probability /= sum.max(f32::MIN_POSITIVE);
    }
    ranking.nothing /= sum.max(f32::MIN_POSITIVE);
    let subjects = &mut ranking.subjects;
    subjects.sort_by(|a, b| b.probability.total_cmp(&a.probability));
}

/// Without anything said before, a fragment is no question that can be answered: what comes near
/// is offered instead.
pub(super) fn without_context(judgement: Judgement, ranking: &Ranking) -> Judgement {
    let Decision::Answer(_) = judgement.decision else {
        return judgement;
    };
    let likely = likely_entries(ranking).into_iter().take(MAX_SUGGESTIONS);
    Judgement {
        decision: Decision::Suggest(likely.map(|(entry, _)| entry).collect()),
        ..judgement
    }
}

/// Reads a choice by number: `2`, `２番`, `②`.
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
    fn a_number_chooses_however_it_is_written() {
        for (text, number) in [("2", 2), ("２番", 2), ("③", 3), (" 1 ", 1), ("1番目", 1)] {
            assert_eq!(chosen_number(text), Some(number), "{text}");
        }
        assert_eq!(chosen_number("25日"), None);
        assert_eq!(chosen_number("0"), None);
    }
}
