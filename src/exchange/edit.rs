//! Writes the changes of a plan into TOML files; comments and order of existing files are kept.
//!
//! Invariant: files are replaced only if the folder with the new files loads without errors, and
//! each file is replaced in one step.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Key, Table, Value};

use super::files::{copy_toml, replace};
use super::plan::{Change, Plan};
use super::record::{Field, WrittenEntry};
use super::table_order::{Orphan, place};
use super::text_array;
use crate::knowledge::{Localized, Problem, Severity, load, localized};

/// The new content of files, relative to the knowledge folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    files: BTreeMap<PathBuf, String>,
}

/// The changes cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// A file cannot be read or written.
    #[error("cannot write `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The I/O error.
        source: std::io::Error,
    },
    /// A file of the folder is no valid TOML.
    #[error("`{}` is not valid TOML: {source}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// The parser's error.
        source: Box<toml_edit::TomlError>,
    },
    /// An entry is written in a form that cannot be changed in place, such as `entry = [{ … }]`.
    #[error("{}", .0.en)]
    Form(Localized),
}

impl EditError {
    pub(super) fn form(path: &Path, id: &str) -> Self {
        let path = path.display();
        Self::Form(localized!(
            ja: "`{path}` の項目 `{id}` は `[[entry]]` の形で書かれていないため、変更できません。何も書いていません。\n直し方: 項目ごとに `[[entry]]` の行を書き、その下に `id = \"{id}\"` などを一行ずつ書いてください",
            en: "`{path}`: the entry `{id}` is not written as `[[entry]]` and cannot be changed; nothing was written\nhint: begin each entry with a line `[[entry]]`, and write `id = \"{id}\"` and the other keys below it",
        ))
    }
}

impl Edits {
    /// Applies a plan to the files of a folder, in memory; `prune` also removes what is gone, unless
    /// rows of the source were left out.
    ///
    /// # Errors
    /// [`EditError`] if a file cannot be read or parsed.
    pub fn prepare(folder: &Path, plan: &Plan, prune: bool) -> Result<Self, EditError> {
        let files = plan.by_file(prune).into_iter().map(|(file, changes)| {
            let text = edit_file(&folder.join(file), &changes)?;
            Ok((file.to_owned(), text))
        });
        let files = files.collect::<Result<_, _>>()?;
        Ok(Self { files })
    }

    /// Returns the files that will be written, relative to the folder.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }

    /// Loads a copy of the folder with the new files and returns the errors that it would have.
    ///
    /// # Errors
    /// [`EditError::File`] if the copy cannot be made.
    pub fn problems(&self, folder: &Path, today: Date) -> Result<Vec<Problem>, EditError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| EditError::File { path, source }
        };
        let copy = tempfile::tempdir().map_err(at(folder))?;
        copy_toml(folder, copy.path()).map_err(at(folder))?;
        for (file, text) in &self.files {
            let path = copy.path().join(file);
            let parent = path.parent().unwrap_or(copy.path());
            fs::create_dir_all(parent).map_err(at(parent))?;
            fs::write(&path, text).map_err(at(&path))?;
        }
        let problems = load(copy.path(), today).problems.into_iter();
        Ok(problems
            .filter(|problem| problem.severity == Severity::Error)
            .collect())
    }

    /// Replaces the files.
    ///
    /// # Errors
    /// [`EditError::File`] if a file cannot be written; those before it are.
    pub fn write(&self, folder: &Path) -> Result<(), EditError> {
        for (file, text) in &self.files {
            let path = folder.join(file);
            replace(&path, text).map_err(|source| EditError::File { path, source })?;
        }
        Ok(())
    }
}

fn edit_file(path: &Path, changes: &[&Change]) -> Result<String, EditError> {
    let before = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(source) => {
            let path = path.to_owned();
            return Err(EditError::File { path, source });
        }
    };
    edited(path, &before, changes)
}

/// Applies changes of entries to the text of a file; the path is for errors.
///
/// # Errors
/// [`EditError`] if the text is no TOML, or an entry cannot be changed in place.
pub fn edited(path: &Path, before: &str, changes: &[&Change]) -> Result<String, EditError> {
    rewritten(before, |text| {
        let mut text = if changes
            .iter()
            .all(|change| matches!(change, Change::Added(_)))
        {
            text
        } else {
            let document = parse_document(path, &text)?;
            edit_document(document, changes).map_err(|id| EditError::form(path, id))?
        };
        for change in changes {
            if let Change::Added(entry) = change {
                append(&mut text, &write_entry(entry));
            }
        }
        Ok(text)
    })
}

/// Changes a text without its byte order mark and with `\n`; both are as before in the result.
pub(super) fn rewritten(
    before: &str,
    change: impl FnOnce(String) -> Result<String, EditError>,
) -> Result<String, EditError> {
    let has_windows_breaks = before.contains("\r\n");
    let mark = if before.starts_with('\u{feff}') {
        "\u{feff}"
    } else {
        ""
    };
    let text = before.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let text = change(text)?;
    let text = if has_windows_breaks {
        text.replace('\n', "\r\n")
    } else {
        text
    };
    Ok(format!("{mark}{text}"))
}

pub(super) fn parse_document(path: &Path, text: &str) -> Result<DocumentMut, EditError> {
    text.parse().map_err(|source| EditError::Toml {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

/// Appends an item after a blank line.
pub(super) fn append(text: &mut String, item: &str) {
    if !text.is_empty() {
        text.truncate(text.trim_end().len());
        text.push_str("\n\n");
    }
    text.push_str(item);
}

/// Applies changes to the tables of entries; fails with the id of an entry that has no table.
fn edit_document<'a>(mut document: DocumentMut, changes: &[&'a Change]) -> Result<String, &'a str> {
    let mut tables = document
        .get_mut("entry")
        .and_then(Item::as_array_of_tables_mut);
    let mut orphans = Vec::new();
    let has_id = |table: &Table, id: &str| table.get("id").and_then(Item::as_str) == Some(id);
    for change in changes {
        let (Change::Changed { entry, .. } | Change::Gone(entry)) = change else {
            continue;
        };
        let tables = tables.as_deref_mut().ok_or(&*entry.id)?;
        let found = tables.iter_mut().find(|table| has_id(table, &entry.id));
        let table = found.ok_or(&*entry.id)?;
        match change {
            Change::Changed { fields, .. } => update(table, entry, fields),
            _ => {
                orphans.push(Orphan::above(table));
                tables.retain(|table| !has_id(table, &entry.id));
            }
        }
    }
    place(&mut document, orphans);
    Ok(document.to_string())
}

/// Sets the changed keys of a table; a key keeps its place and the comment above it.
fn update(table: &mut Table, entry: &WrittenEntry, fields: &[Field]) {
    for field in fields {
        match field {
            Field::Document | Field::Section => set_source(table, entry),
            Field::Id | Field::Desk | Field::Answer => {}
            Field::AnswerMarkdown => set(table, "answer", Some(answer(&entry.answer))),
            Field::Category => set(table, "category", Some(text(&entry.category))),
            Field::Question => set(table, "question", Some(text(&entry.question))),
            Field::EnglishTitle => set(table, "title", title(entry)),
            Field::Variants => set_variants(table, &entry.variants),
            Field::Related => {
                let has_any = !entry.related.is_empty();
                set(table, "related", has_any.then(|| list(&entry.related)));
            }
            Field::Contact => set(table, "contact", entry.contact.as_deref().map(text)),
            Field::ValidFrom => set(table, "valid_from", entry.valid_from.map(date)),
            Field::ValidUntil => set(table, "valid_until", entry.valid_until.map(date)),
            Field::ReviewBy => set(table, "review_by", entry.review_by.map(date)),
        }
    }
}

pub(super) fn set(table: &mut Table, key: &str, value: Option<Value>) {
    match (table.get_mut(key), value) {
        (Some(Item::Value(old)), Some(mut new)) => {
            // Keeps a comment at the end of the line.
            let decor = old.decor().clone();
            *new.decor_mut() = decor;
            *old = new;
        }
        (_, Some(new)) => {
            table.insert(key, Item::Value(new));
        }
        (_, None) => {
            table.remove(key);
        }
    }
}

/// Sets the variants; comments in the list are kept.
pub(super) fn set_variants(table: &mut Table, new: &[String]) {
    let list = table.get_mut("variants").and_then(Item::as_array_mut);
    let is_updated =
        !new.is_empty() && list.is_some_and(|list| text_array::update(list, new, text));
    if !is_updated {
        set(table, "variants", (!new.is_empty()).then(|| variants(new)));
    }
}

fn set_source(table: &mut Table, entry: &WrittenEntry) {
    let source = table.get_mut("source").and_then(Item::as_table_like_mut);
    let Some(source) = source else {
        table.insert("source", Item::Value(source_table(entry)));
        return;
    };
    for (key, new) in [("document", &entry.document), ("section", &entry.section)] {
        let is_same = source.get(key).and_then(Item::as_str) == Some(new);
        if !is_same {
            source.insert(key, Item::Value(text(new)));
        }
    }
}

/// Writes a new entry, with the keys in the usual order.
fn write_entry(entry: &WrittenEntry) -> String {
    let mut lines = vec!["[[entry]]".to_owned()];
    let mut add = |key: &str, value: Value| {
        let key = Key::new(key);
        lines.push(format!(
            "{} = {}",
            key.display_repr(),
            value.to_string().trim()
        ));
    };
    add("id", text(&entry.id));
    add("category", text(&entry.category));
    add("question", text(&entry.question));
    if let Some(title) = title(entry) {
        add("title", title);
    }
    if !entry.variants.is_empty() {
        add("variants", variants(&entry.variants));
    }
    add("answer", answer(&entry.answer));
    add("source", source_table(entry));
    if !entry.related.is_empty() {
        add("related", list(&entry.related));
    }
    if let Some(contact) = &entry.contact {
        add("contact", text(contact));
    }
    let dates = [
        ("valid_from", entry.valid_from),
        ("valid_until", entry.valid_until),
        ("review_by", entry.review_by),
    ];
    for (key, day) in dates {
        if let Some(day) = day {
            add(key, date(day));
        }
    }
    lines.join("\n") + "\n"
}

fn title(entry: &WrittenEntry) -> Option<Value> {
    let mut titles = InlineTable::new();
    titles.insert("en", text(entry.english_title.as_deref()?));
    Some(Value::InlineTable(titles))
}

fn source_table(entry: &WrittenEntry) -> Value {
    let mut source = InlineTable::new();
    source.insert("document", text(&entry.document));
    source.insert("section", text(&entry.section));
    Value::InlineTable(source)
}

/// Writes a text as a TOML string.
pub fn quoted(plain: &str) -> String {
    text(plain).to_string()
}

/// Writes a text of one line in `"…"`, so that all texts of a file look alike.
pub(super) fn text(text: &str) -> Value {
    parse(&format!("\"{}\"", escaped(text, true)))
}

/// Writes an answer in `"""`, each line on a line of its own.
fn answer(text: &str) -> Value {
    parse(&format!("\"\"\"\n{}\n\"\"\"", escaped(text, false)))
}

fn escaped(text: &str, is_single_line: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '"' if is_single_line => escaped.push_str("\\\""),
            // Three in a row would close the text.
            '"' if escaped.ends_with("\"\"") => escaped.push_str("\\\""),
            '\n' if is_single_line => escaped.push_str("\\n"),
            '\n' => escaped.push('\n'),
            '\t' => escaped.push_str("\\t"),
            control if control.is_control() => {
                escaped.push_str(&format!("\\u{:04X}", u32::from(control)));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

pub(super) fn variants(variants: &[String]) -> Value {
    let lines = variants
        .iter()
        .map(|variant| format!("  {},\n", text(variant)));
    parse(&format!("[\n{}]", lines.collect::<String>()))
}

pub(super) fn list(texts: &[String]) -> Value {
    Value::Array(texts.iter().map(|one| text(one)).collect::<Array>())
}

fn date(date: Date) -> Value {
    parse(&date.to_string())
}

/// Parses a value that was written above; a plain string is the fallback, which cannot be needed.
pub(super) fn parse(written: &str) -> Value {
    written.parse().unwrap_or_else(|_| Value::from(written))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    fn entry() -> WrittenEntry {
        WrittenEntry {
            id: "a-1".to_owned(),
            desk: "a".to_owned(),
            category: "会費".to_owned(),
            question: "\"いくら\" \\ ですか？".to_owned(),
            english_title: Some("How much is it?".to_owned()),
            variants: vec!["(値段|料金)は".to_owned()],
            answer: "一行目\n\n\"\"\"引用\"\"\" と \\* と\t終わり\"".to_owned(),
            document: "案内".to_owned(),
            section: "1".to_owned(),
            valid_from: Some(day(2026, 4, 1)),
            ..WrittenEntry::default()
        }
    }

    #[test]
    fn a_new_entry_is_written_as_people_write_it() {
        insta::assert_snapshot!(write_entry(&entry()), @r#"
        [[entry]]
        id = "a-1"
        category = "会費"
        question = "\"いくら\" \\ ですか？"
        title = { en = "How much is it?" }
        variants = [
          "(値段|料金)は",
        ]
        answer = """
        一行目

        ""\"引用""\" と \\* と\t終わり"
        """
        source = { document = "案内", section = "1" }
        valid_from = 2026-04-01
        "#);
    }

    #[test]
    fn a_changed_entry_keeps_comments_order_and_the_rest() {
        let before = "# 会費の項目\n[[entry]]\n# 質問の順は文書のとおり\nid = \"a-1\"\nquestion = \"旧\" # 直した\ncategory = \"会費\"\nanswer = \"旧\"\nsource = { document = \"案内\", section = \"1\" } # 頁\n\n# 次\n[[entry]]\nid = \"a-2\"\n\n[[referral]]\nid = \"r\"\n";
        let document = before.parse::<DocumentMut>().expect("TOML");
        let new = WrittenEntry {
            section: "2".to_owned(),
            ..entry()
        };
        let fields = vec![
            Field::Question,
            Field::EnglishTitle,
            Field::AnswerMarkdown,
            Field::Section,
            Field::ValidFrom,
        ];
        let changed = Change::Changed { entry: new, fields };
        let gone = Change::Gone(WrittenEntry {
            id: "a-2".to_owned(),
            ..entry()
        });
        insta::assert_snapshot!(edit_document(document, &[&changed, &gone]).expect("tables"), @r#"
        # 会費の項目
        [[entry]]
        # 質問の順は文書のとおり
        id = "a-1"
        question = "\"いくら\" \\ ですか？" # 直した
        category = "会費"
        answer = """
        一行目

        ""\"引用""\" と \\* と\t終わり"
        """
        source = { document = "案内", section = "2" } # 頁
        title = { en = "How much is it?" }
        valid_from = 2026-04-01

        [[referral]]
        id = "r"
        "#);
    }

    #[test]
    fn a_removed_entry_leaves_all_other_lines_as_they_are() {
        let before = "# 会費の項目\n\n# 一\n[[entry]]\nid = \"a-1\"\n\n[[referral]]\nid = \"r\"\n\n[[entry]]\nid = \"a-2\"\n";
        let gone = Change::Gone(entry());
        let removed = edited(Path::new("a.toml"), before, &[&gone]).expect("a text");
        assert_eq!(
            removed,
            before.replace("# 一\n[[entry]]\nid = \"a-1\"\n\n", "")
        );
    }
}
