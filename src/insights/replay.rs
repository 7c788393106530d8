//! Asks recorded questions again, of other knowledge, and compares the answers with the recorded ones.
//!
//! Only questions that begin a conversation are asked, since others depend on what was said before, and
//! only those whose text is whole. Of a text that was asked several times, the last answer counts.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::thread;

use jiff::Timestamp;
use serde::Serialize;

use crate::answer::{Answer, Assistant, Conversation, Outcome, Question};
use crate::knowledge::{Language, folded};
use crate::records::{Kind, Recorded};

/// The sign of masked text.
const MASK: &str = "***";

/// What a member was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Given {
    /// The outcome.
    pub outcome: String,
    /// The entry of the answer.
    pub entry: Option<String>,
    /// The desk of an escalation.
    pub desk: Option<String>,
}

/// A recorded question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// The text.
    pub text: String,
    /// The number of times that it was asked.
    pub count: usize,
    /// The recorded answer.
    pub before: Given,
    #[serde(skip)]
    desk: Option<String>,
    #[serde(skip)]
    language: Language,
}

/// How the answer to a question changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Had an answer or a list, and has neither now.
    Lost,
    /// Is answered with another entry, or led to another desk.
    Moved,
    /// Had an answer, and has a list now.
    Weaker,
    /// Had no answer, and has one now.
    Answered,
    /// Had neither answer nor list, and has a list now.
    Suggested,
}

/// A question whose answer changes.
#[derive(Debug, Clone, Serialize)]
pub struct Changed {
    /// How.
    pub change: Change,
    /// The question with its recorded answer.
    #[serde(flatten)]
    pub asked: Asked,
    /// The new answer.
    pub after: Given,
}

/// The result of a replay.
#[derive(Debug, Clone, Serialize)]
pub struct Replay {
    /// The number of different questions that were asked again.
    pub questions: usize,
    /// The number of times that they were asked.
    pub times: usize,
    /// The number of recorded texts that were not asked: in the course of a conversation, masked, or
    /// about a danger.
    pub skipped: usize,
    /// The questions whose answer changes, by change, the most frequent first.
    pub changed: Vec<Changed>,
}

impl Replay {
    /// Returns whether members would lose an answer or get another one.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        self.worse_count() > 0
    }

    /// Returns the number of questions whose answer would be lost or another one.
    #[must_use]
    pub fn worse_count(&self) -> usize {
        let changes = self.changed.iter().map(|changed| changed.change);
        changes
            .filter(|change| matches!(change, Change::Lost | Change::Moved))
            .count()
    }
}

/// Chooses the questions that can be asked again, and counts the others.
#[must_use]
pub fn replayable(turns: &[Recorded]) -> (Vec<Asked>, usize) {
    let mut begun = BTreeSet::new();
    let mut found: BTreeMap<(String, Option<&str>), Asked> = BTreeMap::new();
    let mut skipped = 0;
    for turn in turns {
        let is_first = begun.insert((&turn.channel, &turn.conversation));
        if turn.kind != Kind::Asked {
            continue;
        }
        let text = turn.text.as_deref().filter(|text| !text.contains(MASK));
        let Some(text) = text.filter(|_| is_first && turn.also.is_empty()) else {
            skipped += 1;
            continue;
        };
        let key = (folded(text), turn.asked_desk.as_deref());
        let is_escalated = turn.outcome == "escalated";
        let before = Given {
            outcome: turn.outcome.clone(),
            entry: turn.entry.clone(),
            desk: turn.desk.clone().filter(|_| is_escalated),
        };
        let asked = found.entry(key).or_insert_with(|| Asked {
            text: text.to_owned(),
            count: 0,
            before: before.clone(),
            desk: turn.asked_desk.clone(),
            language: Language::from_tag(&turn.language).unwrap_or_default(),
        });
        asked.count += 1;
        asked.before = before;
    }
    (found.into_values().collect(), skipped)
}

/// Replaces the recorded answers by those that an assistant gives now, so that a replay shows the
/// difference between two states of the knowledge.
#[must_use]
pub fn as_answered_by(assistant: &Assistant, questions: Vec<Asked>, now: Timestamp) -> Vec<Asked> {
    let questions = questions.into_iter().map(|asked| {
        let before = answer(assistant, &asked, now);
        Asked { before, ..asked }
    });
    questions.collect()
}

/// Asks the questions, on all processors; `progress` gets the number of questions that are done.
#[must_use]
pub fn replay(
    assistant: &Assistant,
    questions: &[Asked],
    skipped: usize,
    now: Timestamp,
    progress: impl Fn(usize) + Sync,
) -> Replay {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    replay_on(threads, assistant, questions, skipped, now, progress)
}

/// As [`replay`], on so many threads.
#[must_use]
pub fn replay_on(
    threads: usize,
    assistant: &Assistant,
    questions: &[Asked],
    skipped: usize,
    now: Timestamp,
    progress: impl Fn(usize) + Sync,
) -> Replay {
    let part = questions.len().div_ceil(threads.max(1)).max(1);
    let progress = &progress;
    let mut changed: Vec<Changed> = thread::scope(|scope| {
        let parts = questions.chunks(part).map(|questions| {
            scope.spawn(move || {
                let changed = questions.iter().filter_map(|asked| {
                    let changed = compare(assistant, asked, now);
                    progress(1);
                    changed
                });
                changed.collect::<Vec<_>>()
            })
        });
        let parts: Vec<_> = parts.collect();
        let results = parts.into_iter().map(|part| {
            part.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        results.flatten().collect()
    });
    changed.sort_by(|a, b| {
        let order = a
            .change
            .cmp(&b.change)
            .then(b.asked.count.cmp(&a.asked.count));
        order.then_with(|| a.asked.text.cmp(&b.asked.text))
    });
    Replay {
        questions: questions.len(),
        times: questions.iter().map(|asked| asked.count).sum(),
        skipped,
        changed,
    }
}

fn compare(assistant: &Assistant, asked: &Asked, now: Timestamp) -> Option<Changed> {
    let after = answer(assistant, asked, now);
    let change = change(&asked.before, &after)?;
    Some(Changed {
        change,
        asked: asked.clone(),
        after,
    })
}

fn answer(assistant: &Assistant, asked: &Asked, now: Timestamp) -> Given {
    let knowledge = assistant.knowledge();
    // A desk that no longer exists was chosen by nobody.
    let desk = asked.desk.as_deref().and_then(|id| knowledge.desk(id));
    let question = Question {
        text: &asked.text,
        desk: desk.map(|desk| &desk.id),
        language: asked.language,
    };
    let answer = assistant.answer_now(&question, Conversation::new(now), now);
    given(assistant, &answer)
}

fn given(assistant: &Assistant, answer: &Answer) -> Given {
    let entries = &assistant.knowledge().entries;
    let entry = answer.entry.and_then(|index| entries.get(index));
    let escalation = answer.escalation.as_ref();
    let escalation = escalation.filter(|_| answer.outcome == Outcome::Escalated);
    let desk = escalation.and_then(|escalation| escalation.desk.as_ref());
    Given {
        outcome: answer.outcome.label().to_owned(),
        entry: entry.map(|entry| entry.id.to_string()),
        desk: desk.map(ToString::to_string),
    }
}

fn change(before: &Given, after: &Given) -> Option<Change> {
    /// 2 for an answer, 1 for a list, 0 for neither.
    fn level(given: &Given) -> u8 {
        match given.outcome.as_str() {
            "answered" => 2,
            "suggested" => 1,
            _ => 0,
        }
    }
    match (level(before), level(after)) {
        (2, 2) => (before.entry != after.entry).then_some(Change::Moved),
        (1 | 2, 0) => Some(Change::Lost),
        (2, 1) => Some(Change::Weaker),
        (0 | 1, 2) => Some(Change::Answered),
        (0, 1) => Some(Change::Suggested),
        (0, 0) if before.outcome == after.outcome => {
            (before.desk != after.desk).then_some(Change::Moved)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(outcome: &str, entry: Option<&str>, desk: Option<&str>) -> Given {
        Given {
            outcome: outcome.to_owned(),
            entry: entry.map(str::to_owned),
            desk: desk.map(str::to_owned),
        }
    }

    #[test]
    fn each_change_has_its_name() {
        let answered = given("answered", Some("a"), None);
        let other = given("answered", Some("b"), None);
        let list = given("suggested", None, None);
        let desk = given("escalated", None, Some("x"));
        let elsewhere = given("escalated", None, Some("y"));
        for (before, after, expected) in [
            (&answered, &answered, None),
            (&answered, &other, Some(Change::Moved)),
            (&answered, &list, Some(Change::Weaker)),
            (&answered, &desk, Some(Change::Lost)),
            (&list, &desk, Some(Change::Lost)),
            (&list, &list, None),
            (&list, &answered, Some(Change::Answered)),
            (&desk, &answered, Some(Change::Answered)),
            (&desk, &list, Some(Change::Suggested)),
            (&desk, &elsewhere, Some(Change::Moved)),
            (&desk, &desk, None),
        ] {
            assert_eq!(change(before, after), expected, "{before:?} {after:?}");
        }
    }
}
