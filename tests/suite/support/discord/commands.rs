//! Commands of an application: what may be registered, and how Discord gives it back.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::check::{list, only, text};
use super::{APPLICATION_ID, Refusal, form};

const LOCALES: [&str; 32] = [
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl",
    "no", "pl", "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th",
    "zh-CN", "ja", "zh-TW", "ko",
];

/// Checks all commands of an application, as one PUT brings them.
pub(super) fn all(body: &Value) -> Result<(), Refusal> {
    let commands = body
        .as_array()
        .ok_or_else(|| form("commands", "is no list"))?;
    let mut names = HashSet::new();
    let mut counts = HashMap::new();
    for command in commands {
        one(command)?;
        let kind = command["type"].as_u64().unwrap_or(1);
        *counts.entry(kind).or_insert(0) += 1;
        let shown = command["name_localizations"].as_object();
        let shown = shown.into_iter().flatten();
        let mut mine = shown.map(|(locale, name)| (kind, locale.clone(), name.clone()));
        let own = (kind, String::new(), command["name"].clone());
        if !names.insert(own) || !mine.all(|name| names.insert(name)) {
            let why = "APPLICATION_COMMANDS_DUPLICATE_NAME";
            return Err(form("name", &format!("{why}: {}", command["name"])));
        }
    }
    for (kind, most) in [(1, 100), (2, 5), (3, 5)] {
        if counts.get(&kind).is_some_and(|count| *count > most) {
            let why = format!("Maximum number of application commands reached ({most})");
            return Err(Refusal::new(400, 30_032, &why));
        }
    }
    Ok(())
}

fn one(command: &Value) -> Result<(), Refusal> {
    let known = [
        "type",
        "name",
        "name_localizations",
        "description",
        "description_localizations",
        "options",
        "default_member_permissions",
        "dm_permission",
        "default_permission",
        "integration_types",
        "contexts",
        "nsfw",
        "id",
    ];
    only(command, &known, "command")?;
    let kind = command["type"].as_u64().unwrap_or(1);
    let is_typed = match kind {
        1 => true,
        2 | 3 => false,
        _ => return Err(form("type", "1, 2 or 3")),
    };
    named(command, is_typed)?;
    let options = list(command, "options")?;
    if is_typed {
        described(command)?;
    } else if !options.is_empty() || !text(command, "description", 0, 100)?.is_empty() {
        return Err(form(
            "description",
            "this type has neither description nor options",
        ));
    }
    for (key, most) in [("contexts", 2), ("integration_types", 1)] {
        let numbers = list(command, key)?;
        let unique: HashSet<_> = numbers.iter().map(Value::as_u64).collect();
        let known = |number: &Value| number.as_u64().is_some_and(|number| number <= most);
        if unique.len() != numbers.len() || !numbers.iter().all(known) {
            return Err(form(key, &command[key].to_string()));
        }
        if command[key].is_array() && numbers.is_empty() {
            return Err(form(key, "This field is required"));
        }
    }
    if options.len() > 25 {
        return Err(form("options", "Must be 25 or fewer in length."));
    }
    let mut names = HashSet::new();
    let mut is_past_required = false;
    for option in options {
        self::option(option)?;
        if !names.insert(option["name"].as_str()) {
            return Err(form(
                "options",
                "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
            ));
        }
        let is_required = option["required"] == true;
        if is_required && is_past_required {
            let why = "Required options must be placed before non-required options";
            return Err(form("options", why));
        }
        is_past_required = !is_required;
    }
    let size = size(command);
    if size > 8_000 {
        return Err(form(
            "command",
            &format!("exceeds maximum size 8000 ({size})"),
        ));
    }
    Ok(())
}

fn option(option: &Value) -> Result<(), Refusal> {
    let known = [
        "type",
        "name",
        "name_localizations",
        "description",
        "description_localizations",
        "required",
        "choices",
        "options",
        "channel_types",
        "min_value",
        "max_value",
        "min_length",
        "max_length",
        "autocomplete",
    ];
    only(option, &known, "option")?;
    let kind = option["type"].as_u64().unwrap_or_default();
    if !(3..=11).contains(&kind) {
        return Err(form("option.type", &format!("{}", option["type"])));
    }
    named(option, true)?;
    described(option)?;
    let choices = list(option, "choices")?;
    if choices.len() > 25 {
        return Err(form("choices", "Must be 25 or fewer in length."));
    }
    for choice in choices {
        text(choice, "name", 1, 100)?;
        localised(choice, "name_localizations", |name| {
            (1..=100).contains(&name.chars().count())
        })?;
        if kind == 3 {
            text(choice, "value", 0, 100)?;
        }
    }
    if option["autocomplete"] == true && (!choices.is_empty() || ![3, 4, 10].contains(&kind)) {
        return Err(form(
            "autocomplete",
            "not with choices, and not on this type",
        ));
    }
    for (key, least) in [("min_length", 0), ("max_length", 1)] {
        let length = &option[key];
        let is_good = length
            .as_u64()
            .is_some_and(|n| (least..=6_000).contains(&n));
        if !length.is_null() && (kind != 3 || !is_good) {
            return Err(form(key, &length.to_string()));
        }
    }
    Ok(())
}

fn named(thing: &Value, is_typed: bool) -> Result<(), Refusal> {
    let is_good = |name: &str| {
        let length = name.chars().count();
        // Letters with marks of two scripts are more than this knows, and nobody here needs them.
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '\'');
        let is_lower = name.to_lowercase() == name;
        (1..=32).contains(&length)
            && name.trim() == name
            && (!is_typed || (is_lower && name.chars().all(allowed)))
    };
    let name = thing["name"].as_str().unwrap_or_default();
    if !is_good(name) {
        return Err(form(
            "name",
            &format!("`{name}`: APPLICATION_COMMAND_INVALID_NAME"),
        ));
    }
    localised(thing, "name_localizations", is_good)
}

fn described(thing: &Value) -> Result<(), Refusal> {
    text(thing, "description", 1, 100)?;
    let is_good = |text: &str| (1..=100).contains(&text.trim().chars().count());
    localised(thing, "description_localizations", is_good)
}

fn localised(thing: &Value, key: &str, is_good: impl Fn(&str) -> bool) -> Result<(), Refusal> {
    if thing[key].is_null() {
        return Ok(());
    }
    let map = thing[key]
        .as_object()
        .ok_or_else(|| form(key, "is no object"))?;
    for (locale, text) in map {
        let is_known = LOCALES.contains(&locale.as_str());
        if !is_known || !text.as_str().is_some_and(&is_good) {
            return Err(form(key, &format!("`{locale}`: {text}")));
        }
    }
    Ok(())
}

/// Counts a command's characters, of each text its longest form.
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

/// Keeps new commands: those that were there under the same name keep their id, and their version
/// where nothing changed.
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

/// Drops what says nothing, as Discord does; a comparison must not stumble over it.
fn kept_option(option: &Value) -> Value {
    let mut option = option.clone();
    if let Some(option) = option.as_object_mut() {
        option.retain(|_, value| *value != json!(false) && *value != json!([]) && !value.is_null());
    }
    option
}

/// A command as GET gives it: the localisations only where they were asked for.
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
