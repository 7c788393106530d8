//! The composition root: settings -> knowledge -> index -> assistant, and the running service.
//!
//! `loading` opens an assistant, `serve` runs the service, `reload` watches the knowledge folder.
//!
//! Invariant: knowledge with an error is never served, neither at the start nor after a change.

mod bots;
mod encoder;
mod loading;
mod progress;
mod reload;
mod serve;

pub(crate) use encoder::command_runtime;
pub use encoder::{Asker, encoder};
pub use loading::{InvalidKnowledge, check_self_retrieval, open_assistant, read_knowledge};
pub(crate) use loading::{
    Opened, build_index, embed_missing, open_checked, read_valid_knowledge, refuse_errors,
};
pub(crate) use progress::Progress;
pub use serve::{check as check_settings, serve};
