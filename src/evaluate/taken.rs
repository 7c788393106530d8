//! Finds entries whose questions another topic takes.
//!
//! An entry that is written for a subject which was a referral before loads without an error, but the
//! questions still lead to the desk. An entry and a referral (or an out-of-scope subject) are about the
//! same if most ways to ask for either of them would find the other, did its own subject not exist.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::answer::Assistant;
use crate::knowledge::{Evidence, KnowledgeBase, Location, Problem, Variant, localized};
use crate::search::Subject;

/// A topic that may take questions.
struct Topic<'a> {
    subject: Subject,
    name: String,
    location: &'a Location,
    variants: &'a [Variant],
}

/// Minimum probability of a topic to which an entry's own ways to ask would lead without the entry.
const MIN_TOPIC_PROBABILITY: f32 = 0.5;

/// Lists the entries that would be answered with at least half of the variants of a referral or an
/// out-of-scope subject, if that did not exist, and whose own ways to ask would lead to it likewise.
///
/// Ranks the first text of each variant once, and those of the entries that are found.
pub async fn taken_entries(assistant: &Assistant, now: Timestamp) -> Vec<Problem> {
    let searcher = assistant.searcher();
    let knowledge = assistant.knowledge();
    let today = assistant.today(now);
    let parameters = knowledge.parameters(Evidence::Words);
    let mut problems = Vec::new();
    for topic in topics(knowledge) {
        let mut taken: HashMap<usize, (&str, usize)> = HashMap::new();
        for text in topic.variants.iter().filter_map(|v| v.texts.first()) {
            let analysis = searcher.analyze(text);
            let ranking = searcher.rank_without(&analysis, topic.subject).await;
            let mut subjects = ranking.subjects.iter();
            let found = subjects.find_map(|ranked| match ranked.candidate.subject {
                Subject::Entry(entry) => Some((entry, ranked)),
                _ => None,
            });
            let Some((entry, ranked)) = found else {
                continue;
            };
            let thresholds = parameters.thresholds(ranked.candidate.coverage);
            let answered_from = ranking.answer_threshold(thresholds.answered_from, entry);
            let is_answered = ranked.probability >= answered_from;
            if is_answered && knowledge.entries[entry].is_valid_on(today) {
                taken.entry(entry).or_insert((text, 0)).1 += 1;
            }
        }
        let mut taken: Vec<_> = taken.into_iter().collect();
        taken.retain(|(_, (_, count))| 2 * count >= topic.variants.len());
        taken.sort_unstable();
        for (entry, (text, count)) in taken {
            if leads_to(assistant, entry, topic.subject).await {
                problems.push(describe(knowledge, &topic, entry, text, count));
            }
        }
    }
    problems
}

/// Returns whether at least half of an entry's ways to ask would lead to a topic without the entry.
async fn leads_to(assistant: &Assistant, entry: usize, topic: Subject) -> bool {
    let searcher = assistant.searcher();
    let own = &assistant.knowledge().entries[entry];
    let variants = own.variants.iter().filter_map(|v| v.texts.first());
    let texts: Vec<&String> = std::iter::once(&own.question).chain(variants).collect();
    let mut count = 0;
    for text in &texts {
        let analysis = searcher.analyze(text);
        let subject = Subject::Entry(entry);
        let ranking = searcher.rank_without(&analysis, subject).await;
        let first = ranking.subjects.first();
        let is_topic = first.is_some_and(|first| {
            first.candidate.subject == topic && first.probability >= MIN_TOPIC_PROBABILITY
        });
        count += usize::from(is_topic);
    }
    2 * count >= texts.len()
}

fn topics(knowledge: &KnowledgeBase) -> Vec<Topic<'_>> {
    let referrals = knowledge.referrals.iter().enumerate();
    let referrals = referrals.map(|(index, referral)| Topic {
        subject: Subject::Referral(index),
        name: format!("referral \"{}\"", referral.id),
        location: &referral.location,
        variants: &referral.variants,
    });
    let out_of_scope = knowledge.out_of_scope.iter().enumerate();
    // A shipped topic takes no question that an entry explains as well.
    let own = out_of_scope.filter(|(_, topic)| !topic.is_default);
    let out_of_scope = own.map(|(index, topic)| Topic {
        subject: Subject::OutOfScope(index),
        name: format!("out_of_scope \"{}\"", topic.id),
        location: &topic.location,
        variants: &topic.variants,
    });
    referrals.chain(out_of_scope).collect()
}

fn describe(
    knowledge: &KnowledgeBase,
    topic: &Topic<'_>,
    entry: usize,
    text: &str,
    count: usize,
) -> Problem {
    let entry = &knowledge.entries[entry];
    let (id, name, location) = (&entry.id, &topic.name, topic.location);
    let mistake = localized!(
        ja: "entry \"{id}\": `{text}` のような質問（{count} 通り）は {name}（{location}）になり、この項目は表示されません",
        en: "entry \"{id}\": questions such as `{text}` ({count}) lead to {name} at {location} instead of this entry",
    );
    let hint = localized!(
        ja: "この項目が答えなら、その言い方を {name} から消して、この項目の `variants` に書いてください",
        en: "if this entry answers them, move these variants from {name} to this entry",
    );
    Problem::warning(entry.location.clone(), mistake, hint)
}
