//! Reads a message: which of its sentences ask, and which are courtesy or background.
//!
//! A letter has one request among greetings and background; a chat message may have several. Input:
//! the text of a message. Output: a [`Message`].
//!
//! | step | file |
//! |---|---|
//! | cut the text into sentences | `sentences` |
//! | find the role of each sentence | `roles` |
//! | find the requests | this file |
//! | propose how to split a request in two | `coordination` |
//! | the words by which all this is recognised | `words` |
//!
//! Invariant: nothing here depends on the knowledge, except for the names of desks.

mod coordination;
mod roles;
mod sentences;
mod words;

pub(super) use coordination::{Split, has_enumeration, splits};
pub use roles::Role;
use roles::Sentence;

use crate::search::Analysis;

/// A message, read.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// The sentences in order, with their roles. Empty for a single sentence.
    pub(super) sentences: Vec<ReadSentence>,
    /// The requests in the order asked; empty if the message is to be taken as a whole.
    pub(super) requests: Vec<Request>,
    /// Whether it has the form of a letter: courtesy or a subject line besides other sentences.
    pub(super) is_letter: bool,
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

/// Reads a message. A single sentence is not analyzed: its cost is that of one scan over the text.
pub(super) fn read(
    text: &str,
    analyze: impl Fn(&str) -> Analysis,
    is_desk_name: impl Fn(&str) -> bool,
) -> Message {
    let pieces = sentences::cut(text);
    if pieces.len() < 2 {
        return Message {
            sentences: Vec::new(),
            requests: Vec::new(),
            is_letter: false,
            subject: None,
        };
    }
    let sentences = pieces.into_iter();
    let mut sentences: Vec<Sentence<'_>> = sentences
        .map(|piece| roles::read(piece, &analyze, &is_desk_name))
        .collect();
    let carried = resolve_carriers(&mut sentences);
    let is_courtesy =
        |sentence: &Sentence<'_>| matches!(sentence.role, Role::Courtesy | Role::Subject);
    let subject = sentences
        .iter()
        .find(|sentence| sentence.role == Role::Subject);
    let subject = subject.filter(|sentence| !sentence.topics.is_empty());
    let requests = requests(&sentences);
    Message {
        subject: subject.map(|sentence| sentence.piece.body.to_owned()),
        is_letter: sentences.iter().any(is_courtesy),
        requests: requests
            .into_iter()
            .map(|index| request(&sentences, index, carried.contains(&index)))
            .collect(),
        sentences: sentences
            .iter()
            .map(|sentence| ReadSentence {
                text: sentence.piece.text.to_owned(),
                role: sentence.role,
            })
            .collect(),
    }
}

/// Makes a request of the sentence that a carrier refers to: 「登録できません。どうすればいいですか」.
/// Returns the positions of these sentences.
fn resolve_carriers(sentences: &mut [Sentence<'_>]) -> Vec<usize> {
    let mut carried = Vec::new();
    for index in 1..sentences.len() {
        if sentences[index].role != Role::Carrier {
            continue;
        }
        let before = &mut sentences[index - 1];
        let is_difficulty = before.role == Role::Background && before.has_difficulty;
        if is_difficulty || before.role == Role::Wish {
            before.role = Role::Request;
            carried.push(index - 1);
        }
    }
    carried
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
    // A wish counts if a connective joins it to another request.
    let is_linked_wish = |index: usize| {
        has_role(index, Role::Wish)
            && (sentences[index].piece.is_additional || is_additional(index + 1))
    };
    all()
        .filter(|index| has_role(*index, Role::Request) || is_linked_wish(*index))
        .collect()
}

fn request(sentences: &[Sentence<'_>], index: usize, is_carried: bool) -> Request {
    let sentence = &sentences[index];
    let is_thin = sentence.topics.iter().all(|topic| words::is_generic(topic));
    // A demonstrative in a long sentence refers to the sentence itself.
    let points_back = sentence.points_back && sentence.topics.len() <= 3;
    let before = sentences[..index]
        .iter()
        .rev()
        .find(|sentence| matches!(sentence.role, Role::Background | Role::Wish | Role::Request));
    let before = before.filter(|_| (is_thin || points_back) && !is_carried);
    Request {
        asked: sentence.piece.body.to_owned(),
        text: sentence.piece.body.to_owned(),
        before: before.map(|sentence| sentence.piece.body.to_owned()),
        may_stand_alone: !points_back,
        is_linked: sentence.piece.is_additional,
        is_part: true,
    }
}
