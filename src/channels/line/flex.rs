//! Flex messages: components, bubbles within LINE's limits, and their plain text.
//!
//! Invariants: a text is never empty; a bubble has at most [`MAX_BUBBLE_BYTES`] of JSON, and an answer that
//! is too long for one continues in the next; the plain text has every word and address of a message.

use serde_json::{Value, json};
use url::Url;

use crate::channels::bot::split::{boundary, fitting, truncated};

/// Length limit of the JSON of a bubble; LINE accepts 30 kB.
pub(super) const MAX_BUBBLE_BYTES: usize = 28_000;

/// Length limit of the JSON of a group of components, which is not cut.
const MAX_GROUP_BYTES: usize = 14_000;

/// Number of boxes that may be nested in a box to which more are added. LINE limits the nesting.
const MAX_NESTING: usize = 4;

/// Length limit of one text, so that a group can hold some.
const MAX_TEXT_CHARS: usize = 1_500;

/// Length limit of a label beside its value.
const MAX_SIDE_CHARS: usize = 200;

/// Length limit of the alternative text.
const MAX_ALT_CHARS: usize = 400;

/// Length limit of the address of a link.
const MAX_URL_CHARS: usize = 1_000;

/// Length limit of a text that a button copies.
const MAX_COPY_CHARS: usize = 1_000;

/// Length limit of the label of a button in a bubble.
const MAX_LABEL_CHARS: usize = 40;

/// Length limit of the text that a press shows as the member's message.
const MAX_DISPLAY_CHARS: usize = 300;

/// The colours, legible on the white ground of a bubble.
const INK: &str = "#1f2933";
const FAINT: &str = "#5f6b7a";
const LINK: &str = "#0b57d0";
const GROUND: &str = "#f1f4f8";

/// The style of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// The question above its answer.
    Title,
    /// A heading within an answer.
    Heading,
    Body,
    /// A label, a source, business hours.
    Small,
}

impl Style {
    fn apply(self, text: &mut Value) {
        let (size, color, is_bold) = match self {
            Self::Title => ("lg", INK, true),
            Self::Heading => ("md", INK, true),
            Self::Body => ("md", INK, false),
            Self::Small => ("xs", FAINT, false),
        };
        text["size"] = json!(size);
        text["color"] = json!(color);
        text["wrap"] = json!(true);
        if is_bold {
            text["weight"] = json!("bold");
        }
    }
}

/// Makes texts of a style, more than one if the text is long; none if it is blank.
pub(super) fn texts(text: &str, style: Style) -> Vec<Value> {
    cut(text.trim(), MAX_TEXT_CHARS, |_| 1)
        .into_iter()
        .map(|part| {
            let mut text = json!({ "type": "text", "text": part });
            style.apply(&mut text);
            text
        })
        .collect()
}

/// Makes a text of spans; none if there are none.
pub(super) fn spans(spans: Vec<Value>, style: Style) -> Option<Value> {
    let is_blank = spans.iter().all(|span| plain_of(span).trim().is_empty());
    if is_blank {
        return None;
    }
    let mut text = json!({ "type": "text", "contents": spans });
    style.apply(&mut text);
    Some(text)
}

/// Makes a span; `None` if the text is empty.
pub(super) fn span(text: &str, is_bold: bool, is_link: bool) -> Option<Value> {
    if text.is_empty() {
        return None;
    }
    let mut span = json!({ "type": "span", "text": text });
    if is_bold {
        span["weight"] = json!("bold");
    }
    if is_link {
        span["color"] = json!(LINK);
        span["decoration"] = json!("underline");
    }
    Some(span)
}

/// Makes a line to tap, in the colour of links.
pub(super) fn link(label: &str, action: Value) -> Value {
    json!({
        "type": "text", "text": label, "size": "sm", "color": LINK, "wrap": true,
        "decoration": "underline", "margin": "sm", "action": action,
    })
}

/// Makes a row to tap, as wide as the bubble.
pub(super) fn row(label: &str, action: Value) -> Value {
    let text = json!({ "type": "text", "text": label, "size": "sm", "color": LINK, "wrap": true });
    json!({
        "type": "box", "layout": "vertical", "contents": [text], "action": action, "margin": "sm",
        "paddingAll": "12px", "backgroundColor": GROUND, "cornerRadius": "8px",
    })
}

/// Makes a thin line.
pub(super) fn separator() -> Value {
    json!({ "type": "separator", "margin": "md" })
}

/// Puts components on a ground of their own, if they fit together.
pub(super) fn grounded(contents: Vec<Value>) -> Vec<Value> {
    group(contents, |contents| {
        json!({
            "type": "box", "layout": "vertical", "contents": contents, "spacing": "sm",
            "paddingAll": "12px", "backgroundColor": GROUND, "cornerRadius": "8px",
        })
    })
}

/// Puts a marker beside components, if they fit together; else above them.
pub(super) fn marked(marker: &str, contents: Vec<Value>) -> Vec<Value> {
    let mut mark = json!({ "type": "text", "text": marker, "flex": 0 });
    Style::Body.apply(&mut mark);
    if !can_group(&contents) {
        return [mark].into_iter().chain(contents).collect();
    }
    group(contents, |contents| {
        let column = json!({
            "type": "box", "layout": "vertical", "flex": 1, "contents": contents, "spacing": "sm",
        });
        json!({
            "type": "box", "layout": "horizontal", "contents": [mark, column], "spacing": "sm",
        })
    })
}

/// Puts a value beside its label, as in a row of a table; under it, if they do not fit together.
pub(super) fn labelled(label: &str, contents: Vec<Value>) -> Vec<Value> {
    if !can_group(&contents) || label.chars().count() > MAX_SIDE_CHARS {
        return texts(label, Style::Small)
            .into_iter()
            .chain(contents)
            .collect();
    }
    let mut name = json!({ "type": "text", "text": label, "flex": 2 });
    Style::Small.apply(&mut name);
    group(contents, |contents| {
        let column = json!({
            "type": "box", "layout": "vertical", "flex": 3, "contents": contents, "spacing": "sm",
        });
        json!({
            "type": "box", "layout": "horizontal", "contents": [name, column], "spacing": "md",
        })
    })
}

fn group(contents: Vec<Value>, wrap: impl FnOnce(Vec<Value>) -> Value) -> Vec<Value> {
    if contents.is_empty() || !can_group(&contents) {
        contents
    } else {
        vec![wrap(contents)]
    }
}

/// Returns whether components can be put into a box: they are few, and not nested deeply.
fn can_group(contents: &[Value]) -> bool {
    bytes(contents) <= MAX_GROUP_BYTES && nesting(contents) <= MAX_NESTING
}

/// Returns how many boxes are nested in each other.
fn nesting(contents: &[Value]) -> usize {
    let levels = contents.iter().map(|component| {
        let inner = component["contents"].as_array();
        let inner = inner.filter(|_| component["type"] == "box");
        inner.map_or(0, |inner| 1 + nesting(inner))
    });
    levels.max().unwrap_or_default()
}

/// Makes the action that opens an address; one that LINE cannot open has none, except an e-mail address,
/// which is copied.
pub(super) fn open(url: &str, label: &str) -> Option<Value> {
    if let Some(address) = url.strip_prefix("mailto:") {
        let address = address.split('?').next().unwrap_or_default();
        return copy(address, label);
    }
    let uri = match url.strip_prefix("tel:") {
        Some(number) => {
            let digits = number.chars();
            let digits: String = digits
                .filter(|c| c.is_ascii_digit() || matches!(c, '+' | '#' | '*'))
                .collect();
            (!digits.is_empty()).then(|| format!("tel:{digits}"))?
        }
        None => {
            let parsed = Url::parse(url).ok();
            let parsed = parsed.filter(|url| matches!(url.scheme(), "http" | "https"))?;
            let is_encoded = url.chars().all(|c| c.is_ascii_graphic());
            // LINE requires percent-encoding.
            if is_encoded {
                url.to_owned()
            } else {
                parsed.to_string()
            }
        }
    };
    let fits = uri.chars().count() <= MAX_URL_CHARS;
    let label = truncated(&one_line(label), MAX_LABEL_CHARS);
    fits.then(|| json!({ "type": "uri", "label": label, "uri": uri }))
}

/// Makes the action that copies a text; `None` if it is empty or too long.
pub(super) fn copy(text: &str, label: &str) -> Option<Value> {
    let label = truncated(&one_line(label), MAX_LABEL_CHARS);
    (1..=MAX_COPY_CHARS)
        .contains(&text.encode_utf16().count())
        .then(|| json!({ "type": "clipboard", "label": label, "clipboardText": text }))
}

/// Makes the action of a button; its label is shown as the member's message. `max_label` is the length
/// limit of the label where the button is.
pub(super) fn press(data: &str, label: &str, max_label: Option<usize>) -> Value {
    let label = one_line(label);
    json!({
        "type": "postback", "data": data,
        "label": truncated(&label, max_label.unwrap_or(MAX_LABEL_CHARS)),
        "displayText": truncated(&label, MAX_DISPLAY_CHARS),
    })
}

/// Makes the action that sends a text as the member's message.
pub(super) fn say(text: &str) -> Value {
    json!({ "type": "message", "label": text, "text": text })
}

/// Puts components into as few bubbles as possible, each of at most `limit` bytes.
pub(super) fn bubbles(components: Vec<Value>, limit: usize) -> Vec<Value> {
    let mut bodies: Vec<Vec<Value>> = vec![Vec::new()];
    let mut used = 0;
    for component in components {
        let added = bytes(std::slice::from_ref(&component));
        if used + added > limit && used > 0 {
            bodies.push(Vec::new());
            used = 0;
        }
        used += added;
        if let Some(body) = bodies.last_mut() {
            body.push(component);
        }
    }
    let bodies = bodies.into_iter().filter(|body| !body.is_empty());
    bodies
        .map(|contents| {
            let body = json!({
                "type": "box", "layout": "vertical", "contents": contents, "spacing": "md",
            });
            json!({ "type": "bubble", "size": "giga", "body": body })
        })
        .collect()
}

/// Makes a message of a bubble or a carousel.
pub(super) fn message(contents: Value) -> Value {
    let alt = truncated(plain_of(&contents).trim(), MAX_ALT_CHARS);
    json!({ "type": "flex", "altText": alt, "contents": contents })
}

/// Returns the words and addresses of a message or a component as plain text.
pub(super) fn plain_of(value: &Value) -> String {
    if value["type"] == "flex" {
        return plain_of(&value["contents"]);
    }
    let mut plain = value["text"].as_str().unwrap_or_default().to_owned();
    let is_line = matches!(value["type"].as_str(), Some("text"))
        || value["layout"] == "horizontal" && value["contents"][0]["type"] == "text";
    let separator = match (value["type"].as_str(), is_line) {
        (Some("text"), _) => "",
        (_, true) => " ",
        (_, false) => "\n",
    };
    let parts = ["header", "body", "footer"].map(|part| &value[part]);
    let inner = parts.into_iter().filter(|part| part.is_object());
    for part in inner.chain(value["contents"].as_array().into_iter().flatten()) {
        let part = plain_of(part);
        if !plain.is_empty() && !part.is_empty() {
            plain.push_str(separator);
        }
        plain.push_str(&part);
    }
    let uri = value["action"]["uri"].as_str();
    let uri = uri.map(|uri| uri.trim_start_matches("tel:"));
    if let Some(uri) = uri.filter(|uri| !plain.contains(uri)) {
        plain.push_str(&format!(" {uri}"));
    }
    plain
}

/// Cuts a text into parts of at most `limit` units, at boundaries of the text.
pub(super) fn cut(text: &str, limit: usize, units: impl Fn(char) -> usize + Copy) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = boundary(rest, fitting(rest, limit, units));
        let part = rest[..end].trim();
        if !part.is_empty() {
            parts.push(part);
        }
        rest = rest[end..].trim_start();
    }
    parts
}

/// Returns the length of the JSON of components.
fn bytes(components: &[Value]) -> usize {
    let lengths = components
        .iter()
        .map(|component| component.to_string().len() + 1);
    lengths.sum()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_opened_as_line_accepts_them() {
        let uri = |url| open(url, "label").and_then(|it| Some(it["uri"].as_str()?.to_owned()));
        assert_eq!(uri("tel:03-3582-8333").as_deref(), Some("tel:0335828333"));
        let encoded = "https://a.example/%E4%BC%9A%E8%B2%BB";
        assert_eq!(uri("https://a.example/会費").as_deref(), Some(encoded));
        for wrong in [
            "tel:",
            "ftp://a.example",
            "/relative",
            "line://x",
            "javascript:1",
        ] {
            assert_eq!(uri(wrong), None, "{wrong}");
        }
        let long = format!("https://a.example/{}", "a".repeat(1_000));
        assert_eq!(uri(&long), None);
        // LINE refuses `mailto:`.
        let mail = open("mailto:a@b.example?subject=x", "label").expect("an action");
        assert_eq!(mail["clipboardText"], "a@b.example");
    }

    #[test]
    fn a_long_text_is_cut_into_bubbles_that_line_accepts() {
        let text = "あいうえお。".repeat(10_000);
        let bubbles = bubbles(texts(&text, Style::Body), MAX_BUBBLE_BYTES);
        assert!(bubbles.len() > 5, "{}", bubbles.len());
        let mut shown = String::new();
        for bubble in bubbles {
            assert!(bubble.to_string().len() <= 30_000);
            let message = message(bubble);
            assert!(message["altText"].as_str().expect("a text").chars().count() <= 400);
            shown.push_str(&plain_of(&message).replace('\n', ""));
        }
        assert_eq!(shown, text);
    }

    #[test]
    fn plain_text_has_the_words_and_addresses() {
        let contents = vec![
            link(
                "規約",
                open("https://a.example/x", "規約").expect("an action"),
            ),
            link(
                "03-3582-8333",
                open("tel:0335828333", "電話").expect("an action"),
            ),
            spans(
                vec![
                    span("太", true, false).expect("a span"),
                    span("字", false, false).expect("a span"),
                ],
                Style::Body,
            )
            .expect("a text"),
        ];
        let message = message(bubbles(labelled("名前", contents), MAX_BUBBLE_BYTES).remove(0));
        let expected = "名前 規約 https://a.example/x\n03-3582-8333 0335828333\n太字";
        assert_eq!(plain_of(&message), expected);
        assert!(texts(" \n ", Style::Body).is_empty());
        assert_eq!(
            spans(vec![span(" ", true, true).expect("a span")], Style::Body),
            None
        );
    }
}
