//! Discord's rules for rows of buttons and menus, and for modals.
//!
//! Invariant: each accepted component can be used: a button has one effect, a custom id is unique.

use std::collections::HashSet;

use serde_json::Value;

use super::check::{list, only, require, text};
use super::{Refusal, form};

/// Checks the components of a message.
pub(super) fn rows(message: &Value) -> Result<(), Refusal> {
    let mut ids = HashSet::new();
    for row in list(message, "components", 0..=5)? {
        only(row, "type id components", "row")?;
        require(row["type"] == 1, "components", "a message contains rows")?;
        let has_menu = row["components"][0]["type"] != 2;
        let max = if has_menu { 1 } else { 5 };
        for part in list(row, "components", 1..=max)? {
            match part["type"].as_u64() {
                Some(2) => button(part, &mut ids)?,
                Some(3) if has_menu => menu(part, &mut ids)?,
                _ => return Err(form("components.type", &part["type"].to_string())),
            }
        }
    }
    Ok(())
}

fn button<'a>(button: &'a Value, ids: &mut HashSet<&'a str>) -> Result<(), Refusal> {
    let keys = "type id style label emoji custom_id url disabled";
    only(button, keys, "button")?;
    let label = text(button, "label", 0..=80)?;
    let why = "A button must have a label or an emoji";
    let is_labelled = !label.is_empty() || !button["emoji"].is_null();
    require(is_labelled, "button.label", why)?;
    emoji(&button["emoji"])?;
    match button["style"].as_u64() {
        Some(1..=4) => {
            require(button["url"].is_null(), "button.url", "only of a link")?;
            custom_id(button, ids)
        }
        Some(5) => {
            let has_id = !button["custom_id"].is_null();
            require(!has_id, "button.custom_id", "not of a link")?;
            let url = text(button, "url", 1..=512)?;
            let schemes = ["http://", "https://", "discord://"];
            let has_scheme = schemes.iter().any(|scheme| url.starts_with(scheme));
            let why = format!("`{url}`: Scheme must be one of ('http', 'https', 'discord').");
            let is_valid = has_scheme && !url.contains(char::is_whitespace);
            require(is_valid, "button.url", &why)
        }
        other => Err(form("button.style", &format!("{other:?}"))),
    }
}

fn menu<'a>(menu: &'a Value, ids: &mut HashSet<&'a str>) -> Result<(), Refusal> {
    let keys = "type id custom_id required options placeholder min_values max_values disabled";
    only(menu, keys, "menu")?;
    custom_id(menu, ids)?;
    text(menu, "placeholder", 0..=150)?;
    let options = list(menu, "options", 1..=25)?;
    let mut values = HashSet::new();
    for option in options {
        only(option, "label value description emoji default", "option")?;
        text(option, "label", 1..=100)?;
        text(option, "description", 0..=100)?;
        emoji(&option["emoji"])?;
        let value = text(option, "value", 1..=100)?;
        let why = format!("`{value}`: The specified option value is already used");
        require(values.insert(value), "option.value", &why)?;
    }
    let min = menu["min_values"].as_u64().unwrap_or(1);
    let max = menu["max_values"].as_u64().unwrap_or(1);
    let is_range = min <= 25 && (1..=options.len() as u64).contains(&max) && min <= max;
    require(is_range, "max_values", &format!("{min} to {max}"))?;
    let defaults = options.iter().filter(|option| option["default"] == true);
    let is_possible = defaults.count() as u64 <= max;
    require(is_possible, "options", "more defaults than allowed choices")
}

fn emoji(emoji: &Value) -> Result<(), Refusal> {
    if emoji.is_null() {
        return Ok(());
    }
    only(emoji, "id name animated", "emoji")?;
    let name = emoji["name"].as_str().unwrap_or_default();
    // The bot has no emoji of its own, and no Unicode emoji is ASCII.
    let is_known = !name.is_ascii() && emoji["id"].is_null();
    require(is_known, "emoji.name", &format!("Invalid emoji `{emoji}`"))
}

fn custom_id<'a>(part: &'a Value, ids: &mut HashSet<&'a str>) -> Result<(), Refusal> {
    let id = text(part, "custom_id", 1..=100)?;
    let why = format!("`{id}`: Component custom id cannot be duplicated");
    require(ids.insert(id), "custom_id", &why)
}

/// Checks a modal.
pub(super) fn modal(data: &Value) -> Result<(), Refusal> {
    only(data, "custom_id title components", "modal")?;
    text(data, "title", 1..=45)?;
    text(data, "custom_id", 1..=100)?;
    let mut ids = HashSet::new();
    for row in list(data, "components", 1..=5)? {
        only(row, "type id components", "row")?;
        let input = &list(row, "components", 1..=1)?[0];
        let is_input = row["type"] == 1 && input["type"] == 4;
        require(is_input, "components", "a modal contains rows of one input")?;
        let keys = "type id custom_id style label min_length max_length required value placeholder";
        only(input, keys, "input")?;
        custom_id(input, &mut ids)?;
        text(input, "label", 1..=45)?;
        text(input, "placeholder", 0..=100)?;
        let style = input["style"].as_u64();
        require(matches!(style, Some(1 | 2)), "input.style", "1 or 2")?;
        let min = input["min_length"].as_u64().unwrap_or(0);
        let max = input["max_length"].as_u64().unwrap_or(4_000);
        let is_range = min <= max && (1..=4_000).contains(&max);
        require(is_range, "input.max_length", &format!("{min} to {max}"))?;
        let value = input["value"].as_str().unwrap_or_default();
        let length = value.chars().count() as u64;
        let why = format!("Must be between {min} and {max} in length ({length}).");
        let fits = length == 0 || (min..=max).contains(&length);
        require(fits, "input.value", &why)?;
        let is_one_line = style == Some(2) || !value.contains('\n');
        require(is_one_line, "input.value", "no line break in a single line")?;
    }
    Ok(())
}

/// Lists the components of a message or a modal in their order.
pub(super) fn parts(message: &Value) -> Vec<Value> {
    let rows = message["components"].as_array().into_iter().flatten();
    let parts = rows.flat_map(|row| row["components"].as_array().into_iter().flatten());
    parts.cloned().collect()
}

/// Numbers rows and components, as Discord does in a stored message.
pub(super) fn numbered(mut rows: Value) -> Value {
    let mut ids = 1..;
    for row in rows.as_array_mut().into_iter().flatten() {
        row["id"] = ids.next().into();
        for part in row["components"].as_array_mut().into_iter().flatten() {
            part["id"] = ids.next().into();
        }
    }
    rows
}
