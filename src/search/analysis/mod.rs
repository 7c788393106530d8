//! Text -> terms: character filter, tokenizer, token filters.
//!
//! The same [`Analyzer`] serves the index and the questions. Only this folder and `index` know
//! lindera and its dictionary. Invariant: analysis never fails on any text.

mod analyzer;
mod lexicon;
mod negation;
mod normalize;
mod romaji;
mod terms;
mod token;
mod vocabulary;

pub(super) use analyzer::exact_form;
pub use analyzer::{Analysis, Analyzer, WordTerm};
pub(super) use negation::MARK as NEGATION_MARK;
pub(super) use terms::{Terms, Weighted};
pub use token::Token;
pub(super) use vocabulary::{Vocabulary, VocabularyCounter};
