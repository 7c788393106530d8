//! Negation: サポーターがいない is not サポーターに相談したい, though its content words are the same.
//!
//! Tokens in, which content words are negated out. The analyzer gives a negated word a term of its
//! own beside the word's. Invariant: such a term only ever helps: in a question it counts only
//! where a phrase of the knowledge has it too (see `rank`).

use super::token::Token;

/// Marks the term of a negated word, so that no word can be mistaken for one.
pub(in crate::search) const MARK: char = '¬';

/// The weight of a negated word's own term; the word itself keeps its full weight.
pub(super) const WEIGHT: f32 = 0.7;

/// How many tokens after a word may stand before what negates it: が|い|ない, を|持っ|て|い|ない.
const REACH: usize = 5;

/// Japanese negates after the word.
const AFTER: &[&str] = &["ない", "無い", "ぬ", "ん", "なし", "無し", "ず", "不在"];

/// What joins a negation to what must not be, apart from 「ては」.
const JOINING: &[&str] = &["ば", "と", "ちゃ"];

/// Negations with a joining word in them.
const JOINED: &[&str] = &["なきゃ", "なけりゃ"];

/// What must not be; 「しないとだめ」 asks for the deed.
const FORBIDDEN: &[&str] = &["だめ", "ダメ", "駄目", "いかん"];

/// The same with a negation after it: 「しなければならない」.
const IMPOSSIBLE: &[&str] = &["なる", "いける", "いく"];

/// English negates before it.
const BEFORE: &[&str] = &[
    "no", "not", "without", "dont", "don", "cant", "cannot", "never",
];

/// Tells for each content word, in order, whether it is negated.
pub(super) fn negated(tokens: &[Token]) -> Vec<bool> {
    let mut negated: Vec<bool> = Vec::new();
    let mut since_word = usize::MAX;
    let mut is_next_negated = false;
    // Where an obligation ends; its negations deny nothing.
    let mut obliged = 0;
    for (index, token) in tokens.iter().enumerate() {
        let negates_before = AFTER.contains(&token.base.as_str()) && !is_polite(tokens, index);
        if negates_before && index >= obliged {
            obliged = obligation(&tokens[index..]).map_or(0, |length| index + length);
        }
        if negates_before
            && index >= obliged
            && since_word <= REACH
            && let Some(last) = negated.last_mut()
        {
            *last = true;
        }
        if BEFORE.contains(&token.surface.as_str()) {
            is_next_negated = true;
        }
        if token.is_content {
            negated.push(std::mem::take(&mut is_next_negated));
            since_word = 0;
        } else {
            since_word = since_word.saturating_add(1);
        }
    }
    negated
}

/// Returns how many tokens an obligation has, if one begins with the first of these.
fn obligation(tokens: &[Token]) -> Option<usize> {
    let (negation, after) = tokens.split_first()?;
    let surface = |index: usize| after.get(index).map(|token| token.surface.as_str());
    let joining = match (surface(0), surface(1)) {
        _ if JOINED.contains(&negation.surface.as_str()) => 0,
        (Some("て"), Some("は")) => 2,
        (Some(joining), _) if JOINING.contains(&joining) => 1,
        _ => return None,
    };
    let rest = &after[joining..];
    let Some((first, rest)) = rest.split_first() else {
        // 「しなきゃ」, and no more: what would follow is known to all.
        return Some(1 + joining);
    };
    let denies = |token: &Token| token.base == "ます" || AFTER.contains(&token.base.as_str());
    let denials = rest.iter().take_while(|token| denies(token)).count();
    let is_result = rest.first().is_some_and(|token| token.surface == "に");
    if FORBIDDEN.contains(&first.base.as_str()) && !is_result
        || IMPOSSIBLE.contains(&first.base.as_str()) && denials > 0
    {
        return Some(2 + joining + denials);
    }
    // With more after it than particles and です it is a condition: 「払わなければ使えない」.
    let is_ending = |token: &Token| token.part_of_speech.starts_with('助');
    let is_end = is_ending(first) && rest.iter().all(is_ending);
    is_end.then_some(1 + joining)
}

/// 「ませんか」 and 「ないですか」 ask politely and negate nothing.
fn is_polite(tokens: &[Token], index: usize) -> bool {
    let mut after = tokens.iter().skip(index + 1).take(2);
    after.any(|token| token.surface == "か" || token.surface == "でしょ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::KnowledgeBase;
    use crate::search::Analyzer;

    fn tokens(text: &str) -> Vec<Token> {
        let tokens = text.split(' ').map(|word| Token {
            surface: word.trim_start_matches('*').to_owned(),
            base: word.trim_start_matches('*').to_owned(),
            reading: String::new(),
            part_of_speech: String::new(),
            is_content: word.starts_with('*'),
        });
        tokens.collect()
    }

    #[test]
    fn what_is_denied_is_marked_and_what_is_asked_politely_is_not() {
        let rows: [(&str, &[bool]); 5] = [
            ("*サポーター が い ない", &[true]),
            ("*サポーター なし *相談", &[true, false]),
            ("*お金 を *払う ない *会員", &[false, true, false]),
            ("*返金 でき ませ ん か", &[false]),
            ("we have no *supporter in *japan", &[true, false]),
        ];
        for (text, expected) in rows {
            assert_eq!(negated(&tokens(text)), expected, "{text}");
        }
    }

    #[test]
    fn what_has_to_be_done_is_not_denied() {
        let analyzer = Analyzer::new(&KnowledgeBase::default()).expect("a dictionary");
        let is_denied = |text: &str, word: &str| {
            let marked = format!("{MARK}{word}");
            let words = analyzer.analyze(text).words;
            assert!(words.iter().any(|found| found.text == word), "{words:?}");
            words.iter().any(|found| found.text == marked)
        };
        for duty in [
            "登録しなければなりませんか",
            "登録しなくてはいけません",
            "登録しないといけないの？",
            "登録しないとならない",
            "登録しないといかんですか",
            "登録せんといかん",
            "登録しないとだめですか",
            "登録しなきゃだめ",
            "登録しなきゃ",
            "登録しなくちゃですか",
            "登録せねば",
            "登録しなけりゃならん",
        ] {
            assert!(!is_denied(duty, "登録"), "{duty}");
        }
        for denial in [
            "登録しなくてもいい",
            "登録しないと使えない",
            "登録しなければ使えない",
            "登録しなきゃ使えない",
            "登録できなくちゃ困る",
            "登録できなくて駄目だった",
            "登録していないとだめになる",
            "登録しないとなると",
            "登録しなくていけません",
        ] {
            assert!(is_denied(denial, "登録"), "{denial}");
        }
        let text = "登録しなければならないのに解約していない";
        assert!(!is_denied(text, "登録") && is_denied(text, "解約"));
    }
}
