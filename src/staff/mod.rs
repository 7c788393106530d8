//! The staff desk without its pages: drafts, their check, publishing, history and undo.
//!
//! ```text
//! edit -> Draft (changed files) -> laid over the folder -> checked -> published -> history
//! ```
//!
//! | what | file |
//! |---|---|
//! | a file before and after | `change` |
//! | the files that a member changes | `draft` |
//! | changing entries, subjects, desks, the lexicon, messages, the brand | `edit` |
//! | importing a file | `import` |
//! | questions of members that are in a draft | `asked` |
//! | differences by line, the merge of two edits | `difference` |
//! | loading, indexing and checking a draft | `trial` |
//! | writing files, all or none | `write` |
//! | commits of published files in git | `git` |
//! | a published change | `published` |
//! | drafts and changes in the database, publishing and undo | `desk` |
//!
//! Input: the knowledge folder and the database of the records. Output: TOML files; the reload picks
//! them up as it does any other edit.
//!
//! Invariants: a file is written only if it still has the text that the edit was made on; knowledge with
//! an error is never written; every written change is in the history with both texts.

mod asked;
mod change;
mod desk;
mod difference;
mod draft;
mod edit;
mod git;
mod import;
mod published;
mod trial;
mod write;

pub use asked::is_added;
pub use change::FileChange;
pub use desk::{Desk, Refusal, Turn};
pub use difference::{Line, LineKind, difference};
pub use draft::Draft;
pub use edit::{
    BRAND_FILE, EditRefusal, LEXICON_FILE, LexiconGroup, MESSAGES_FILE, NewEntry,
    OUT_OF_SCOPE_FILE, Workbench, WrittenBrand, WrittenDesk, WrittenHours, WrittenLink,
    WrittenPoint, WrittenTopic,
};
pub use git::GitError;
pub use import::{ImportFile, ImportRefusal, Imported, import};
pub use published::Published;
pub use trial::{Trial, TrialSettings, run as run_trial};
pub use write::WriteError;
