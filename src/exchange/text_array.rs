//! Changes lists of texts in TOML files in place, so that comments and the order of the rest are kept.

use toml_edit::{Array, Value};

/// The indentation of a list without lines of its own.
const INDENT: &str = "  ";

/// Makes a list hold exactly these texts: removes the others, and adds the missing ones at the end.
/// Returns whether it could: texts in another order, or that occur twice, need a new list.
pub(super) fn update(array: &mut Array, texts: &[String], written: impl Fn(&str) -> Value) -> bool {
    let own: Vec<&str> = array.iter().filter_map(Value::as_str).collect();
    if own.len() != array.len() {
        return false;
    }
    let kept: Vec<&str> = own.iter().filter(|own| has(texts, own)).copied().collect();
    let is_in_order = texts.len() >= kept.len() && texts.iter().zip(&kept).all(|(a, b)| a == b);
    if !is_in_order {
        return false;
    }
    let added = texts[kept.len()..].to_vec();
    let gone = own.iter().enumerate().rev();
    let gone: Vec<usize> = gone
        .filter(|(_, own)| !has(texts, own))
        .map(|(index, _)| index)
        .collect();
    for index in gone {
        remove(array, index);
    }
    for text in &added {
        push(array, written(text));
    }
    true
}

fn has(texts: &[String], text: &str) -> bool {
    texts.iter().any(|known| known == text)
}

/// Removes a text; comments before it stay.
fn remove(array: &mut Array, index: usize) {
    let removed = array.remove(index);
    let comment = prefix(&removed).trim_end().to_owned();
    if comment.is_empty() {
        if index == 0
            && let Some(next) = array.get_mut(0)
            && prefix(next).trim().is_empty()
        {
            next.decor_mut().set_prefix(prefix(&removed));
        }
        return;
    }
    let join = |after: &str| {
        let is_new_line = after.trim_start_matches([' ', '\t']).starts_with('\n');
        let line_break = if is_new_line { "" } else { "\n" };
        format!("{comment}{line_break}{after}")
    };
    if let Some(next) = array.get_mut(index) {
        let after = join(&prefix(next));
        next.decor_mut().set_prefix(after);
    } else {
        let after = join(&tail(array));
        set_tail(array, after);
    }
}

/// Adds a text at the end, on a line of its own if the others have lines.
fn push(array: &mut Array, mut value: Value) {
    let tail = tail(array);
    let has_lines = tail.contains('\n') || array.iter().any(|own| prefix(own).contains('\n'));
    let comment = tail.trim_end().to_owned();
    let before = if has_lines {
        format!("{comment}\n{}", indentation(array))
    } else if array.is_empty() {
        String::new()
    } else {
        " ".to_owned()
    };
    if let Some(index) = array.len().checked_sub(1)
        && let Some(last) = array.get_mut(index)
    {
        last.decor_mut().set_suffix("");
    }
    value.decor_mut().set_prefix(before);
    value.decor_mut().set_suffix("");
    array.push_formatted(value);
    array.set_trailing(if has_lines { "\n" } else { "" });
    array.set_trailing_comma(has_lines);
}

/// Returns what is between the last text, or its comma, and the end of the list.
fn tail(array: &Array) -> String {
    let trailing = array.trailing().as_str().unwrap_or_default();
    let last = array.iter().last().filter(|_| !array.trailing_comma());
    let suffix = last.and_then(|last| last.decor().suffix()?.as_str());
    format!("{}{trailing}", suffix.unwrap_or_default())
}

fn set_tail(array: &mut Array, text: String) {
    if let Some(index) = array.len().checked_sub(1)
        && let Some(last) = array.get_mut(index)
    {
        last.decor_mut().set_suffix("");
        array.set_trailing_comma(true);
    }
    array.set_trailing(text);
}

fn prefix(value: &Value) -> String {
    let prefix = value.decor().prefix().and_then(|prefix| prefix.as_str());
    prefix.unwrap_or_default().to_owned()
}

fn indentation(array: &Array) -> String {
    let first = array.iter().next().map(prefix);
    let line = first.as_deref().and_then(|first| first.rsplit_once('\n'));
    line.map_or(INDENT, |(_, indent)| indent).to_owned()
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;

    fn updated(list: &str, texts: &[&str]) -> Option<String> {
        let mut document: DocumentMut = format!("v = {list}\n").parse().expect("TOML");
        let array = document["v"].as_array_mut().expect("a list");
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        update(array, &texts, |text| Value::from(text)).then(|| {
            let text = document.to_string();
            let _: DocumentMut = text.parse().expect("valid TOML");
            text.trim_start_matches("v = ").trim_end().to_owned()
        })
    }

    #[test]
    fn comments_and_lines_are_kept() {
        for (list, texts, expected) in [
            ("[]", &["a"][..], "[\"a\"]"),
            ("[\"a\"]", &["a", "b"], "[\"a\", \"b\"]"),
            ("[\"a\", \"b\"]", &["b"], "[\"b\"]"),
            ("[\n  \"a\",\n]", &["a", "b"], "[\n  \"a\",\n  \"b\",\n]"),
            (
                "[\n    \"a\"\n]",
                &["a", "b"],
                "[\n    \"a\",\n    \"b\",\n]",
            ),
            (
                "[\n  \"a\", # first\n  \"b\", # second\n]",
                &["a", "b", "c"],
                "[\n  \"a\", # first\n  \"b\", # second\n  \"c\",\n]",
            ),
            (
                "[\n  \"a\", # first\n  \"b\", # second\n]",
                &["a"],
                "[\n  \"a\", # first\n # second\n]",
            ),
            (
                "[\n  # why\n  \"a\",\n  \"b\",\n]",
                &["b", "c"],
                "[\n  # why\n  \"b\",\n  \"c\",\n]",
            ),
            (
                "[\n  \"a\" # first\n]",
                &["a", "b"],
                "[\n  \"a\", # first\n  \"b\",\n]",
            ),
            ("[\n  # none yet\n]", &["a"], "[\n  # none yet\n  \"a\",\n]"),
        ] {
            let updated = updated(list, texts);
            assert_eq!(updated.as_deref(), Some(expected), "{list}");
        }
        assert_eq!(
            updated("[\"a\", \"b\"]", &["b", "a"]),
            None,
            "another order"
        );
        assert_eq!(updated("[\"a\", 1]", &["a"]), None, "not texts only");
    }
}
