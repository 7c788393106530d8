//! Import and export: entries as tables, pages and documents of other programs.
//!
//! ```text
//! import   file -> table/ or html/ -> Record -> plan -> edit -> TOML files
//! export   KnowledgeBase -> WrittenEntry -> export/ -> file
//! ```
//!
//! `text/` turns plain text into Markdown, `html/` turns HTML into Markdown, and `table/` reads CSV,
//! XLSX and JSON. `plan` compares what was read with the knowledge folder, and `edit` writes the
//! difference, so that comments and order of the files are kept. `starter` writes a new folder.
//!
//! Invariant: nothing is lost silently. Everything that is read and cannot be used is reported as a
//! [`Problem`], and an entry that the source no longer has is deleted only on request.
//!
//! [`Problem`]: crate::knowledge::Problem

mod edit;
mod export;
mod files;
mod html;
mod ids;
mod plan;
mod read;
mod record;
mod starter;
mod table;
mod text;

pub use edit::{EditError, Edits};
pub use export::{ExportError, Format, export};
pub use plan::{Change, Plan, Target, plan};
pub use read::{Options, Source, read};
pub use record::{Field, Record, WrittenEntry};
pub use starter::{Answers, StarterError, create, desk_id};
pub use table::{ColumnMap, InvalidMap};
