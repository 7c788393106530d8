//! Recognises that an answer was tried and failed: 「見たけどだめだった」, 「うまくいきませんでした」.

use super::words::{
    ALREADY, BLOCKED, CONCESSIONS, FAILING, FAILURE_COMPANIONS, FAILURES, INTERROGATIVE_WORDS,
    NEGATIONS, STEPS, TRYING,
};
use super::{Message, is_any};
use crate::search::{Analysis, Token};

impl Message<'_> {
    /// Returns whether the message reports that the answer did not help and has no subject of its own.
    pub(super) fn is_failure(&self) -> bool {
        let has_answer = self.conversation.last_entry.is_some() || self.conversation.is_choosing;
        has_answer
            && !is_question(self.analysis)
            && (is_tried(self.analysis)
                || ends_in_negation(&self.analysis.tokens).is_some()
                || is_failure_alone(&self.analysis.tokens))
            && self.analysis.tokens.iter().any(|token| {
                let lists = [FAILING, FAILURES, TRYING, STEPS];
                lists.iter().any(|list| is_any(token, list))
            })
            && self.content().all(|token| {
                let lists = [
                    FAILING,
                    FAILURES,
                    FAILURE_COMPANIONS,
                    TRYING,
                    ALREADY,
                    STEPS,
                ];
                lists.iter().any(|list| is_any(token, list))
            })
    }
}

/// Returns whether a statement says that something was tried and failed, or was done before:
/// 「押したけど出てこない」, 「もう見た」.
pub(in crate::answer) fn is_tried(analysis: &Analysis) -> bool {
    if is_question(analysis) {
        return false;
    }
    let tokens = &analysis.tokens;
    let is_past = |token: &Token| {
        token.part_of_speech.starts_with("助動詞") && matches!(token.surface.as_str(), "た" | "だ")
    };
    let is_concession = |token: &Token| {
        token.part_of_speech.starts_with("助詞") && CONCESSIONS.contains(&token.surface.as_str())
    };
    let fails = |token: &Token| is_negation(token) || is_any(token, FAILURES);
    if let Some(past) = tokens.iter().position(is_past)
        && let Some(turn) = tokens[past..].iter().position(is_concession)
        && tokens[past + turn..].iter().any(fails)
    {
        return true;
    }
    let has = |list: &[&str]| tokens.iter().any(|token| is_any(token, list));
    has(ALREADY) && has(TRYING) && tokens.iter().any(|token| token.base == "た")
}

/// Returns whether a statement ends in something that cannot be done or does not happen:
/// 「ボタンが押せない」, 「画面が出てこない」. Not 「番号がわからない」, which asks for the number.
pub(in crate::answer) fn is_blocked(analysis: &Analysis) -> bool {
    if is_question(analysis) {
        return false;
    }
    let Some(verb) = ends_in_negation(&analysis.tokens) else {
        return false;
    };
    let is_potential = || {
        let mut letters = verb.base.chars().rev();
        let e_row = "えけせてねへめれげべぜ";
        verb.part_of_speech == "動詞,自立"
            && letters.next() == Some('る')
            && letters.next().is_some_and(|letter| e_row.contains(letter))
    };
    is_any(verb, BLOCKED) || is_potential()
}

/// Returns whether a text asks: it ends in a question mark or an interrogative particle, or has an
/// interrogative.
pub(in crate::answer) fn is_question(analysis: &Analysis) -> bool {
    let asks = |token: &Token| {
        token.part_of_speech.starts_with("助詞")
            && matches!(token.surface.as_str(), "か" | "かな" | "の" | "かしら")
    };
    let is_interrogative = |token: &Token| INTERROGATIVE_WORDS.contains(&token.surface.as_str());
    analysis.text.trim_end().ends_with(['?', '？'])
        || analysis.tokens.last().is_some_and(asks)
        || analysis.tokens.iter().any(is_interrogative)
}

fn is_negation(token: &Token) -> bool {
    let part = token.part_of_speech.as_str();
    NEGATIONS.contains(&token.base.as_str())
        && (part.starts_with("助動詞") || part.starts_with("形容詞"))
}

/// Returns the word before the negation that a text ends in; particles, polite and past endings may
/// follow.
fn ends_in_negation(tokens: &[Token]) -> Option<&Token> {
    let is_ending = |token: &&Token| {
        let part = token.part_of_speech.as_str();
        matches!(token.base.as_str(), "た" | "です" | "ます" | "だ")
            || ["助詞", "名詞,非自立", "記号"]
                .iter()
                .any(|ending| part.starts_with(ending))
    };
    let mut rest = tokens.iter().rev().skip_while(is_ending);
    rest.next().filter(|token| is_negation(token))?;
    rest.find(|token| token.base != "ます")
}

/// Returns whether the text is no more than a word of failure.
fn is_failure_alone(tokens: &[Token]) -> bool {
    let is_failure = |token: &&Token| FAILURES.contains(&token.base.as_str());
    let content = tokens
        .iter()
        .filter(|token| token.is_content || is_failure(token));
    let content: Vec<&Token> = content.collect();
    matches!(content.as_slice(), [only] if is_failure(only))
}
