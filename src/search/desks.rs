//! The desks of a question: which desk is responsible for a subject, and which desks a text names.

use std::collections::{HashMap, HashSet};

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
    all_names: HashSet<String>,
}

impl Desks {
    pub(super) fn new(knowledge: &KnowledgeBase, analyzer: &Analyzer) -> Self {
        let names = knowledge.desks.iter().map(|desk| {
            let words = desk.words.iter();
            let tokens = words.flat_map(|word| analyzer.analyze(word).tokens);
            let content = tokens.filter(|token| token.is_content);
            (desk.id.clone(), content.map(|token| token.base).collect())
        });
        let names: Vec<(DeskId, Vec<String>)> = names.collect();
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

    /// Returns whether a word is a name of any desk.
    pub(super) fn is_name(&self, word: &str) -> bool {
        self.all_names.contains(word)
    }
}
