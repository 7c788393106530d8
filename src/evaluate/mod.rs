//! Runs question sets through the assistant and says how good it is.
//!
//! Definitions (all rates from 0 to 1):
//! - `hit@1`, `hit@3`: over answerable questions, a right entry is first, or among the first
//!   three, of the ranked entries;
//! - `answered right`: answerable, outcome `answered`, a right entry;
//! - `helped`: answered right, or `suggested` with a right entry among at most three;
//! - `wrongly answered`: outcome `answered` with a wrong entry, or for anything that has no
//!   entry, over *all* questions;
//! - `routed right`: `ESCALATE` questions that were `escalated` to that desk (`any`: to any).

mod calibrate;
mod gate;
mod question_set;
mod report;
mod rivals;

use std::time::{Duration, Instant};

use jiff::Timestamp;

pub use calibrate::{Calibrated, calibrate};
pub use gate::self_retrieval;
pub use question_set::{Case, Expected, SetError, read};
pub use report::{Figures, Report};
pub use rivals::{FEW_WAYS, Rival, Thin, rivals, thin_entries};

use crate::answer::{Answer, Assistant, Conversation, Outcome, Question};
use crate::knowledge::{Evidence, Language};

/// What came of one case.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// The case.
    pub case: Case,
    /// What the assistant said.
    pub answer: Answer,
    /// The place of the first right entry among the ranked entries, counted from 1.
    pub rank: Option<usize>,
    /// How long the answer took.
    pub latency: Duration,
    /// What the ranking went by.
    pub evidence: Evidence,
    /// How it is judged.
    pub verdict: Verdict,
}

/// How a case is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Answerable, and answered with a right entry.
    pub is_answered_right: bool,
    /// Answered right, or a right entry was offered.
    pub is_helped: bool,
    /// Answered with a wrong entry, or answered what has no answer.
    pub is_wrongly_answered: bool,
    /// To be escalated, and escalated to the right desk.
    pub is_routed_right: bool,
    /// All that could be asked for: helped, routed right, or rightly not answered.
    pub is_good: bool,
}

/// Runs cases, each in a conversation of its own.
#[must_use]
pub fn evaluate(assistant: &Assistant, cases: &[Case], now: Timestamp) -> Report {
    let results = cases.iter().map(|case| {
        let question = Question {
            text: &case.question,
            desk: None,
            language: Language::Japanese,
        };
        let start = Instant::now();
        let answer = assistant.answer_now(&question, Conversation::new(now), now);
        let latency = start.elapsed();
        let hits = assistant.rank_entries(&case.question, None, now);
        let rank = match &case.expected {
            Expected::Entries(ids) => {
                let entries = &assistant.knowledge().entries;
                let mut ranked = hits.iter().map(|(index, _)| &entries[*index].id);
                ranked
                    .position(|id| ids.contains(id))
                    .map(|place| place + 1)
            }
            _ => None,
        };
        let searcher = assistant.searcher();
        let ranking = searcher.rank_for_answer(&searcher.analyze(&case.question), None, None);
        CaseResult {
            evidence: ranking.evidence,
            verdict: judge(assistant, case, &answer),
            case: case.clone(),
            answer,
            rank,
            latency,
        }
    });
    Report::new(results.collect())
}

fn judge(assistant: &Assistant, case: &Case, answer: &Answer) -> Verdict {
    let entries = &assistant.knowledge().entries;
    let given = answer
        .entry
        .and_then(|index| entries.get(index))
        .map(|entry| &entry.id);
    let answered = answer.outcome == Outcome::Answered;
    let mut verdict = Verdict {
        is_answered_right: false,
        is_helped: false,
        is_wrongly_answered: answered,
        is_routed_right: false,
        is_good: false,
    };
    match &case.expected {
        Expected::Entries(ids) => {
            verdict.is_answered_right = answered && given.is_some_and(|id| ids.contains(id));
            verdict.is_wrongly_answered = answered && !verdict.is_answered_right;
            let mut offered = answer
                .suggestions
                .iter()
                .map(|(index, _)| &entries[*index].id);
            let is_offered =
                answer.outcome == Outcome::Suggested && offered.any(|id| ids.contains(id));
            verdict.is_helped = verdict.is_answered_right || is_offered;
            verdict.is_good = verdict.is_helped;
        }
        Expected::Escalate(desk) => {
            let led_to = answer
                .escalation
                .as_ref()
                .map(|escalation| &escalation.desk);
            verdict.is_routed_right = answer.outcome == Outcome::Escalated
                && match (desk, led_to) {
                    (None, Some(_)) => true,
                    (Some(desk), Some(led_to)) => led_to.as_ref() == Some(desk),
                    (_, None) => false,
                };
            verdict.is_good = verdict.is_routed_right;
        }
        Expected::OffTopic => verdict.is_good = answer.outcome == Outcome::Escalated,
        Expected::Chitchat => verdict.is_good = answer.outcome == Outcome::SmallTalk,
    }
    verdict
}
