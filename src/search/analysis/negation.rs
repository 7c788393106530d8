//! Finds negated words: サポーターがいない differs from サポーターがいる, which has the same content words.
//!
//! Input: tokens. Output: for each content word, whether it is negated. The analyzer gives a negated
//! word a second term.
//!
//! Invariant: a second term that the index does not contain lowers no score (see
//! `ranking/lexical.rs`).

use super::token::Token;

/// Prefix of a negated word's second term; the character filter removes it from texts.
pub(in crate::search) const MARK: char = '¬';

/// Weight of a negated word's second term; the word itself keeps its full weight.
pub(super) const WEIGHT: f32 = 0.7;

/// Maximum number of tokens between a word and its negation: が|い|ない, を|持っ|て|い|ない.
const MAX_TOKENS_BETWEEN: usize = 5;

/// Japanese negations; they follow the word.
const NEGATIONS: &[&str] = &["ない", "無い", "ぬ", "ん", "なし", "無し", "ず", "不在"];

/// Particles after a negation that begin an obligation, apart from 「ては」.
const CONDITIONALS: &[&str] = &["ば", "と", "ちゃ"];

/// Contractions of a negation and such a particle.
const CONTRACTIONS: &[&str] = &["なきゃ", "なけりゃ"];

/// Words that complete an obligation: 「しないとだめ」.
const FORBIDDEN: &[&str] = &["だめ", "ダメ", "駄目", "いかん"];

/// Words that complete an obligation if they are negated: 「しなければならない」.
const IMPOSSIBLE: &[&str] = &["なる", "いける", "いく"];

/// English negations; they precede the word.
const ENGLISH_NEGATIONS: &[&str] = &[
    "no", "not", "without", "dont", "don", "cant", "cannot", "never",
];

/// Returns for each content word, in order, whether it is negated.
pub(super) fn negated(tokens: &[Token]) -> Vec<bool> {
    let mut negated: Vec<bool> = Vec::new();
    let mut since_word = usize::MAX;
    let mut is_next_negated = false;
    // End of the last obligation, whose negations do not count.
    let mut obligation_end = 0;
    for (index, token) in tokens.iter().enumerate() {
        let is_negation = NEGATIONS.contains(&token.base.as_str())
            && !is_explanatory(token)
            && !is_polite(tokens, index);
        if is_negation && index >= obligation_end {
            obligation_end = obligation(&tokens[index..]).map_or(0, |length| index + length);
        }
        if is_negation
            && index >= obligation_end
            && since_word <= MAX_TOKENS_BETWEEN
            && let Some(last) = negated.last_mut()
        {
            *last = true;
        }
        if ENGLISH_NEGATIONS.contains(&token.surface.as_str()) {
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

/// Returns the number of tokens of the obligation that begins with the first token, if any.
fn obligation(tokens: &[Token]) -> Option<usize> {
    let (negation, after) = tokens.split_first()?;
    let surface = |index: usize| after.get(index).map(|token| token.surface.as_str());
    let particles = match (surface(0), surface(1)) {
        _ if CONTRACTIONS.contains(&negation.surface.as_str()) => 0,
        (Some("て"), Some("は")) => 2,
        (Some(particle), _) if CONDITIONALS.contains(&particle) => 1,
        _ => return None,
    };
    let rest = &after[particles..];
    let Some((first, rest)) = rest.split_first() else {
        // 「しなきゃ」 at the end of a text is an obligation too.
        return Some(1 + particles);
    };
    let is_negation =
        |token: &Token| token.base == "ます" || NEGATIONS.contains(&token.base.as_str());
    let negations = rest.iter().take_while(|token| is_negation(token)).count();
    // 「だめになる」 is a consequence.
    let is_consequence = rest.first().is_some_and(|token| token.surface == "に");
    if FORBIDDEN.contains(&first.base.as_str()) && !is_consequence
        || IMPOSSIBLE.contains(&first.base.as_str()) && negations > 0
    {
        return Some(2 + particles + negations);
    }
    // A following clause makes it a condition: 「払わなければ使えない」. Particles and です do not.
    let is_ending = |token: &Token| token.part_of_speech.starts_with('助');
    let is_end = is_ending(first) && rest.iter().all(is_ending);
    is_end.then_some(1 + particles)
}

/// Returns whether ん is the noun の of an explanation, as in 「払いたいんですが」, not the auxiliary of
/// 「払えん」.
fn is_explanatory(token: &Token) -> bool {
    token.part_of_speech.starts_with('名')
}

/// Returns whether a negation is part of a polite question: 「ませんか」, 「ないですか」.
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
    fn negated_words_are_found_and_polite_questions_are_not() {
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
    fn an_explanation_is_not_a_negation() {
        let analyzer = Analyzer::new(&KnowledgeBase::default()).expect("a dictionary");
        let is_negated = |text: &str| {
            let words = analyzer.analyze(text).words;
            words.iter().any(|word| word.text.starts_with(MARK))
        };
        for explanation in [
            "会費なんですが",
            "登録したいんですけど",
            "登録したいんだけど",
            "登録してるんだが",
        ] {
            assert!(!is_negated(explanation), "{explanation}");
        }
        for negation in [
            "登録できません",
            "登録できないんですが",
            "登録せんでもええ",
            "登録せずに使う",
        ] {
            assert!(is_negated(negation), "{negation}");
        }
    }

    #[test]
    fn an_obligation_is_not_a_negation() {
        let analyzer = Analyzer::new(&KnowledgeBase::default()).expect("a dictionary");
        let is_negated = |text: &str, word: &str| {
            let marked = format!("{MARK}{word}");
            let words = analyzer.analyze(text).words;
            assert!(words.iter().any(|found| found.text == word), "{words:?}");
            words.iter().any(|found| found.text == marked)
        };
        for obligation in [
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
            assert!(!is_negated(obligation, "登録"), "{obligation}");
        }
        for negation in [
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
            assert!(is_negated(negation, "登録"), "{negation}");
        }
        let text = "登録しなければならないのに解約していない";
        assert!(!is_negated(text, "登録") && is_negated(text, "解約"));
    }
}
