//! Discord's rules for messages, embeds and responses to interactions, and one rule of this
//! project: no message may ping a user.
//!
//! JSON body in, nothing or a refusal out. Lengths are code points.
//! Invariant: unknown keys are refused; Discord would ignore a misspelt key.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::components;
use super::{Refusal, empty, form};

/// Message flag: visible to one member only.
pub(super) const EPHEMERAL: u64 = 64;
const SUPPRESS_EMBEDS: u64 = 4;
const SUPPRESS_NOTIFICATIONS: u64 = 4_096;

/// Destination of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Channel,
    /// A response to an interaction, or a follow-up.
    Interaction,
    /// An existing message.
    Edit,
}

/// Checks the body of a message, except the rules that depend on stored state.
pub(super) fn message(body: &Value, place: Place) -> Result<(), Refusal> {
    only(
        body,
        "content tts embeds allowed_mentions message_reference components flags nonce \
         enforce_nonce sticker_ids attachments",
        "message",
    )?;
    let content = text(body, "content", 0..=2_000)?;
    let flags = body["flags"].as_u64().unwrap_or_default();
    let allowed = match place {
        Place::Channel => SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS,
        Place::Interaction => SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | EPHEMERAL,
        Place::Edit => SUPPRESS_EMBEDS,
    };
    let is_allowed = body["flags"].is_null() || (body["flags"].is_u64() && flags & !allowed == 0);
    require(is_allowed, "flags", "not allowed here")?;
    require(body["tts"] != true, "tts", "text-to-speech is not used")?;
    mentions(body)?;
    embeds(body)?;
    components::rows(body)?;
    if place != Place::Edit {
        let is_reply = !body["message_reference"].is_null();
        let may_reply = place != Place::Interaction || !is_reply;
        require(may_reply, "message_reference", "not in an interaction")?;
        let nothing = |key: &str| body[key].as_array().is_none_or(Vec::is_empty);
        if content.is_empty() && nothing("embeds") && nothing("components") {
            return Err(empty());
        }
    }
    Ok(())
}

/// The rule of this project: no message pings a user, even if an entry or a question has a mention.
fn mentions(body: &Value) -> Result<(), Refusal> {
    let allowed = &body["allowed_mentions"];
    let names = |key: &str| allowed[key].as_array().is_some_and(|ids| !ids.is_empty());
    let pings = names("users") || names("roles") || allowed["replied_user"] == true;
    require(
        allowed["parse"] == json!([]) && !pings,
        "allowed_mentions",
        &format!("must be {{\"parse\": []}} and ping no user, not {allowed}"),
    )
}

fn embeds(body: &Value) -> Result<(), Refusal> {
    let mut total = 0;
    for one in list(body, "embeds", 0..=10)? {
        total += embed(one)?;
    }
    let why = format!("Embed size exceeds maximum size of 6000 ({total})");
    require(total <= 6_000, "embeds", &why)
}

/// Checks an embed and returns its size.
fn embed(embed: &Value) -> Result<usize, Refusal> {
    let keys = "title type description url timestamp color footer image thumbnail author fields \
                flags";
    only(embed, keys, "embed")?;
    let mut total = 0;
    total += size(embed, "title", 0..=256)?;
    total += size(embed, "description", 0..=4_096)?;
    for (key, name, max, keys) in [
        ("footer", "text", 2_048, "text icon_url proxy_icon_url"),
        ("author", "name", 256, "name url icon_url proxy_icon_url"),
    ] {
        let part = &embed[key];
        if !part.is_null() {
            only(part, keys, key)?;
            total += size(part, name, 1..=max)?;
            url(part, "url")?;
            url(part, "icon_url")?;
        }
    }
    url(embed, "url")?;
    let pictures = ["image", "thumbnail"].map(|key| &embed[key]);
    for picture in pictures.into_iter().filter(|picture| !picture.is_null()) {
        url(picture, "url")?;
    }
    let color = &embed["color"];
    let is_color = color.is_null() || color.as_u64().is_some_and(|color| color <= 0xFF_FFFF);
    require(is_color, "embed.color", "not a colour")?;
    for field in list(embed, "fields", 0..=25)? {
        only(field, "name value inline", "embed.field")?;
        total += size(field, "name", 1..=256)?;
        total += size(field, "value", 1..=1_024)?;
    }
    let has_content = total > 0 || pictures.iter().any(|picture| !picture.is_null());
    require(has_content, "embed", "Embeds cannot be empty")?;
    Ok(total)
}

/// Checks a response to an interaction of a type; `has_message` is whether a component of a message
/// led to it.
pub(super) fn response(kind: u64, has_message: bool, body: &Value) -> Result<(), Refusal> {
    only(body, "type data", "response")?;
    let answer = body["type"].as_u64().unwrap_or_default();
    let allowed: &[u64] = match kind {
        1 => &[1],
        2 => &[4, 5, 9],
        3 => &[4, 5, 6, 7, 9],
        4 => &[8],
        5 if has_message => &[4, 5, 6, 7],
        _ => &[4, 5],
    };
    let why = format!("{answer} does not respond to an interaction of type {kind}");
    require(allowed.contains(&answer), "type", &why)?;
    let data = &body["data"];
    match answer {
        4 => message(data, Place::Interaction),
        5 => {
            let flags = data["flags"].as_u64().unwrap_or_default();
            let why = "only EPHEMERAL can be deferred";
            require(flags & !EPHEMERAL == 0, "data.flags", why)
        }
        7 => message(data, Place::Edit),
        8 => choices(data),
        9 => components::modal(data),
        _ => Ok(()),
    }
}

fn choices(data: &Value) -> Result<(), Refusal> {
    only(data, "choices", "data")?;
    require(
        data["choices"].is_array(),
        "choices",
        "This field is required",
    )?;
    let mut names = HashSet::new();
    for choice in list(data, "choices", 0..=25)? {
        only(choice, "name name_localizations value", "choice")?;
        let name = text(choice, "name", 1..=100)?;
        text(choice, "value", 1..=100)?;
        require(names.insert(name), "choice.name", "must be unique")?;
    }
    Ok(())
}

/// Reads a text without surrounding blanks, as Discord counts and keeps it.
pub(super) fn text<'a>(
    body: &'a Value,
    key: &str,
    length: RangeInclusive<usize>,
) -> Result<&'a str, Refusal> {
    let text = match &body[key] {
        Value::Null => "",
        Value::String(text) => text.trim(),
        other => return Err(form(key, &format!("{other} is no string"))),
    };
    let count = text.chars().count();
    let why = format!("Must be {length:?} in length ({count}).");
    require(length.contains(&count), key, &why)?;
    Ok(text)
}

fn size(body: &Value, key: &str, length: RangeInclusive<usize>) -> Result<usize, Refusal> {
    Ok(text(body, key, length)?.chars().count())
}

fn url(body: &Value, key: &str) -> Result<(), Refusal> {
    let url = text(body, key, 0..=2_048)?;
    let is_web = ["http://", "https://"].iter().any(|s| url.starts_with(s));
    let why = format!("`{url}`: Scheme must be one of ('http', 'https').");
    let is_valid = url.is_empty() || (is_web && !url.contains(char::is_whitespace));
    require(is_valid, key, &why)
}

/// Reads a list; a missing one is empty.
pub(super) fn list<'a>(
    body: &'a Value,
    key: &str,
    length: RangeInclusive<usize>,
) -> Result<&'a [Value], Refusal> {
    let list: &[Value] = match &body[key] {
        Value::Null => &[],
        Value::Array(list) => list,
        other => return Err(form(key, &format!("{other} is no list"))),
    };
    let why = format!("Must be {length:?} in length ({}).", list.len());
    require(length.contains(&list.len()), key, &why)?;
    Ok(list)
}

/// Refuses a body that is not an object, or that has other keys than these.
pub(super) fn only(body: &Value, keys: &str, name: &str) -> Result<(), Refusal> {
    let object = body.as_object().ok_or_else(|| form(name, "is no object"))?;
    let unknown = object
        .keys()
        .find(|key| keys.split_whitespace().all(|known| known != *key));
    unknown.map_or(Ok(()), |key| {
        Err(form(key, &format!("is no key of {name}")))
    })
}

/// Refuses a body because of one key, unless a condition holds.
pub(super) fn require(holds: bool, key: &str, why: &str) -> Result<(), Refusal> {
    holds.then_some(()).ok_or_else(|| form(key, why))
}
