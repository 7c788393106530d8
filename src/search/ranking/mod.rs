//! Candidates -> probabilities: how well each subject fits a question.
//!
//! `query` looks up and weighs the terms of a question. `lexical` scores shared terms: of all subjects in
//! `exhaustive`, or of those that `retrieval` finds in large knowledge. `semantic` adds the similarity of
//! embeddings, `quantities` compares numbers, `coverage` computes how well its phrases cover a subject.
//! `features` turns the scores of a candidate into the inputs of the model, and `ranker` weighs them.
//! `differing_words` sets how certain an entry must be, and `precedence` decides whether shipped topics are
//! ranked too. Nothing here decides on an outcome; see `answer/decision.rs`.

mod candidates;
mod coverage;
mod differing_words;
mod exhaustive;
pub(super) mod features;
mod lexical;
mod precedence;
mod quantities;
mod query;
mod ranker;
mod retrieval;
mod rivals;
mod semantic;

pub use candidates::{Candidate, Candidates, QuantityMatch, Scores};
pub use differing_words::MIN_ANSWER_SHARE;
pub(super) use lexical::LexicalScorer;
pub(super) use precedence::Precedence;
pub(super) use quantities::QuantityScorer;
pub use ranker::{BlendedModel, Model, Ranked, Ranking, WeightError, check_weights, softmax};
pub use rivals::RivalBounds;
pub(super) use semantic::SemanticScorer;
