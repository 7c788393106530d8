//! The role of each sentence: subject line, courtesy, background, wish or request.
//!
//! Input: a sentence and the analyses of its clauses. A sentence asks if it has the form of a
//! question or a polite request and a topic, which is a content word other than courtesy.

use super::form::{Form, expresses_wish, form, has_interrogative, is_negation, is_wish};
use super::sentences::{Kind, Piece};
use super::words;
use crate::search::{Analysis, Token};

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
    /// The sentence without clauses of courtesy around it.
    pub(super) core: &'a str,
    /// Its main clause: the end of the core, after reasons and circumstances.
    pub(super) main: &'a str,
    /// Whether it has a demonstrative.
    pub(super) points_back: bool,
    /// Whether a noun with 「も」 adds it to the sentence before: 「変更もしたい」.
    pub(super) adds: bool,
    /// Whether it may only announce the request after it: 「…についてお伺いします。」
    pub(super) announces: bool,
    /// Whether it describes a difficulty or a wish anywhere.
    pub(super) has_difficulty: bool,
}

/// A clause: a part of a sentence between commas.
struct Clause<'a> {
    text: &'a str,
    analysis: Analysis,
    /// Whether each token is a topic.
    topics: Vec<bool>,
    /// Whether all its content words are courtesy, and nothing asks or refers to another sentence.
    is_bare: bool,
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
                    && !words::has(&words::DIFFICULTIES, &token.base)
                    && !is_desk_name(&token.base)
            };
            let says = |token: &Token| {
                is_topic(token)
                    || is_desk_name(&token.base)
                    || words::has(&words::INTERROGATIVES, &token.surface)
                    || words::has(&words::DEMONSTRATIVES, &token.surface)
            };
            Clause {
                text,
                topics: analysis.tokens.iter().map(is_topic).collect(),
                is_bare: !analysis.tokens.iter().any(says),
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
        let topics = pairs.filter(|(_, is_topic)| **is_topic);
        topics.map(|(token, _)| token.base.clone())
    });
    let topics: Vec<String> = topics.collect();
    let has_surface = |list: &[String]| {
        let mut tokens = tokens.iter();
        tokens.any(|token| words::has(list, &token.surface))
    };
    let is_difficulty = |token: &&Token| {
        words::has(&words::DIFFICULTIES, &token.base) || is_negation(token) || is_wish(token)
    };
    let (core, main) = cores(piece.body, &clauses);
    Sentence {
        core,
        main,
        role: role(piece, &clauses, &tokens, topics.is_empty()),
        points_back: has_surface(&words::DEMONSTRATIVES),
        has_difficulty: tokens.iter().any(is_difficulty),
        adds: adds(&tokens),
        announces: announces(piece.body, &tokens),
        piece,
        topics,
    }
}

/// Returns the sentence without bare clauses around it, and the end of it after the last clause that
/// is a reason or a circumstance.
fn cores<'a>(body: &'a str, clauses: &[Clause<'a>]) -> (&'a str, &'a str) {
    const CONJUNCTIVES: &[&str] = &[
        "が",
        "けど",
        "けれど",
        "けれども",
        "ので",
        "ため",
        "て",
        "で",
        "し",
        "から",
    ];
    let says = |clause: &Clause<'_>| !clause.is_bare;
    let first = clauses.iter().position(says);
    let last = clauses.iter().rposition(says);
    let (Some(first), Some(last)) = (first, last) else {
        return (body, body);
    };
    // Clauses are slices of the body.
    let start = |index: usize| clauses[index].text.as_ptr() as usize - body.as_ptr() as usize;
    let end = start(last) + clauses[last].text.len();
    let is_circumstance = |index: &usize| {
        let last = clauses[*index].analysis.tokens.last();
        last.is_some_and(|token| CONJUNCTIVES.contains(&token.surface.as_str()))
    };
    let main = (first..last)
        .rev()
        .find(is_circumstance)
        .map_or(first, |index| index + 1);
    let has_topic = clauses[main..=last].iter().any(Clause::has_topic);
    let main = if has_topic { main } else { first };
    (&body[start(first)..end], &body[start(main)..end])
}

fn role(piece: Piece<'_>, clauses: &[Clause<'_>], tokens: &[&Token], has_no_topic: bool) -> Role {
    match piece.kind {
        Kind::Subject => return Role::Subject,
        Kind::Salutation => return Role::Courtesy,
        Kind::Field | Kind::Item | Kind::Sentence => {}
    }
    let analyses: Vec<&Analysis> = clauses.iter().map(|clause| &clause.analysis).collect();
    let form = form(piece.body, &analyses, tokens);
    // 「会社名：みどり商店」, but 「会社名：変更する方法を教えてください」. A noun alone is a wish elsewhere.
    if piece.kind == Kind::Field && matches!(form, Form::Statement | Form::Wish) {
        return Role::Courtesy;
    }
    if piece.kind == Kind::Item && !has_no_topic {
        // 「1. 応募日　11月10日」 tells, 「1. 応募の期限」 asks.
        let tells = piece.body.contains(['\u{3000}', ':', '：'])
            && !matches!(form, Form::Question | Form::Request);
        return if tells {
            Role::Background
        } else {
            Role::Request
        };
    }
    if has_no_topic {
        let asks = has_interrogative(tokens) && form == Form::Question;
        let informs = tokens
            .iter()
            .any(|token| words::has(&words::INFORMING, &token.base));
        let closes = tokens
            .iter()
            .any(|token| words::has(&words::CLOSING, &token.base));
        return if asks || informs && !closes && form == Form::Request {
            Role::Carrier
        } else {
            Role::Courtesy
        };
    }
    match form {
        Form::Statement if piece.is_additional && ends_in_noun(tokens) => Role::Wish,
        Form::Question => Role::Request,
        Form::Request if has_object(clauses) => Role::Request,
        Form::Wish => Role::Wish,
        Form::Request | Form::Statement => Role::Background,
    }
}

/// Returns whether 「も」 follows a noun: 「変更もしたい」, but not 「会社でも」, 「一度も」 and 「何も」.
fn adds(tokens: &[&Token]) -> bool {
    let is_noun = |part: &str| {
        let others = ["名詞,接尾", "名詞,代名詞", "名詞,副詞可能", "名詞,数"];
        part.starts_with("名詞") && !others.iter().any(|other| part.starts_with(other))
    };
    let mut pairs = tokens.windows(2);
    pairs.any(|pair| is_noun(&pair[0].part_of_speech) && is_also(pair[1]))
}

/// Returns whether a token is the particle 「も」.
fn is_also(token: &Token) -> bool {
    token.surface == "も" && token.part_of_speech.contains("係助詞")
}

/// Returns whether a sentence is a noun, perhaps with a copula or 「も」: 「最後に輸出の手続きです」,
/// 「あと支払方法も」.
fn ends_in_noun(tokens: &[&Token]) -> bool {
    let is_copula = |token: &&&Token| matches!(token.base.as_str(), "です" | "だ");
    let mut rest = tokens
        .iter()
        .rev()
        .skip_while(|token| is_copula(token) || is_also(token));
    rest.next()
        .is_some_and(|token| token.part_of_speech.starts_with("名詞"))
}

/// Returns whether a polite request names what it asks for: 「手順をご教示ください」, not
/// 「応募前に確認させてください」. The object is in the last clause, or is the clause before it.
fn has_object(clauses: &[Clause<'_>]) -> bool {
    let Some((last, before)) = clauses.split_last() else {
        return false;
    };
    let tokens = &last.analysis.tokens;
    let is_carrier = |token: &Token| words::has(&words::CARRIERS, &token.base);
    if last.has_topic() {
        // 「…を直してください」 is its own object.
        let carrier = tokens.iter().position(is_carrier);
        return carrier.is_none_or(|carrier| marks_object(&tokens[..carrier]));
    }
    let points_back = tokens
        .iter()
        .any(|token| words::has(&words::DEMONSTRATIVES, &token.surface));
    let Some(previous) = before.last() else {
        return false;
    };
    points_back || is_object(previous)
}

/// Returns whether a sentence may only announce a request.
fn announces(text: &str, tokens: &[&Token]) -> bool {
    let mut tokens = tokens.iter();
    let asks_later = tokens.any(|token| words::has(&words::ANNOUNCEMENTS, &token.base));
    asks_later && !text.contains(['？', '?']) && !text.trim_end_matches(['。', ' ']).ends_with('か')
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
                || words::has(&words::INTERROGATIVES, &token.surface)
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
