//! Decides on the outcome of a question. All rules are here, in the order in which they apply.
//!
//! The probabilities are calibrated (`search::Model`, fitted by `madoguchi calibrate`), so they are
//! compared with the thresholds of `calibration.toml`: an entry whose probability is at least
//! `answered_from` is the answer; several entries whose sum is at least `suggested_from` are
//! suggested, unless each is so improbable that a list would be no help. For entries without variants both
//! thresholds are raised, see [`Ranking::answer_threshold`] and [`Ranking::raised_threshold`].

use super::context::{self, Context, MIN_FAR_PROBABILITY};
use super::dialogue::{is_blocked, is_tried};
use super::judgement::{Decision, Judgement};
use super::message::{is_generic, names_subject};
use super::understanding::Understanding;
use super::values::decide_without_value;
use crate::knowledge::{HandOff, HandOffReason, Thresholds};
use crate::search::{QuantityFit, Ranking, Subject};

/// Minimum confidence at which a fragment is regarded as a complete question.
const MIN_COMPLETE_CONFIDENCE: f32 = 0.9;

/// Minimum confidence at which a question that only names a subject is answered.
///
/// At 0.9, 5 conversations of 94 go on right that were answered wrongly, and 1 of 818 fitted questions
/// is offered with another instead of answered; at 0.8, 2 and none.
const MIN_SPECIFIC_CONFIDENCE: f32 = 0.9;

/// Maximum number of content words of a question that names no more than a subject: a noun and what it
/// belongs to, 「会員の登録」. A third word is usually the point asked about, 「会員の登録の期限」.
const MAX_VAGUE_WORDS: usize = 2;

/// Maximum number of entries that are offered to choose from.
pub const MAX_SUGGESTIONS: usize = 3;

/// Minimum probability of an offered entry, as a share of the best entry's.
const MIN_SUGGESTION_SHARE: f32 = 0.04;

/// Minimum probability that one of the offered entries is meant, at which they are offered: for entries without
/// variants, for which it is raised by [`Ranking::raised_threshold`], and for well-covered ones.
///
/// A question that nothing answers may share a word with many entries, none of which is likely.
const MIN_OFFERED_PROBABILITY: [f32; 2] = [0.03, 0.06];

/// Minimum probability of a referral of the named desk, as a share of the best referral's, at which
/// it replaces the best one. The reply names the topic of the referral, so it must be probable.
const MIN_REFERRAL_SHARE: f32 = 0.3;

/// Minimum probability of the best referral, as a share of the best entry's, at which a question that
/// no entry answers for certain is referred.
///
/// By cross-validation on the project's fitted sets, by words: at 0.8, 3 of 149 questions more are
/// routed right and the same are helped; at 0.6, 4 more are routed right and 2 fewer helped.
const MIN_REFERRED_SHARE: f32 = 0.8;

/// Maximum probability of all referrals at which an entry is given as the answer.
///
/// A limit of 0.15 prevents 5 wrong answers to the project's sets, by words and with the model, but
/// also 12 right ones.
pub(super) const MAX_REFERRALS_BESIDE_ANSWER: f32 = 0.3;

/// Decides on the outcome. The first rule that applies wins.
pub(super) fn decide(u: &Understanding<'_>) -> Decision {
    let by_probability = &u.judgement.decision;
    // 1. A text without words, such as "!?", unless it is known as small talk.
    let is_small_talk = matches!(by_probability, Decision::SmallTalk(_));
    if u.analysis.normalized.is_empty() && !is_small_talk {
        return Decision::Unreadable;
    }
    // 2. A text that is only the name of a desk asks nothing: offer the desk's featured entries.
    let featured = featured_of_named_desk(u);
    if !featured.is_empty() {
        return Decision::Suggest(featured);
    }
    // 3. In a conversation.
    if let Some(context) = &u.context
        && let Some(decision) = decide_in_context(u, context)
    {
        return decision;
    }
    // 4. A question for a kind of value that no likely entry has.
    let likely = match by_probability {
        Decision::Answer(entry) => vec![*entry],
        Decision::Suggest(entries) => entries.clone(),
        _ => Vec::new(),
    };
    if !likely.is_empty()
        && let Some(decision) = decide_without_value(u, &likely)
    {
        return decision;
    }
    match by_probability {
        // 5. A text that only names a subject of several entries.
        Decision::Answer(_) if is_vague(u) => Decision::Suggest(suggestions(&u.ranking)),
        // 6. A fragment without a conversation to complete it is never answered outright.
        Decision::Answer(_) if lacks_context(u) => Decision::Suggest(suggestions(&u.ranking)),
        // 7. An entry that has the question's units with other values only is no certain answer.
        Decision::Answer(entry) if has_other_quantity(u, *entry) => {
            Decision::Suggest(suggestions(&u.ranking))
        }
        // 8. If the chosen desk has no answer, offer the entry of another desk that answers.
        Decision::NotFound | Decision::OutOfScope => answer_of_another_desk(u).map_or_else(
            || by_probability.clone(),
            |entry| Decision::Suggest(vec![entry]),
        ),
        // 9. A referral belongs to the desk that the question names.
        Decision::Refer(referral) => {
            referral_of_named_desk(u, *referral).map_or(Decision::NotFound, Decision::Refer)
        }
        // 10. Otherwise the probabilities decide.
        _ => by_probability.clone(),
    }
}

/// Returns the decision that the conversation requires instead of the one by probability.
fn decide_in_context(u: &Understanding<'_>, context: &Context) -> Option<Decision> {
    let is_last = |entry: &usize| context.last == Some(*entry);
    let is_far = |entry: &usize| context.is_far(*entry, u.judgement.confidence);
    let is_tried = || context.last.is_some() && is_tried(&u.analysis);
    let not_helpful = Decision::HandOff(HandOffReason::NotHelpful);
    match &u.judgement.decision {
        // An answer that the member reports to have failed is not given again.
        Decision::Answer(entry) if is_last(entry) && (is_tried() || is_blocked(&u.analysis)) => {
            Some(not_helpful)
        }
        Decision::Suggest(_) | Decision::NotFound | Decision::OutOfScope if is_tried() => {
            Some(not_helpful)
        }
        Decision::Answer(_) if is_tried() && u.judgement.confidence < MIN_FAR_PROBABILITY => {
            Some(not_helpful)
        }
        // What the document does not say about the last answer is for its desk, not for a loosely
        // related entry.
        Decision::Answer(entry) if is_far(entry) => {
            let is_about_last = context.is_fragment && context.is_after_answer;
            Some(if is_about_last {
                Decision::NotFound
            } else {
                Decision::Suggest(suggestions(&u.ranking))
            })
        }
        Decision::Suggest(_) => match u.ranking.subjects.first()?.candidate.subject {
            Subject::Referral(referral) => referral_of_named_desk(u, referral).map(Decision::Refer),
            Subject::HandOff(index) => {
                let reason = u.escalator.knowledge.hand_offs.get(index)?.reason;
                Some(Decision::HandOff(reason))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Decides by the probabilities alone. The first rule that applies wins; `persons` are the
/// knowledge's hand-offs.
#[must_use]
pub fn judge(ranking: &Ranking, persons: &[HandOff], thresholds: Thresholds) -> Judgement {
    let sum = |is_kind: fn(Subject) -> bool| -> f32 {
        let subjects = ranking.subjects.iter();
        let of_kind = subjects.filter(|ranked| is_kind(ranked.candidate.subject));
        let sum: f32 = of_kind.map(|ranked| ranked.probability).sum();
        // The sum of no numbers is -0.0; adding 0.0 makes it 0.0.
        sum + 0.0
    };
    let first = |position: fn(Subject) -> Option<usize>| {
        let mut subjects = ranking.subjects.iter();
        subjects.find_map(|ranked| position(ranked.candidate.subject))
    };
    let entries = sum(|subject| matches!(subject, Subject::Entry(_)));
    let referrals = sum(|subject| matches!(subject, Subject::Referral(_)));
    let hand_offs = sum(|subject| matches!(subject, Subject::HandOff(_)));
    let small_talk = sum(|subject| matches!(subject, Subject::SmallTalk(_)));
    let out_of_scope = sum(|subject| matches!(subject, Subject::OutOfScope(_)));
    let elsewhere = out_of_scope + ranking.nothing;
    // An entry that is likelier than "nothing" may yet be less likely than a topic.
    let topics = hand_offs.max(small_talk).max(out_of_scope);
    let (decision, confidence) = 'decided: {
        // 1. A shipped topic is ranked only if it explains more of the question than any entry.
        if let Some(first) = ranking.subjects.first()
            && first.candidate.is_default
        {
            break 'decided match first.candidate.subject {
                Subject::SmallTalk(index) => (Decision::SmallTalk(index), small_talk),
                Subject::HandOff(index) => match persons.get(index) {
                    Some(person) => (Decision::HandOff(person.reason), hand_offs),
                    None => (Decision::NotFound, elsewhere),
                },
                _ => (Decision::OutOfScope, elsewhere),
            };
        }
        let best_entry = ranking.entries().next();
        // 2. One entry is certain enough, and the question is hardly one for a desk.
        if let Some((entry, probability)) = best_entry
            && probability >= ranking.answer_threshold(thresholds.answered_from, entry)
            && referrals <= MAX_REFERRALS_BESIDE_ANSWER
            && probability >= topics
        {
            break 'decided (Decision::Answer(entry), probability);
        }
        // 3. A referral is about as probable as the best entry.
        let referral = ranking.subjects.iter().find_map(|ranked| {
            let Subject::Referral(index) = ranked.candidate.subject else {
                return None;
            };
            Some((index, ranked.probability))
        });
        if let (Some((_, entry)), Some((index, probability))) = (best_entry, referral)
            && entries >= thresholds.suggested_from
            && probability >= entry * MIN_REFERRED_SHARE
        {
            break 'decided (Decision::Refer(index), referrals);
        }
        // 4. All entries together are certain enough, and those that would be shown are no mere sample.
        let offered = suggestions(ranking);
        let shown = offered
            .iter()
            .map(|entry| ranking.probability(Subject::Entry(*entry)));
        let [thin, well] = MIN_OFFERED_PROBABILITY;
        let least = thin + ranking.greatest_coverage(&offered) * (well - thin);
        let least = ranking.raised_threshold(least, &offered);
        if entries >= thresholds.suggested_from.max(topics) && shown.sum::<f32>() >= least {
            break 'decided (Decision::Suggest(offered), entries);
        }
        // 5. The most probable kind of the rest; on a tie the more helpful one, which is later.
        let mut best = if out_of_scope > ranking.nothing {
            (Decision::OutOfScope, elsewhere)
        } else {
            (Decision::NotFound, elsewhere)
        };
        let small = first(|subject| match subject {
            Subject::SmallTalk(index) => Some(index),
            _ => None,
        });
        if let Some(index) = small.filter(|_| small_talk >= best.1) {
            best = (Decision::SmallTalk(index), small_talk);
        }
        if let Some((index, _)) = referral.filter(|_| referrals >= best.1) {
            best = (Decision::Refer(index), referrals);
        }
        let person = first(|subject| match subject {
            Subject::HandOff(index) => Some(index),
            _ => None,
        });
        let person = person.and_then(|index| persons.get(index));
        if let Some(person) = person.filter(|_| hand_offs >= best.1) {
            best = (Decision::HandOff(person.reason), hand_offs);
        }
        best
    };
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

/// Lists the entries to offer, the most probable first.
pub(super) fn suggestions(ranking: &Ranking) -> Vec<usize> {
    let likely = likely_entries(ranking).take(MAX_SUGGESTIONS);
    likely.collect()
}

/// Iterates over the entries whose probability is not negligible compared with the best one's.
pub(super) fn likely_entries(ranking: &Ranking) -> impl Iterator<Item = usize> {
    let best = ranking.entries().next().map_or(0.0, |(_, best)| best);
    let entries = ranking.entries();
    let likely = entries.filter(move |(_, p)| *p >= best * MIN_SUGGESTION_SHARE);
    likely.map(|(entry, _)| entry)
}

/// Lists the featured entries of a desk whose name is the whole question.
fn featured_of_named_desk(u: &Understanding<'_>) -> Vec<usize> {
    let (assistant, knowledge) = (u.assistant, u.escalator.knowledge);
    if u.named_desks.is_empty() || u.ranking.has_exact() {
        return Vec::new();
    }
    let desk = assistant.searcher.named_alone(&u.analysis);
    let Some(desk) = desk.and_then(|id| knowledge.desk(id.as_str())) else {
        return Vec::new();
    };
    let featured = knowledge.featured(desk, assistant.today(u.escalator.now));
    let featured = featured.into_iter().take(MAX_SUGGESTIONS);
    featured
        .filter_map(|entry| assistant.position(&entry.id))
        .collect()
}

/// Returns the most probable referral of the desk that the question names, if it names one.
fn referral_of_named_desk(u: &Understanding<'_>, best: usize) -> Option<usize> {
    let Some(desk) = u.named_desk() else {
        return Some(best);
    };
    let least = u.ranking.probability(Subject::Referral(best)) * MIN_REFERRAL_SHARE;
    let own = u.ranking.subjects.iter().find_map(|ranked| {
        let subject = ranked.candidate.subject;
        match subject {
            Subject::Referral(index) if u.assistant.searcher.desk(subject) == Some(&desk.id) => {
                Some((index, ranked.probability))
            }
            _ => None,
        }
    });
    own.filter(|(_, probability)| *probability >= least)
        .map(|(index, _)| index)
}

/// Returns whether a question outside a conversation only names a subject, 「会費のこと」, or has only words
/// that fit many subjects, 「申し込み」, while another entry is likely too.
fn is_vague(u: &Understanding<'_>) -> bool {
    // In kana word boundaries are unreliable.
    if u.context.is_some()
        || u.analysis.is_kana
        || u.request.is_part
        || u.judgement.confidence >= MIN_SPECIFIC_CONFIDENCE
        || u.ranking.has_exact()
    {
        return false;
    }
    let content = u.analysis.tokens.iter().filter(|token| token.is_content);
    let words: Vec<&str> = content.map(|token| token.base.as_str()).collect();
    let is_generic = words.len() <= MAX_VAGUE_WORDS && words.iter().all(|w| is_generic(w));
    let is_subject = words.len() <= MAX_VAGUE_WORDS + 1 && names_subject(&u.analysis.normalized);
    (is_generic || is_subject) && suggestions(&u.ranking).len() > 1
}

/// Returns whether the question is a fragment and neither the conversation nor the sentence before
/// it completes it. A demonstrative beside a clear subject points to nothing: 「あの、返金って…」.
fn lacks_context(u: &Understanding<'_>) -> bool {
    let is_unclear =
        context::is_fragment(&u.analysis) && u.judgement.confidence < MIN_COMPLETE_CONFIDENCE;
    let is_partial = is_unclear || u.analysis.words.is_empty();
    let is_alone = u.context.is_none() && !u.is_moved && u.request.before.is_none();
    is_alone && is_partial && !u.ranking.has_exact()
}

/// Returns whether an entry has a unit of the question's quantities, but none of its values: 3か月 for
/// 12か月, 65歳以上 for 64歳.
fn has_other_quantity(u: &Understanding<'_>, entry: usize) -> bool {
    let mut subjects = u.ranking.subjects.iter();
    let found = subjects.find(|ranked| ranked.candidate.subject == Subject::Entry(entry));
    found.is_some_and(|ranked| ranked.candidate.quantities.fit == Some(QuantityFit::Apart))
}

/// Returns the entry of a desk other than the chosen one that would answer the question if no desk
/// had been chosen.
fn answer_of_another_desk(u: &Understanding<'_>) -> Option<usize> {
    let chosen = u.question.desk?;
    let assistant = u.assistant;
    let mut ranking = assistant.searcher.rank(&u.candidates, &u.analysis, None);
    assistant.hide_invalid(&mut ranking, u.escalator.now);
    match assistant.judge(&ranking).decision {
        Decision::Answer(entry) => {
            (u.escalator.knowledge.entries[entry].desk != *chosen).then_some(entry)
        }
        _ => None,
    }
}
