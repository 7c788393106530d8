//! Measures the quality of answers on question sets, and calibrates the ranking.
//!
//! Input: an assistant and questions with expected results. Output: a [`Report`] with these rates, 0
//! to 1:
//! - `hit@1`, `hit@3`: over answerable questions, a right entry is first, or among the first
//!   three, of the ranked entries;
//! - `answered right`: answerable, outcome `answered`, a right entry;
//! - `helped`: answered right, or `suggested` with a right entry among at most three;
//! - `wrongly answered`: outcome `answered` with an entry that is not a right one, over *all*
//!   questions;
//! - `routed right`: `ESCALATE` questions that were `escalated` to that desk (`any`: to any).

mod calibrate;
mod question_set;
mod report;
mod rivals;

use std::time::{Duration, Instant};

use jiff::Timestamp;

pub use calibrate::{Calibrated, calibrate};
pub use question_set::{Case, Expected, SetError, read};
pub use report::{Figures, Report};
pub use rivals::{MIN_VARIANTS, Rival, ThinlyCovered, rivals, thinly_covered};

use crate::answer::{Answer, Assistant, Conversation, Outcome, Question};
use crate::knowledge::{Evidence, Language};

/// The result of one case.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// The case.
    pub case: Case,
    /// The answer, with its trace.
    pub answer: Answer,
    /// Rank of the first right entry among the entries, counted from 1.
    pub rank: Option<usize>,
    /// Time to compute the answer.
    pub latency: Duration,
    /// The scorers that contributed to the ranking.
    pub evidence: Evidence,
    /// The verdict.
    pub verdict: Verdict,
}

/// The verdict on a case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Answerable, and answered with a right entry.
    pub is_answered_right: bool,
    /// Answered right, or a right entry was suggested.
    pub is_helped: bool,
    /// Answered with an entry that is not a right one.
    pub is_wrongly_answered: bool,
    /// Escalated to the expected desk.
    pub is_routed_right: bool,
    /// The best possible result: helped, routed right, or rightly not answered.
    pub is_good: bool,
}

/// Runs cases, each in a conversation of its own.
pub async fn evaluate(assistant: &Assistant, cases: &[Case], now: Timestamp) -> Report {
    let mut results = Vec::with_capacity(cases.len());
    for case in cases {
        let question = Question {
            text: &case.question,
            desk: None,
            language: Language::Japanese,
        };
        let start = Instant::now();
        let answer = assistant
            .answer(&question, Conversation::new(now), now)
            .await;
        let latency = start.elapsed();
        let ranking = answer.trace.as_ref().map(|trace| &trace.ranking);
        let rank = match (&case.expected, ranking) {
            (Expected::Entries(ids), Some(ranking)) => {
                let entries = &assistant.knowledge().entries;
                let mut ranked = ranking.entries().map(|(index, _)| &entries[index].id);
                let position = ranked.position(|id| ids.contains(id));
                position.map(|position| position + 1)
            }
            _ => None,
        };
        results.push(CaseResult {
            evidence: ranking.map_or(Evidence::Words, |ranking| ranking.evidence),
            verdict: judge(assistant, case, &answer),
            case: case.clone(),
            answer,
            rank,
            latency,
        });
    }
    Report::new(results)
}

fn judge(assistant: &Assistant, case: &Case, answer: &Answer) -> Verdict {
    let entries = &assistant.knowledge().entries;
    let given = answer.entry.and_then(|index| entries.get(index));
    let answered = answer.outcome == Outcome::Answered;
    let mut verdict = Verdict {
        is_wrongly_answered: answered,
        ..Verdict::default()
    };
    match &case.expected {
        Expected::Entries(ids) => {
            verdict.is_answered_right =
                answered && given.is_some_and(|entry| ids.contains(&entry.id));
            verdict.is_wrongly_answered = answered && !verdict.is_answered_right;
            let mut offered = answer.suggestions.iter();
            let is_offered = answer.outcome == Outcome::Suggested
                && offered.any(|(index, _)| ids.contains(&entries[*index].id));
            verdict.is_helped = verdict.is_answered_right || is_offered;
            verdict.is_good = verdict.is_helped;
        }
        Expected::Escalate(desk) => {
            let is_expected = answer
                .escalation
                .as_ref()
                .is_some_and(|escalation| desk.is_none() || escalation.desk == *desk);
            verdict.is_routed_right = answer.outcome == Outcome::Escalated && is_expected;
            verdict.is_good = verdict.is_routed_right;
        }
        Expected::OffTopic => verdict.is_good = answer.outcome == Outcome::Escalated,
        Expected::Chitchat => verdict.is_good = answer.outcome == Outcome::SmallTalk,
    }
    verdict
}
