//! Edits of a draft: entries, their variants, referrals and out-of-scope subjects.
//!
//! Input: a draft and the files of the folder. Output: the draft with other texts of files; only the
//! changed keys of a file are written.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::Date;

use super::draft::Draft;
use crate::exchange::{
    Change, EditError, NewTopic, TopicKind, WrittenEntry, add_topic, edited, new_id,
    set_closed_days, set_topic_variants,
};
use crate::knowledge::business_hours::DateRange;
use crate::knowledge::{Entry, KnowledgeBase, Loaded, Snapshot, folded};

/// The file of out-of-scope subjects.
const OUT_OF_SCOPE_FILE: &str = "out_of_scope.toml";

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
}

/// A draft with its knowledge, ready to be edited.
pub struct Workbench<'a> {
    draft: &'a mut Draft,
    folder: &'a Snapshot,
    over: Snapshot,
    knowledge: KnowledgeBase,
}

impl<'a> Workbench<'a> {
    /// Loads the knowledge of a draft; parts with errors are left out.
    #[must_use]
    pub fn open(draft: &'a mut Draft, folder: &'a Snapshot, today: Date) -> Self {
        let over = draft.over(folder);
        let Loaded { knowledge, .. } = over.load(today);
        Self {
            draft,
            folder,
            over,
            knowledge,
        }
    }

    /// Changes an entry; only the keys that differ are written.
    ///
    /// # Errors
    /// [`EditRefusal`] if there is no such entry, or its file cannot be changed.
    pub fn change_entry(self, entry: WrittenEntry) -> Result<(), EditRefusal> {
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
    pub fn add_entry(self, new: NewEntry) -> Result<String, EditRefusal> {
        let NewEntry { mut entry } = new;
        let desk = self.knowledge.desk(&entry.desk);
        let desk = desk.ok_or_else(|| EditRefusal::Missing(entry.desk.clone()))?;
        let ids = self.knowledge.entries.iter();
        let taken: BTreeSet<String> = ids.map(|entry| entry.id.to_string()).collect();
        entry.id = new_id(&entry.question, desk.id.as_str(), &taken);
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

    /// Adds a referral of a desk; returns its id.
    ///
    /// # Errors
    /// [`EditRefusal`] if there is no such desk, or the file cannot be changed.
    pub fn add_referral(
        self,
        desk: &str,
        topic: &str,
        questions: &[String],
    ) -> Result<String, EditRefusal> {
        let found = self.knowledge.desk(desk);
        let desk = found.ok_or_else(|| EditRefusal::Missing(desk.to_owned()))?;
        let own = self.knowledge.referrals.iter();
        let last = own.rev().find(|referral| referral.desk == desk.id);
        let file = last.map_or_else(
            || Path::new(desk.id.as_str()).join("referrals.toml"),
            |referral| referral.location.file.to_path_buf(),
        );
        let id = new_id(topic, desk.id.as_str(), &self.topic_ids());
        let new = self.topic(TopicKind::Referral, &id, topic, questions);
        self.rewrite(&file, |_, text| add_topic(text, &new))?;
        Ok(id)
    }

    /// Adds an out-of-scope subject; returns its id.
    ///
    /// # Errors
    /// [`EditRefusal`] if the folder has no file of such subjects, or it cannot be changed.
    pub fn add_out_of_scope(self, questions: &[String]) -> Result<String, EditRefusal> {
        if !self.over.has_file(OUT_OF_SCOPE_FILE) {
            return Err(EditRefusal::ShippedSubjects);
        }
        let first = questions.first().map_or("", String::as_str);
        let id = new_id(first, "other", &self.topic_ids());
        let new = self.topic(TopicKind::OutOfScope, &id, "", questions);
        self.rewrite(Path::new(OUT_OF_SCOPE_FILE), |_, text| {
            add_topic(text, &new)
        })?;
        Ok(id)
    }

    /// Adds questions of members as variants of a referral or an out-of-scope subject.
    ///
    /// # Errors
    /// [`EditRefusal`] if there is no such subject, or its file cannot be changed.
    pub fn add_topic_variants(
        self,
        kind: TopicKind,
        id: &str,
        questions: &[String],
    ) -> Result<(), EditRefusal> {
        let knowledge = &self.knowledge;
        let found = match kind {
            TopicKind::Referral => {
                let mut referrals = knowledge.referrals.iter();
                let found = referrals.find(|referral| referral.id.as_str() == id);
                found.map(|referral| (&referral.variants, referral.location.file.to_path_buf()))
            }
            TopicKind::OutOfScope => {
                let mut subjects = knowledge.out_of_scope.iter();
                let found = subjects.find(|it| it.id.as_str() == id && !it.is_default);
                found.map(|subject| (&subject.variants, OUT_OF_SCOPE_FILE.into()))
            }
        };
        let (variants, file) = found.ok_or_else(|| EditRefusal::Missing(id.to_owned()))?;
        let mut variants: Vec<String> = variants
            .iter()
            .map(|variant| variant.pattern().to_owned())
            .collect();
        add_new(&mut variants, "", questions);
        self.rewrite(&file, |path, text| {
            set_topic_variants(path, text, kind, id, &variants)
        })
    }

    /// Adds a closed period to the hours of a desk, and removes others.
    ///
    /// # Errors
    /// [`EditRefusal`] if there is no such desk with hours, or its file cannot be changed.
    pub fn change_closed_days(
        self,
        desk: &str,
        added: Option<DateRange>,
        removed: &[DateRange],
    ) -> Result<(), EditRefusal> {
        let missing = || EditRefusal::Missing(desk.to_owned());
        let found = self.knowledge.desk(desk).ok_or_else(missing)?;
        let hours = found.hours.as_ref().ok_or_else(missing)?;
        let file = found.location.file.to_path_buf();
        let mut ranges = hours.business_hours.closed.clone();
        ranges.retain(|range| !removed.contains(range));
        ranges.extend(added.filter(|added| !ranges.contains(added)));
        self.rewrite(&file, |path, text| set_closed_days(path, text, &ranges))
    }

    fn topic(&self, kind: TopicKind, id: &str, topic: &str, questions: &[String]) -> NewTopic {
        let mut variants = Vec::new();
        add_new(&mut variants, "", questions);
        NewTopic {
            kind,
            id: id.to_owned(),
            topic: topic.to_owned(),
            variants,
        }
    }

    /// Returns the ids of all subjects that are no entries; they share one namespace.
    fn topic_ids(&self) -> BTreeSet<String> {
        let knowledge = &self.knowledge;
        let referrals = knowledge.referrals.iter().map(|it| &it.id);
        let ids = referrals.chain(knowledge.out_of_scope.iter().map(|it| &it.id));
        let ids = ids.chain(knowledge.small_talk.iter().map(|it| &it.id));
        let ids = ids.chain(knowledge.hand_offs.iter().map(|it| &it.id));
        ids.map(ToString::to_string).collect()
    }

    fn rewrite(
        self,
        file: &Path,
        change: impl FnOnce(&Path, &str) -> Result<String, EditError>,
    ) -> Result<(), EditRefusal> {
        // The paths of a snapshot are those of the draft: one folder at most, joined by `/`.
        let path = file.to_string_lossy().replace('\\', "/");
        let text = self.over.text(&path).unwrap_or_default();
        let after = change(file, text)?;
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
