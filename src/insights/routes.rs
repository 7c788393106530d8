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
    /// Whether the answer was rated as not helpful.
    has_failed: bool,
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
                        has_failed: false,
                        chosen: None,
                    };
                    open.insert(key, question);
                }
            }
            Kind::Chosen => {
                // After an answer, a related entry may be read out of curiosity.
                let question = open.get_mut(&key);
                let question = question.filter(|it| it.answered.is_none() || it.has_failed);
                if let Some(question) = question {
                    question.chosen = entry;
                }
            }
            Kind::Declined => drop(open.remove(&key)),
            Kind::Rated => {
                if let Some(question) = open.get_mut(&key) {
                    match turn.helpful {
                        Some(true) => question.chosen = entry,
                        _ => {
                            question.has_failed = true;
                            // The choice was not right either.
                            question.chosen.take_if(|chosen| Some(*chosen) == entry);
                        }
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
                conversations: conversations.into_iter().map(str::to_owned).collect(),
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn turn(kind: Kind, conversation: &str, text: Option<&str>, entry: Option<&str>) -> Recorded {
        Recorded {
            at: Timestamp::UNIX_EPOCH,
            day: "1970-01-01".to_owned(),
            kind,
            channel: "web".to_owned(),
            language: "ja".to_owned(),
            asked_desk: None,
            conversation: conversation.to_owned(),
            text: text.map(str::to_owned),
            outcome: "answered".to_owned(),
            reason: None,
            entry: entry.map(str::to_owned),
            referral: None,
            desk: None,
            is_open: None,
            confidence: 0.9,
            suggestions: Vec::new(),
            helpful: None,
            also: Vec::new(),
        }
    }

    fn rated(conversation: &str, entry: &str, helpful: bool) -> Recorded {
        Recorded {
            helpful: Some(helpful),
            ..turn(Kind::Rated, conversation, None, Some(entry))
        }
    }

    fn found(turns: &[Recorded]) -> Vec<(String, usize)> {
        let routes = routes(turns).into_iter();
        routes
            .map(|route| (route.to, route.wording.count))
            .collect()
    }

    #[test]
    fn a_route_ends_at_the_entry_that_was_chosen_or_helped() {
        let asked =
            |conversation: &str, entry| turn(Kind::Asked, conversation, Some("品物"), entry);
        let chosen =
            |conversation: &str, entry| turn(Kind::Chosen, conversation, None, Some(entry));
        let b = vec![("b".to_owned(), 1)];
        // Chosen from a list.
        assert_eq!(found(&[asked("1", None), chosen("1", "b")]), b);
        // Chosen after an answer that did not help.
        let turns = [
            asked("1", Some("a")),
            rated("1", "a", false),
            chosen("1", "b"),
        ];
        assert_eq!(found(&turns), b);
        // A related entry, read after an answer, is no route unless it helped.
        let turns = [asked("1", Some("a")), chosen("1", "b")];
        assert_eq!(found(&turns), []);
        let turns = [
            asked("1", Some("a")),
            chosen("1", "b"),
            rated("1", "b", true),
        ];
        assert_eq!(found(&turns), b);
        // A choice that did not help, and an answer that did.
        let turns = [asked("1", None), chosen("1", "b"), rated("1", "b", false)];
        assert_eq!(found(&turns), []);
        assert_eq!(found(&[asked("1", Some("a")), rated("1", "a", true)]), []);
        // Two conversations are counted together, and not mixed.
        let turns = [
            asked("1", None),
            asked("2", None),
            chosen("1", "b"),
            chosen("2", "b"),
        ];
        assert_eq!(found(&turns), [("b".to_owned(), 2)]);
    }
}
