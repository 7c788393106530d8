//! The rules of LINE for messages: lengths, Flex components, actions, quick replies.

use serde_json::Value;

/// A problem of a message: what, and where.
pub(super) type Problem = (String, String);

type Checked = Result<(), Problem>;

/// The properties of the objects of a Flex message; LINE refuses any other.
const PROPERTIES: [(&str, &[&str]); 6] = [
    (
        "bubble",
        &[
            "type",
            "size",
            "direction",
            "header",
            "hero",
            "body",
            "footer",
            "styles",
        ],
    ),
    ("carousel", &["type", "contents"]),
    (
        "box",
        &[
            "type",
            "layout",
            "contents",
            "flex",
            "spacing",
            "margin",
            "action",
            "paddingAll",
            "paddingTop",
            "paddingBottom",
            "paddingStart",
            "paddingEnd",
            "backgroundColor",
            "borderColor",
            "borderWidth",
            "cornerRadius",
            "width",
            "height",
            "justifyContent",
            "alignItems",
        ],
    ),
    (
        "text",
        &[
            "type",
            "text",
            "contents",
            "flex",
            "margin",
            "size",
            "align",
            "gravity",
            "wrap",
            "maxLines",
            "lineSpacing",
            "weight",
            "color",
            "style",
            "decoration",
            "action",
        ],
    ),
    (
        "span",
        &[
            "type",
            "text",
            "size",
            "weight",
            "color",
            "style",
            "decoration",
        ],
    ),
    ("separator", &["type", "margin", "color"]),
];

/// The values of properties that have few.
const VALUES: [(&str, &[&str]); 9] = [
    ("layout", &["horizontal", "vertical", "baseline"]),
    ("weight", &["regular", "bold"]),
    ("style", &["normal", "italic"]),
    ("decoration", &["none", "underline", "line-through"]),
    ("align", &["start", "center", "end"]),
    ("gravity", &["top", "center", "bottom"]),
    ("direction", &["ltr", "rtl"]),
    (
        "justifyContent",
        &["center", "flex-start", "flex-end", "space-between"],
    ),
    ("alignItems", &["center", "flex-start", "flex-end"]),
];

const TEXT_SIZES: &[&str] = &[
    "xxs", "xs", "sm", "md", "lg", "xl", "xxl", "3xl", "4xl", "5xl",
];

const BUBBLE_SIZES: &[&str] = &["nano", "micro", "deca", "hecto", "kilo", "mega", "giga"];

fn refuse(what: &str, place: &str) -> Checked {
    Err((what.to_owned(), place.to_owned()))
}

fn require(is_right: bool, what: &str, place: &str) -> Checked {
    if is_right {
        Ok(())
    } else {
        refuse(what, place)
    }
}

/// Checks the messages of a reply or a push.
pub(super) fn messages(body: &Value) -> Checked {
    let messages = body["messages"].as_array();
    let Some(messages) = messages.filter(|all| (1..=5).contains(&all.len())) else {
        return refuse("Size must be between 1 and 5", "messages");
    };
    for (index, message) in messages.iter().enumerate() {
        let place = format!("messages[{index}]");
        let known = match message["type"].as_str() {
            Some("text") => {
                let units = length(&message["text"], true);
                require(
                    (1..=5_000).contains(&units),
                    "text",
                    &format!("{place}/text"),
                )?;
                ["type", "text", "quickReply"].as_slice()
            }
            Some("flex") => {
                let alt = length(&message["altText"], false);
                require(
                    (1..=400).contains(&alt),
                    "altText",
                    &format!("{place}/altText"),
                )?;
                container(&message["contents"], &format!("{place}/contents"))?;
                &["type", "altText", "contents", "quickReply"]
            }
            _ => return refuse("unknown type", &place),
        };
        only(message, known, &place)?;
        if let Some(reply) = message.get("quickReply") {
            // LINE accepts it elsewhere, and does not show it.
            require(
                index + 1 == messages.len(),
                "quick replies out of sight",
                &place,
            )?;
            quick_reply(reply, &format!("{place}/quickReply"))?;
        }
    }
    Ok(())
}

fn length(text: &Value, is_utf16: bool) -> usize {
    let text = text.as_str().unwrap_or_default();
    if text.trim().is_empty() {
        return 0;
    }
    if is_utf16 {
        text.encode_utf16().count()
    } else {
        text.chars().count()
    }
}

fn only(object: &Value, known: &[&str], place: &str) -> Checked {
    for (key, value) in object.as_object().into_iter().flatten() {
        require(
            known.contains(&key.as_str()),
            "unknown property",
            &format!("{place}/{key}"),
        )?;
        require(!value.is_null(), "null", &format!("{place}/{key}"))?;
    }
    require(object.is_object(), "not an object", place)
}

fn quick_reply(reply: &Value, place: &str) -> Checked {
    only(reply, &["items"], place)?;
    let items = reply["items"].as_array();
    let Some(items) = items.filter(|items| (1..=13).contains(&items.len())) else {
        return refuse("Size must be between 1 and 13", place);
    };
    for (index, item) in items.iter().enumerate() {
        let place = format!("{place}/items[{index}]");
        only(item, &["type", "action", "imageUrl"], &place)?;
        require(item["type"] == "action", "type", &place)?;
        action(&item["action"], 1..=20, &format!("{place}/action"))?;
    }
    Ok(())
}

fn action(action: &Value, label: std::ops::RangeInclusive<usize>, place: &str) -> Checked {
    let label_length = length(&action["label"], false);
    require(
        label.contains(&label_length),
        "label",
        &format!("{place}/label"),
    )?;
    let within = |key: &str, min: usize, max: usize| {
        let length = length(&action[key], false);
        require(
            (min..=max).contains(&length),
            key,
            &format!("{place}/{key}"),
        )
    };
    match action["type"].as_str() {
        Some("postback") => {
            within("data", 1, 300)?;
            within("displayText", 0, 300)?;
            only(action, &["type", "label", "data", "displayText"], place)
        }
        Some("uri") => {
            within("uri", 1, 1_000)?;
            let uri = action["uri"].as_str().unwrap_or_default();
            let scheme = uri.split(':').next().unwrap_or_default();
            let is_known = ["http", "https", "tel", "line"].contains(&scheme);
            require(
                is_known && uri.is_ascii() && !uri.contains(' '),
                "invalid uri",
                place,
            )?;
            only(action, &["type", "label", "uri"], place)
        }
        Some("message") => {
            within("text", 1, 300)?;
            only(action, &["type", "label", "text"], place)
        }
        Some("clipboard") => {
            within("clipboardText", 1, 1_000)?;
            only(action, &["type", "label", "clipboardText"], place)
        }
        _ => refuse("unknown action", place),
    }
}

fn container(contents: &Value, place: &str) -> Checked {
    let bytes = contents.to_string().len();
    match contents["type"].as_str() {
        Some("bubble") => bubble(contents, place),
        Some("carousel") => {
            only(contents, properties("carousel"), place)?;
            require(bytes <= 50_000, "too large", place)?;
            let bubbles = contents["contents"].as_array();
            let Some(bubbles) = bubbles.filter(|all| (1..=12).contains(&all.len())) else {
                return refuse("Size must be between 1 and 12", place);
            };
            for (index, one) in bubbles.iter().enumerate() {
                require(one["size"] == bubbles[0]["size"], "different sizes", place)?;
                bubble(one, &format!("{place}/contents[{index}]"))?;
            }
            Ok(())
        }
        _ => refuse("unknown container", place),
    }
}

fn bubble(bubble: &Value, place: &str) -> Checked {
    only(bubble, properties("bubble"), place)?;
    require(bubble["type"] == "bubble", "type", place)?;
    require(bubble.to_string().len() <= 30_000, "too large", place)?;
    let size = bubble["size"].as_str().unwrap_or("mega");
    require(BUBBLE_SIZES.contains(&size), "size", place)?;
    let blocks = ["header", "body", "footer"];
    let mut blocks = blocks
        .iter()
        .filter(|name| bubble.get(**name).is_some())
        .peekable();
    require(
        blocks.peek().is_some(),
        "At least one block must be specified",
        place,
    )?;
    for name in blocks {
        require(bubble[*name]["type"] == "box", "not a box", place)?;
        component(&bubble[*name], "vertical", &format!("{place}/{name}"), 0)?;
    }
    Ok(())
}

fn properties(kind: &str) -> &'static [&'static str] {
    let found = PROPERTIES.iter().find(|(name, _)| *name == kind);
    found.map_or(&[], |(_, known)| known)
}

fn component(part: &Value, layout: &str, place: &str, depth: usize) -> Checked {
    let kind = part["type"].as_str().unwrap_or_default();
    let allowed: &[&str] = match layout {
        "baseline" => &["text"],
        "text" => &["span"],
        _ => &["box", "text", "separator"],
    };
    require(allowed.contains(&kind), "invalid box content type", place)?;
    require(depth <= 10, "too deep", place)?;
    only(part, properties(kind), place)?;
    for (key, value) in part.as_object().into_iter().flatten() {
        property(kind, key, value, &format!("{place}/{key}"))?;
    }
    let contents = part.get("contents").map(Value::as_array);
    if kind == "box" {
        require(part["layout"].is_string(), "layout", place)?;
        require(matches!(contents, Some(Some(_))), "contents", place)?;
    }
    if matches!(kind, "text" | "span") {
        let has_text = length(&part["text"], false) > 0
            // White space is a text of a span.
            || kind == "span" && part["text"].as_str().is_some_and(|text| !text.is_empty());
        let has_spans = contents.flatten().is_some_and(|spans| !spans.is_empty());
        require(has_text || has_spans, "must be non-empty text", place)?;
    }
    let inner = if kind == "text" {
        "text"
    } else {
        part["layout"].as_str().unwrap_or_default()
    };
    for (index, child) in contents.flatten().into_iter().flatten().enumerate() {
        component(
            child,
            inner,
            &format!("{place}/contents[{index}]"),
            depth + 1,
        )?;
    }
    Ok(())
}

fn property(kind: &str, key: &str, value: &Value, place: &str) -> Checked {
    let text = value.as_str().unwrap_or_default();
    if let Some((_, values)) = VALUES.iter().find(|(name, _)| *name == key) {
        return require(values.contains(&text), "invalid property", place);
    }
    let is_pixels = text
        .strip_suffix("px")
        .is_some_and(|number| number.parse::<f32>().is_ok());
    let is_spacing = ["none", "xs", "sm", "md", "lg", "xl", "xxl"].contains(&text) || is_pixels;
    let is_right = match key {
        "action" => return action(value, 0..=40, place),
        "size" if matches!(kind, "text" | "span") => TEXT_SIZES.contains(&text) || is_pixels,
        "wrap" => value.is_boolean(),
        "flex" | "maxLines" => value.is_u64(),
        "color" | "backgroundColor" | "borderColor" => {
            text.len() == 7
                && text.starts_with('#')
                && text[1..].chars().all(|c| c.is_ascii_hexdigit())
        }
        "spacing" | "margin" | "cornerRadius" | "paddingAll" | "paddingTop" | "paddingBottom"
        | "paddingStart" | "paddingEnd" => is_spacing,
        "text" | "type" => value.is_string(),
        _ => true,
    };
    require(is_right, "invalid property", place)
}
