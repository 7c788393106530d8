//! Rules on questions for a kind of value: 「何社」, 「いくら」, 「何時から」.
//!
//! Input: an understood question. Output: the ranking or the decision that the value requires, instead of the one
//! by probability.

use super::Assistant;
use super::facet::{AskedValue, asks_for_hours, states_hours};
use super::judgement::Decision;
use super::understanding::Understanding;
use crate::knowledge::HandOffReason;
use crate::search::{Analysis, Ranking, Subject};

/// Word of a question for the hours of the desk, even if an entry states some.
const TELEPHONE: &str = "電話";

impl Assistant {
    /// Removes the shipped topics from the ranking of a question for hours.
    ///
    /// A topic about something else always gives way: 「今日やってる？」 is no question about the date. The topic of the
    /// desk's telephone, which has 「何時からやってますか」, gives way if a likely entry states hours or days. A complaint
    /// stays a complaint, and the exact text of small talk or of an out-of-scope subject (「今何時ですか」) stays one.
    pub(super) fn prefer_hours_of_entries(&self, question: &Analysis, ranking: &mut Ranking) {
        let first = ranking.subjects.first().map(|first| first.candidate);
        let Some(first) = first.filter(|first| first.is_default) else {
            return;
        };
        let reason = match first.subject {
            Subject::HandOff(index) => Some(self.knowledge.hand_offs[index].reason),
            _ => None,
        };
        let may_give_way = reason.map_or(!first.is_exact, |reason| {
            reason == HandOffReason::PersonRequested
        });
        if !may_give_way || question.text.contains(TELEPHONE) || !asks_for_hours(question) {
            return;
        }
        let own = ranking.without_defaults();
        let likely = match self.judge(&own).decision {
            Decision::Answer(entry) => vec![entry],
            Decision::Suggest(entries) => entries,
            _ => Vec::new(),
        };
        let states_hours = |entry: &usize| states_hours(&self.knowledge.entries[*entry]);
        if reason.is_none() || likely.iter().any(states_hours) {
            *ranking = own;
        }
    }
}

/// Returns the decision on a question for a kind of value, 「何社」, 「いくら」 or 「無料ですか」, if none of the entries
/// that would be given or offered has one: the best referral of their desk, or nothing found. `None` if
/// the question asks for no such value, or if an entry has it.
pub(super) fn decide_without_value(u: &Understanding<'_>, entries: &[usize]) -> Option<Decision> {
    let knowledge = u.escalator.knowledge;
    let asked = AskedValue::of(&u.analysis)?;
    let has_value = |entry: &usize| asked.has(&knowledge.entries[*entry]);
    if u.ranking.has_exact() || entries.iter().any(has_value) {
        return None;
    }
    let desk = entries.first().map(|entry| &knowledge.entries[*entry].desk);
    let referral = u.ranking.subjects.iter().find_map(|ranked| {
        let subject = ranked.candidate.subject;
        match subject {
            Subject::Referral(index) if u.assistant.searcher.desk(subject) == desk => Some(index),
            _ => None,
        }
    });
    Some(referral.map_or(Decision::NotFound, Decision::Refer))
}
