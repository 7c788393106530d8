//! Negation: サポーターがいない is not サポーターに相談したい, though its content words are the same.
//!
//! Tokens in, which content words are negated out. The analyzer gives a negated word a term of its
//! own beside the word's. Invariant: such a term only ever helps: in a question it counts only
//! where a phrase of the knowledge has it too (see `rank`).

use super::token::Token;

/// Marks the term of a negated word, so that no word can be mistaken for one.
pub(super) const MARK: char = '¬';

/// The weight of a negated word's own term; the word itself keeps its full weight.
pub(super) const WEIGHT: f32 = 0.7;

/// How many tokens after a word may stand before what negates it: が|い|ない, を|持っ|て|い|ない.
const REACH: usize = 5;

/// Japanese negates after the word.
const AFTER: &[&str] = &["ない", "無い", "ぬ", "ん", "なし", "無し", "ず", "不在"];

/// English negates before it.
const BEFORE: &[&str] = &[
    "no", "not", "without", "dont", "don", "cant", "cannot", "never",
];

/// Tells for each content word, in order, whether it is negated.
pub(super) fn negated(tokens: &[Token]) -> Vec<bool> {
    let mut negated: Vec<bool> = Vec::new();
    let mut since_word = usize::MAX;
    let mut is_next_negated = false;
    for (index, token) in tokens.iter().enumerate() {
        let negates_before = AFTER.contains(&token.base.as_str()) && !is_polite(tokens, index);
        if negates_before
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

/// 「ませんか」 and 「ないですか」 ask politely and negate nothing.
fn is_polite(tokens: &[Token], index: usize) -> bool {
    let mut after = tokens.iter().skip(index + 1).take(2);
    after.any(|token| token.surface == "か" || token.surface == "でしょ")
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
