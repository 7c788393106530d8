//! Reads a message: which of its sentences ask, and which are courtesy or background.
//!
//! A letter has one request among greetings and background; a chat message may have several. Input:
//! the text of a message. Output: a [`Message`].
//!
//! | step | file |
//! |---|---|
//! | cut the text into sentences | `sentences` |
//! | find the role of each sentence | `roles`, by its ending in `form` |
//! | find the requests | this file |
//! | propose how to split a request in two | `coordination` |
//! | the words by which all this is recognised | `words` |
//!
//! Invariant: nothing here depends on the knowledge, except for the names of desks.

mod coordination;
mod form;
mod marks;
mod roles;
mod sentences;
mod words;

use std::borrow::Cow;

pub(super) use coordination::{Split, has_enumeration, items, splits};
pub use roles::Role;
use roles::Sentence;
use sentences::Kind;

use crate::search::Analysis;

/// Minimum length of a preface and of the text after it, in characters. The shortest preface that is
/// worth removing, 「急いでて、」, has four. Shorter prefaces are fillers or interjections, and a shorter
/// text after it asks nothing.
const MIN_PREFACE_CHARS: usize = 4;

/// Maximum length of a preface, in characters. It bounds the cost of a long text with many commas, each
/// of which may end a preface: two or three clauses of a letter are shorter.
const MAX_PREFACE_CHARS: usize = 60;

/// A message, read.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// The sentences in order, with their roles. Empty for a single sentence.
    pub(super) sentences: Vec<ReadSentence>,
    /// The requests in the order asked; empty if the message is to be taken as a whole.
    pub(super) requests: Vec<Request>,
    /// Whether the requests are framed by what is no question: courtesy, a subject line, fillers.
    pub(super) is_framed: bool,
    /// The text of the subject line.
    pub(super) subject: Option<String>,
}

/// A sentence of a message and its role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadSentence {
    /// The sentence as written.
    pub text: String,
    /// Its role.
    pub role: Role,
}

/// A request of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    /// The part of the message that asks, as written.
    pub(super) asked: String,
    /// The text to rank.
    pub(super) text: String,
    /// The sentence before it, if the request is not understood without it.
    pub(super) before: Option<String>,
    /// Whether the request may be understood without `before`.
    pub(super) may_stand_alone: bool,
    /// Whether it is joined to another request by a connective, a list or a coordination.
    pub(super) is_linked: bool,
    /// Whether it is only a part of the message.
    pub(super) is_part: bool,
    /// Whether it is the thanks or the greeting of a letter that asks nothing.
    pub(super) is_thanks: bool,
}

impl Request {
    /// Returns the request of a message that is one question.
    pub(super) fn whole(text: &str) -> Self {
        Self {
            asked: text.to_owned(),
            text: text.to_owned(),
            before: None,
            may_stand_alone: true,
            is_linked: false,
            is_part: false,
            is_thanks: false,
        }
    }

    /// Returns a part of a message that is read as `text`.
    pub(super) fn part(asked: &str, text: String) -> Self {
        Self {
            text,
            is_part: true,
            ..Self::whole(asked)
        }
    }
}

/// Returns whether a base form fits many subjects: 手続き, 申し込み.
pub(super) fn is_generic(base: &str) -> bool {
    words::has(&words::GENERIC, base)
}

/// Returns whether a word only asks for an answer: 教える, 分かる.
pub(super) fn asks_for_answer(word: &str) -> bool {
    words::has(&words::INFORMING, word) || words::has(&words::ANSWERING, word)
}

/// Returns whether a normalised question ends in a phrase that names a subject and asks nothing about it.
pub(super) fn names_subject(normalized: &str) -> bool {
    words::ends(&words::SUBJECT_ENDINGS, normalized.trim_end())
}

/// Reads a message. Of a single sentence only a preface is analyzed: otherwise its cost is that of one
/// scan over the text.
pub(super) fn read(
    text: &str,
    analyze: impl Fn(&str) -> Analysis,
    is_desk_name: impl Fn(&str) -> bool,
) -> Message {
    let text = unquoted(text);
    let text = text.as_ref();
    let pieces = sentences::cut(text);
    if pieces.len() < 2 {
        return read_sentence(text, analyze);
    }
    let pieces = pieces.into_iter();
    let mut sentences: Vec<Sentence<'_>> = pieces
        .map(|piece| roles::read(piece, &analyze, &is_desk_name))
        .collect();
    resolve_signature(&mut sentences);
    resolve_announcements(&mut sentences);
    resolve_carriers(&mut sentences);
    let is_frame = |s: &Sentence<'_>| match s.role {
        Role::Courtesy | Role::Subject => true,
        // An item of a form: 「1. 応募日　11月10日」.
        Role::Background => s.piece.kind == Kind::Item,
        _ => false,
    };
    let has_fillers = |s: &Sentence<'_>| without_fillers(s.piece.body).len() < s.piece.body.len();
    let subject = sentences.iter().find(|s| s.role == Role::Subject);
    let subject = subject.filter(|subject| !subject.topics.is_empty());
    let requests = requests(&sentences).into_iter();
    let mut requests: Vec<Request> = requests.map(|index| request(&sentences, index)).collect();
    if requests.is_empty() {
        requests.extend(thanks(&sentences));
    }
    Message {
        subject: subject.map(|subject| subject.piece.body.to_owned()),
        is_framed: sentences.iter().any(|s| is_frame(s) || has_fillers(s)),
        requests,
        sentences: sentences
            .iter()
            .map(|sentence| ReadSentence {
                text: sentence.piece.text.to_owned(),
                role: sentence.role,
            })
            .collect(),
    }
}

/// Removes the marks of a quotation from a message that quotes in every line, because then the
/// quotation asks: a member forwards a question.
fn unquoted(text: &str) -> Cow<'_, str> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    if text.is_empty() || !lines.all(|line| line.trim_start().starts_with(sentences::QUOTE)) {
        return Cow::Borrowed(text);
    }
    let bare = |line: &str| {
        let is_mark = |c: char| c.is_whitespace() || sentences::QUOTE.contains(&c);
        line.trim_start_matches(is_mark).to_owned()
    };
    let lines: Vec<String> = text.lines().map(bare).collect();
    Cow::Owned(lines.join("\n"))
}

/// Reads a message of one sentence, which may be dictated, 「えーと、あの、会費なんですけど」, or have a
/// preface, 「忙しいので手短に：退会方法は」.
fn read_sentence(text: &str, analyze: impl Fn(&str) -> Analysis) -> Message {
    let plain = without_fillers(text);
    let asked = without_preface(&plain, analyze);
    let is_framed = asked.len() < text.len() && !asked.is_empty();
    let request = is_framed.then(|| Request::part(text.trim(), asked.to_owned()));
    Message {
        sentences: Vec::new(),
        is_framed,
        requests: request.into_iter().collect(),
        subject: None,
    }
}

/// Removes the start of a sentence up to its last comma or colon before which each content word is one
/// of courtesy, of [`words::PREFACES`], or an adverb, or belongs to a phrase of
/// [`words::PREFACE_PHRASES`].
fn without_preface(text: &str, analyze: impl Fn(&str) -> Analysis) -> &str {
    let is_end = |c: char| matches!(c, '、' | '，' | '：');
    for (index, end) in text.rmatch_indices(is_end) {
        let main = text[index + end.len()..].trim_start();
        if text[..index].chars().nth(MAX_PREFACE_CHARS).is_some() {
            continue;
        }
        let is_long = |part: &str| part.chars().nth(MIN_PREFACE_CHARS - 1).is_some();
        if !is_long(main) || !is_long(&text[..index]) {
            continue;
        }
        let mut preface = text[..index].to_owned();
        for phrase in words::PREFACE_PHRASES.iter() {
            preface = preface.replace(phrase.as_str(), "");
        }
        let preface = analyze(&preface);
        let mut tokens = preface.tokens.iter().filter(|token| token.is_content);
        let is_bare = tokens.all(|token| {
            words::is_courtesy(&token.base)
                || words::has(&words::PREFACES, &token.base)
                || token.part_of_speech.starts_with("副詞")
        });
        if is_bare {
            return main;
        }
    }
    text
}

/// Removes the fillers of spoken language between commas.
fn without_fillers(text: &str) -> String {
    let clauses = text.split_inclusive(['、', '，', '。']);
    let mut plain = String::with_capacity(text.len());
    for clause in clauses {
        let mut rest = clause.trim_start();
        while let Some(filler) = words::FILLERS.iter().find(|f| rest.starts_with(f.as_str())) {
            let after = &rest[filler.len()..];
            let is_alone =
                after.is_empty() || after.starts_with(['、', '，', '。', ' ', '\u{3000}']);
            if !is_alone {
                break;
            }
            rest = after.trim_start_matches(['、', '，', '。', ' ', '\u{3000}']);
        }
        let is_whole = rest.len() == clause.trim_start().len();
        plain.push_str(if is_whole { clause } else { rest });
    }
    plain
}

/// Returns the thanks or the greeting of a letter that asks nothing.
fn thanks(sentences: &[Sentence<'_>]) -> Option<Request> {
    let is_thanks = |sentence: &&Sentence<'_>| words::occurs(&words::THANKS, sentence.piece.body);
    let is_courtesy = |sentence: &&Sentence<'_>| sentence.role == Role::Courtesy;
    // An introduction, 「森製菓の森と申します」, asks nothing either.
    let is_frame =
        |s: &Sentence<'_>| is_courtesy(&s) || words::occurs(&words::INTRODUCTIONS, s.piece.body);
    let thanks = sentences.iter().rev().find(is_thanks);
    let greeting = || {
        sentences
            .iter()
            .find(is_courtesy)
            .filter(|_| sentences.iter().all(is_frame))
    };
    let body = thanks.or_else(greeting)?.piece.body;
    let mut request = Request::part(body, body.to_owned());
    request.is_thanks = true;
    Some(request)
}

/// Marks the sentences below the last horizontal rule as courtesy, since they are the signature of a
/// letter, unless one of them asks. A name alone looks like a wish.
fn resolve_signature(sentences: &mut [Sentence<'_>]) {
    let rules = sentences.last().map_or(0, |last| last.piece.rules);
    let is_above = |sentence: &Sentence<'_>| sentence.piece.rules < rules;
    let above = sentences.iter().filter(|s| is_above(s)).count();
    let asks = |s: &Sentence<'_>| s.role == Role::Request;
    let below = &mut sentences[above..];
    if above > 0 && !below.iter().any(asks) {
        for sentence in below {
            sentence.role = Role::Courtesy;
        }
    }
}

/// Makes background of a sentence that only announces the request after it: 「会費についてお伺いします。
/// いくらですか」.
fn resolve_announcements(sentences: &mut [Sentence<'_>]) {
    for index in 1..sentences.len() {
        let next = &sentences[index];
        let is_next_request = next.role == Role::Request && !next.piece.is_additional;
        let sentence = &mut sentences[index - 1];
        if is_next_request && sentence.role == Role::Request && sentence.announces {
            sentence.role = Role::Background;
        }
    }
}

/// Makes a request of the sentence that a carrier refers to: 「登録できません。どうすればいいですか」.
fn resolve_carriers(sentences: &mut [Sentence<'_>]) {
    for index in 1..sentences.len() {
        let is_carrier = sentences[index].role == Role::Carrier;
        let before = &mut sentences[index - 1];
        let is_difficulty = before.role == Role::Background && before.has_difficulty;
        if is_carrier && (is_difficulty || before.role == Role::Wish) {
            before.role = Role::Request;
        }
    }
}

/// Returns the positions of the sentences that ask, in order.
fn requests(sentences: &[Sentence<'_>]) -> Vec<usize> {
    let has_role = |index: usize, role| sentences.get(index).is_some_and(|s| s.role == role);
    let is_additional = |index: usize| {
        let next = sentences.get(index);
        next.is_some_and(|s| s.piece.is_additional && matches!(s.role, Role::Request | Role::Wish))
    };
    let all = || 0..sentences.len();
    if !all().any(|index| has_role(index, Role::Request)) {
        return all().filter(|index| has_role(*index, Role::Wish)).collect();
    }
    // A wish counts if a connective or 「も」 joins it to another request.
    let is_linked_wish = |index: usize| {
        let is_additional_itself = sentences[index].piece.is_additional;
        has_role(index, Role::Wish)
            && (is_additional_itself
                || is_additional(index + 1)
                || adds(sentences, index)
                || adds(sentences, index + 1))
    };
    all()
        .filter(|index| has_role(*index, Role::Request) || is_linked_wish(*index))
        .collect()
}

/// Returns whether 「も」 joins a sentence to the one before it, and one of them is a wish and the other
/// a request: 「返金はありますか。変更もしたいです」, 「登録したいです。料金も教えてください」.
fn adds(sentences: &[Sentence<'_>], index: usize) -> bool {
    let before = index.checked_sub(1).map(|before| &sentences[before]);
    let Some((before, sentence)) = before.zip(sentences.get(index)) else {
        return false;
    };
    let roles = (before.role, sentence.role);
    sentence.adds
        && matches!(
            roles,
            (Role::Request, Role::Wish) | (Role::Wish, Role::Request)
        )
}

fn request(sentences: &[Sentence<'_>], index: usize) -> Request {
    let sentence = &sentences[index];
    let is_thin = sentence
        .topics
        .iter()
        .all(|topic| words::has(&words::GENERIC, topic));
    // A demonstrative in a long sentence refers to the sentence itself.
    let points_back = sentence.points_back && sentence.topics.len() <= 3;
    let before = sentences[..index]
        .iter()
        .rev()
        .find(|sentence| matches!(sentence.role, Role::Background | Role::Wish | Role::Request));
    let before = before.filter(|_| is_thin || points_back);
    let text = without_fillers(sentence.core);
    Request {
        before: before.map(|before| {
            // A demonstrative may refer to any part of the sentence.
            without_fillers(if points_back {
                before.core
            } else {
                before.main
            })
        }),
        may_stand_alone: !points_back,
        is_linked: sentence.piece.is_additional || adds(sentences, index),
        ..Request::part(sentence.piece.body, text)
    }
}
