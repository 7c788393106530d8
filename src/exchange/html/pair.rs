//! A question with its answer, and all of them on a page.

use super::lost::Lost;

/// A question with its answer, as a page has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pair {
    /// The position in the page, counted from 1.
    pub(crate) number: usize,
    /// The id, if an exported file is read.
    pub(crate) id: Option<String>,
    /// The heading above.
    pub(crate) category: Option<String>,
    /// The question as plain text.
    pub(crate) question: String,
    /// The answer as Markdown.
    pub(crate) answer: String,
    /// The parts of the answer that Markdown cannot hold.
    pub(crate) lost: Lost,
}

/// The title, questions and answers of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The title of the page.
    pub(crate) title: Option<String>,
    /// The questions and answers; an answer may be empty.
    pub(crate) pairs: Vec<Pair>,
}
