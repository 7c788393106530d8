//! Discord's rules for application commands, and the form in which it returns them.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::check::{list, only, require, text};
use super::{APPLICATION_ID, Refusal, form};

const LOCALES: [&str; 32] = [
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl",
    "no", "pl", "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th",
    "zh-CN", "ja", "zh-TW", "ko",
];

/// Checks all commands of an application, the body of one PUT.
pub(super) fn all(body: &Value) -> Result<(), Refusal> {
    let commands = body
        .as_array()
        .ok_or_else(|| form("commands", "is no list"))?;
    let mut names = HashSet::new();
    for command in commands {
        one(command)?;
        let kind = command["type"].as_u64().unwrap_or(1);
        let localized = command["name_localizations"].as_object();
        let localized = localized.into_iter().flatten();
        let mut localized = localized.map(|(locale, name)| (kind, locale.clone(), name.clone()));
        let own = (kind, String::new(), command["name"].clone());
        let is_new = names.insert(own) && localized.all(|name| names.insert(name));
        let why = format!("APPLICATION_COMMANDS_DUPLICATE_NAME: {}", command["name"]);
        require(is_new, "name", &why)?;
    }
    for (kind, max) in [(1, 100), (2, 5), (3, 5)] {
        let of_kind = |command: &&Value| command["type"].as_u64().unwrap_or(1) == kind;
        if commands.iter().filter(of_kind).count() > max {
            let why = format!("Maximum number of application commands reached ({max})");
            return Err(Refusal::new(400, 30_032, &why));
        }
    }
    Ok(())
}

fn one(command: &Value) -> Result<(), Refusal> {
    only(
        command,
        "type name name_localizations description description_localizations options \
         default_member_permissions dm_permission default_permission integration_types contexts \
         nsfw id",
        "command",
    )?;
    let kind = command["type"].as_u64().unwrap_or(1);
    require(matches!(kind, 1..=3), "type", "1, 2 or 3")?;
    let is_typed = kind == 1;
    named(command, is_typed)?;
    let options = list(command, "options", 0..=25)?;
    if is_typed {
        described(command)?;
    } else {
        let is_bare = options.is_empty() && text(command, "description", 0..=100)?.is_empty();
        let why = "this type has neither description nor options";
        require(is_bare, "description", why)?;
    }
    for (key, max) in [("contexts", 2), ("integration_types", 1)] {
        let min = usize::from(command[key].is_array());
        let numbers = list(command, key, min..=3)?;
        let unique: HashSet<_> = numbers.iter().map(Value::as_u64).collect();
        let known = |number: &Value| number.as_u64().is_some_and(|number| number <= max);
        let is_valid = unique.len() == numbers.len() && numbers.iter().all(known);
        require(is_valid, key, &command[key].to_string())?;
    }
    let mut names = HashSet::new();
    for one in options {
        option(one)?;
        let why = "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS";
        require(names.insert(one["name"].as_str()), "options", why)?;
    }
    let is_ordered = options.is_sorted_by_key(|option| option["required"] != true);
    let why = "Required options must be placed before non-required options";
    require(is_ordered, "options", why)?;
    let size = size(command);
    let why = format!("exceeds maximum size 8000 ({size})");
    require(size <= 8_000, "command", &why)
}

fn option(option: &Value) -> Result<(), Refusal> {
    only(
        option,
        "type name name_localizations description description_localizations required choices \
         options channel_types min_value max_value min_length max_length autocomplete",
        "option",
    )?;
    let kind = option["type"].as_u64().unwrap_or_default();
    let why = option["type"].to_string();
    require((3..=11).contains(&kind), "option.type", &why)?;
    named(option, true)?;
    described(option)?;
    let choices = list(option, "choices", 0..=25)?;
    for choice in choices {
        text(choice, "name", 1..=100)?;
        localized(choice, "name_localizations", |name| {
            (1..=100).contains(&name.chars().count())
        })?;
        if kind == 3 {
            text(choice, "value", 0..=100)?;
        }
    }
    let may_complete = choices.is_empty() && [3, 4, 10].contains(&kind);
    let is_valid = option["autocomplete"] != true || may_complete;
    let why = "not with choices, and not on this type";
    require(is_valid, "autocomplete", why)?;
    for (key, min) in [("min_length", 0), ("max_length", 1)] {
        let length = &option[key];
        let fits = length.as_u64().is_some_and(|n| (min..=6_000).contains(&n));
        let is_valid = length.is_null() || (kind == 3 && fits);
        require(is_valid, key, &length.to_string())?;
    }
    Ok(())
}

fn named(thing: &Value, is_typed: bool) -> Result<(), Refusal> {
    let is_valid = |name: &str| {
        // Discord also allows combining marks of two scripts, which these tests do not use.
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '\'');
        let is_lower = name.to_lowercase() == name;
        (1..=32).contains(&name.chars().count())
            && name.trim() == name
            && (!is_typed || (is_lower && name.chars().all(allowed)))
    };
    let name = thing["name"].as_str().unwrap_or_default();
    let why = format!("`{name}`: APPLICATION_COMMAND_INVALID_NAME");
    require(is_valid(name), "name", &why)?;
    localized(thing, "name_localizations", is_valid)
}

fn described(thing: &Value) -> Result<(), Refusal> {
    text(thing, "description", 1..=100)?;
    let is_valid = |text: &str| (1..=100).contains(&text.trim().chars().count());
    localized(thing, "description_localizations", is_valid)
}

fn localized(thing: &Value, key: &str, is_valid: impl Fn(&str) -> bool) -> Result<(), Refusal> {
    if thing[key].is_null() {
        return Ok(());
    }
    let map = thing[key]
        .as_object()
        .ok_or_else(|| form(key, "is no object"))?;
    for (locale, text) in map {
        let is_known = LOCALES.contains(&locale.as_str());
        let is_valid = is_known && text.as_str().is_some_and(&is_valid);
        require(is_valid, key, &format!("`{locale}`: {text}"))?;
    }
    Ok(())
}

/// Counts a command's characters; each text counts with its longest localization.
fn size(thing: &Value) -> usize {
    let length = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let longest = |key: &str| {
        let others = thing[format!("{key}_localizations")].as_object();
        let others = others.into_iter().flat_map(Map::values).map(length);
        others
            .chain([length(&thing[key])])
            .max()
            .unwrap_or_default()
    };
    let mut size = longest("name") + longest("description") + length(&thing["value"]);
    for key in ["options", "choices"] {
        let parts = thing[key].as_array().into_iter().flatten();
        size += parts.map(self::size).sum::<usize>();
    }
    size
}

/// Stores commands: a command keeps its id if its name was known, and its version if nothing
/// changed.
pub(super) fn kept(before: &[Value], body: &Value, mut next: impl FnMut() -> String) -> Vec<Value> {
    let commands = body.as_array().into_iter().flatten().map(|command| {
        let mut kept = json!({
            "application_id": APPLICATION_ID.to_string(),
            "default_member_permissions": null, "type": 1, "dm_permission": true,
            "name": "", "name_localizations": null, "description": "",
            "description_localizations": null, "contexts": null, "integration_types": [0],
            "nsfw": false,
        });
        for (key, value) in command.as_object().into_iter().flatten() {
            if key == "options" {
                let options = value.as_array().into_iter().flatten().map(kept_option);
                let options: Vec<Value> = options.collect();
                if !options.is_empty() {
                    kept[key] = json!(options);
                }
            } else if !(value.is_null() || *value == json!({})) && key != "id" {
                kept[key] = value.clone();
            }
        }
        let same = before
            .iter()
            .find(|old| old["name"] == kept["name"] && old["type"] == kept["type"]);
        match same {
            Some(old) => {
                kept["id"] = old["id"].clone();
                kept["version"] = old["version"].clone();
                if kept != *old {
                    kept["version"] = next().into();
                }
            }
            None => {
                kept["id"] = next().into();
                kept["version"] = next().into();
            }
        }
        kept
    });
    commands.collect()
}

/// Drops default values, as Discord does; a comparison of commands must tolerate that.
fn kept_option(option: &Value) -> Value {
    let mut option = option.clone();
    if let Some(option) = option.as_object_mut() {
        option.retain(|_, value| *value != json!(false) && *value != json!([]) && !value.is_null());
    }
    option
}

/// Returns a command as GET does: with localizations only on request.
pub(super) fn shown(command: &Value, with_localizations: bool) -> Value {
    fn strip(thing: &mut Value) {
        if let Some(thing) = thing.as_object_mut() {
            thing.remove("name_localizations");
            thing.remove("description_localizations");
        }
        for key in ["options", "choices"] {
            for part in thing
                .get_mut(key)
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                strip(part);
            }
        }
    }
    let mut command = command.clone();
    if !with_localizations {
        strip(&mut command);
    }
    command
}
