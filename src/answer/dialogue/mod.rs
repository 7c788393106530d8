//! The dialogue step: what a message does in its conversation, before anything is ranked.
//!
//! | file | recognises |
//! |---|---|
//! | `choice` | a choice from the list that was offered: 「2番」, 「真ん中」, 「はい」 |
//! | `social` | thanks, closing, acknowledgement; clauses that only organise the conversation |
//! | `contact` | a question when or how a desk can be reached |
//! | `failure` | an answer that was tried and failed |
//! | `wording` | the text to rank: a correction, the name of another desk |
//! | `words` | the words of all of them |
//!
//! `reply` answers an act.
//!
//! An [`Act`] needs no ranking. Every other message is a question; `context` weighs its ranking with
//! the conversation. A request for a person, a complaint, and most ways to thank are subjects of
//! `knowledge/small_talk.toml` and are ranked like entries.
//!
//! Invariant: only the conversation's ids and the message itself are read; nothing is stored.

mod choice;
mod contact;
mod failure;
mod reply;
mod social;
mod wording;
// One word to a line would make the lists unreadable.
#[rustfmt::skip]
pub(super) mod words;

use jiff::Timestamp;

use super::conversation::Conversation;
use super::{Assistant, Question};
use crate::knowledge::DeskId;
use crate::search::{Analysis, Token};

pub(super) use failure::{is_blocked, is_question, is_tried};
pub(super) use wording::Wording;

/// What a message does, if no ranking is needed to know it. Entries are given by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Picks an entry that was offered.
    Choose(usize),
    /// Picks several of the entries that were offered, so they are offered again.
    Narrow(Vec<usize>),
    /// Asks for the last answer again.
    Repeat(usize),
    /// Asks when or how a desk can be reached.
    AskContact,
    /// Small talk of the knowledge, by position.
    SmallTalk(usize),
    /// Closes the subject: 「上司と相談します」.
    Close,
    /// Reports that the answer did not help.
    NotHelped,
    /// A single sign or letter.
    Unreadable,
}

impl Act {
    /// Returns the name in JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Choose(_) => "choose",
            Self::Narrow(_) => "narrow",
            Self::Repeat(_) => "repeat",
            Self::AskContact => "ask_contact",
            Self::SmallTalk(_) => "small_talk",
            Self::Close => "close",
            Self::NotHelped => "not_helped",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A message in its conversation.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) assistant: &'a Assistant,
    pub(super) text: &'a str,
    pub(super) analysis: &'a Analysis,
    pub(super) conversation: &'a Conversation,
    pub(super) now: Timestamp,
}

impl<'a> Message<'a> {
    pub(super) fn new(
        assistant: &'a Assistant,
        question: &Question<'a>,
        analysis: &'a Analysis,
        conversation: &'a Conversation,
        now: Timestamp,
    ) -> Self {
        Self {
            assistant,
            text: question.text,
            analysis,
            conversation,
            now,
        }
    }

    /// Recognises the act; `None` for a question. The first rule that applies wins.
    pub(super) fn act(&self) -> Option<Act> {
        let is_live = self.conversation.is_live();
        if is_live && let Some(act) = self.choice() {
            return Some(act);
        }
        if self.is_single_letter() {
            return Some(Act::Unreadable);
        }
        if let Some(act) = self.social_act() {
            return Some(act);
        }
        if !is_live {
            return None;
        }
        if let Some(entry) = self
            .last_entry()
            .filter(|entry| self.asks_again() || self.confirms(*entry) || self.asks_step())
        {
            return Some(Act::Repeat(entry));
        }
        if let Some(act) = self.contact() {
            return Some(act);
        }
        self.is_failure().then_some(Act::NotHelped)
    }

    /// Returns the position of the entry shown last, if it is still shown.
    pub(super) fn last_entry(&self) -> Option<usize> {
        let id = self.conversation.last_entry.as_ref()?;
        let knowledge = &self.assistant.knowledge;
        let (position, _) = knowledge.shown(id, self.assistant.today(self.now))?;
        Some(position)
    }

    /// Returns whether the text is one kana or one Latin letter and no known small talk.
    fn is_single_letter(&self) -> bool {
        let mut letters = self.analysis.normalized.chars();
        let is_letter = |c: char| matches!(c, 'ぁ'..='ヺ' | 'ー' | 'a'..='z');
        letters.next().is_some_and(is_letter)
            && letters.next().is_none()
            && self.assistant.searcher.exact_subject(self.text).is_none()
    }

    /// Returns whether the member asks for the last answer again and for nothing else.
    fn asks_again(&self) -> bool {
        let text = joined(&self.analysis.normalized);
        words::AGAIN
            .iter()
            .any(|again| text.contains(&joined(again)))
            && self.content().all(|token| {
                let lists = [words::AGAIN, words::AGAIN_COMPANIONS, words::CHANNELS];
                lists.iter().any(|list| is_any(token, list))
            })
    }

    /// Returns whether the message asks about a part of the procedure that was just shown: 「どのボタンですか」.
    fn asks_step(&self) -> bool {
        let mut content = self.content().peekable();
        self.conversation.is_after_answer()
            && (is_question(self.analysis) || self.analysis.normalized.ends_with(words::RECALL))
            && content.peek().is_some()
            && content.all(|token| is_any(token, words::STEPS))
    }

    /// Returns the desk of a message that is only its name, or points to it: 「ジェトロの事務局のほうです」.
    fn desk_alone(&self, analysis: &Analysis) -> Option<&'a DeskId> {
        let searcher = &self.assistant.searcher;
        if words::SIDES
            .iter()
            .any(|side| analysis.normalized.contains(side))
        {
            return searcher.names_only_desk(analysis);
        }
        searcher.named_alone(analysis)
    }

    /// Returns whether the message points to the desk of an entry and says nothing else.
    fn confirms(&self, entry: usize) -> bool {
        let points = words::SIDES
            .iter()
            .any(|side| self.analysis.normalized.contains(side));
        let desk = &self.assistant.knowledge.entries[entry].desk;
        points && self.desk_alone(self.analysis) == Some(desk)
    }

    /// Iterates over the content words.
    pub(super) fn content(&self) -> impl Iterator<Item = &'a Token> {
        let analysis: &'a Analysis = self.analysis;
        analysis.tokens.iter().filter(|token| token.is_content)
    }
}

/// Returns whether a token's dictionary form or surface is in a list.
pub(super) fn is_any(token: &Token, list: &[&str]) -> bool {
    list.contains(&token.base.as_str()) || list.contains(&token.surface.as_str())
}

/// Returns a normalised text without spaces.
pub(super) fn joined(normalized: &str) -> String {
    normalized.split(' ').collect()
}
