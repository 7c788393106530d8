//! The self-retrieval check: an entry's own question and variants must lead to it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Answer, Assistant, Conversation, Outcome, Question};
use crate::knowledge::{Language, Localized, Location, Problem, localized};

/// Asks the question and the variants of every entry that is valid at a time, and reports those
/// that lead to another entry. Costs one answer per text.
///
/// A question that is not answered with its own entry is an error, since a member may copy it. A
/// variant whose entry is not ranked first is a warning, one per line of TOML.
#[must_use]
pub fn self_retrieval(assistant: &Assistant, now: Timestamp) -> Vec<Problem> {
    let today = assistant.today(now);
    let mut problems = Vec::new();
    for (index, entry) in assistant.knowledge().entries.iter().enumerate() {
        if !entry.is_valid_on(today) {
            continue;
        }
        let answer = ask(assistant, &entry.question, now);
        if answer.outcome != Outcome::Answered || answer.entry != Some(index) {
            let (id, found) = (&entry.id, describe(assistant, &answer));
            let mistake = localized!(
                found;
                ja: "entry \"{id}\": 質問文をそのまま入力しても、この項目が表示されません。{found}",
                en: "entry \"{id}\": its own question does not find it, but {found}",
            );
            let hint = localized!(
                ja: "この項目だけが答える内容を質問文に書くか、言い換えを足してください",
                en: "make the question specific to this entry, or add variants to it",
            );
            problems.push(Problem::error(entry.location.clone(), mistake, hint));
        }
        let mut lost: BTreeMap<&Location, (String, usize)> = BTreeMap::new();
        for variant in &entry.variants {
            for text in &variant.texts {
                let trace = ask(assistant, text, now).trace;
                let first = trace.and_then(|trace| Some(trace.ranking.entries().next()?.0));
                if first != Some(index) {
                    let entry = lost.entry(&variant.location);
                    entry.or_insert_with(|| (text.clone(), 0)).1 += 1;
                }
            }
        }
        for (location, (text, count)) in lost {
            let id = &entry.id;
            let mistake = localized!(
                ja: "entry \"{id}\": `{text}` では別の項目が先に表示されます（この行の文のうち {count} 通り）",
                en: "entry \"{id}\": `{text}` finds another entry first ({count} of the texts on this line in all)",
            );
            let hint = localized!(
                ja: "この項目に特有の語を加えるか、消してください",
                en: "use words that are specific to this entry, or remove it",
            );
            problems.push(Problem::warning(location.clone(), mistake, hint));
        }
    }
    problems
}

fn ask(assistant: &Assistant, text: &str, now: Timestamp) -> Answer {
    let question = Question {
        text,
        desk: None,
        language: Language::Japanese,
    };
    assistant.answer_now(&question, Conversation::new(now), now)
}

fn describe(assistant: &Assistant, answer: &Answer) -> Localized {
    let entries = &assistant.knowledge().entries;
    match answer.entry.and_then(|index| entries.get(index)) {
        Some(entry) => {
            let id = &entry.id;
            localized!(ja: "表示されるのは `{id}` です", en: "`{id}`")
        }
        None if answer.outcome == Outcome::Safety => localized!(
            ja: "safety.toml の返事が表示されます",
            en: "the reply of safety.toml",
        ),
        None => {
            let outcome = answer.outcome.name();
            localized!(ja: "結果は {outcome} です", en: "the outcome is {outcome}")
        }
    }
}
