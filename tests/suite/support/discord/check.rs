//! What Discord takes: messages, embeds, answers to interactions, modals; and one rule of the
//! project's own, that no message may ping anybody.
//!
//! JSON bodies in, nothing or a refusal out. Characters are code points.
//! Invariant: an unknown key is refused too; Discord would pass over a misspelt one in silence.

use serde_json::{Value, json};

use super::components;
use super::{Refusal, empty, form};

/// The flag of a message that one member alone sees.
pub(super) const EPHEMERAL: u64 = 64;
const SUPPRESS_EMBEDS: u64 = 4;
const SUPPRESS_NOTIFICATIONS: u64 = 4_096;

/// Where a message is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Channel,
    /// As an answer to an interaction, or a follow-up.
    Interaction,
    /// Into a message that is there already.
    Edit,
}

/// Checks a message's body, as far as that does not depend on what is there already.
pub(super) fn message(body: &Value, place: Place) -> Result<(), Refusal> {
    let known = [
        "content",
        "tts",
        "embeds",
        "allowed_mentions",
        "message_reference",
        "components",
        "flags",
        "nonce",
        "enforce_nonce",
        "sticker_ids",
        "attachments",
    ];
    only(body, &known, "message")?;
    let content = text(body, "content", 0, 2_000)?;
    let flags = body["flags"].as_u64().unwrap_or_default();
    let allowed = match place {
        Place::Channel => SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS,
        Place::Interaction => SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | EPHEMERAL,
        Place::Edit => SUPPRESS_EMBEDS,
    };
    if !body["flags"].is_null() && (!body["flags"].is_u64() || flags & !allowed != 0) {
        return Err(form("flags", &format!("{} is not allowed", body["flags"])));
    }
    if body["tts"] == true {
        return Err(form("tts", "no answer is read aloud"));
    }
    mentions(body)?;
    embeds(body)?;
    components::rows(&body["components"])?;
    if place != Place::Edit {
        if place == Place::Interaction && !body["message_reference"].is_null() {
            return Err(form("message_reference", "not in an interaction"));
        }
        let nothing = |key: &str| body[key].as_array().is_none_or(Vec::is_empty);
        if content.is_empty() && nothing("embeds") && nothing("components") {
            return Err(empty());
        }
    }
    Ok(())
}

/// The project's own rule: whatever an entry or a question says, nobody is pinged.
fn mentions(body: &Value) -> Result<(), Refusal> {
    let allowed = &body["allowed_mentions"];
    let names = |key: &str| allowed[key].as_array().is_some_and(|ids| !ids.is_empty());
    let pings = names("users") || names("roles") || allowed["replied_user"] == true;
    if allowed["parse"] != json!([]) || pings {
        let why = format!("must be {{\"parse\": []}} and ping nobody, not {allowed}");
        return Err(form("allowed_mentions", &why));
    }
    Ok(())
}

fn embeds(body: &Value) -> Result<(), Refusal> {
    let embeds = list(body, "embeds")?;
    if embeds.len() > 10 {
        return Err(form("embeds", "Must be 10 or fewer in length."));
    }
    let mut total = 0;
    for embed in embeds {
        total += one_embed(embed)?;
    }
    if total > 6_000 {
        let why = format!("Embed size exceeds maximum size of 6000 ({total})");
        return Err(form("embeds", &why));
    }
    Ok(())
}

fn one_embed(embed: &Value) -> Result<usize, Refusal> {
    let known = [
        "title",
        "type",
        "description",
        "url",
        "timestamp",
        "color",
        "footer",
        "image",
        "thumbnail",
        "author",
        "fields",
        "flags",
    ];
    only(embed, &known, "embed")?;
    let mut total = 0;
    total += text(embed, "title", 0, 256)?.chars().count();
    total += text(embed, "description", 0, 4_096)?.chars().count();
    for (key, name, most, others) in [
        (
            "footer",
            "text",
            2_048,
            &["text", "icon_url", "proxy_icon_url"][..],
        ),
        (
            "author",
            "name",
            256,
            &["name", "url", "icon_url", "proxy_icon_url"],
        ),
    ] {
        let part = &embed[key];
        if !part.is_null() {
            only(part, others, key)?;
            total += text(part, name, 1, most)?.chars().count();
            url(part, "url")?;
            url(part, "icon_url")?;
        }
    }
    url(embed, "url")?;
    for key in ["image", "thumbnail"] {
        if !embed[key].is_null() {
            url(&embed[key], "url")?;
        }
    }
    let color = &embed["color"];
    if !color.is_null() && color.as_u64().is_none_or(|color| color > 0xFF_FFFF) {
        return Err(form("embed.color", "is no colour"));
    }
    let fields = list(embed, "fields")?;
    if fields.len() > 25 {
        return Err(form("embed.fields", "Must be 25 or fewer in length."));
    }
    for field in fields {
        only(field, &["name", "value", "inline"], "embed.field")?;
        total += text(field, "name", 1, 256)?.chars().count();
        total += text(field, "value", 1, 1_024)?.chars().count();
    }
    let pictures = ["image", "thumbnail"].iter();
    if total == 0 && pictures.clone().all(|key| embed[*key].is_null()) {
        return Err(form("embed", "Embeds cannot be empty"));
    }
    Ok(total)
}

/// Checks an answer to an interaction of a kind; `under` tells of a modal that was opened by a
/// component.
pub(super) fn answer(kind: u64, under: bool, body: &Value) -> Result<(), Refusal> {
    only(body, &["type", "data"], "response")?;
    let answer = body["type"].as_u64().unwrap_or_default();
    let fits: &[u64] = match kind {
        1 => &[1],
        2 => &[4, 5, 9],
        3 => &[4, 5, 6, 7, 9],
        4 => &[8],
        5 if under => &[4, 5, 6, 7],
        _ => &[4, 5],
    };
    if !fits.contains(&answer) {
        let why = format!("{answer} is no answer to an interaction of type {kind}");
        return Err(form("type", &why));
    }
    let data = &body["data"];
    match answer {
        4 => message(data, Place::Interaction),
        5 => {
            let flags = data["flags"].as_u64().unwrap_or_default();
            (flags & !EPHEMERAL == 0)
                .then_some(())
                .ok_or_else(|| form("data.flags", "only EPHEMERAL can be deferred"))
        }
        7 => message(data, Place::Edit),
        8 => choices(data),
        9 => components::modal(data),
        _ => Ok(()),
    }
}

fn choices(data: &Value) -> Result<(), Refusal> {
    only(data, &["choices"], "data")?;
    let choices = data["choices"].as_array();
    let choices = choices.ok_or_else(|| form("choices", "This field is required"))?;
    if choices.len() > 25 {
        return Err(form("choices", "Must be 25 or fewer in length."));
    }
    let mut seen = std::collections::HashSet::new();
    for choice in choices {
        only(choice, &["name", "name_localizations", "value"], "choice")?;
        let name = text(choice, "name", 1, 100)?;
        text(choice, "value", 1, 100)?;
        if choice["value"].as_str().is_none() {
            return Err(form("choice.value", "must be a string"));
        }
        if !seen.insert(name) {
            return Err(form("choice.name", &format!("`{name}` is there twice")));
        }
    }
    Ok(())
}

/// Reads a text without the space around it, which is what Discord counts and keeps.
pub(super) fn text<'a>(
    body: &'a Value,
    key: &str,
    least: usize,
    most: usize,
) -> Result<&'a str, Refusal> {
    let text = match &body[key] {
        Value::Null => "",
        Value::String(text) => text.trim(),
        other => return Err(form(key, &format!("{other} is no string"))),
    };
    let length = text.chars().count();
    if !(least..=most).contains(&length) {
        let why = format!("Must be between {least} and {most} in length ({length}).");
        return Err(form(key, &why));
    }
    Ok(text)
}

fn url(body: &Value, key: &str) -> Result<(), Refusal> {
    let url = text(body, key, 0, 2_048)?;
    let is_web = ["http://", "https://"].iter().any(|s| url.starts_with(s));
    if !url.is_empty() && (!is_web || url.contains(char::is_whitespace)) {
        let why = format!("`{url}`: Scheme must be one of ('http', 'https').");
        return Err(form(key, &why));
    }
    Ok(())
}

/// Reads a list that may be missing.
pub(super) fn list<'a>(body: &'a Value, key: &str) -> Result<&'a [Value], Refusal> {
    match &body[key] {
        Value::Null => Ok(&[]),
        Value::Array(list) => Ok(list),
        other => Err(form(key, &format!("{other} is no list"))),
    }
}

/// Refuses what is no object of these keys.
pub(super) fn only(body: &Value, known: &[&str], name: &str) -> Result<(), Refusal> {
    let object = body.as_object().ok_or_else(|| form(name, "is no object"))?;
    let strange = object.keys().find(|key| !known.contains(&key.as_str()));
    strange.map_or(Ok(()), |key| {
        Err(form(key, &format!("is no key of {name}")))
    })
}
