//! The tantivy index: built once for each version of the knowledge, then opened from disk.
//!
//! Input: [`Document`]s. Output: decoded [`Postings`] and the vocabulary. Only this folder uses
//! tantivy's fields and files.

mod fingerprint;
mod postings;
mod schema;
mod store;
mod subject;

pub(super) use fingerprint::{acceptance, fingerprint};
pub(super) use postings::{Documents, Posting, Postings, TermPostings};
pub(super) use schema::Schema;
pub use store::{IndexOrigin, remove_all};
pub(super) use store::{accept, build_in_memory, is_accepted, open_or_build, searcher, vocabulary};
pub use subject::Subject;
pub(super) use subject::{Document, desks, documents};
