//! Matches records with existing entries, one by one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::{Accepted, Change, Plan, Target, problems, references};
use crate::exchange::ids;
use crate::exchange::read::{Source, stem};
use crate::exchange::record::{Record, WrittenEntry};
use crate::knowledge::{Desk, Entry, KnowledgeBase, Location, folded};

/// The state of a comparison.
pub(super) struct Planner<'a> {
    knowledge: &'a KnowledgeBase,
    target: &'a Target<'a>,
    /// Entries by folded question.
    by_question: HashMap<String, &'a Entry>,
    taken_ids: BTreeSet<String>,
    /// Ids as written in the source, with the ids of the entries.
    written_ids: BTreeMap<String, String>,
    /// Ids that several rows have.
    repeated_ids: BTreeSet<&'a str>,
    /// Ids of matched entries, and the place of the record.
    matched: HashMap<String, &'a Location>,
    /// Folded questions of accepted records.
    questions: HashMap<String, (&'a Location, &'a str)>,
    accepted: Vec<Accepted<'a>>,
    unknown_desks: BTreeMap<&'a str, &'a Location>,
    plan: Plan,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        knowledge: &'a KnowledgeBase,
        sources: &'a [(PathBuf, Source)],
        target: &'a Target<'a>,
    ) -> Self {
        let mut seen = BTreeSet::new();
        let records = sources.iter().flat_map(|(_, source)| &source.records);
        let ids = records.filter_map(written_id);
        let repeated_ids = ids.filter(|id| !seen.insert(*id)).collect();
        let entries = || knowledge.entries.iter();
        Self {
            knowledge,
            target,
            by_question: entries()
                .rev()
                .map(|entry| (folded(&entry.question), entry))
                .collect(),
            taken_ids: entries().map(|entry| entry.id.to_string()).collect(),
            written_ids: BTreeMap::new(),
            repeated_ids,
            matched: HashMap::new(),
            questions: HashMap::new(),
            accepted: Vec::new(),
            unknown_desks: BTreeMap::new(),
            plan: Plan::default(),
        }
    }

    /// Finds a desk by its id or one of its names.
    fn named_desk(&self, name: &str) -> Option<&'a Desk> {
        let mut desks = self.knowledge.desks.iter();
        desks.find(|desk| [desk.id.as_str(), &desk.name.ja, &desk.name.en].contains(&name))
    }

    /// Finds the desk of a record: its own, else that of the target, else the only one.
    fn desk(&mut self, record: &'a Record) -> Option<&'a Desk> {
        let written = record.desk.as_deref().filter(|desk| !desk.is_empty());
        if let Some(written) = written {
            if let Some(desk) = self.named_desk(written) {
                return Some(desk);
            }
            self.unknown_desks
                .entry(written)
                .or_insert(&record.location);
        }
        match (self.target.desk, self.knowledge.desks.as_slice()) {
            (Some(desk), _) => self.named_desk(desk),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    pub(super) fn add(&mut self, record: &'a Record, file: &Path, source: &Source) {
        let desk = self.desk(record);
        let question = folded(&record.question);
        let written = written_id(record);
        let desk_id = desk.map_or("", |desk| desk.id.as_str());
        let id = written.and_then(|id| ids::from_written(id, desk_id));
        let by_id = id.as_deref().and_then(|id| self.knowledge.entry(id));
        let by_question = self.by_question.get(&question).copied().filter(|found| {
            record.desk.is_none() || Some(&found.desk) == desk.map(|desk| &desk.id)
        });
        // An id that several rows have identifies none of them.
        let is_repeated = written.is_some_and(|id| self.repeated_ids.contains(id));
        let existing = if is_repeated {
            by_question.or(by_id)
        } else {
            by_id.or(by_question)
        };
        // A record of an existing id is never dropped here: a question that two entries share is an error
        // of the folder with the new files, which names both.
        if by_id.is_none()
            && let Some((first, answer)) = self.questions.get(&question)
        {
            let is_same = *answer == record.answer;
            self.plan.left_out += usize::from(!is_same);
            let problem = problems::duplicate(record, first, is_same);
            self.plan.problems.push(problem);
            return;
        }
        if let Some(existing) = existing
            && let Some(first) = self.matched.get(existing.id.as_str())
        {
            self.plan.left_out += 1;
            self.plan
                .problems
                .push(problems::same_id(record, first, existing.id.as_str()));
            return;
        }
        let (before, file, mut entry) = if let Some(existing) = existing {
            let named = record
                .desk
                .as_deref()
                .and_then(|name| self.named_desk(name));
            if let Some(named) = named.filter(|named| named.id != existing.desk) {
                let (id, desk) = (existing.id.as_str(), existing.desk.as_str());
                let problem = problems::other_desk(record, id, desk, named.id.as_str());
                self.plan.problems.push(problem);
            }
            self.matched
                .insert(existing.id.to_string(), &record.location);
            let before = WrittenEntry::from(existing);
            (
                Some(before.clone()),
                existing.location.file.to_path_buf(),
                before,
            )
        } else {
            let Some(desk) = desk else {
                self.plan.without_desk += 1;
                return;
            };
            let free = id.filter(|id| !self.taken_ids.contains(id));
            let id = free.unwrap_or_else(|| {
                ids::from_question(&record.question, desk.id.as_str(), &self.taken_ids)
            });
            self.taken_ids.insert(id.clone());
            let category = record
                .category
                .clone()
                .filter(|category| !category.is_empty());
            let category = category
                .or_else(|| self.target.category.map(str::to_owned))
                .unwrap_or_else(|| source.title.clone());
            let document = self.target.document.unwrap_or(&source.title).to_owned();
            let entry = WrittenEntry {
                id,
                desk: desk.id.to_string(),
                section: category.clone(),
                category,
                document,
                ..WrittenEntry::default()
            };
            (None, target_file(desk.id.as_str(), file), entry)
        };
        entry.apply(record);
        if let Some(written) = written {
            self.written_ids
                .entry(written.to_owned())
                .or_insert_with(|| entry.id.clone());
        }
        self.questions
            .insert(question, (&record.location, &record.answer));
        self.accepted.push(Accepted {
            record,
            file,
            before,
            entry,
        });
    }

    pub(super) fn finish(mut self, sources: &[(PathBuf, Source)]) -> Plan {
        for (name, location) in &self.unknown_desks {
            let problem = problems::unknown_desk(self.knowledge, name, location);
            self.plan.problems.push(problem);
        }
        let found = references::check(
            self.knowledge,
            &mut self.accepted,
            &self.written_ids,
            &self.taken_ids,
        );
        self.plan.problems.extend(found);
        let matched = |id: &str| self.matched.contains_key(id);
        let found = references::drop_taken_variants(self.knowledge, &mut self.accepted, &matched);
        self.plan.problems.extend(found);
        let mut files: BTreeSet<PathBuf> = BTreeSet::new();
        let mut documents = self.documents(sources);
        for accepted in std::mem::take(&mut self.accepted) {
            let Accepted {
                file,
                before,
                entry,
                ..
            } = accepted;
            files.insert(file.clone());
            documents.extend(before.iter().map(|before| before.document.clone()));
            documents.insert(entry.document.clone());
            let change = match before {
                None => Change::Added(entry),
                Some(before) => {
                    let fields = before.differences(&entry);
                    if fields.is_empty() {
                        self.plan.unchanged += 1;
                        continue;
                    }
                    Change::Changed { entry, fields }
                }
            };
            self.plan.changes.push((file, change));
        }
        for desk in &self.knowledge.desks {
            files.extend(
                sources
                    .iter()
                    .map(|(file, _)| target_file(desk.id.as_str(), file)),
            );
        }
        let has_ids = sources.iter().any(|(_, source)| {
            let mut records = source.records.iter();
            records.any(|record| written_id(record).is_some())
        });
        for entry in &self.knowledge.entries {
            let file = entry.location.file.to_path_buf();
            let is_matched = self.matched.contains_key(entry.id.as_str());
            if is_matched || !files.contains(&file) {
                continue;
            }
            let written = WrittenEntry::from(entry);
            // People may add entries of their own to an imported file.
            let is_imported = documents.contains(&written.document)
                && (has_ids || ids::is_from_question(&written.id, &written.desk));
            if is_imported {
                self.plan.changes.push((file, Change::Gone(written)));
            }
        }
        let left_out = sources.iter().map(|(_, source)| source.left_out);
        self.plan.left_out += left_out.sum::<usize>();
        self.plan
    }

    /// Returns the titles that entries of the sources without a document of their own have.
    fn documents(&self, sources: &[(PathBuf, Source)]) -> BTreeSet<String> {
        let titles = sources.iter().map(|(_, source)| source.title.clone());
        titles
            .chain(self.target.document.map(str::to_owned))
            .collect()
    }
}

/// Returns the id of a record as written, unless it is empty.
fn written_id(record: &Record) -> Option<&str> {
    record.id.as_deref().filter(|id| !id.is_empty())
}

/// Returns the file of new entries: in the folder of the desk, named after the source.
fn target_file(desk: &str, source: &Path) -> PathBuf {
    let stem = stem(source);
    let parts = stem
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty());
    let name = parts.collect::<Vec<_>>().join("-");
    let name = match name.as_str() {
        "" => "imported",
        // The file of the desk itself.
        name if name.eq_ignore_ascii_case("desk") => "desk-entries",
        name => name,
    };
    Path::new(desk).join(format!("{name}.toml"))
}
