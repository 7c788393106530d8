//! Rows of buttons and menus, and modals, as Discord takes them.
//!
//! Invariant: what passes here can be pressed: every button does one thing, every id is alone.

use std::collections::HashSet;

use serde_json::Value;

use super::check::{list, only, text};
use super::{Refusal, form};

/// Checks the components of a message.
pub(super) fn rows(rows: &Value) -> Result<(), Refusal> {
    let rows = match rows {
        Value::Null => return Ok(()),
        rows => rows
            .as_array()
            .ok_or_else(|| form("components", "is no list"))?,
    };
    if rows.len() > 5 {
        return Err(form("components", "Must be 5 or fewer in length."));
    }
    let mut ids = HashSet::new();
    for row in rows {
        only(row, &["type", "id", "components"], "row")?;
        if row["type"] != 1 {
            return Err(form("components", "a message holds rows"));
        }
        let parts = list(row, "components")?;
        let has_menu = parts.iter().any(|part| part["type"] != 2);
        let most = if has_menu { 1 } else { 5 };
        if parts.is_empty() || parts.len() > most {
            let why = format!("{} components in a row", parts.len());
            return Err(form("components", &why));
        }
        for part in parts {
            match part["type"].as_u64() {
                Some(2) => button(part, &mut ids)?,
                Some(3) => menu(part, &mut ids)?,
                _ => return Err(form("components.type", &part["type"].to_string())),
            }
        }
    }
    Ok(())
}

fn button<'a>(button: &'a Value, ids: &mut HashSet<&'a str>) -> Result<(), Refusal> {
    let known = [
        "type",
        "id",
        "style",
        "label",
        "emoji",
        "custom_id",
        "url",
        "disabled",
    ];
    only(button, &known, "button")?;
    let label = text(button, "label", 0, 80)?;
    if label.is_empty() && button["emoji"].is_null() {
        return Err(form(
            "button.label",
            "A button must have a label or an emoji",
        ));
    }
    emoji(&button["emoji"])?;
    match button["style"].as_u64() {
        Some(1..=4) => {
            if !button["url"].is_null() {
                return Err(form("button.url", "only a link has one"));
            }
            custom_id(button, ids)
        }
        Some(5) => {
            if !button["custom_id"].is_null() {
                return Err(form("button.custom_id", "a link has none"));
            }
            let url = text(button, "url", 1, 512)?;
            let schemes = ["http://", "https://", "discord://"];
            if !schemes.iter().any(|scheme| url.starts_with(scheme))
                || url.contains(char::is_whitespace)
            {
                let why = format!("`{url}`: Scheme must be one of ('http', 'https', 'discord').");
                return Err(form("button.url", &why));
            }
            Ok(())
        }
        other => Err(form("button.style", &format!("{other:?}"))),
    }
}

fn menu<'a>(menu: &'a Value, ids: &mut HashSet<&'a str>) -> Result<(), Refusal> {
    let known = [
        "type",
        "id",
        "custom_id",
        "required",
        "options",
        "placeholder",
        "min_values",
        "max_values",
        "disabled",
    ];
    only(menu, &known, "menu")?;
    custom_id(menu, ids)?;
    text(menu, "placeholder", 0, 150)?;
    let options = list(menu, "options")?;
    if !(1..=25).contains(&options.len()) {
        return Err(form("options", "Must be between 1 and 25 in length."));
    }
    let mut values = HashSet::new();
    for option in options {
        only(
            option,
            &["label", "value", "description", "emoji", "default"],
            "option",
        )?;
        text(option, "label", 1, 100)?;
        text(option, "description", 0, 100)?;
        emoji(&option["emoji"])?;
        let value = text(option, "value", 1, 100)?;
        if !values.insert(value) {
            let why = format!("`{value}`: The specified option value is already used");
            return Err(form("option.value", &why));
        }
    }
    let least = menu["min_values"].as_u64().unwrap_or(1);
    let most = menu["max_values"].as_u64().unwrap_or(1);
    let defaults = options.iter().filter(|option| option["default"] == true);
    if least > 25 || most == 0 || most > options.len() as u64 || least > most {
        return Err(form("max_values", &format!("{least} to {most}")));
    }
    if defaults.count() as u64 > most {
        return Err(form("options", "more defaults than may be chosen"));
    }
    Ok(())
}

fn emoji(emoji: &Value) -> Result<(), Refusal> {
    if emoji.is_null() {
        return Ok(());
    }
    only(emoji, &["id", "name", "animated"], "emoji")?;
    let name = emoji["name"].as_str().unwrap_or_default();
    // The bot has no emoji of its own; a name in ASCII is none of Unicode's.
    if name.is_empty() || name.is_ascii() || !emoji["id"].is_null() {
        return Err(form("emoji.name", &format!("Invalid emoji `{emoji}`")));
    }
    Ok(())
}

fn custom_id<'a>(part: &'a Value, ids: &mut HashSet<&'a str>) -> Result<(), Refusal> {
    let id = text(part, "custom_id", 1, 100)?;
    ids.insert(id).then_some(()).ok_or_else(|| {
        let why = format!("`{id}`: Component custom id cannot be duplicated");
        form("custom_id", &why)
    })
}

/// Checks a modal.
pub(super) fn modal(data: &Value) -> Result<(), Refusal> {
    only(data, &["custom_id", "title", "components"], "modal")?;
    text(data, "title", 1, 45)?;
    text(data, "custom_id", 1, 100)?;
    let rows = list(data, "components")?;
    if !(1..=5).contains(&rows.len()) {
        return Err(form("components", "Must be between 1 and 5 in length."));
    }
    let mut ids = HashSet::new();
    for row in rows {
        only(row, &["type", "id", "components"], "row")?;
        let inputs = list(row, "components")?;
        let [input] = inputs else {
            return Err(form("components", "a row of a modal holds one input"));
        };
        if row["type"] != 1 || input["type"] != 4 {
            return Err(form("components", "a modal holds rows of inputs"));
        }
        let known = [
            "type",
            "id",
            "custom_id",
            "style",
            "label",
            "min_length",
            "max_length",
            "required",
            "value",
            "placeholder",
        ];
        only(input, &known, "input")?;
        custom_id(input, &mut ids)?;
        text(input, "label", 1, 45)?;
        text(input, "placeholder", 0, 100)?;
        if !matches!(input["style"].as_u64(), Some(1 | 2)) {
            return Err(form("input.style", "1 or 2"));
        }
        let least = input["min_length"].as_u64().unwrap_or(0);
        let most = input["max_length"].as_u64().unwrap_or(4_000);
        if least > most || !(1..=4_000).contains(&most) {
            return Err(form("input.max_length", &format!("{least} to {most}")));
        }
        let value = input["value"].as_str().unwrap_or_default();
        let length = value.chars().count() as u64;
        if length > most || (length > 0 && length < least) {
            let why = format!("Must be between {least} and {most} in length ({length}).");
            return Err(form("input.value", &why));
        }
        if input["style"] == 1 && value.contains('\n') {
            return Err(form("input.value", "one line holds no line break"));
        }
    }
    Ok(())
}

/// The parts of a message or a modal in their order.
pub(super) fn parts(message: &Value) -> Vec<Value> {
    let rows = message["components"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let parts = rows.into_iter().flat_map(|row| {
        let parts = row["components"].as_array();
        parts.cloned().unwrap_or_default()
    });
    parts.collect()
}

/// Numbers rows and parts as Discord does when it keeps a message.
pub(super) fn numbered(mut rows: Value) -> Value {
    let mut last = 0;
    let mut next = || {
        last += 1;
        last
    };
    for row in rows.as_array_mut().into_iter().flatten() {
        row["id"] = next().into();
        for part in row["components"].as_array_mut().into_iter().flatten() {
            part["id"] = next().into();
        }
    }
    rows
}
