//! The role of each sentence: subject line, courtesy, background, wish or request.
//!
//! Input: a sentence and the analyses of its clauses. A sentence asks if it has the form of a
//! question or a polite request and a topic, which is a content word other than courtesy.

use super::sentences::{Kind, Piece};
use super::words;
use crate::search::{Analysis, Token};

/// Number of tokens at the end of a sentence that express a wish, a request or a difficulty.
const ENDING_TOKENS: usize = 7;

/// Number of characters at the end of a sentence in which a phrase makes it a request.
const ENDING_CHARS: usize = 14;

/// Maximum length of a sentence that is a question by its interrogative alone, in characters.
const MAX_CASUAL_CHARS: usize = 25;

/// The role of a sentence in its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The subject line.
    Subject,
    /// Salutation, greeting, closing: no topic.
    Courtesy,
    /// Refers to the sentence before it: 「ご教示ください」, 「どうすればいいですか」.
    Carrier,
    /// A statement.
    Background,
    /// A wish, a difficulty or a fragment: a request if nothing else in the message is.
    Wish,
    /// A question or a request.
    Request,
}

impl Role {
    /// Returns the name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Courtesy => "courtesy",
            Self::Carrier => "carrier",
            Self::Background => "background",
            Self::Wish => "wish",
            Self::Request => "request",
        }
    }
}

/// A sentence with what its role depends on.
pub(super) struct Sentence<'a> {
    pub(super) piece: Piece<'a>,
    pub(super) role: Role,
    /// Base forms of the content words other than courtesy and names of desks.
    pub(super) topics: Vec<String>,
    /// Whether it has a demonstrative.
    pub(super) points_back: bool,
    /// Whether it describes a difficulty or a wish anywhere.
    pub(super) has_difficulty: bool,
}

/// A clause: a part of a sentence between commas.
struct Clause<'a> {
    text: &'a str,
    analysis: Analysis,
    /// Whether each token is a topic.
    topics: Vec<bool>,
}

impl Clause<'_> {
    fn has_topic(&self) -> bool {
        self.topics.contains(&true)
    }
}

/// Analyzes a sentence and finds its role.
pub(super) fn read<'a>(
    piece: Piece<'a>,
    analyze: &impl Fn(&str) -> Analysis,
    is_desk_name: &impl Fn(&str) -> bool,
) -> Sentence<'a> {
    let clauses: Vec<Clause<'_>> = piece
        .body
        .split(['、', '，', ','])
        .filter(|text| !text.trim().is_empty())
        .map(|text| {
            let analysis = analyze(text);
            let is_topic = |token: &Token| {
                token.is_content
                    && !words::is_courtesy(&token.base)
                    && !words::is_courtesy(&token.surface)
                    && !is_desk_name(&token.base)
            };
            Clause {
                text,
                topics: analysis.tokens.iter().map(is_topic).collect(),
                analysis,
            }
        })
        .collect();
    let tokens: Vec<&Token> = clauses
        .iter()
        .flat_map(|clause| &clause.analysis.tokens)
        .collect();
    let topics = clauses.iter().flat_map(|clause| {
        let pairs = clause.analysis.tokens.iter().zip(&clause.topics);
        pairs.filter_map(|(token, is_topic)| is_topic.then(|| token.base.clone()))
    });
    let topics: Vec<String> = topics.collect();
    let has_surface = |list: &[&str]| {
        tokens
            .iter()
            .any(|token| list.contains(&token.surface.as_str()))
    };
    let is_difficulty = |token: &&Token| {
        words::DIFFICULTIES.contains(&token.base.as_str()) || is_negation(token) || is_wish(token)
    };
    Sentence {
        role: role(piece, &clauses, &tokens, topics.is_empty()),
        points_back: has_surface(words::DEMONSTRATIVES),
        has_difficulty: tokens.iter().any(is_difficulty),
        piece,
        topics,
    }
}

fn role(piece: Piece<'_>, clauses: &[Clause<'_>], tokens: &[&Token], has_no_topic: bool) -> Role {
    match piece.kind {
        Kind::Subject => return Role::Subject,
        Kind::Salutation => return Role::Courtesy,
        Kind::Item if !has_no_topic => return Role::Request,
        Kind::Item | Kind::Sentence => {}
    }
    let form = form(piece.body, clauses, tokens);
    if has_no_topic {
        let asks = has_interrogative(tokens) && form == Form::Question;
        let informs = tokens
            .iter()
            .any(|token| words::INFORMING.contains(&token.base.as_str()));
        return if asks || informs && form == Form::Request {
            Role::Carrier
        } else {
            Role::Courtesy
        };
    }
    match form {
        Form::Question => Role::Request,
        Form::Request if has_object(clauses) => Role::Request,
        Form::Wish => Role::Wish,
        Form::Request | Form::Statement => Role::Background,
    }
}

/// The form of a sentence by its ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Question,
    Request,
    Wish,
    Statement,
}

fn form(text: &str, clauses: &[Clause<'_>], tokens: &[&Token]) -> Form {
    if text.contains(['？', '?']) {
        return Form::Question;
    }
    let normalized = clauses
        .iter()
        .flat_map(|clause| clause.analysis.normalized.split(' '));
    let normalized: String = if text.is_ascii() {
        normalized.collect::<Vec<_>>().join(" ")
    } else {
        normalized.collect()
    };
    if text.is_ascii() {
        let starts = |start: &&str| normalized.starts_with(start.trim_end());
        let asks = words::ENGLISH_REQUESTS.iter().any(|start| starts(&start));
        return if asks { Form::Request } else { Form::Statement };
    }
    let ending = without_softeners(&normalized);
    let ends_in = |list: &[&str]| list.iter().any(|word| ending.ends_with(word));
    let tail_start = normalized.char_indices().rev().nth(ENDING_CHARS - 1);
    let tail = &normalized[tail_start.map_or(0, |(index, _)| index)..];
    let is_polite = words::REQUEST_PHRASES
        .iter()
        .any(|phrase| tail.contains(phrase));
    if is_polite
        || ends_in(words::REQUEST_ENDINGS)
        || normalized.contains("ますよう") && ends_in(&["ます"])
    {
        return Form::Request;
    }
    let last = tokens.last();
    let is_particle = last.is_some_and(|token| token.part_of_speech.starts_with("助詞"));
    let ends_in_ka = normalized
        .trim_end_matches(['ね', 'な', 'よ', 'い'])
        .ends_with('か')
        && is_particle;
    let ends_in_no =
        last.is_some_and(|token| token.surface == "の" && token.part_of_speech.contains("終助詞"));
    if ends_in_ka
        || ends_in_no
        || words::QUESTION_ENDINGS
            .iter()
            .any(|end| normalized.ends_with(end))
    {
        return Form::Question;
    }
    let is_past_or_copula = ["です", "ます", "た", "だ", "ございます"];
    let is_statement = is_past_or_copula
        .iter()
        .any(|end| normalized.ends_with(end));
    if has_interrogative(tokens) && normalized.chars().count() <= MAX_CASUAL_CHARS && !is_statement
    {
        return Form::Question;
    }
    let is_noun = last.is_some_and(|token| token.part_of_speech.starts_with("名詞"));
    if is_noun || ends_in(words::FRAGMENT_ENDINGS) || expresses_wish(tokens) {
        return Form::Wish;
    }
    Form::Statement
}

/// Removes polite and final particles from the end.
fn without_softeners(normalized: &str) -> &str {
    let mut ending = normalized;
    loop {
        let is_request = words::REQUEST_ENDINGS
            .iter()
            .any(|word| ending.ends_with(word));
        let softener = words::SOFTENERS
            .iter()
            .find(|word| ending.ends_with(**word));
        match softener {
            Some(softener) if !is_request => ending = &ending[..ending.len() - softener.len()],
            _ => return ending,
        }
    }
}

fn has_interrogative(tokens: &[&Token]) -> bool {
    let mut tokens = tokens.iter();
    tokens.any(|token| words::INTERROGATIVES.contains(&token.surface.as_str()))
}

fn is_wish(token: &Token) -> bool {
    matches!(token.base.as_str(), "たい" | "ほしい" | "欲しい")
}

fn is_negation(token: &Token) -> bool {
    matches!(
        token.base.as_str(),
        "ない" | "ん" | "ぬ" | "へん" | "ず" | "まい"
    ) && token.part_of_speech.starts_with(['助', '形'])
}

/// Returns whether a sentence ends in a wish, a negation or a difficulty. 「…したいと考えております」
/// ends in a thought, and so describes a plan; 「したいと思います」 is polite for 「したい」.
fn expresses_wish(tokens: &[&Token]) -> bool {
    let start = tokens.len().saturating_sub(ENDING_TOKENS);
    let ending = &tokens[start..];
    let is_sign = |token: &&&Token| {
        is_wish(token) || is_negation(token) || words::DIFFICULTIES.contains(&token.base.as_str())
    };
    let Some(last) = ending.iter().rposition(|token| is_sign(&token)) else {
        return false;
    };
    ending[last + 1..].iter().all(|token| {
        let is_thought = matches!(
            token.base.as_str(),
            "思う" | "存じる" | "ます" | "いる" | "おる"
        );
        let is_grammar = token.part_of_speech.starts_with("助")
            || token.part_of_speech.starts_with("名詞,非自立")
            || token.part_of_speech.starts_with("動詞,非自立");
        let is_past = token.base == "た";
        is_thought || is_grammar && !is_past
    })
}

/// Returns whether a polite request names what it asks for: 「手順をご教示ください」, not
/// 「応募前に確認させてください」. The object is in the last clause, or is the clause before it.
fn has_object(clauses: &[Clause<'_>]) -> bool {
    let Some((last, before)) = clauses.split_last() else {
        return false;
    };
    let tokens = &last.analysis.tokens;
    let is_carrier = |token: &Token| words::CARRIERS.contains(&token.base.as_str());
    let Some(carrier) = tokens.iter().position(is_carrier) else {
        // 「…を直してください」 is its own object.
        return true;
    };
    if last.has_topic() {
        return marks_object(&tokens[..carrier]);
    }
    let points_back = tokens
        .iter()
        .any(|token| words::DEMONSTRATIVES.contains(&token.surface.as_str()));
    let Some(previous) = before.last() else {
        return false;
    };
    points_back || is_object(previous)
}

/// Returns whether tokens before a carrier end in a noun or contain a particle of an object.
fn marks_object(tokens: &[Token]) -> bool {
    const PARTICLES: &[&str] = &[
        "を",
        "は",
        "が",
        "も",
        "か",
        "って",
        "とは",
        "の",
        "について",
        "につきまして",
        "に関して",
        "たい",
    ];
    let mut nouns = tokens
        .iter()
        .rev()
        .skip_while(|token| token.part_of_speech.starts_with("接頭詞"));
    let ends_in_noun = nouns.next().is_some_and(|token| {
        token.part_of_speech.starts_with("名詞") && !token.part_of_speech.contains("副詞可能")
    });
    let mut tokens = tokens.iter();
    ends_in_noun
        || tokens.any(|token| {
            PARTICLES.contains(&token.surface.as_str())
                || words::INTERROGATIVES.contains(&token.surface.as_str())
        })
}

/// Returns whether a clause before a bare carrier is its object: an embedded question, a noun, or a
/// difficulty; not a reason or a purpose (「…したく、ご回答をお願いします」).
fn is_object(clause: &Clause<'_>) -> bool {
    let tokens: Vec<&Token> = clause.analysis.tokens.iter().collect();
    let Some(last) = tokens.last() else {
        return false;
    };
    let is_noun = last.part_of_speech.starts_with("名詞")
        && !last.part_of_speech.contains("副詞可能")
        && !matches!(
            last.surface.as_str(),
            "ため" | "中" | "折" | "ところ" | "よう" | "際" | "前"
        );
    let is_particle = matches!(
        last.surface.as_str(),
        "か" | "を" | "は" | "も" | "と" | "とは" | "って"
    ) || last.surface.contains("について")
        || last.surface.contains("につきまして");
    let is_bare_wish = last.surface == "たく";
    let ends_softly = matches!(last.surface.as_str(), "が" | "けど" | "ず" | "で");
    is_noun
        || is_particle
        || clause.text.ends_with("に関して")
        || is_negation(last)
        || (ends_softly && !is_bare_wish && expresses_wish(&tokens))
}
