//! The text that a question is ranked by: the message, what it corrects, or the previous question.

use super::{Message, choice, social};
use crate::knowledge::DeskId;

/// How a question is read in its conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::answer) struct Wording<'a> {
    /// The text to rank, if it is not the whole message.
    pub(in crate::answer) text: Option<&'a str>,
    /// The desk that the question is moved to; only its subjects are ranked.
    pub(in crate::answer) desk: Option<DeskId>,
    /// Whether the message takes back the last question, so that its answer is not meant.
    pub(in crate::answer) is_correction: bool,
}

impl<'a> Message<'a> {
    /// Reads a question in its conversation; outside a conversation the message is read as it is.
    pub(in crate::answer) fn wording(&self) -> Wording<'a> {
        let whole = Wording {
            text: None,
            desk: None,
            is_correction: false,
        };
        if !self.conversation.is_live() {
            return whole;
        }
        let desk = self.desk_alone(self.analysis);
        if let Some(wording) = self.same_question_to(desk) {
            return wording;
        }
        let text = self.text;
        let Some((_, meant)) = social::corrected(text) else {
            if let Some((_, after)) = choice::numbered(text) {
                return Wording {
                    text: Some(after),
                    ..whole
                };
            }
            let rest = self.without_social_clauses();
            let has_content = |text: &str| {
                let analysis = self.assistant.searcher.analyze(text);
                analysis.tokens.iter().any(|token| token.is_content)
            };
            return Wording {
                text: rest.map(|rest| rest.text),
                is_correction: rest
                    .is_some_and(|rest| rest.is_correction && has_content(rest.text)),
                ..whole
            };
        };
        let analysis = self.assistant.searcher.analyze(meant);
        let desk = self.assistant.searcher.names_only_desk(&analysis);
        self.same_question_to(desk).unwrap_or(Wording {
            text: Some(meant),
            ..whole
        })
    }

    /// Reads the name of another desk alone as the question before it, put to that desk.
    fn same_question_to(&self, desk: Option<&DeskId>) -> Option<Wording<'a>> {
        let desk = desk?;
        let assistant = self.assistant;
        let last = self.last_entry()?;
        let entry = &assistant.knowledge.entries[last];
        (entry.desk != *desk).then(|| Wording {
            text: Some(entry.question.as_str()),
            desk: Some(desk.clone()),
            is_correction: false,
        })
    }
}
