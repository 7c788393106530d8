//! The desks of a question: which desk is responsible for a subject, and which desks a text names.

use std::collections::HashMap;

use rustc_hash::FxHashSet;

use super::analysis::{Analysis, Analyzer};
use super::index::Subject;
use crate::knowledge::{Desk, DeskId, KnowledgeBase};

/// The desks of the knowledge.
pub(super) struct Desks {
    /// Position of the desk of each entry.
    of_entries: Vec<usize>,
    /// Position of the desk of each referral.
    of_referrals: Vec<usize>,
    /// The base forms of the content words in each desk's names.
    names: Vec<(DeskId, Vec<String>)>,
    /// The same of all desks.
    all_names: FxHashSet<String>,
    /// The same for its title and its programme, which may stand beside a name: 「ジェトロの事務局」.
    titles: Vec<(DeskId, Vec<String>)>,
}

impl Desks {
    pub(super) fn new(knowledge: &KnowledgeBase, analyzer: &Analyzer) -> Self {
        let content = |text: &str| -> Vec<String> {
            let tokens = analyzer.analyze(text).tokens.into_iter();
            let content = tokens.filter(|token| token.is_content);
            content.map(|token| token.base).collect()
        };
        let names = knowledge.desks.iter().map(|desk| {
            let words = desk.words.iter().flat_map(|word| content(word));
            (desk.id.clone(), words.collect())
        });
        let titles = knowledge.desks.iter().map(|desk| {
            let texts = [
                &desk.name.ja,
                &desk.name.en,
                &desk.programme.ja,
                &desk.programme.en,
            ];
            let words = texts.into_iter().flat_map(|text| content(text));
            (desk.id.clone(), words.collect())
        });
        let names: Vec<(DeskId, Vec<String>)> = names.collect();
        let titles = titles.collect();
        let desks = knowledge.desks.iter().enumerate();
        let desks = desks.map(|(position, Desk { id, .. })| (id, position));
        let desks: HashMap<&DeskId, usize> = desks.collect();
        let position = |desk: &DeskId| desks.get(desk).copied().unwrap_or(usize::MAX);
        let entries = knowledge.entries.iter();
        let referrals = knowledge.referrals.iter();
        Self {
            of_entries: entries.map(|entry| position(&entry.desk)).collect(),
            of_referrals: referrals.map(|referral| position(&referral.desk)).collect(),
            all_names: names.iter().flat_map(|(_, names)| names).cloned().collect(),
            names,
            titles,
        }
    }

    /// Returns the desk responsible for a subject.
    pub(super) fn of(&self, subject: Subject) -> Option<&DeskId> {
        let position = match subject {
            Subject::Entry(index) => self.of_entries.get(index),
            Subject::Referral(index) => self.of_referrals.get(index),
            _ => None,
        };
        let (desk, _) = self.names.get(*position?)?;
        Some(desk)
    }

    /// Returns the desks that a question names.
    pub(super) fn named_in(&self, question: &Analysis) -> Vec<&DeskId> {
        let mut tokens = question.tokens.iter();
        if !tokens.any(|token| self.is_name(&token.base)) {
            return Vec::new();
        }
        let is_named = |names: &[String]| {
            let mut tokens = question.tokens.iter();
            tokens.any(|token| names.contains(&token.base))
        };
        let desks = self.names.iter().filter(|(_, names)| is_named(names));
        desks.map(|(desk, _)| desk).collect()
    }

    /// Returns the desk of a question that consists of the desk's name alone.
    pub(super) fn named_alone(&self, question: &Analysis) -> Option<&DeskId> {
        let content = question.tokens.iter().filter(|token| token.is_content);
        let content: Vec<&str> = content.map(|token| token.base.as_str()).collect();
        let is_all = |names: &[String]| content.iter().all(|base| names.iter().any(|n| n == base));
        let mut desks = self.names.iter().filter(|(_, names)| is_all(names));
        let (desk, _) = desks.next().filter(|_| !content.is_empty())?;
        Some(desk)
    }

    /// As [`Desks::named_alone`], but words of the desk's title and programme may stand beside the
    /// name.
    pub(super) fn names_only(&self, question: &Analysis) -> Option<&DeskId> {
        let content = question.tokens.iter().filter(|token| token.is_content);
        let content: Vec<&str> = content.map(|token| token.base.as_str()).collect();
        let mut desks = self.names.iter().zip(&self.titles);
        let ((desk, _), _) = desks.find(|((_, names), (_, titles))| {
            let is_name = |base: &&str| names.iter().any(|name| name == base);
            // 支援 is a part of 活用支援プログラム.
            let is_title = |base: &&str| titles.iter().any(|title| title.contains(*base));
            content.iter().any(is_name)
                && content.iter().all(|base| is_name(base) || is_title(base))
        })?;
        Some(desk)
    }

    /// Returns whether a word is a name of any desk.
    pub(super) fn is_name(&self, word: &str) -> bool {
        self.all_names.contains(word)
    }
}
