//! What a question gets and why, in words for people who do not program.

use jiff::Timestamp;
use maud::{Markup, html};

use super::visitor::Visitor;
use crate::answer::{Answer, Assistant, Conversation, Explanation, Outcome, Question, Reason};
use crate::knowledge::Language;

/// Number of shared words that are named.
const MAX_WORDS: usize = 6;

/// Asks a question of an assistant, as a member would at a time.
pub(super) async fn ask(assistant: &Assistant, text: &str, at: Timestamp) -> Answer {
    let question = Question {
        text,
        desk: None,
        language: Language::Japanese,
    };
    assistant.answer(&question, Conversation::new(at), at).await
}

/// Renders an answer and its reasons.
pub(super) fn why(visitor: &Visitor, assistant: &Assistant, answer: Answer) -> Markup {
    let outcome = outcome(visitor, assistant, &answer);
    let reasons = assistant.explain(answer);
    let reasons = reasons.map(|explanation| reasons_of(visitor, assistant, &explanation));
    html! {
        p { strong { (outcome) } }
        @if let Some(reasons) = reasons {
            ul { @for reason in &reasons { li { (reason) } } }
        }
    }
}

/// Describes what the member sees.
fn outcome(visitor: &Visitor, assistant: &Assistant, answer: &Answer) -> String {
    let entries = &assistant.knowledge().entries;
    let question = |index: usize| entries.get(index).map_or("", |entry| &entry.question);
    match answer.outcome {
        Outcome::Answered => {
            let text = visitor.say("「{}」の答えを返します。", "Gets the answer of “{}”.");
            text.replace("{}", answer.entry.map_or("", question))
        }
        Outcome::Suggested => {
            let list = answer.suggestions.iter().map(|(index, _)| question(*index));
            let list = list.collect::<Vec<_>>().join("」「");
            let text = visitor.say(
                "候補を示して選んでもらいます：「{}」",
                "Gets a list to choose from: “{}”",
            );
            text.replace("{}", &list)
        }
        Outcome::Escalated => escalation(visitor, assistant, answer),
        Outcome::SmallTalk => visitor
            .say(
                "あいさつなどとして返事をします。",
                "Gets a reply to small talk.",
            )
            .to_owned(),
        Outcome::Safety => visitor
            .say(
                "命に関わる相談の窓口をご案内します。",
                "Gets public help lines.",
            )
            .to_owned(),
    }
}

fn escalation(visitor: &Visitor, assistant: &Assistant, answer: &Answer) -> String {
    let escalation = answer.escalation.as_ref();
    let desk = escalation.and_then(|it| it.desk.as_ref());
    let desk = desk.and_then(|id| assistant.knowledge().desk(id.as_str()));
    let desk = desk.map_or(visitor.say("窓口", "a desk"), |desk| {
        desk.name.get(visitor.language)
    });
    let text = match escalation.map(|it| it.reason) {
        Some(Reason::Referred) => visitor.say(
            "答えは文書にないことを伝え、{}をご案内します。",
            "Is told that the documents have no answer, and sent to {}.",
        ),
        Some(Reason::OutOfScope) => visitor.say(
            "この組織では扱わないことを伝えます。",
            "Is told that the subject is out of scope.",
        ),
        Some(Reason::NotFound) => visitor.say(
            "答えが見つからないことを伝え、{}をご案内します。",
            "Is told that there is no answer, and sent to {}.",
        ),
        _ => visitor.say("{}をご案内します。", "Is sent to {}."),
    };
    text.replace("{}", desk)
}

/// Lists the reasons: the nearest entry, how sure, what the two share.
fn reasons_of(visitor: &Visitor, assistant: &Assistant, explanation: &Explanation) -> Vec<String> {
    let mut reasons = Vec::new();
    let percent = |probability: f32| format!("{:.0}%", probability * 100.0);
    let mut entries = explanation.subjects.iter();
    let nearest = entries.find(|subject| subject.kind == "entry");
    let Some(nearest) = nearest else {
        reasons.push(
            visitor
                .say("似た項目が一つもありません。", "No entry is similar to it.")
                .to_owned(),
        );
        return reasons;
    };
    let question = assistant.knowledge().entry(&nearest.id);
    let question = question.map_or(nearest.id.as_str(), |entry| &entry.question);
    let text = visitor.say(
        "いちばん近い項目は「{question}」で、確かさは {is} です（{needed} 以上で答えます）。",
        "The nearest entry is “{question}”, with a confidence of {is}; it is given as the answer from {needed}.",
    );
    let text = text.replace("{question}", question);
    let text = text.replace("{is}", &percent(nearest.probability));
    reasons.push(text.replace("{needed}", &percent(explanation.answered_from)));
    if nearest.is_exact {
        reasons.push(
            visitor
                .say(
                    "質問や言い換えと、同じ文です。",
                    "It is the same as one of its wordings.",
                )
                .to_owned(),
        );
    } else if nearest.matched.is_empty() {
        reasons.push(
            visitor
                .say(
                    "その項目の質問や言い換えと、同じことばがありません。言い換えを足すと、見つかるようになります。",
                    "It shares no word with the wordings of the entry. Add a wording so that it is found.",
                )
                .to_owned(),
        );
    } else {
        let shared: Vec<&str> = nearest.matched.iter().map(String::as_str).collect();
        let shared = shared[..shared.len().min(MAX_WORDS)].join("」「");
        let text = visitor.say("同じことば：「{}」", "Words in common: “{}”");
        reasons.push(text.replace("{}", &shared));
    }
    if let Some(phrase) = nearest.phrase.as_deref().filter(|_| !nearest.is_exact) {
        let text = visitor.say("いちばん近い書き方：「{}」", "Nearest wording: “{}”");
        reasons.push(text.replace("{}", phrase));
    }
    reasons
}
