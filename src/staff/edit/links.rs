//! Edits of an entry as a whole: its removal, and its copy from a day on. What names the entry follows.

use jiff::ToSpan;
use jiff::civil::Date;

use super::{EditRefusal, NewEntry, Workbench, WrittenDesk};
use crate::exchange::{Given, List, Mark, Setting, WrittenEntry};

/// Greatest length of an id; see [`crate::knowledge::EntryId`].
const MAX_ID_CHARS: usize = 48;

impl Workbench<'_> {
    /// Removes an entry, also from the related entries of others and from those that desks show first.
    ///
    /// # Errors
    /// [`EditRefusal`] if there is no such entry, or a file cannot be changed.
    pub fn remove_entry(mut self, id: &str) -> Result<(), EditRefusal> {
        let entry = self.knowledge.entry(id);
        let entry = entry.ok_or_else(|| EditRefusal::Missing(id.to_owned()))?;
        let file = entry.location.file.to_path_buf();
        self.relink(id, |ids, at| {
            ids.remove(at);
        })?;
        let mark = Mark("id", Given::Text(id.to_owned()));
        self.set(&file, &[Setting::WithoutRow(List(None, "entry"), mark)])
    }

    /// Copies an entry with all its wordings: the old one is valid until the day before `from`, the copy from
    /// that day on. Returns the id of the copy.
    ///
    /// # Errors
    /// [`EditRefusal`] if there is no such entry, it is not valid around that day, or a file cannot be changed.
    pub fn copy_entry(mut self, id: &str, from: Date) -> Result<String, EditRefusal> {
        let entry = self.knowledge.entry(id);
        let entry = entry.ok_or_else(|| EditRefusal::Missing(id.to_owned()))?;
        let before = from.checked_sub(1.day()).ok();
        let before = before.filter(|day| entry.is_valid_on(*day) && entry.is_valid_on(from));
        let before = before.ok_or(EditRefusal::Day(from))?;
        let old = WrittenEntry::from(entry);
        let dated = format!("{id}-{}", from.strftime("%Y%m%d"));
        let is_free = self.knowledge.entry(&dated).is_none() && dated.len() <= MAX_ID_CHARS;
        let copy = WrittenEntry {
            id: if is_free { dated } else { String::new() },
            valid_from: Some(from),
            review_by: old.review_by.filter(|day| *day > from),
            ..old.clone()
        };
        let new = self.insert_entry(NewEntry { entry: copy })?;
        self.relink(id, |ids, at| ids.insert(at + 1, new.clone()))?;
        self.write_entry(WrittenEntry {
            valid_until: Some(before),
            ..old
        })?;
        Ok(new)
    }

    /// Changes the lists that name an entry: the related entries of others, and those that desks show first.
    fn relink(
        &mut self,
        id: &str,
        change: impl Fn(&mut Vec<String>, usize),
    ) -> Result<(), EditRefusal> {
        let place = |ids: &[String]| ids.iter().position(|known| known == id);
        let entries = self.knowledge.entries.iter().map(WrittenEntry::from);
        let linking: Vec<WrittenEntry> = entries
            .filter_map(|mut entry| {
                let at = place(&entry.related)?;
                change(&mut entry.related, at);
                Some(entry)
            })
            .collect();
        for entry in linking {
            self.write_entry(entry)?;
        }
        let desks = self.knowledge.desks.iter().filter_map(|desk| {
            let mut featured = WrittenDesk::from(desk).featured;
            let at = place(&featured)?;
            change(&mut featured, at);
            Some((desk.location.file.to_path_buf(), featured))
        });
        let desks: Vec<_> = desks.collect();
        for (file, featured) in desks {
            let keys = vec![("featured", Some(Given::Texts(featured)))];
            self.set(&file, &[Setting::Keys(None, keys)])?;
        }
        Ok(())
    }
}
