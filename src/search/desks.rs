//! The desks of a question: which desk is responsible for a subject, and which desks a text names.

use std::collections::HashMap;

use super::analysis::{Analysis, Analyzer};
use super::index::{self, Subject};
use crate::knowledge::{DeskId, KnowledgeBase};

/// The desks of the knowledge.
pub(super) struct Desks {
    of_subject: HashMap<Subject, DeskId>,
    /// The base forms of the content words in each desk's names.
    names: Vec<(DeskId, Vec<String>)>,
}

impl Desks {
    pub(super) fn new(knowledge: &KnowledgeBase, analyzer: &Analyzer) -> Self {
        let names = knowledge.desks.iter().map(|desk| {
            let words = desk.words.iter();
            let tokens = words.flat_map(|word| analyzer.analyze(word).tokens);
            let content = tokens.filter(|token| token.is_content);
            (desk.id.clone(), content.map(|token| token.base).collect())
        });
        Self {
            of_subject: index::desks(knowledge),
            names: names.collect(),
        }
    }

    /// Returns the desk responsible for a subject.
    pub(super) fn of(&self, subject: Subject) -> Option<&DeskId> {
        self.of_subject.get(&subject)
    }

    /// Returns the desks that a question names.
    pub(super) fn named_in(&self, question: &Analysis) -> Vec<&DeskId> {
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
        let mut names = self.names.iter().flat_map(|(_, names)| names);
        names.any(|name| name == word)
    }
}
