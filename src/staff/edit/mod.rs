//! Edits of a draft: entries and their variants here, subjects in `topics`, desks in `desk`, the lexicon,
//! messages and the brand in `wording`, what names an entry in `links`.
//!
//! Input: a draft and the files of the folder. Output: the draft with other texts of files; only the
//! changed keys of a file are written.

mod desk;
mod links;
mod topics;
mod wording;

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::Date;

use super::draft::Draft;
use crate::exchange::{Change, EditError, Setting, WrittenEntry, apply_settings, edited, new_id};
use crate::knowledge::{Entry, KnowledgeBase, Loaded, Problem, Severity, Snapshot, folded};

pub use desk::{WrittenDesk, WrittenHours, WrittenPoint};
pub use topics::{OUT_OF_SCOPE_FILE, WrittenTopic};
pub use wording::{
    BRAND_FILE, LEXICON_FILE, LexiconGroup, MESSAGES_FILE, WrittenBrand, WrittenLink,
};

/// The sign of masked text in recorded questions.
const MASK: &str = "***";

/// A new entry. Its id is made from the question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewEntry {
    /// The entry without an id.
    pub entry: WrittenEntry,
}

/// Why an edit is impossible. The draft is as before.
#[derive(Debug, thiserror::Error)]
pub enum EditRefusal {
    /// There is no such entry, desk or subject; someone may have removed it.
    #[error("there is no `{0}`")]
    Missing(String),
    /// The file cannot be changed in place.
    #[error(transparent)]
    File(#[from] EditError),
    /// The folder has no file of its own for out-of-scope subjects. With one, the shipped subjects would
    /// no longer apply.
    #[error("the folder has no `{OUT_OF_SCOPE_FILE}`")]
    ShippedSubjects,
    /// The files would have these errors, or the file to change has them already.
    #[error("the edit leads to {} errors", .0.len())]
    Unfit(Vec<Problem>),
    /// What a form shows has changed since it was opened; saving it would undo that.
    #[error("the content has changed since the form was opened")]
    Outdated,
    /// The new version of an entry cannot begin on this day: the old one is not valid on the day before.
    #[error("the entry is not valid on the day before {0}")]
    Day(Date),
}

/// A draft with its knowledge, ready to be edited.
pub struct Workbench<'a> {
    draft: &'a mut Draft,
    folder: &'a Snapshot,
    over: Snapshot,
    knowledge: KnowledgeBase,
    /// The problems of the draft before the edit.
    problems: Vec<Problem>,
    today: Date,
}

impl<'a> Workbench<'a> {
    /// Loads the knowledge of a draft; parts with errors are left out.
    #[must_use]
    pub fn open(draft: &'a mut Draft, folder: &'a Snapshot, today: Date) -> Self {
        let over = draft.over(folder);
        let Loaded {
            knowledge,
            problems,
        } = over.load(today);
        Self {
            draft,
            folder,
            over,
            knowledge,
            problems,
            today,
        }
    }

    /// Returns the text of a file with the draft; empty if there is none.
    #[must_use]
    pub fn text(&self, path: &str) -> &str {
        self.over.text(path).unwrap_or_default()
    }

    /// Returns an entry with the draft.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<WrittenEntry> {
        self.knowledge.entry(id).map(WrittenEntry::from)
    }

    /// Changes an entry; only the keys that differ are written.
    ///
    /// # Errors
    /// [`EditRefusal`] if there is no such entry, or its file cannot be changed.
    pub fn change_entry(mut self, entry: WrittenEntry) -> Result<(), EditRefusal> {
        self.write_entry(entry)
    }

    fn write_entry(&mut self, entry: WrittenEntry) -> Result<(), EditRefusal> {
        let before = self.knowledge.entry(&entry.id);
        let before = before.ok_or_else(|| EditRefusal::Missing(entry.id.clone()))?;
        let file = before.location.file.to_path_buf();
        let fields = WrittenEntry::from(before).differences(&entry);
        if fields.is_empty() {
            return Ok(());
        }
        self.rewrite(&file, |path, text| {
            edited(path, text, &[&Change::Changed { entry, fields }])
        })
    }

    /// Adds questions of members as variants of an entry; returns the number of those that are new.
    ///
    /// # Errors
    /// As [`Self::change_entry`].
    pub fn add_variants(self, id: &str, questions: &[String]) -> Result<usize, EditRefusal> {
        let entry = self.knowledge.entry(id);
        let entry = entry.ok_or_else(|| EditRefusal::Missing(id.to_owned()))?;
        let mut changed = WrittenEntry::from(entry);
        let added = add_new(&mut changed.variants, &entry.question, questions);
        self.change_entry(changed)?;
        Ok(added)
    }

    /// Adds an entry to the file of its category, else to the last file of its desk; returns its id.
    ///
    /// # Errors
    /// [`EditRefusal`] if there is no such desk, or the file cannot be changed.
    pub fn add_entry(mut self, new: NewEntry) -> Result<String, EditRefusal> {
        self.insert_entry(new)
    }

    /// Adds an entry, with an id of its own unless it has one.
    fn insert_entry(&mut self, new: NewEntry) -> Result<String, EditRefusal> {
        let NewEntry { mut entry } = new;
        let desk = self.knowledge.desk(&entry.desk);
        let desk = desk.ok_or_else(|| EditRefusal::Missing(entry.desk.clone()))?;
        let ids = self.knowledge.entries.iter();
        let taken: BTreeSet<String> = ids.map(|entry| entry.id.to_string()).collect();
        if entry.id.is_empty() {
            entry.id = new_id(&entry.question, desk.id.as_str(), &taken);
        }
        let own = self.knowledge.entries.iter();
        let own: Vec<&Entry> = own.filter(|other| other.desk == desk.id).collect();
        let alike = own
            .iter()
            .rev()
            .find(|other| other.category == entry.category);
        let file = alike.or(own.last()).map_or_else(
            || Path::new(desk.id.as_str()).join("entries.toml"),
            |other| other.location.file.to_path_buf(),
        );
        let id = entry.id.clone();
        self.rewrite(&file, |path, text| {
            edited(path, text, &[&Change::Added(entry)])
        })?;
        Ok(id)
    }

    fn rewrite(
        &mut self,
        file: &Path,
        change: impl FnOnce(&Path, &str) -> Result<String, EditError>,
    ) -> Result<(), EditRefusal> {
        // The paths of a snapshot are those of the draft: one folder at most, joined by `/`.
        let path = file.to_string_lossy().replace('\\', "/");
        let after = change(file, self.text(&path))?;
        // Also where there is no file: an empty one would be a change.
        if after == self.text(&path) {
            return Ok(());
        }
        self.over = self.over.with(&path, Some(&after));
        self.draft.set(&path, self.folder.text(&path), after);
        Ok(())
    }

    /// Applies settings to a file.
    fn set(&mut self, file: &Path, settings: &[Setting]) -> Result<(), EditRefusal> {
        self.rewrite(file, |path, text| apply_settings(path, text, settings))
    }

    /// Applies settings to a file. Refuses what `check` would call an error, and a file that has errors: its
    /// form did not show the parts with them.
    fn set_checked(&mut self, file: &Path, settings: &[Setting]) -> Result<(), EditRefusal> {
        let is_error = |problem: &&Problem| problem.severity == Severity::Error;
        let old: Vec<&Problem> = self.problems.iter().filter(is_error).collect();
        let own = old.iter().filter(|problem| *problem.location.file == *file);
        let own: Vec<Problem> = own.map(|problem| (*problem).clone()).collect();
        if !own.is_empty() {
            return Err(EditRefusal::Unfit(own));
        }
        let path = file.to_string_lossy().replace('\\', "/");
        let after = apply_settings(file, self.text(&path), settings)?;
        if after == self.text(&path) {
            return Ok(());
        }
        let over = self.over.with(&path, Some(&after));
        let is_known = |new: &Problem| {
            let mut old = old.iter();
            old.any(|old| old.location.file == new.location.file && old.mistake == new.mistake)
        };
        let problems = over.load(self.today).problems.into_iter();
        let new = problems.filter(|new| new.severity == Severity::Error && !is_known(new));
        let new: Vec<Problem> = new.collect();
        if !new.is_empty() {
            return Err(EditRefusal::Unfit(new));
        }
        self.over = over;
        self.draft.set(&path, self.folder.text(&path), after);
        Ok(())
    }
}

/// Adds questions that a list and the question of an entry do not have yet; returns their number.
fn add_new(variants: &mut Vec<String>, question: &str, questions: &[String]) -> usize {
    let mut known: BTreeSet<String> = variants.iter().map(|variant| folded(variant)).collect();
    known.insert(folded(question));
    let before = variants.len();
    for text in questions.iter().filter_map(|text| as_variant(text)) {
        if known.insert(folded(&text)) {
            variants.push(text);
        }
    }
    variants.len() - before
}

/// Writes a question of a member as a variant that means just it; `None` if a part is masked.
pub(super) fn as_variant(question: &str) -> Option<String> {
    let text = question.split_whitespace().collect::<Vec<_>>().join(" ");
    // The signs of the notation; full-width ones are text.
    let text = text
        .replace('(', "（")
        .replace(')', "）")
        .replace('|', "｜");
    (!text.is_empty() && !text.contains(MASK)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_becomes_a_variant_that_means_just_it() {
        for (question, expected) in [
            (
                "会費は (年) いくら?\n教えて",
                Some("会費は （年） いくら? 教えて"),
            ),
            ("A|B", Some("A｜B")),
            ("***の電話", None),
            (" ", None),
        ] {
            assert_eq!(as_variant(question).as_deref(), expected, "{question}");
        }
        let mut variants = vec!["会費は".to_owned()];
        let new = ["会費は", "ｶｲﾋは", "かいひは", "かいひは"].map(str::to_owned);
        assert_eq!(
            add_new(&mut variants, "会費はいくらですか", &new),
            2,
            "{variants:?}"
        );
    }
}
