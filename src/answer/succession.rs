//! Entries that replace each other: a change that was prepared.
//!
//! Input: the knowledge. Output: for each entry with dates, the entries that share a question or a
//! variant with it. On no day two of them are valid (`knowledge/same_texts` reports it otherwise), so
//! what leads to one of them leads to the one that is valid on the day.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;

use crate::knowledge::{Entry, KnowledgeBase, folded};
use crate::search::{Ranking, Searcher, Subject};

/// The entries that replace each other, by position.
#[derive(Debug, Default)]
pub(super) struct Succession(HashMap<usize, BTreeSet<usize>>);

impl Succession {
    /// Finds the entries that share a text among those with dates, given by position.
    pub(super) fn new(knowledge: &KnowledgeBase, dated: &[usize]) -> Self {
        let mut owners: HashMap<String, BTreeSet<usize>> = HashMap::new();
        for position in dated {
            for text in texts(&knowledge.entries[*position]) {
                owners.entry(folded(text)).or_default().insert(*position);
            }
        }
        let mut succession = Self::default();
        for sharing in owners.values().filter(|sharing| sharing.len() > 1) {
            for position in sharing {
                let others = sharing.iter().filter(|other| *other != position);
                succession.0.entry(*position).or_default().extend(others);
            }
        }
        succession
    }

    /// Gives the probability of each entry that is not valid on a day to the one that replaces it. If
    /// several do, since an entry was split, it is the one with the phrase that the question is most like.
    pub(super) fn apply(
        &self,
        ranking: &mut Ranking,
        searcher: &Searcher,
        knowledge: &KnowledgeBase,
        day: Date,
    ) {
        let is_valid = |position: &usize| knowledge.entries[*position].is_valid_on(day);
        for (position, others) in self.0.iter().filter(|(position, _)| !is_valid(position)) {
            let from = Subject::Entry(*position);
            let valid: Vec<usize> = others.iter().copied().filter(is_valid).collect();
            let taker = match valid.as_slice() {
                [] => None,
                [only] => Some(*only),
                several => {
                    let phrase = ranking.best_phrase(from);
                    let phrase = phrase.and_then(|number| searcher.phrase(number));
                    phrase.map(folded).and_then(|asked| {
                        let has = |entry: &&usize| {
                            let mut texts = texts(&knowledge.entries[**entry]);
                            texts.any(|text| folded(text) == asked)
                        };
                        several.iter().find(has).copied()
                    })
                }
            };
            if let Some(taker) = taker {
                ranking.give(from, Subject::Entry(taker));
            }
        }
    }
}

fn texts(entry: &Entry) -> impl Iterator<Item = &String> {
    let variants = entry.variants.iter().flat_map(|variant| &variant.texts);
    std::iter::once(&entry.question).chain(variants)
}
