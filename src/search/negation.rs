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

/// What joins a negation to [`UNBEARABLE`].
const JOINING: &[&str] = &["ば", "と", "て", "は", "ちゃ"];

/// Negations that say the same as with a joining word, and alone as much as with what may follow.
const JOINED: &[&str] = &["なきゃ", "なけりゃ"];

/// What must not be: 「しなければならない」 and 「しないとだめ」 ask for the deed.
const UNBEARABLE: &[&str] = &["なる", "いける", "いく", "だめ", "ダメ", "駄目"];

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
    let is_joining = |token: &&Token| JOINING.contains(&token.surface.as_str());
    let joining = after.iter().take_while(is_joining).count();
    let (joining, rest) = after.split_at(joining);
    let is_joined = JOINED.contains(&negation.surface.as_str());
    let ends_so = joining.last().is_some_and(|last| last.surface == "ちゃ");
    // 「ないとなると」 is only a condition.
    let is_condition = joining.last().is_some_and(|last| last.surface == "と");
    let is_unbearable = rest.first().is_some_and(|token| {
        UNBEARABLE.contains(&token.base.as_str()) && !(is_condition && token.base == "なる")
    });
    let length = 1 + joining.len();
    if !is_unbearable {
        return (is_joined || ends_so).then_some(length);
    }
    let is_ending = |token: &&Token| token.base == "ます" || AFTER.contains(&token.base.as_str());
    let ending = rest.iter().skip(1).take_while(is_ending).count();
    (is_joined || !joining.is_empty()).then_some(length + 1 + ending)
}

/// 「ませんか」 and 「ないですか」 ask politely and negate nothing.
fn is_polite(tokens: &[Token], index: usize) -> bool {
    let mut after = tokens.iter().skip(index + 1).take(2);
    after.any(|token| token.surface == "か" || token.surface == "でしょ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words in blanks, what carries meaning with a star, other bases than the word after a slash.
    fn tokens(text: &str) -> Vec<Token> {
        let tokens = text.split(' ').map(|word| {
            let surface = word.trim_start_matches('*');
            let (surface, base) = surface.split_once('/').unwrap_or((surface, surface));
            Token {
                surface: surface.to_owned(),
                base: base.to_owned(),
                reading: String::new(),
                part_of_speech: String::new(),
                is_content: word.starts_with('*'),
            }
        });
        tokens.collect()
    }

    #[test]
    fn what_is_denied_is_marked_and_what_is_asked_politely_is_not() {
        let rows: [(&str, &[bool]); 14] = [
            ("*サポーター が い ない", &[true]),
            ("*サポーター なし *相談", &[true, false]),
            ("*お金 を *払う ない *会員", &[false, true, false]),
            ("*返金 でき ませ ん か", &[false]),
            ("we have no *supporter in *japan", &[true, false]),
            // What has to be done is not denied.
            ("*登録 し なけれ/ない ば なら/なる ない", &[false]),
            (
                "*登録 し なく/ない て は いけ/いける ませ/ます ん",
                &[false],
            ),
            ("*登録 し なきゃ/ない だめ か", &[false]),
            ("*登録 し なく/ない ちゃ", &[false]),
            ("*登録 せ ん と *いか/いく ん", &[false, false]),
            ("*登録 し ない と *使える ない", &[true, true]),
            ("*登録 し なく/ない て も いい", &[true]),
            ("*登録 し ない と なる と", &[true]),
            (
                "*登録 し なけれ/ない ば なら/なる ない *解約 し ない",
                &[false, true],
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(negated(&tokens(text)), expected, "{text}");
        }
    }
}
