//! How often each entry was used, and how it was rated.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::knowledge::KnowledgeBase;
use crate::records::{Count, Kind, Recorded};

/// Number of examples of what was asked before an entry that did not help.
const MAX_EXAMPLES: usize = 3;

/// The use of an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Use {
    /// Its id.
    pub id: String,
    /// Its question; empty if the entry no longer exists.
    pub question: String,
    /// Its desk.
    pub desk: String,
    /// The number of times that it was the answer.
    pub answered: u64,
    /// The number of times that it was chosen from a list.
    pub chosen: u64,
    /// The number of times that it helped.
    pub helpful: u64,
    /// The number of times that it did not help.
    pub not_helpful: u64,
    /// Questions whose members found it not helpful.
    pub examples: Vec<String>,
}

impl Use {
    /// Returns how often it was shown.
    #[must_use]
    pub fn shown(&self) -> u64 {
        self.answered + self.chosen
    }
}

/// Counts the uses of all entries, also of those that were never used or no longer exist.
pub(super) fn uses(knowledge: &KnowledgeBase, turns: &[&Recorded], counts: &[&Count]) -> Vec<Use> {
    let entries = knowledge.entries.iter().map(|entry| {
        let of_entry = Use {
            id: entry.id.to_string(),
            question: entry.question.clone(),
            desk: entry.desk.to_string(),
            ..Use::default()
        };
        (of_entry.id.clone(), of_entry)
    });
    let mut uses: BTreeMap<String, Use> = entries.collect();
    let mut add = |id: &str, kind: Kind, helpful: Option<bool>, count: u64| {
        let of_entry = uses.entry(id.to_owned()).or_insert_with(|| Use {
            id: id.to_owned(),
            ..Use::default()
        });
        match (kind, helpful) {
            (Kind::Rated, Some(true)) => of_entry.helpful += count,
            (Kind::Rated, _) => of_entry.not_helpful += count,
            (Kind::Chosen, _) => of_entry.chosen += count,
            (Kind::Asked | Kind::Declined, _) => of_entry.answered += count,
        }
    };
    for turn in turns {
        let also = turn.also.iter().filter_map(|also| also.entry.as_deref());
        for id in turn.entry.as_deref().into_iter().chain(also) {
            add(id, turn.kind, turn.helpful, 1);
        }
    }
    for count in counts.iter().filter(|count| !count.entry.is_empty()) {
        add(&count.entry, count.kind, count.helpful, count.count);
    }
    // What was asked before a rating that is not good.
    let mut asked: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for turn in turns {
        let key = (turn.channel.as_str(), turn.conversation.as_str());
        match (turn.kind, turn.text.as_deref(), turn.entry.as_deref()) {
            (Kind::Asked, Some(text), _) => drop(asked.insert(key, text)),
            (Kind::Rated, _, Some(id)) if turn.helpful == Some(false) => {
                let text = asked.get(&key).map(|text| (*text).to_owned());
                let examples = uses.get_mut(id).map(|of_entry| &mut of_entry.examples);
                if let (Some(text), Some(examples)) = (text, examples)
                    && examples.len() < MAX_EXAMPLES
                    && !examples.contains(&text)
                {
                    examples.push(text);
                }
            }
            _ => {}
        }
    }
    uses.into_values().collect()
}
