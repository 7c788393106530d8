//! Text -> terms: character filter, tokenizer, token filters.
//!
//! Input: a text of the knowledge or a question. Output: an [`Analysis`], and from it the [`Terms`]
//! of the index fields `words` and `grams`. Only this folder and `index` use lindera and its
//! dictionary.
//!
//! Invariant: analysis succeeds for every text.

mod analyzed;
mod analyzer;
mod lexicon;
mod negation;
mod normalize;
mod phrases;
mod quantity;
mod romaji;
mod script;
mod synonym_groups;
mod synonyms;
mod terms;
mod token;
mod variants;
mod vocabulary;

pub use analyzed::{Analysis, WordTerm};
pub use analyzer::Analyzer;
pub(super) use negation::MARK as NEGATION_MARK;
pub(super) use phrases::PhraseFinder;
pub use quantity::{CLOCK, MONEY, Quantity, QuantityFit, asked_units, is_indefinite, states_unit};
pub(super) use quantity::{compare as compare_quantities, of_text as quantities_of};
pub(super) use synonyms::{GENERAL as GENERAL_SYNONYMS, GENERAL_MARK, GROUP_WEIGHT};
pub(super) use terms::{Gram, Terms};
pub use token::Token;
pub(super) use vocabulary::{CountedWord, Vocabulary, VocabularyCounter};
