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
    /// The sentence without clauses of courtesy around it.
    pub(super) core: &'a str,
    /// Its main clause: the end of the core, after reasons and circumstances.
    pub(super) main: &'a str,
    /// Whether it has a demonstrative.
    pub(super) points_back: bool,
    /// Whether it has the particle 「も」: 「変更もしたい」 adds a wish to a request.
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
    let adds = |token: &&Token| token.surface == "も" && token.part_of_speech.contains("係助詞");
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
        adds: tokens.iter().any(adds),
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
        Kind::Item if !has_no_topic => return Role::Request,
        Kind::Item | Kind::Sentence => {}
    }
    let form = form(piece.body, clauses, tokens);
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
    if text.is_ascii() {
        return english_form(clauses);
    }
    let parts = clauses.iter().map(|clause| &clause.analysis.normalized);
    let normalized: String = parts.flat_map(|part| part.split(' ')).collect();
    match before_contact(&normalized, tokens) {
        Some((normalized, tokens)) => ending_form(normalized, tokens),
        None => ending_form(&normalized, tokens),
    }
}

fn english_form(clauses: &[Clause<'_>]) -> Form {
    let asks = clauses.iter().any(|clause| {
        let text = &clause.analysis.normalized;
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

fn has_interrogative(tokens: &[&Token]) -> bool {
    let mut tokens = tokens.iter();
    tokens.any(|token| words::has(&words::INTERROGATIVES, &token.surface))
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
