//! The form of a sentence by its ending: question, request, wish or statement.
//!
//! Input: a sentence with the analyses of its clauses and their tokens. Output: its [`Form`].

use super::words;
use crate::search::{Analysis, Token};

/// Number of tokens at the end of a sentence that express a wish, a request or a difficulty.
const ENDING_TOKENS: usize = 7;

/// Number of characters at the end of a sentence in which a phrase makes it a request.
const ENDING_CHARS: usize = 14;

/// Maximum length of a sentence that is a question by its interrogative alone, in characters.
const MAX_CASUAL_CHARS: usize = 25;

/// The form of a sentence by its ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Question,
    Request,
    Wish,
    Statement,
}

pub(super) fn form(text: &str, clauses: &[&Analysis], tokens: &[&Token]) -> Form {
    if text.contains(['？', '?']) {
        return Form::Question;
    }
    if text.is_ascii() {
        return english_form(clauses);
    }
    let parts = clauses.iter().map(|clause| &clause.normalized);
    let normalized: String = parts.flat_map(|part| part.split(' ')).collect();
    match before_contact(&normalized, tokens) {
        Some((normalized, tokens)) => ending_form(normalized, tokens),
        None => ending_form(&normalized, tokens),
    }
}

fn english_form(clauses: &[&Analysis]) -> Form {
    let asks = clauses.iter().any(|clause| {
        let text = &clause.normalized;
        let mut starts = words::ENGLISH_REQUESTS.iter();
        starts.any(|start| text.starts_with(start.as_str()))
    });
    if asks { Form::Request } else { Form::Statement }
}

/// Removes the end of a sentence that only says that the member writes: 「知りたく、ご連絡しました」.
fn before_contact<'a>(
    normalized: &'a str,
    tokens: &'a [&'a Token],
) -> Option<(&'a str, &'a [&'a Token])> {
    let is_contact = |token: &&Token| words::has(&words::CONTACTS, &token.base);
    let contact = tokens.iter().rposition(is_contact)?;
    let is_end = tokens[contact + 1..].iter().all(|token| {
        let part = token.part_of_speech.as_str();
        part.starts_with("助") || part.starts_with("動詞") && words::is_courtesy(&token.base)
    });
    let is_prefix = |token: &&&Token| token.part_of_speech.starts_with("接頭詞");
    let prefixes = tokens[..contact].iter().rev().take_while(is_prefix).count();
    let kept = &tokens[..contact - prefixes];
    let position = normalized.rfind(tokens[contact - prefixes].surface.as_str())?;
    (is_end && !kept.is_empty()).then(|| (&normalized[..position], kept))
}

fn ending_form(normalized: &str, tokens: &[&Token]) -> Form {
    let ending = without_softeners(normalized);
    let start = normalized.char_indices().rev().nth(ENDING_CHARS - 1);
    let tail = &normalized[start.map_or(0, |(index, _)| index)..];
    let is_request = words::ends(&words::REQUEST_ENDINGS, ending)
        || words::occurs(&words::REQUEST_PHRASES, tail)
        || normalized.contains("ますよう") && ending.ends_with("ます");
    if is_request {
        return Form::Request;
    }
    let last = tokens.last();
    let is_particle = last.is_some_and(|token| token.part_of_speech.starts_with("助詞"));
    let bare = normalized.trim_end_matches(['ね', 'な', 'よ', 'い']);
    let ends_in_no =
        last.is_some_and(|token| token.surface == "の" && token.part_of_speech.contains("終助詞"));
    if bare.ends_with('か') && is_particle
        || ends_in_no
        || words::ends(&words::QUESTION_ENDINGS, normalized)
    {
        return Form::Question;
    }
    let statements = ["です", "ます", "た", "だ", "ございます"];
    let is_statement = statements.iter().any(|end| normalized.ends_with(end));
    let is_casual = normalized.chars().count() <= MAX_CASUAL_CHARS && !is_statement;
    if is_casual && has_interrogative(tokens) {
        return Form::Question;
    }
    let is_noun = last.is_some_and(|token| token.part_of_speech.starts_with("名詞"));
    if is_noun || words::ends(&words::FRAGMENT_ENDINGS, ending) || expresses_wish(tokens) {
        return Form::Wish;
    }
    Form::Statement
}

/// Removes polite and final particles from the end.
fn without_softeners(normalized: &str) -> &str {
    let mut ending = normalized;
    while !words::ends(&words::REQUEST_ENDINGS, ending) {
        let mut softeners = words::SOFTENERS.iter();
        let Some(rest) = softeners.find_map(|word| ending.strip_suffix(word.as_str())) else {
            break;
        };
        ending = rest;
    }
    ending
}

pub(super) fn has_interrogative(tokens: &[&Token]) -> bool {
    let mut tokens = tokens.iter();
    tokens.any(|token| words::has(&words::INTERROGATIVES, &token.surface))
}

pub(super) fn is_wish(token: &Token) -> bool {
    matches!(token.base.as_str(), "たい" | "ほしい" | "欲しい")
}

pub(super) fn is_negation(token: &Token) -> bool {
    matches!(
        token.base.as_str(),
        "ない" | "ん" | "ぬ" | "へん" | "ず" | "まい"
    ) && token.part_of_speech.starts_with(['助', '形'])
}

/// Returns whether a sentence ends in a wish, a negation or a difficulty. 「…したいと考えております」
/// ends in a thought, and so describes a plan; 「したいと思います」 is polite for 「したい」.
pub(super) fn expresses_wish(tokens: &[&Token]) -> bool {
    let start = tokens.len().saturating_sub(ENDING_TOKENS);
    let ending = &tokens[start..];
    let is_difficulty = |token: &Token| words::has(&words::DIFFICULTIES, &token.base);
    let is_sign = |token: &&Token| is_wish(token) || is_negation(token) || is_difficulty(token);
    let Some(last) = ending.iter().rposition(is_sign) else {
        return false;
    };
    // 「忘れた」 is still a difficulty, 「したかった」 no longer a wish.
    let may_be_past = is_difficulty(ending[last]);
    ending[last + 1..].iter().all(|token| {
        let is_thought = matches!(
            token.base.as_str(),
            "思う" | "存じる" | "ます" | "いる" | "おる"
        );
        let part = token.part_of_speech.as_str();
        let is_grammar = part.starts_with('助')
            || part.starts_with("名詞,非自立")
            || part.starts_with("動詞,非自立");
        is_thought || is_grammar && (may_be_past || token.base != "た")
    })
}
