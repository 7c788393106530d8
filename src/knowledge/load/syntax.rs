//! Says in plain words what is wrong with the syntax of a TOML file.
//!
//! The parser speaks to programmers; the authors are support staff who type Japanese, whose most
//! frequent slips are full-width signs and texts that are not closed.

/// Signs that a Japanese keyboard gives and TOML does not know, with those that it does.
const FULL_WIDTH: [(char, char); 12] = [
    ('＝', '='),
    ('“', '"'),
    ('”', '"'),
    ('＂', '"'),
    ('「', '"'),
    ('」', '"'),
    ('，', ','),
    ('、', ','),
    ('［', '['),
    ('］', ']'),
    ('｛', '{'),
    ('｝', '}'),
];

/// Says what is wrong and how to mend it; `line` is the line with the mistake and `found` the
/// text that the parser stopped at.
pub(super) fn describe(message: &str, line: &str, found: &str) -> (String, String) {
    if message.contains("duplicate key") {
        let what = format!("`{found}` is written twice");
        return (what, "remove one of the two".to_owned());
    }
    if let Some((wrong, right)) = full_width(line) {
        let what = format!("not TOML: the sign `{wrong}` is full-width here");
        let hint = format!("write `{right}`, half-width; inside of a text it may stay");
        return (what, hint);
    }
    if message.contains("basic string") && message.contains("expected `\"") {
        let what = "not TOML: a text is opened here and not closed".to_owned();
        let hint = "close it with the same marks: \"…\" on one line, \"\"\"…\"\"\" over several";
        return (what, hint.to_owned());
    }
    if message.contains("array") {
        let what = "not TOML: a list is not closed, or a comma is missing in it".to_owned();
        let hint = "a list is [\"…\", \"…\"]: a comma after each text, a `]` at its end; look at this line and the one above";
        return (what, hint.to_owned());
    }
    if message.contains("key with no value") {
        let what = "not TOML: this line is outside of every text and is no `key = …`".to_owned();
        let hint = "if it belongs to the answer above, move it before the closing \"\"\"; otherwise write `key = \"text\"`";
        return (what, hint.to_owned());
    }
    if message.contains("must be quoted") {
        let what = "not TOML: a text stands without quotation marks".to_owned();
        let hint = "write it as \"…\"; if it is the middle of an answer, a \"\"\" above is missing";
        return (what, hint.to_owned());
    }
    let what = format!("not TOML: {}", message.replace('\n', ", "));
    let hint = "a line is `key = \"text\"`; compare it with one that works, and see whether a text or a list above is not closed";
    (what, hint.to_owned())
}

/// Finds a full-width sign outside of the texts of a line.
fn full_width(line: &str) -> Option<(char, char)> {
    let mut outside = line.split('"').step_by(2).flat_map(str::chars);
    outside
        .find_map(|sign| FULL_WIDTH.iter().find(|(wrong, _)| *wrong == sign))
        .copied()
}
