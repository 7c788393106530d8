//! The entries that members found in the end, after another answer or a list.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::likeness::Wording;
use crate::knowledge::folded;
use crate::records::{Kind, Recorded};

/// A text that was not answered with the entry that the member then chose or found helpful.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Route {
    /// The text.
    #[serde(flatten)]
    pub wording: Wording,
    /// The entry that it was answered with first, if any.
    pub from: Option<String>,
    /// The entry that the member chose, or found helpful.
    pub to: String,
}

/// A question in progress in a conversation.
struct Open<'a> {
    text: &'a str,
    answered: Option<&'a str>,
    chosen: Option<&'a str>,
}

/// The texts, spellings, counts and conversations by text and entry.
type Found<'a> = BTreeMap<(String, &'a str), (&'a str, Option<&'a str>, usize, BTreeSet<&'a str>)>;

/// Finds the routes in turns that are in the order of time; the most frequent first.
#[must_use]
pub fn routes(turns: &[Recorded]) -> Vec<Route> {
    let mut open: BTreeMap<(&str, &str), Open<'_>> = BTreeMap::new();
    let mut found = Found::new();
    for turn in turns {
        let key = (turn.channel.as_str(), turn.conversation.as_str());
        let entry = turn.entry.as_deref();
        match turn.kind {
            Kind::Asked => {
                if let Some(before) = open.remove(&key) {
                    close(&mut found, before, key.1);
                }
                if let Some(text) = turn.text.as_deref().filter(|_| turn.also.is_empty()) {
                    let question = Open {
                        text,
                        answered: entry,
                        chosen: None,
                    };
                    open.insert(key, question);
                }
            }
            Kind::Chosen => {
                if let Some(question) = open.get_mut(&key) {
                    question.chosen = entry;
                }
            }
            Kind::Declined => drop(open.remove(&key)),
            Kind::Rated => {
                if let Some(question) = open.get_mut(&key) {
                    match turn.helpful {
                        Some(true) => question.chosen = entry,
                        // The choice was not right either.
                        _ => drop(question.chosen.take_if(|chosen| Some(*chosen) == entry)),
                    }
                }
            }
        }
    }
    for ((_, conversation), question) in open {
        close(&mut found, question, conversation);
    }
    let mut routes: Vec<Route> = found
        .into_iter()
        .map(|((_, to), (text, from, count, conversations))| Route {
            wording: Wording {
                text: text.to_owned(),
                count,
                conversations: conversations.len(),
            },
            from: from.map(str::to_owned),
            to: to.to_owned(),
        })
        .collect();
    routes.sort_by(|a, b| {
        let order = b.wording.count.cmp(&a.wording.count);
        order.then_with(|| a.wording.text.cmp(&b.wording.text))
    });
    routes
}

/// Counts a question whose member found another entry than that of the answer.
fn close<'a>(found: &mut Found<'a>, question: Open<'a>, conversation: &'a str) {
    let Some(to) = question.chosen.filter(|to| question.answered != Some(*to)) else {
        return;
    };
    let key = (folded(question.text), to);
    let (_, _, count, conversations) = found
        .entry(key)
        .or_insert_with(|| (question.text, question.answered, 0, BTreeSet::new()));
    *count += 1;
    conversations.insert(conversation);
}
