//! Reads the body of a call, JSON or a form, as one JSON object.

use serde_json::{Value, json};

use super::object;

/// Reads a body by its content type.
pub(super) fn read(kind: &str, bytes: &[u8]) -> Result<Value, String> {
    if bytes.is_empty() {
        return Ok(json!({}));
    }
    let text = || std::str::from_utf8(bytes).map_err(|_| "the body is not UTF-8".to_owned());
    if kind.starts_with("application/json") {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        let pairs = text()?.split('&').filter_map(|pair| pair.split_once('='));
        Ok(object(
            pairs.map(|(key, value)| (decode(key), parse(&decode(value)))),
        ))
    } else if let Some((_, boundary)) = kind.split_once("boundary=") {
        let boundary = format!("--{}", boundary.trim_matches('"'));
        let fields = text()?.split(boundary.as_str()).filter_map(|part| {
            let (head, value) = part.split_once("\r\n\r\n")?;
            let (_, name) = head.split_once("name=\"")?;
            let (name, _) = name.split_once('"')?;
            let value = value.strip_suffix("\r\n").unwrap_or(value);
            Some((name.to_owned(), parse(value)))
        });
        Ok(object(fields))
    } else {
        Err(format!("the content type is `{kind}`"))
    }
}

/// Reads a field of a form, which is JSON or text.
fn parse(value: &str) -> Value {
    let parsed = serde_json::from_str(value).ok();
    parsed.unwrap_or_else(|| Value::String(value.to_owned()))
}

fn decode(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_encoding::percent_decode_str(&text)
        .decode_utf8_lossy()
        .into_owned()
}
