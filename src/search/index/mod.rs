//! The tantivy index: built once for each version of the knowledge, then opened from disk.
//!
//! Input: [`Document`]s. Output: decoded [`Field`]s, exact forms and the vocabulary. Only this folder
//! uses tantivy's fields and files.

mod build;
mod exact;
mod fingerprint;
mod lists;
mod postings;
mod reader;
mod schema;
mod store;
mod subject;
mod update;

pub(super) use exact::ExactForms;
pub(super) use fingerprint::{acceptance, fingerprint, lexicon, surroundings};
pub(super) use lists::Lists;
pub(super) use postings::{Field, Layout, MAX_TEXT_TF};
pub(super) use reader::{searcher, vocabulary};
pub(super) use schema::Schema;
pub use store::{IndexOrigin, remove_all};
pub(super) use store::{accept, build_in_memory, is_accepted, open_or_build};
pub use subject::Subject;
pub(super) use subject::{Document, default_documents, documents, phrase};
pub(super) use update::Former;
