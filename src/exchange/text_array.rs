//! Changes lists of texts in TOML files in place, so that comments and the order of the rest are kept.

use toml_edit::{Array, Value};

/// The indentation of a list without lines of its own.
const INDENT: &str = "  ";

/// Largest product of the numbers of old and new texts that are compared, without those that both lists begin
/// and end with; the time of a comparison grows with it.
const MAX_COMPARED: usize = 1_000_000;

/// Makes a list hold exactly these texts, in this order: removes, replaces and inserts those that differ.
/// Returns whether it could: a list with other values than texts is left as it is.
pub(super) fn update(array: &mut Array, texts: &[String], written: impl Fn(&str) -> Value) -> bool {
    let own = array.iter().map(|own| own.as_str().map(str::to_owned));
    let Some(own) = own.collect::<Option<Vec<String>>>() else {
        return false;
    };
    let (mut own_start, mut start, mut place) = (0, 0, 0);
    let end = (own.len(), texts.len());
    for (own_end, end) in same(&own, texts).into_iter().chain([end]) {
        let mut gone = own_end - own_start;
        for text in &texts[start..end] {
            // A text in the place of another one has its line and its comments.
            if gone > 0 {
                replace(array, place, written(text));
                gone -= 1;
            } else {
                insert(array, place, written(text));
            }
            place += 1;
        }
        for _ in 0..gone {
            remove(array, place);
        }
        (own_start, start) = (own_end + 1, end + 1);
        place += 1;
    }
    true
}

/// Returns the places of the texts that stay, in the old and in the new list: as many as possible without
/// another order.
fn same(own: &[String], texts: &[String]) -> Vec<(usize, usize)> {
    let is_same = |(a, b): &(&String, &String)| a == b;
    let start = own.iter().zip(texts).take_while(is_same).count();
    let (own_rest, rest) = (&own[start..], &texts[start..]);
    let end = own_rest.iter().rev().zip(rest.iter().rev());
    let end = end.take_while(is_same).count();
    let (own_rest, rest) = (&own_rest[..own_rest.len() - end], &rest[..rest.len() - end]);
    let first = (0..start).map(|index| (index, index));
    let middle = common(own_rest, rest).into_iter();
    let middle = middle.map(|(a, b)| (start + a, start + b));
    let last = (0..end).map(|index| (own.len() - end + index, texts.len() - end + index));
    first.chain(middle).chain(last).collect()
}

/// Returns the places of a longest common subsequence; of none if the lists are too long to compare.
fn common(own: &[String], texts: &[String]) -> Vec<(usize, usize)> {
    let (rows, width) = (own.len(), texts.len() + 1);
    if own.len() * texts.len() > MAX_COMPARED {
        return Vec::new();
    }
    // The length of the longest one from two places on.
    let mut lengths = vec![0_u32; (rows + 1) * width];
    for row in (0..rows).rev() {
        for column in (0..texts.len()).rev() {
            let place = row * width + column;
            lengths[place] = if own[row] == texts[column] {
                lengths[place + width + 1] + 1
            } else {
                lengths[place + width].max(lengths[place + 1])
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut found = Vec::new();
    while row < rows && column < texts.len() {
        let place = row * width + column;
        if own[row] == texts[column] {
            found.push((row, column));
            row += 1;
            column += 1;
        } else if lengths[place + width] >= lengths[place + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    found
}

/// Puts a text in the place of another one.
fn replace(array: &mut Array, index: usize, mut value: Value) {
    if let Some(old) = array.get_mut(index) {
        *value.decor_mut() = old.decor().clone();
        *old = value;
    }
}

/// Inserts a text: on a line of its own between texts that have such lines, else on the line of the text
/// before it.
fn insert(array: &mut Array, index: usize, mut value: Value) {
    let Some(next) = array.get(index).map(prefix) else {
        return push(array, value);
    };
    let starts_line = |at: usize| {
        let text = array.get(at).map(prefix);
        text.is_none_or(|text| text.contains('\n'))
    };
    let indent = indentation(array);
    let (own, after) = if index == 0 {
        // Comments above the first text are those of the list.
        let is_line = starts_line(0) && starts_line(1);
        let after = if is_line {
            format!("\n{indent}")
        } else {
            " ".to_owned()
        };
        (next, after)
    } else {
        match next.split_once('\n') {
            // A comment behind the text before stays there.
            Some((comment, after)) if index == 1 || starts_line(index - 1) => {
                (format!("{comment}\n{indent}"), format!("\n{after}"))
            }
            _ => (" ".to_owned(), next),
        }
    };
    if let Some(next) = array.get_mut(index) {
        next.decor_mut().set_prefix(after);
    }
    value.decor_mut().set_prefix(own);
    value.decor_mut().set_suffix("");
    array.insert_formatted(index, value);
}

/// Removes a text; comments before it stay, and so does the first place of a line.
fn remove(array: &mut Array, index: usize) {
    let end = tail(array);
    // Without a comma behind it, the suffix is a part of the tail.
    let has_comma = index + 1 < array.len() || array.trailing_comma();
    let removed = array.remove(index);
    let mut own = prefix(&removed);
    let behind = suffix(&removed);
    if has_comma && behind.contains('#') {
        own = match own.is_empty() {
            true => behind.to_owned(),
            false => format!("{own}{}", behind.trim_start_matches([' ', '\t'])),
        };
    }
    let comment = own.trim_end().to_owned();
    let join = |after: &str| {
        let is_new_line = after.trim_start_matches([' ', '\t']).starts_with('\n');
        let line_break = if is_new_line { "" } else { "\n" };
        format!("{comment}{line_break}{after}")
    };
    if let Some(next) = array.get_mut(index) {
        let after = prefix(next);
        let is_same_line = own.contains('\n') && !after.contains('\n');
        if is_same_line || (index == 0 && comment.is_empty() && after.trim().is_empty()) {
            next.decor_mut().set_prefix(own);
        } else if !comment.is_empty() {
            next.decor_mut().set_prefix(join(&after));
        }
    } else if !comment.is_empty() {
        set_tail(array, join(&end));
    } else if end.contains('#') {
        set_tail(array, end);
    } else if !array.trailing_comma() {
        array.set_trailing("");
        match index.checked_sub(1).and_then(|last| array.get_mut(last)) {
            // A comment that stood before the comma stays.
            Some(last) if suffix(last).contains('#') => {}
            Some(last) => last.decor_mut().set_suffix(end),
            None => array.set_trailing(end),
        }
    }
}

/// Adds a text at the end, on a line of its own if the others have lines.
fn push(array: &mut Array, mut value: Value) {
    let tail = tail(array);
    let has_lines = tail.contains('\n') || array.iter().any(|own| prefix(own).contains('\n'));
    let comment = tail.trim_end().to_owned();
    let end = if has_lines {
        // The closing bracket keeps its indentation.
        let indent = tail.rsplit_once('\n').map_or("", |(_, indent)| indent);
        format!("\n{indent}")
    } else if array.is_empty() || array.trailing_comma() {
        String::new()
    } else {
        tail.clone()
    };
    let before = if has_lines {
        format!("{comment}\n{}", indentation(array))
    } else if array.is_empty() {
        String::new()
    } else {
        " ".to_owned()
    };
    // A comment before the last comma stays.
    if !array.trailing_comma()
        && let Some(index) = array.len().checked_sub(1)
        && let Some(last) = array.get_mut(index)
    {
        last.decor_mut().set_suffix("");
    }
    value.decor_mut().set_prefix(before);
    value.decor_mut().set_suffix("");
    array.push_formatted(value);
    array.set_trailing(end);
    array.set_trailing_comma(has_lines);
}

/// Returns what is between the last text, or its comma, and the end of the list.
fn tail(array: &Array) -> String {
    let trailing = array.trailing().as_str().unwrap_or_default();
    let last = array.iter().last().filter(|_| !array.trailing_comma());
    format!("{}{trailing}", last.map(suffix).unwrap_or_default())
}

fn set_tail(array: &mut Array, text: String) {
    if let Some(index) = array.len().checked_sub(1)
        && let Some(last) = array.get_mut(index)
    {
        if !suffix(last).contains('#') {
            last.decor_mut().set_suffix("");
        }
        array.set_trailing_comma(true);
    }
    array.set_trailing(text);
}

fn prefix(value: &Value) -> String {
    let prefix = value.decor().prefix().and_then(|prefix| prefix.as_str());
    prefix.unwrap_or_default().to_owned()
}

fn suffix(value: &Value) -> &str {
    let suffix = value.decor().suffix().and_then(|suffix| suffix.as_str());
    suffix.unwrap_or_default()
}

fn indentation(array: &Array) -> String {
    let mut lines = array.iter().map(prefix);
    let line = lines.find(|text| text.contains('\n'));
    let line = line.as_deref().and_then(|line| line.rsplit_once('\n'));
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
            // The closing bracket keeps its place.
            (
                "[\n    \"a\",\n  ]",
                &["a", "b"],
                "[\n    \"a\",\n    \"b\",\n  ]",
            ),
            (
                "[\n    \"a\"\n  ]",
                &["a", "b"],
                "[\n    \"a\",\n    \"b\",\n  ]",
            ),
            ("[ \"a\" ]", &["a", "b"], "[ \"a\", \"b\" ]"),
            // Comments before a comma.
            ("[\"a\" # x\n  , \"b\"]", &["b"], "[ # x\n  \"b\"]"),
            ("[\"a\" # x\n  , \"b\"]", &["a"], "[\"a\" # x\n  ]"),
            (
                "[\n  \"a\",\n  \"b\" # x\n  ,\n]",
                &["a"],
                "[\n  \"a\",\n  # x\n]",
            ),
            // In the middle, at the beginning, and in the place of another text.
            ("[\"a\", \"c\"]", &["a", "b", "c"], "[\"a\", \"b\", \"c\"]"),
            ("[\"b\"]", &["a", "b"], "[\"a\", \"b\"]"),
            (
                "[\n  \"a\", # first\n  # more\n  \"c\",\n]",
                &["a", "b", "c"],
                "[\n  \"a\", # first\n  \"b\",\n  # more\n  \"c\",\n]",
            ),
            (
                "[\n  # why\n  \"b\",\n]",
                &["a", "b"],
                "[\n  # why\n  \"a\",\n  \"b\",\n]",
            ),
            (
                "[\n  \"a\", # first\n  \"b\", # second\n]",
                &["x", "b"],
                "[\n  \"x\", # first\n  \"b\", # second\n]",
            ),
            ("[\n  \"a\",\n  \"b\"\n]", &["a"], "[\n  \"a\"\n]"),
            ("[\"a\", \"a\", \"b\"]", &["a", "b"], "[\"a\", \"b\"]"),
            ("[\"a\", \"b\"]", &["b", "a"], "[\"b\", \"a\"]"),
            (
                "[\n  \"a\", # first\n  \"b\",\n  \"c\",\n]",
                &["b", "c", "a"],
                "[ # first\n  \"b\",\n  \"c\",\n  \"a\",\n]",
            ),
        ] {
            let updated = updated(list, texts);
            assert_eq!(updated.as_deref(), Some(expected), "{list}");
        }
        assert_eq!(updated("[\"a\", 1]", &["a"]), None, "not texts only");
    }

    #[test]
    fn several_texts_on_a_line_stay_on_it() {
        const LIST: &str =
            "[\n  # ask\n  \"a\", \"b\", \"c\",\n  \"d\", \"e\", # end\n  # do\n  \"f\", \"g\",\n]";
        let known = ["a", "b", "c", "d", "e", "f", "g"];
        let without = |gone: &str| {
            let mut texts = known.to_vec();
            texts.retain(|text| *text != gone);
            updated(LIST, &texts)
        };
        let with = |place: usize| {
            let mut texts = known.to_vec();
            texts.insert(place, "x");
            updated(LIST, &texts)
        };
        for (updated, line, expected) in [
            (without("a"), "\"a\", \"b\", \"c\"", "\"b\", \"c\""),
            (without("b"), "\"a\", \"b\"", "\"a\""),
            (without("d"), "\"d\", \"e\"", "\"e\""),
            (without("e"), "\"d\", \"e\"", "\"d\""),
            (without("f"), "\"f\", \"g\"", "\"g\""),
            (without("g"), "\"f\", \"g\"", "\"f\""),
            (with(0), "\"a\"", "\"x\", \"a\""),
            (with(1), "\"a\", \"b\"", "\"a\", \"x\", \"b\""),
            (with(3), "\"c\"", "\"c\", \"x\""),
            (with(5), "\"e\"", "\"e\", \"x\""),
            (with(7), "\"g\",", "\"g\",\n  \"x\","),
        ] {
            let expected = LIST.replace(line, expected);
            assert_eq!(updated.as_deref(), Some(&*expected), "{line}");
        }
    }

    #[test]
    fn texts_can_be_anything_and_comments_are_kept() {
        let list = "[\n  # one\n  \"a\", \"b\", # two\n  \"c\",\n  # three\n  \"d\" # four\n]";
        let texts = ["a", "b", "c", "d", "e"];
        // All lists of up to three of the texts.
        for number in 0..216_usize {
            let chosen = [number % 6, number / 6 % 6, number / 36];
            let chosen: Vec<&str> = chosen
                .iter()
                .filter_map(|index| texts.get(*index).copied())
                .collect();
            let updated = updated(list, &chosen).expect("an updated list");
            for comment in ["# one", "# two", "# three", "# four"] {
                assert!(updated.contains(comment), "{chosen:?}: {updated}");
            }
            let document: DocumentMut = format!("v = {updated}\n").parse().expect("TOML");
            let array = document["v"].as_array().expect("a list");
            let own: Vec<&str> = array.iter().filter_map(Value::as_str).collect();
            assert_eq!(own, chosen, "{updated}");
        }
    }
}
