//! Measures the quality of answers on question sets, and calibrates the ranking.
//!
//! Input: an assistant and messages with expected results. Output: a [`Report`] with rates, 0 to 1.
//! Over single questions:
//! - `hit@1`, `hit@3`: over answerable questions, a right entry is first, or among the first
//!   three, of the ranked entries;
//! - `answered right`: answerable, outcome `answered`, a right entry;
//! - `helped`: answered right, or `suggested` with a right entry among at most three;
//! - `wrongly answered`: outcome `answered` with an entry that is not a right one, over *all*
//!   questions;
//! - `routed right`: `ESCALATE` questions that were `escalated` to that desk (`any`: to any).
//!
//! Over turns of conversations, and over messages with several requests, see [`TurnFigures`] and
//! [`SeveralFigures`]. What is right for each [`Alternative`] is defined in `verdict`.

mod calibrate;
mod expected;
mod phrasing;
mod proposal;
mod question_set;
mod report;
mod rivals;
mod table;
mod taken;
mod verdict;

use std::time::{Duration, Instant};

use jiff::Timestamp;

pub use calibrate::{
    Calibrated, Counts, End, MIN_OWN_QUESTIONS, Organisation, Refit, fit_afresh, refit,
};
pub use expected::{Act, Alternative, Expected};
pub use phrasing::phrasings;
pub use proposal::{Proposal, choose, known_texts};
pub use question_set::{Case, SetError, Turn, read};
pub use report::{Figures, Report, SeveralFigures, TurnFigures};
pub use rivals::{MIN_VARIANTS, Rival, ThinlyCovered, by_need, rivals, thinly_covered};
pub use table::{Cell, Row, Table};
pub use taken::taken_entries;
pub use verdict::{Given, Verdict};

use crate::answer::{Answer, Assistant, Conversation, Question};
use crate::knowledge::{Evidence, Language};

/// The result of one case.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// The case.
    pub case: Case,
    /// The answer, with its trace.
    pub answer: Answer,
    /// What the answer gives, in the order of its parts.
    pub given: Vec<Given>,
    /// Rank of the first right entry among the entries, counted from 1.
    pub rank: Option<usize>,
    /// Time to compute the answer.
    pub latency: Duration,
    /// The scorers that contributed to the ranking.
    pub evidence: Evidence,
    /// The verdict.
    pub verdict: Verdict,
}

/// Runs cases. The turns of a conversation are asked one after another, each with the state that the
/// answer before it returned; every other case is asked in a conversation of its own.
pub async fn evaluate(assistant: &Assistant, cases: &[Case], now: Timestamp) -> Report {
    let mut results: Vec<CaseResult> = Vec::with_capacity(cases.len());
    for case in cases {
        let question = Question {
            text: &case.question,
            desk: None,
            language: Language::Japanese,
        };
        let is_later = case.turn.as_ref().is_some_and(|turn| turn.number > 1);
        let last = results.last().filter(|_| is_later);
        let before = last.map_or_else(
            || Conversation::new(now),
            |last| last.answer.conversation.clone(),
        );
        let start = Instant::now();
        let answer = assistant.answer(&question, before, now).await;
        let latency = start.elapsed();
        let ranking = answer.trace.as_ref().map(|trace| &trace.ranking);
        let rank = ranking.and_then(|ranking| {
            let entries = &assistant.knowledge().entries;
            let mut ranked = ranking.entries().map(|(index, _)| &entries[index].id);
            let position = ranked.position(|id| case.parts.iter().any(|part| part.is_entry(id)));
            position.map(|position| position + 1)
        });
        let given = verdict::given(assistant, &answer);
        results.push(CaseResult {
            evidence: ranking.map_or(Evidence::Words, |ranking| ranking.evidence),
            verdict: verdict::judge(case, &given),
            given,
            case: case.clone(),
            answer,
            rank,
            latency,
        });
    }
    Report::new(results)
}
