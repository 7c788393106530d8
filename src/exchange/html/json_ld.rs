//! Questions and answers of a schema.org `FAQPage` in JSON-LD.

use serde_json::Value;

use super::blocks::fragment_to_markdown;
use super::pair::{Found, Pair};
use super::tags::is_html;
use crate::exchange::text;

/// Reads every `Question`, also those without an answer; none if the value is no JSON-LD of a FAQ.
pub(crate) fn read_value(value: &Value, base: Option<&str>) -> Found {
    let mut found = Found::default();
    collect(value, base, &mut found);
    if let Some(name) = value.get("name").and_then(Value::as_str) {
        found.title = Some(plain(name));
    }
    found
}

fn collect(value: &Value, base: Option<&str>, found: &mut Found) {
    match value {
        Value::Array(values) => {
            for value in values {
                collect(value, base, found);
            }
        }
        Value::Object(object) => {
            if is_type(value, "Question") {
                found
                    .pairs
                    .push(read_question(value, base, found.pairs.len()));
                return;
            }
            for key in ["@graph", "mainEntity", "hasPart", "itemListElement", "item"] {
                if let Some(value) = object.get(key) {
                    collect(value, base, found);
                }
            }
        }
        _ => {}
    }
}

fn is_type(value: &Value, wanted: &str) -> bool {
    let is_wanted = |value: &Value| value.as_str().is_some_and(|name| name.ends_with(wanted));
    match value.get("@type") {
        Some(Value::Array(types)) => types.iter().any(is_wanted),
        Some(name) => is_wanted(name),
        None => false,
    }
}

fn read_question(value: &Value, base: Option<&str>, position: usize) -> Pair {
    let string = |keys: &[&str]| {
        let mut values = keys.iter().filter_map(|key| value.get(key));
        values.find_map(Value::as_str)
    };
    let question = plain(string(&["name", "headline", "text"]).unwrap_or_default());
    let text = answer_text(value).unwrap_or_default();
    let (answer, lost) = if is_html(text) {
        let rendered = fragment_to_markdown(text, base);
        (rendered.markdown, rendered.lost)
    } else {
        (text::to_markdown(text), <_>::default())
    };
    Pair {
        number: position + 1,
        id: string(&["identifier"]).map(str::to_owned),
        category: string(&["about"]).map(plain),
        question,
        answer,
        lost,
    }
}

/// Returns the text of the first answer, which may be HTML.
fn answer_text(question: &Value) -> Option<&str> {
    let answers = question
        .get("acceptedAnswer")
        .or_else(|| question.get("suggestedAnswer"))?;
    let answer = match answers {
        Value::Array(answers) => answers.first()?,
        answer => answer,
    };
    match answer {
        Value::String(text) => Some(text),
        answer => answer.get("text").and_then(Value::as_str),
    }
}

/// Returns the text of a name, which may have HTML in it.
fn plain(name: &str) -> String {
    let text = if is_html(name) {
        super::dom::parse(name).text()
    } else {
        name.to_owned()
    };
    text::clean_line(&text)
}
