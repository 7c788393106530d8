//! Questions of members that had no answer, and are settled since: answered now, or put where they belong.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::answer::{Answer, Assistant, Conversation, Outcome, Question};
use crate::insights::Group;
use crate::knowledge::Language;

/// Which texts are settled, for one state of the knowledge on one day.
#[derive(Default)]
pub(super) struct Settled {
    state: String,
    known: HashMap<String, bool>,
}

impl Settled {
    /// Forgets what it knows about other states of the knowledge.
    pub(super) fn begin(&mut self, assistant: &Assistant, now: Timestamp) {
        let state = format!("{} {}", assistant.knowledge().version, assistant.today(now));
        if state != self.state {
            self.state = state;
            self.known.clear();
        }
    }

    /// Returns whether every example of a group is settled.
    pub(super) fn has(&mut self, assistant: &Assistant, group: &Group, now: Timestamp) -> bool {
        let mut examples = group.examples.iter();
        examples.all(|example| {
            let known = self.known.entry(example.text.clone());
            *known.or_insert_with(|| is_settled(assistant, &example.text, now))
        })
    }
}

fn is_settled(assistant: &Assistant, text: &str, now: Timestamp) -> bool {
    let question = Question {
        text,
        desk: None,
        language: Language::Japanese,
    };
    let answer = assistant.answer_now(&question, Conversation::new(now), now);
    match answer.outcome {
        Outcome::Answered | Outcome::SmallTalk | Outcome::Safety => true,
        Outcome::Escalated => is_subject(assistant, answer),
        // None of the offered entries may be the right one.
        Outcome::Suggested => false,
    }
}

/// Returns whether someone has made the text one of a referral or an out-of-scope subject.
fn is_subject(assistant: &Assistant, answer: Answer) -> bool {
    let explanation = assistant.explain(answer);
    explanation.is_some_and(|explanation| {
        let mut subjects = explanation.subjects.iter();
        subjects.any(|subject| subject.is_exact && subject.kind != "entry")
    })
}
