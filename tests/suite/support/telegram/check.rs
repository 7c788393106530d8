//! The rules of Telegram for HTML, lengths, buttons, commands and inline results.

use serde_json::Value;

use super::{Refusal, bad};

/// A message as a member sees it.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) links: Vec<String>,
}

fn refuse_if(is_wrong: bool, description: &str) -> Result<(), Refusal> {
    (!is_wrong).then_some(()).ok_or_else(|| bad(description))
}

/// Checks a message to send or an edit.
pub(super) fn message(body: &Value) -> Result<Shown, Refusal> {
    let text = body["text"]
        .as_str()
        .ok_or_else(|| bad("message text is empty"))?;
    let shown = match body["parse_mode"].as_str() {
        Some(mode) if mode.eq_ignore_ascii_case("html") => html(text)?,
        None => Shown {
            text: text.to_owned(),
            links: Vec::new(),
        },
        Some(_) => return Err(bad("unsupported parse_mode")),
    };
    let units = shown.text.encode_utf16().count();
    refuse_if(shown.text.trim().is_empty(), "message text is empty")?;
    refuse_if(units > 4_096, "message is too long")?;
    if let Some(markup) = body.get("reply_markup") {
        keyboard(markup)?;
    }
    Ok(shown)
}

/// Reads HTML as strictly as Telegram; also refuses a stray `&` and a link that Telegram would drop.
fn html(source: &str) -> Result<Shown, Refusal> {
    let wrong = |what: &str| bad(&format!("can't parse entities: {what}"));
    let mut shown = Shown::default();
    let mut open: Vec<String> = Vec::new();
    let mut entities = 0;
    let mut rest = source;
    while let Some(at) = rest.find(['<', '>', '&']) {
        shown.text.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('>') {
            return Err(wrong("a `>` that closes nothing"));
        }
        if rest.starts_with('&') {
            let (entity, after) = rest.split_once(';').ok_or_else(|| wrong("a stray `&`"))?;
            shown.text.push_str(match entity {
                "&lt" => "<",
                "&gt" => ">",
                "&amp" => "&",
                "&quot" => "\"",
                other => return Err(wrong(&format!("unknown entity {other}"))),
            });
            rest = after;
            continue;
        }
        let (tag, after) = rest[1..]
            .split_once('>')
            .ok_or_else(|| wrong("unclosed tag"))?;
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(name) {
                return Err(wrong(&format!("unmatched end tag {name}")));
            }
            continue;
        }
        let name = tag.split(' ').next().unwrap_or_default();
        if let Some(href) = tag.strip_prefix("a href=\"") {
            let href = href.strip_suffix('"').ok_or_else(|| wrong("attribute"))?;
            let href = html(href)?.text;
            if !href.starts_with("https://") && !href.starts_with("http://") {
                return Err(wrong(&format!("Telegram makes no link of {href}")));
            }
            shown.links.push(href);
        } else if !["b", "i", "u", "s", "code", "pre", "blockquote"].contains(&tag) {
            return Err(wrong(&format!("unsupported start tag {tag}")));
        }
        if open
            .iter()
            .any(|known| known == name || known == "pre" || known == "code")
            && !["b", "i"].contains(&name)
        {
            return Err(wrong(&format!("{name} must not be there")));
        }
        entities += 1;
        open.push(name.to_owned());
    }
    shown.text.push_str(rest);
    if !open.is_empty() {
        return Err(wrong(&format!("can't find end tag of {open:?}")));
    }
    if entities > 100 {
        return Err(wrong("more than 100 entities"));
    }
    Ok(shown)
}

/// Checks an inline keyboard.
pub(super) fn keyboard(markup: &Value) -> Result<(), Refusal> {
    let rows = markup["inline_keyboard"]
        .as_array()
        .ok_or_else(|| bad("no keyboard"))?;
    let mut count = 0;
    for row in rows {
        let row = row
            .as_array()
            .filter(|row| !row.is_empty() && row.len() <= 8);
        for button in row.ok_or_else(|| bad("a row of buttons is empty or too long"))? {
            count += 1;
            let text = button["text"].as_str().unwrap_or_default();
            refuse_if(text.trim().is_empty(), "BUTTON_TEXT_EMPTY")?;
            let kinds = button.as_object().map_or(0, |button| button.len() - 1);
            refuse_if(kinds != 1, "a button must have one action")?;
            let length = |key: &str| button[key].as_str().map_or(0, str::len);
            let copied = button["copy_text"]["text"].as_str().unwrap_or_default();
            let url = button["url"].as_str().unwrap_or_default();
            let is_good = (1..=64).contains(&length("callback_data"))
                || (1..=256).contains(&copied.encode_utf16().count())
                || url.starts_with("https://")
                || url.starts_with("http://");
            refuse_if(!is_good, &format!("BUTTON_DATA_INVALID {button}"))?;
        }
    }
    refuse_if(count > 100, "too many buttons")
}

/// Checks commands.
pub(super) fn commands(body: &Value) -> Result<(), Refusal> {
    let commands = body["commands"]
        .as_array()
        .ok_or_else(|| bad("no commands"))?;
    for command in commands {
        let name = command["command"].as_str().unwrap_or_default();
        let name = name.strip_prefix('/').unwrap_or(name);
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        refuse_if(
            !(1..=32).contains(&name.len()) || !name.chars().all(allowed),
            "BOT_COMMAND_INVALID",
        )?;
        let description = command["description"].as_str().unwrap_or_default();
        refuse_if(
            !(1..=256).contains(&description.chars().count()),
            "BOT_COMMAND_DESCRIPTION_INVALID",
        )?;
    }
    Ok(())
}

/// Checks a webhook, and returns its address and secret.
pub(super) fn webhook(body: &Value) -> Result<(String, String), Refusal> {
    let url = body["url"]
        .as_str()
        .filter(|url| url.starts_with("https://"));
    let url = url.ok_or_else(|| bad("bad webhook: An HTTPS URL must be provided"))?;
    let secret = body["secret_token"].as_str().unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    refuse_if(
        secret.len() > 256 || !secret.chars().all(allowed),
        "secret token contains unallowed characters",
    )?;
    Ok((url.to_owned(), secret.to_owned()))
}

/// Checks an answer to an inline query.
pub(super) fn inline(body: &Value) -> Result<(), Refusal> {
    let results = body["results"]
        .as_array()
        .ok_or_else(|| bad("no results"))?;
    refuse_if(results.len() > 50, "RESULTS_TOO_MUCH")?;
    refuse_if(
        body["next_offset"].as_str().unwrap_or_default().len() > 64,
        "NEXT_OFFSET_INVALID",
    )?;
    if let Some(button) = body.get("button") {
        let start = button["start_parameter"].as_str().unwrap_or_default();
        refuse_if(
            button["text"].as_str().is_none_or(str::is_empty) || !(1..=64).contains(&start.len()),
            "BUTTON_INVALID",
        )?;
    }
    let mut ids = std::collections::HashSet::new();
    for result in results {
        let id = result["id"].as_str().unwrap_or_default();
        refuse_if(
            !(1..=64).contains(&id.len()) || !ids.insert(id),
            "RESULT_ID_INVALID",
        )?;
        refuse_if(
            result["type"] != "article" || result["title"].as_str().is_none_or(str::is_empty),
            "ARTICLE_TITLE_EMPTY",
        )?;
        let content = &result["input_message_content"];
        let mut sent = content.clone();
        sent["text"] = content["message_text"].clone();
        message(&sent)?;
        if let Some(markup) = result.get("reply_markup") {
            keyboard(markup)?;
        }
    }
    Ok(())
}
