//! The subjects of the knowledge with the texts that are indexed for them.
//!
//! Input: the knowledge. Output: one [`Document`] per subject.

use crate::knowledge::{KnowledgeBase, Variant};

/// The subject of a question, as a position in one of the knowledge base's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// An entry.
    Entry(usize),
    /// A subject without an entry, led to a desk.
    Referral(usize),
    /// Small talk, such as a greeting.
    SmallTalk(usize),
    /// A request for a person, a complaint, or the reply that an answer did not help.
    HandOff(usize),
    /// A subject that is out of scope for this organisation.
    OutOfScope(usize),
}

/// A subject with the texts that are indexed for it.
#[derive(Debug)]
pub(in crate::search) struct Document<'a> {
    /// The subject.
    pub(in crate::search) subject: Subject,
    /// The ways to ask: the question of an entry or the topic of a referral, then the variants.
    pub(in crate::search) phrases: Vec<&'a str>,
    /// An entry's question and answer; empty for other subjects.
    pub(in crate::search) text: String,
}

/// Lists the subjects of a knowledge base, in the order of the index; the shipped topics are not among
/// them.
pub(in crate::search) fn documents(knowledge: &KnowledgeBase) -> Vec<Document<'_>> {
    let entries = knowledge.entries.iter().enumerate().map(|(index, entry)| {
        let text = format!("{}\n{}", entry.question, entry.answer.text);
        let question = Some(&entry.question);
        Document::new(Subject::Entry(index), question, &entry.variants, text)
    });
    let referrals = knowledge.referrals.iter().enumerate();
    let referrals = referrals.map(|(index, referral)| {
        let subject = Subject::Referral(index);
        let topic = Some(&referral.topic);
        Document::new(subject, topic, &referral.variants, String::new())
    });
    entries
        .chain(referrals)
        .chain(topics(knowledge, false))
        .collect()
}

/// Lists the shipped topics of a knowledge base, which have an index of their own.
pub(in crate::search) fn default_documents(knowledge: &KnowledgeBase) -> Vec<Document<'_>> {
    topics(knowledge, true).collect()
}

/// Iterates over the topics that are shipped, or over those that are not.
fn topics(knowledge: &KnowledgeBase, is_default: bool) -> impl Iterator<Item = Document<'_>> {
    let topic = |subject, variants| Document::new(subject, None, variants, String::new());
    let small_talk = knowledge.small_talk.iter().enumerate();
    let small_talk = small_talk.filter(move |(_, talk)| talk.is_default == is_default);
    let small_talk =
        small_talk.map(move |(index, talk)| topic(Subject::SmallTalk(index), &talk.variants));
    let hand_offs = knowledge.hand_offs.iter().enumerate();
    let hand_offs = hand_offs.filter(move |(_, wish)| wish.is_default == is_default);
    let hand_offs =
        hand_offs.map(move |(index, wish)| topic(Subject::HandOff(index), &wish.variants));
    let out_of_scope = knowledge.out_of_scope.iter().enumerate();
    let out_of_scope = out_of_scope.filter(move |(_, other)| other.is_default == is_default);
    let out_of_scope =
        out_of_scope.map(move |(index, other)| topic(Subject::OutOfScope(index), &other.variants));
    small_talk.chain(hand_offs).chain(out_of_scope)
}

impl<'a> Document<'a> {
    fn new(
        subject: Subject,
        question: Option<&'a String>,
        variants: &'a [Variant],
        text: String,
    ) -> Self {
        Self {
            subject,
            phrases: phrases(question, variants).collect(),
            text,
        }
    }
}

/// Returns a phrase of a subject by its index in [`Document::phrases`].
pub(in crate::search) fn phrase(
    knowledge: &KnowledgeBase,
    subject: Subject,
    index: usize,
) -> Option<&str> {
    let (question, variants) = match subject {
        Subject::Entry(position) => {
            let entry = knowledge.entries.get(position)?;
            (Some(&entry.question), &entry.variants)
        }
        Subject::Referral(position) => {
            let referral = knowledge.referrals.get(position)?;
            (Some(&referral.topic), &referral.variants)
        }
        Subject::SmallTalk(position) => (None, &knowledge.small_talk.get(position)?.variants),
        Subject::HandOff(position) => (None, &knowledge.hand_offs.get(position)?.variants),
        Subject::OutOfScope(position) => (None, &knowledge.out_of_scope.get(position)?.variants),
    };
    phrases(question, variants).nth(index)
}

fn phrases<'a>(
    question: Option<&'a String>,
    variants: &'a [Variant],
) -> impl Iterator<Item = &'a str> {
    let texts = variants.iter().flat_map(|variant| &variant.texts);
    question.into_iter().chain(texts).map(String::as_str)
}
