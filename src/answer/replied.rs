//! A question that was asked in reply to another message: 「これ教えて」 below somebody's question.

use super::Assistant;
use super::context::points_back;
use super::dialogue::words::DEMONSTRATIVES;
use super::message::asks_for_answer;
use crate::search::{Analysis, Token};

impl Assistant {
    /// Returns the question of a text that replies to the message `replied`.
    ///
    /// A text that asks nothing by itself, such as 「これ教えて」, asks the other message; one that
    /// points to it, such as 「それはいくら？」, is read below it; any other stands alone.
    #[must_use]
    pub fn question_in_reply(&self, text: &str, replied: &str) -> String {
        let analysis = self.searcher.analyze(text);
        if asks_nothing(&analysis) {
            replied.to_owned()
        } else if points_back(&analysis) {
            format!("{replied}\n{text}")
        } else {
            text.to_owned()
        }
    }
}

/// Returns whether a text only points to another message, or asks for its answer.
fn asks_nothing(analysis: &Analysis) -> bool {
    let says_something = |token: &Token| {
        token.is_content
            && !asks_for_answer(&token.base)
            && !DEMONSTRATIVES.contains(&token.surface.as_str())
    };
    !analysis.tokens.iter().any(says_something)
}
