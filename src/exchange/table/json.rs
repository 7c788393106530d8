//! JSON: a list of objects as a table; the keys are the columns. Also one object per line.

use std::collections::{HashMap, HashSet};

use serde::de::Error as _;
use serde_json::{Map, Value};

use super::headings::{fold, names};
use super::{MAX_CELLS, Row, Table};
use crate::exchange::record::Field;

/// The content of a JSON file.
pub(in crate::exchange) enum Json {
    /// Objects of the same kind.
    Table(Table),
    /// A schema.org page.
    Linked(Value),
}

/// Keys under which programs put the list.
const LISTS: [&str; 8] = [
    "entries",
    "faqs",
    "faq",
    "items",
    "data",
    "questions",
    "records",
    "results",
];

/// Reads JSON or JSON Lines; `None` if it is neither a list of objects nor JSON-LD.
pub(in crate::exchange) fn read(text: &str) -> Result<Option<Json>, serde_json::Error> {
    let value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            let values: Result<Vec<Value>, _> = lines.map(serde_json::from_str).collect();
            match values {
                Ok(values) if values.len() > 1 => Value::Array(values),
                _ => return Err(error),
            }
        }
    };
    if text.contains("\"@type\"") {
        return Ok(Some(Json::Linked(value)));
    }
    let list = match &value {
        Value::Array(list) => Some(list),
        Value::Object(object) => {
            let mut lists = LISTS.iter().filter_map(|key| object.get(*key)?.as_array());
            lists.next()
        }
        _ => None,
    };
    let objects = list.map(|list| list.iter().map(Value::as_object).collect::<Vec<_>>());
    let objects = objects.and_then(|objects| objects.into_iter().collect::<Option<Vec<_>>>());
    let table = objects.map(|objects| table(&objects)).transpose()?;
    Ok(table.map(Json::Table))
}

/// Keys under which an inner object has the text that stands for it.
const TEXT_KEYS: [&str; 6] = ["rendered", "name", "title", "text", "value", "label"];

/// Most different keys of the objects of a list.
const MAX_COLUMNS: usize = 2_000;

/// The keys that lead to a value, the outermost first.
type KeyPath<'a> = Vec<&'a str>;

/// Makes a table: the first row has the names of columns, the rows have the position in the list as
/// line. Fails if most objects have keys of their own, so that the table would be too large.
fn table(objects: &[&Map<String, Value>]) -> Result<Table, serde_json::Error> {
    let mut paths: Vec<KeyPath<'_>> = Vec::new();
    let mut known: HashSet<KeyPath<'_>> = HashSet::new();
    let mut rows = Vec::new();
    for (object, line) in objects.iter().zip(1..) {
        let mut cells = HashMap::new();
        flatten(object, &[], &mut |path, text| {
            if known.insert(path.clone()) {
                paths.push(path.clone());
            }
            cells.insert(path, text);
        });
        rows.push((line, cells));
        if paths.len() > MAX_COLUMNS || paths.len().saturating_mul(objects.len()) > MAX_CELLS {
            return Err(serde_json::Error::custom("the objects have too many keys"));
        }
    }
    let head = Row {
        line: 0,
        cells: column_names(&paths),
    };
    let rows = rows.into_iter().map(|(line, mut cells)| Row {
        line,
        cells: paths
            .iter()
            .map(|path| cells.remove(path).unwrap_or_default())
            .collect(),
    });
    Ok(Table {
        rows: std::iter::once(head).chain(rows).collect(),
        ..Table::default()
    })
}

/// Passes each value of an object as text, with its keys.
fn flatten<'a>(
    object: &'a Map<String, Value>,
    outer: &[&'a str],
    add: &mut dyn FnMut(KeyPath<'a>, String),
) {
    for (key, value) in object {
        let path = [outer, &[key.as_str()]].concat();
        match value {
            Value::Object(inner) => flatten(inner, &path, add),
            Value::Array(_) => add(path, value.to_string()),
            Value::String(text) => add(path, text.clone()),
            Value::Null => add(path, String::new()),
            other => add(path, other.to_string()),
        }
    }
}

/// Names the columns: an outer key by itself, and an inner one by itself too if its object only wraps
/// the entry and no other key has that name, as in `{"id": 1, "attributes": {"question": …}}`.
///
/// Any other inner key is prefixed, since it describes its own object: the `id` of a category is not
/// that of the entry.
fn column_names(paths: &[KeyPath<'_>]) -> Vec<String> {
    let count = |key: &str| {
        paths
            .iter()
            .filter(|path| path.last() == Some(&key))
            .count()
    };
    let name = |path: &KeyPath<'_>| {
        let Some((key, outer)) = path.split_last() else {
            return String::new();
        };
        if outer.is_empty() {
            return (*key).to_owned();
        }
        let siblings = || {
            paths
                .iter()
                .filter(|other| other.split_last().is_some_and(|(_, own)| own == outer))
        };
        let has_entry = siblings().any(|path| path.last().is_some_and(|key| is_text_of_entry(key)));
        let describes_itself =
            !has_entry && (is_id(key) || outer.iter().any(|key| is_heading(key)));
        if !describes_itself && count(key) == 1 {
            return (*key).to_owned();
        }
        let mut texts = TEXT_KEYS.iter();
        let text = texts.find(|text| siblings().any(|path| path.last() == Some(*text)));
        let is_free = !paths.iter().any(|path| path.as_slice() == outer);
        if describes_itself && outer.len() == 1 && text == Some(key) && is_free {
            return outer.concat();
        }
        path.join(".")
    };
    paths.iter().map(name).collect()
}

/// Returns whether a key is a heading of questions or answers.
fn is_text_of_entry(key: &str) -> bool {
    let fields = [Field::Question, Field::Answer, Field::AnswerMarkdown];
    let mut headings = fields.iter().flat_map(|field| names(*field, true));
    headings.any(|heading| heading == fold(key))
}

/// Returns whether a key is a heading of ids.
fn is_id(key: &str) -> bool {
    names(Field::Id, true).any(|heading| heading == fold(key))
}

/// Returns whether a key is a heading of any field.
fn is_heading(key: &str) -> bool {
    let fields = Field::ALL.iter();
    let mut headings =
        fields.flat_map(|(field, _)| names(*field, true).chain(names(*field, false)));
    headings.any(|heading| heading == fold(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inner_key_never_takes_the_place_of_an_outer_one() {
        for (json, expected) in [
            (
                r#"[{"category":{"id":3,"name":"料金"},"id":11},{"category":{"id":3,"name":"料金"},"id":12}]"#,
                vec![("category", "料金"), ("category.id", "3"), ("id", "11")],
            ),
            // Without an outer id, too.
            (
                r#"[{"category":{"id":3},"question":"いつ？"}]"#,
                vec![("category.id", "3"), ("question", "いつ？")],
            ),
            (
                r#"[{"author":{"id":1},"question":"いつ？"}]"#,
                vec![("author.id", "1"), ("question", "いつ？")],
            ),
            (
                r#"[{"author":{"id":1,"name":"山田"},"editor":{"name":"田中"},"id":2}]"#,
                vec![
                    ("author.id", "1"),
                    ("author.name", "山田"),
                    ("editor.name", "田中"),
                    ("id", "2"),
                ],
            ),
            // An object that wraps the entry.
            (
                r#"[{"attributes":{"answer":"今","question":"いつ？"},"id":1}]"#,
                vec![("answer", "今"), ("question", "いつ？"), ("id", "1")],
            ),
            (
                r#"[{"faq":{"answer":"今","question":"いつ？"}}]"#,
                vec![("answer", "今"), ("question", "いつ？")],
            ),
            (
                r#"[{"content":{"rendered":"今"},"source":{"document":"規約","section":"3"},"title":{"rendered":"いつ？"}}]"#,
                vec![
                    ("content", "今"),
                    ("source.document", "規約"),
                    ("source.section", "3"),
                    ("title", "いつ？"),
                ],
            ),
        ] {
            let table = match read(json) {
                Ok(Some(Json::Table(table))) => Some(table),
                _ => None,
            };
            let table = table.expect("a table");
            let mut columns: Vec<(&str, &str)> = (0..table.rows[0].cells.len())
                .map(|column| (table.rows[0].cell(column), table.rows[1].cell(column)))
                .collect();
            let mut expected = expected;
            columns.sort_unstable();
            expected.sort_unstable();
            assert_eq!(columns, expected, "{json}");
        }
    }
}
