//! Decides on one of the outcomes from the chances of all subjects.
//!
//! The chances are calibrated (`search::Model`, fitted by `madoguchi calibrate`), so thresholds
//! are promises: an entry is given as the answer where its chance is at least `answered_from`,
//! which is fitted so that at most 5 in 100 answers are wrong (3 by meaning); entries are offered to choose from
//! where together they have at least `suggested_from`. Both are data (`calibration.toml`).

use crate::knowledge::{Fitted, HandOff, HandOffReason};
use crate::search::{Ranking, Subject};

/// Most entries that are offered to choose from.
pub const MAX_SUGGESTIONS: usize = 3;

/// An entry with less than this share of the best entry's chance is not worth offering.
const SUGGESTION_SHARE: f32 = 0.04;

/// What to do with a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Give an entry's answer.
    Answer(usize),
    /// Offer entries to choose from.
    Suggest(Vec<usize>),
    /// Reply to small talk.
    SmallTalk(usize),
    /// Lead to a person, for a reason the member gave.
    HandOff(HandOffReason),
    /// Lead to the desk that a referral names.
    Refer(usize),
    /// Nobody's business here.
    OutOfScope,
    /// No answer.
    NotFound,
}

/// The chances by what they speak for, and the decision.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// What to do.
    pub decision: Decision,
    /// How sure, from 0 to 1: the chance of what was decided for.
    pub confidence: f32,
    /// The chance that some entry answers.
    pub entries: f32,
    /// The chance that it is a subject of a desk which the documents do not answer.
    pub referrals: f32,
    /// The chance that a person is wanted.
    pub hand_offs: f32,
    /// The chance of small talk.
    pub small_talk: f32,
    /// The chance that it is nobody's business here, or that the knowledge has nothing on it.
    pub elsewhere: f32,
}

/// Decides; `persons` are the knowledge's hand-offs.
#[must_use]
pub fn judge(ranking: &Ranking, persons: &[HandOff], fitted: &Fitted) -> Judgement {
    let mass = |of: fn(Subject) -> bool| -> f32 {
        let subjects = ranking.subjects.iter();
        let of_kind = subjects.filter(|ranked| of(ranked.candidate.subject));
        of_kind.map(|ranked| ranked.probability).sum()
    };
    let entries = mass(|subject| matches!(subject, Subject::Entry(_)));
    let referrals = mass(|subject| matches!(subject, Subject::Referral(_)));
    let hand_offs = mass(|subject| matches!(subject, Subject::HandOff(_)));
    let small_talk = mass(|subject| matches!(subject, Subject::SmallTalk(_)));
    let out_of_scope = mass(|subject| matches!(subject, Subject::OutOfScope(_)));
    let elsewhere = out_of_scope + ranking.nothing;
    let (decision, confidence) = decide(
        ranking,
        persons,
        fitted,
        &[entries, referrals, hand_offs, small_talk, out_of_scope],
    );
    Judgement {
        decision,
        confidence: confidence.clamp(0.0, 1.0),
        entries,
        referrals,
        hand_offs,
        small_talk,
        elsewhere,
    }
}

fn decide(
    ranking: &Ranking,
    persons: &[HandOff],
    fitted: &Fitted,
    masses: &[f32; 5],
) -> (Decision, f32) {
    let [entries, referrals, hand_offs, small_talk, out_of_scope] = *masses;
    let likely = likely_entries(ranking);
    if let Some((entry, probability)) = likely.first()
        && *probability >= fitted.answered_from
    {
        return (Decision::Answer(*entry), *probability);
    }
    let first = |of: fn(Subject) -> Option<usize>| {
        let mut subjects = ranking.subjects.iter();
        subjects.find_map(|ranked| of(ranked.candidate.subject))
    };
    if entries >= fitted.suggested_from && !likely.is_empty() {
        let offered = likely.into_iter().take(MAX_SUGGESTIONS);
        let offered = offered.map(|(entry, _)| entry).collect();
        return (Decision::Suggest(offered), entries);
    }
    let elsewhere = out_of_scope + ranking.nothing;
    // What remains goes to what is likeliest; for equals, the more helpful comes first.
    let mut best = (Decision::NotFound, ranking.nothing.max(elsewhere));
    if out_of_scope > ranking.nothing {
        best = (Decision::OutOfScope, elsewhere);
    }
    if small_talk >= best.1
        && let Some(index) = first(|subject| match subject {
            Subject::SmallTalk(index) => Some(index),
            _ => None,
        })
    {
        best = (Decision::SmallTalk(index), small_talk);
    }
    if referrals >= best.1
        && let Some(index) = first(|subject| match subject {
            Subject::Referral(index) => Some(index),
            _ => None,
        })
    {
        best = (Decision::Refer(index), referrals);
    }
    if hand_offs >= best.1
        && let Some(index) = first(|subject| match subject {
            Subject::HandOff(index) => Some(index),
            _ => None,
        })
        && let Some(hand_off) = persons.get(index)
    {
        best = (Decision::HandOff(hand_off.reason), hand_offs);
    }
    best
}

/// Lists the entries worth offering with their chances, the likeliest first.
pub(super) fn likely_entries(ranking: &Ranking) -> Vec<(usize, f32)> {
    let mut likely: Vec<(usize, f32)> = Vec::new();
    for ranked in &ranking.subjects {
        if let Subject::Entry(index) = ranked.candidate.subject {
            let best = likely.first().map_or(0.0, |(_, best)| *best);
            if ranked.probability >= best * SUGGESTION_SHARE {
                likely.push((index, ranked.probability));
            }
        }
    }
    likely
}
