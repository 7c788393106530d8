//! JSON: a list of objects as a table; the keys are the columns. Also one object per line.

use serde_json::{Map, Value};

use super::{Row, Table};

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
    Ok(objects.map(|objects| Json::Table(table(&objects))))
}

/// Makes a table: the first row has the keys, the rows have the position in the list as line.
fn table(objects: &[&Map<String, Value>]) -> Table {
    let mut keys: Vec<String> = Vec::new();
    let flat: Vec<Vec<(String, String)>> = objects.iter().map(|object| flatten(object)).collect();
    for (key, _) in flat.iter().flatten() {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    let rows = flat.iter().zip(1..).map(|(object, line)| {
        let cell = |key: &String| {
            let mut pairs = object.iter();
            pairs
                .find(|(name, _)| name == key)
                .map(|(_, text)| text.clone())
        };
        let cells = keys
            .iter()
            .map(|key| cell(key).unwrap_or_default())
            .collect();
        Row { line, cells }
    });
    let rows = rows.collect::<Vec<_>>();
    let head = Row {
        line: 0,
        cells: keys,
    };
    Table {
        sheet: None,
        rows: [vec![head], rows].concat(),
    }
}

/// Returns the values of an object as texts; an inner object adds its keys (`source.document`).
fn flatten(object: &Map<String, Value>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (key, value) in object {
        match value {
            Value::Object(inner) => pairs.extend(flatten(inner)),
            Value::Array(_) => pairs.push((key.clone(), value.to_string())),
            Value::String(text) => pairs.push((key.clone(), text.clone())),
            Value::Null => pairs.push((key.clone(), String::new())),
            other => pairs.push((key.clone(), other.to_string())),
        }
    }
    pairs
}
