//! What the records show: reports, the effect of an edit, and proposals for the knowledge.
//!
//! Input: recorded turns, and an assistant over the knowledge. Output: values that `cli` prints.
//!
//! | what | file |
//! |---|---|
//! | the report | `report`, its kinds of rows in `uses`, `routes` |
//! | texts that ask the same | `likeness` |
//! | recorded questions asked again | `replay` |
//! | variants and entries from the records | `propose` |
//! | the report as a page, a table, text | `page`, `chart`, `table`, `text`, their words in `words` |
//!
//! Invariant: nothing here reads a clock or a disk.

mod chart;
mod likeness;
mod page;
mod propose;
mod replay;
mod report;
mod routes;
mod table;
mod text;
mod uses;
mod words;

pub use chart::columns;
pub use likeness::{Group, Wording, distinct, grouped};
pub use page::{page, sections};
pub use propose::{MIN_CONVERSATIONS, MIN_COUNT, Proposals, Variants, candidates, gate};
pub use replay::{
    Asked, Change, Changed, Given, Replay, as_answered_by, replay, replay_on, replayable,
};
pub use report::{Report, Scope, full_report, report};
pub use routes::{Route, routes};
pub use table::csv;
pub use text::text;
pub use uses::Use;
pub use words::{name, number};
