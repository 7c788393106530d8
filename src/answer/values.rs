//! Decisions on questions for a kind of value: 「何社」, 「いくら」, 「何時から」.
//!
//! Input: an understood question. Output: the decision that the value requires, instead of the one by
//! probability.

use super::facet::AskedValue;
use super::judgement::Decision;
use super::understanding::Understanding;
use crate::search::Subject;

/// Word of a question about the hours of the desk's telephone, of which no entry tells.
const TELEPHONE: &str = "電話";

/// Returns the decision on a question for hours or days that a shipped topic takes for one about the desk,
/// 「何時からやってますか」, if likely entries tell of them. `None` if it is no such question.
pub(super) fn decide_hours(u: &Understanding<'_>) -> Option<Decision> {
    let is_shipped = u.ranking.subjects.first()?.candidate.is_default;
    if !is_shipped || !matches!(u.judgement.decision, Decision::HandOff(_)) {
        return None;
    }
    if u.analysis.text.contains(TELEPHONE) {
        return None;
    }
    let asked = AskedValue::of(&u.analysis).filter(AskedValue::is_time)?;
    let tells = |entry: &usize| asked.has(&u.escalator.knowledge.entries[*entry]);
    match u.assistant.judge(&u.ranking.without_defaults()).decision {
        Decision::Answer(entry) => tells(&entry).then_some(Decision::Answer(entry)),
        Decision::Suggest(entries) => {
            let entries: Vec<usize> = entries.into_iter().filter(tells).collect();
            (!entries.is_empty()).then_some(Decision::Suggest(entries))
        }
        _ => None,
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
