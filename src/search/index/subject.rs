//! What a question can be about, and the phrases that lead to it.

use std::collections::HashMap;

use crate::knowledge::{DeskId, KnowledgeBase, Variant};

/// Something that a question can be about, as a position in the knowledge base's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// An entry.
    Entry(usize),
    /// A subject that goes to a desk.
    Referral(usize),
    /// A greeting or the like.
    SmallTalk(usize),
    /// A request for a person.
    HandOff(usize),
    /// Nobody's business here.
    OutOfScope(usize),
}

/// A subject with the texts that are indexed for it.
#[derive(Debug)]
pub(in crate::search) struct Document<'a> {
    /// The subject.
    pub(in crate::search) subject: Subject,
    /// Question and variants, each a way to ask.
    pub(in crate::search) phrases: Vec<&'a str>,
    /// Further text that speaks about it: heading and answer.
    pub(in crate::search) text: String,
}

/// Lists every subject of a knowledge base; the order is the order in the index.
pub(in crate::search) fn documents(knowledge: &KnowledgeBase) -> Vec<Document<'_>> {
    let entries = knowledge.entries.iter().enumerate();
    let entries = entries.map(|(index, entry)| {
        let mut phrases = vec![entry.question.as_str()];
        phrases.extend(texts(&entry.variants));
        Document {
            subject: Subject::Entry(index),
            phrases,
            text: format!("{}\n{}", entry.question, entry.answer.text),
        }
    });
    let referrals = knowledge.referrals.iter().enumerate();
    let referrals = referrals.map(|(index, referral)| {
        let mut phrases = vec![referral.topic.as_str()];
        phrases.extend(texts(&referral.variants));
        without_text(Subject::Referral(index), phrases)
    });
    let small_talk = knowledge.small_talk.iter().enumerate();
    let small_talk = small_talk
        .map(|(index, talk)| without_text(Subject::SmallTalk(index), texts(&talk.variants)));
    let hand_offs = knowledge.hand_offs.iter().enumerate();
    let hand_offs = hand_offs
        .map(|(index, hand_off)| without_text(Subject::HandOff(index), texts(&hand_off.variants)));
    let out_of_scope = knowledge.out_of_scope.iter().enumerate();
    let out_of_scope = out_of_scope
        .map(|(index, topic)| without_text(Subject::OutOfScope(index), texts(&topic.variants)));
    entries
        .chain(referrals)
        .chain(small_talk)
        .chain(hand_offs)
        .chain(out_of_scope)
        .collect()
}

fn texts(variants: &[Variant]) -> Vec<&str> {
    let texts = variants.iter().flat_map(|variant| &variant.texts);
    texts.map(String::as_str).collect()
}

fn without_text(subject: Subject, phrases: Vec<&str>) -> Document<'_> {
    Document {
        subject,
        phrases,
        text: String::new(),
    }
}

/// Maps every subject that a desk looks after to its desk.
pub(in crate::search) fn desks(knowledge: &KnowledgeBase) -> HashMap<Subject, DeskId> {
    let entries = knowledge.entries.iter().enumerate();
    let entries = entries.map(|(index, entry)| (Subject::Entry(index), entry.desk.clone()));
    let referrals = knowledge.referrals.iter().enumerate();
    let referrals =
        referrals.map(|(index, referral)| (Subject::Referral(index), referral.desk.clone()));
    entries.chain(referrals).collect()
}
