//! Questions of members that had no answer, and are settled since: answered now, or put where they belong.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::answer::{Answer, Assistant, Conversation, Outcome, Question};
use crate::insights::Group;
use crate::knowledge::{Language, folded};
use crate::records::{Kind, Recorded};

/// With what a text was asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Context {
    /// The desk that the member chose.
    desk: Option<String>,
    language: Language,
}

/// The desks and languages with which each text was asked.
pub(super) struct Contexts(HashMap<String, HashSet<Context>>);

impl Contexts {
    /// Collects those of turns.
    pub(super) fn of(turns: &[Recorded]) -> Self {
        let mut contexts: HashMap<String, HashSet<Context>> = HashMap::new();
        // The text of a rating is a comment.
        for turn in turns.iter().filter(|turn| turn.kind != Kind::Rated) {
            let context = Context {
                desk: turn.asked_desk.clone(),
                language: Language::from_tag(&turn.language).unwrap_or_default(),
            };
            let further = turn.also.iter().map(|further| &further.text);
            for text in further.chain([&turn.text]).flatten() {
                let of_text = contexts.entry(folded(text)).or_default();
                of_text.insert(context.clone());
            }
        }
        Self(contexts)
    }
}

/// Which texts are settled, for one state of the knowledge on one day.
#[derive(Default)]
pub(super) struct Settled {
    state: String,
    known: HashMap<(String, Context), bool>,
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

    /// Removes settled texts from a group; it may become empty.
    pub(super) fn keep_open(
        &mut self,
        assistant: &Assistant,
        contexts: &Contexts,
        group: &mut Group,
        now: Timestamp,
    ) {
        group.retain(|wording| {
            let text = folded(&wording.text);
            let mut of_text = contexts.0.get(&text).into_iter().flatten();
            !of_text.all(|context| {
                let known = self.known.entry((text.clone(), context.clone()));
                *known.or_insert_with(|| is_settled(assistant, &wording.text, context, now))
            })
        });
    }
}

fn is_settled(assistant: &Assistant, text: &str, context: &Context, now: Timestamp) -> bool {
    let knowledge = assistant.knowledge();
    // A desk that no longer exists cannot be chosen.
    let desk = context.desk.as_deref().and_then(|id| knowledge.desk(id));
    let question = Question {
        text,
        desk: desk.map(|desk| &desk.id),
        language: context.language,
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
