//! Importing a file into a draft, as `madoguchi import` does into the folder.
//!
//! Input: a draft, the files of the folder, and a file of another program. Output: what would change, and
//! the draft with it.

use std::path::PathBuf;

use jiff::civil::Date;

use super::draft::Draft;
use crate::exchange::{ColumnMap, EditError, Options, Plan, Source, Target, edited, plan, read};
use crate::knowledge::{Loaded, Problem, Severity, Snapshot, has_errors};

/// A file to import, and where its entries go.
#[derive(Debug, Clone, Default)]
pub struct ImportFile {
    /// Its name; the ending names the format, and new entries go into a file of this name.
    pub name: PathBuf,
    /// Its content.
    pub bytes: Vec<u8>,
    /// The columns of a table that its headings do not identify.
    pub map: ColumnMap,
    /// The desk of entries whose row names none.
    pub desk: Option<String>,
    /// The category of entries without one.
    pub category: Option<String>,
    /// The title of the source document.
    pub document: Option<String>,
    /// Whether entries that the source no longer has are removed.
    pub prune: bool,
}

/// What an import would change.
#[derive(Debug, Default)]
pub struct Imported {
    /// What was read; its problems may be errors.
    pub source: Source,
    /// The differences.
    pub plan: Plan,
    /// The errors that the folder with the draft would have.
    pub errors: Vec<Problem>,
    /// The draft with the differences.
    pub draft: Draft,
    /// Whether the draft differs from that of before.
    pub has_changes: bool,
}

impl Imported {
    /// Returns whether the draft may be taken.
    #[must_use]
    pub fn is_fit(&self) -> bool {
        let is_read = !has_errors(&self.source.problems) && self.plan.without_desk == 0;
        is_read && self.errors.is_empty() && self.has_changes
    }
}

/// Why a file cannot be imported at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportRefusal {
    /// The draft has errors already, so its entries cannot be compared.
    #[error("the draft has errors")]
    DraftWithErrors,
    /// A file of the folder cannot be changed in place.
    #[error(transparent)]
    File(#[from] EditError),
}

/// Compares a file with a draft, and returns what would change. The draft is as before.
///
/// # Errors
/// [`ImportRefusal`] if the draft has errors, or a file of the folder cannot be changed.
pub fn import(
    draft: &Draft,
    folder: &Snapshot,
    today: Date,
    file: ImportFile,
) -> Result<Imported, ImportRefusal> {
    let over = draft.over(folder);
    let Loaded {
        knowledge,
        problems,
    } = over.load(today);
    if has_errors(&problems) {
        return Err(ImportRefusal::DraftWithErrors);
    }
    let options = Options {
        map: file.map,
        ..Options::default()
    };
    let source = read(&file.name, &file.bytes, &options);
    if has_errors(&source.problems) {
        let draft = draft.clone();
        return Ok(Imported {
            source,
            draft,
            ..Imported::default()
        });
    }
    let target = Target {
        desk: file.desk.as_deref(),
        category: file.category.as_deref(),
        document: file.document.as_deref(),
    };
    let sources = [(file.name.clone(), source)];
    let plan = plan(&knowledge, &sources, &target);
    let mut changed = draft.clone();
    for (path, changes) in plan.by_file(file.prune) {
        let name = path.to_string_lossy().replace('\\', "/");
        let after = edited(path, over.text(&name).unwrap_or_default(), &changes)?;
        changed.set(&name, folder.text(&name), after);
    }
    let problems = changed.over(folder).load(today).problems.into_iter();
    let errors = problems.filter(|problem| problem.severity == Severity::Error);
    let [(_, source)] = sources;
    Ok(Imported {
        source,
        plan,
        errors: errors.collect(),
        has_changes: changed != *draft,
        draft: changed,
    })
}
