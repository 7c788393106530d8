//! The composition root: settings -> knowledge -> index -> assistant, and the running service.
//!
//! `loading` opens an assistant, `serve` runs the service, `mcp` runs it for one assistant's process, `live`
//! starts what both share, `start` chooses the first knowledge, `records` starts the records, `staff` opens the staff desk, `reload` watches the knowledge folder, `last_accepted` keeps the knowledge for the
//! next start, `traces` sends spans to a collector.
//!
//! Invariant: knowledge with an error is never served, neither at the start nor after a change.

mod bots;
mod encoder;
mod inventory;
mod last_accepted;
mod listen;
mod live;
mod loading;
mod mcp;
mod progress;
mod records;
mod reload;
mod serve;
mod signals;
mod staff;
mod start;
mod traces;

pub(crate) use encoder::command_runtime;
pub use encoder::{Asker, encoder};
pub use loading::{InvalidKnowledge, check_self_retrieval, open_assistant, read_knowledge, today};
pub(crate) use loading::{
    Opened, build_index, embed_missing, open_checked, place_in, read_valid_knowledge, refuse_errors,
};
pub(crate) use mcp::over_stdio;
pub(crate) use progress::Progress;
pub(crate) use records::open as open_records;
pub use serve::{check as check_settings, serve};
pub use traces::Traces;
