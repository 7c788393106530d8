//! Import and export: entries as tables, pages and documents of other programs.
//!
//! ```text
//! import   file -> table/ or html/ -> Record -> plan -> edit -> TOML files
//! export   KnowledgeBase -> WrittenEntry -> export/ -> file
//! ```
//!
//! `text/` turns plain text into Markdown, `html/` turns HTML into Markdown, and `table/` reads CSV,
//! XLSX and JSON. `plan` compares what was read with the knowledge folder, and `edit` writes the
//! difference, so that comments and order of the files are kept. `document` changes keys and lists of tables of any file, `topics` writes referrals and out-of-scope subjects, `closed_days`
//! the closed days of a desk; `text_array` changes lists in place, and `table_order` keeps the comments between
//! tables. `starter` writes a new folder.
//!
//! Invariant: nothing is lost silently. Everything that is read and cannot be used is reported as a
//! [`Problem`], and an entry that the source no longer has is deleted only on request.
//!
//! [`Problem`]: crate::knowledge::Problem

mod closed_days;
mod document;
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
mod table_order;
mod text;
mod text_array;
mod topics;

pub use closed_days::set_closed_days;
pub use document::{Given, Keys, List, Mark, Row, Setting, apply_settings};
pub use edit::{EditError, Edits, edited, quoted};
pub use export::{ExportError, Format, export, is_formula};
pub use files::replace;
pub use ids::from_question as new_id;
pub use plan::{Change, Plan, Target, plan};
pub use read::{Options, Source, read};
pub use record::{Field, Record, WrittenEntry};
pub use starter::{Answers, StarterError, create, desk_id};
pub use table::{ColumnMap, InvalidMap};
pub use topics::{NewTopic, TopicKind, add_topic, set_topic_variants};
