//! The JSON of an update -> [`Update`]; a message that cannot be read is reduced to its text.
//!
//! teloxide requires some fields that are optional in the Bot API, such as the type of a voice
//! message, and does not know the contents of later versions. Without its contents such a message can
//! be read.

use serde_json::{Map, Value, json};
use teloxide::types::{MessageKind, Update, UpdateKind};

/// The fields of a message that the bot needs, except its text.
const FIELDS: [&str; 9] = [
    "message_id",
    "message_thread_id",
    "is_topic_message",
    "from",
    "sender_chat",
    "chat",
    "date",
    "edit_date",
    "via_bot",
];

/// The fields of contents that members send; a message without any is one of the service.
const CONTENTS: [&str; 18] = [
    "animation",
    "audio",
    "checklist",
    "contact",
    "dice",
    "document",
    "game",
    "giveaway",
    "location",
    "paid_media",
    "photo",
    "poll",
    "sticker",
    "story",
    "venue",
    "video",
    "video_note",
    "voice",
];

/// Returns the id of an update.
pub(super) fn id(raw: &Value) -> Option<u64> {
    raw["update_id"].as_u64()
}

/// Reads an update; `None` if it is of an unknown kind. A reduced message without text has an empty
/// text.
pub(super) fn parse(raw: &Value) -> Option<Update> {
    read(raw).or_else(|| read(&reduced(raw)?))
}

fn read(raw: &Value) -> Option<Update> {
    // teloxide reads the kind of an update from text only.
    let update = serde_json::from_str::<Update>(&raw.to_string()).ok()?;
    let is_read = match &update.kind {
        UpdateKind::Error(_) => false,
        UpdateKind::Message(message) | UpdateKind::EditedMessage(message) => {
            !matches!(message.kind, MessageKind::Empty {})
        }
        _ => true,
    };
    is_read.then_some(update)
}

fn reduced(raw: &Value) -> Option<Value> {
    let mut update = json!({ "update_id": raw["update_id"] });
    for kind in ["message", "edited_message"] {
        if let Value::Object(message) = &raw[kind] {
            let mut left = reduced_message(message)?;
            let replied = message.get("reply_to_message").and_then(Value::as_object);
            if let Some(replied) = replied.and_then(reduced_message) {
                left.insert("reply_to_message".to_owned(), Value::Object(replied));
            }
            update[kind] = Value::Object(left);
            return Some(update);
        }
    }
    let Value::Object(query) = &raw["callback_query"] else {
        return None;
    };
    let mut query = query.clone();
    let message = query.get("message")?;
    // The form of a message that the bot cannot access.
    let message =
        json!({ "message_id": message["message_id"], "chat": message["chat"], "date": 0 });
    query.insert("message".to_owned(), message);
    update["callback_query"] = Value::Object(query);
    Some(update)
}

fn reduced_message(message: &Map<String, Value>) -> Option<Map<String, Value>> {
    let field = |name: &str| message.get(name).cloned();
    let fields = FIELDS.iter();
    let mut left: Map<String, Value> = fields
        .filter_map(|name| Some(((*name).to_owned(), field(name)?)))
        .collect();
    let text = field("text").or_else(|| field("caption"));
    if text.is_none() && !CONTENTS.iter().any(|name| message.contains_key(*name)) {
        return None;
    }
    let entities = field("entities").or_else(|| field("caption_entities"));
    left.insert("text".to_owned(), text.unwrap_or_else(|| json!("")));
    left.insert("entities".to_owned(), entities.unwrap_or_else(|| json!([])));
    Some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(content: Value) -> Value {
        let mut message = json!({
            "message_id": 1, "date": 1_795_000_000, "chat": {"id": 7, "type": "private"},
            "from": {"id": 7, "is_bot": false, "first_name": "花子"},
        });
        let fields = content.as_object().cloned().unwrap_or_default();
        message.as_object_mut().expect("an object").extend(fields);
        message
    }

    fn text_of(content: Value) -> Option<String> {
        let update = parse(&json!({ "update_id": 1, "message": message(content) }))?;
        match update.kind {
            UpdateKind::Message(message) => message.text().map(str::to_owned),
            _ => None,
        }
    }

    #[test]
    fn a_message_that_cannot_be_read_is_reduced_to_its_text() {
        let voice = json!({ "file_id": "a", "file_unique_id": "b", "duration": 1 });
        let captioned = json!({ "voice": voice, "caption": "解約したい" });
        let unknown = json!({ "poll": {"later": true} });
        let replied = message(json!({ "voice": voice }));
        let reply = json!({ "text": "これ教えて", "reply_to_message": replied });
        for (content, expected) in [
            (json!({ "text": "解約したい" }), Some("解約したい")),
            (json!({ "voice": voice }), Some("")),
            (captioned, Some("解約したい")),
            (unknown, Some("")),
            (reply, Some("これ教えて")),
            (json!({ "of_the_service": {} }), None),
        ] {
            let shown = content.to_string();
            assert_eq!(text_of(content).as_deref(), expected, "{shown}");
        }
    }

    #[test]
    fn a_press_under_a_message_that_cannot_be_read_is_kept() {
        let under = message(json!({ "voice": {"file_id": []} }));
        let query = json!({
            "id": "1", "chat_instance": "1", "data": "t:0", "message": under,
            "from": {"id": 7, "is_bot": false, "first_name": "花子"},
        });
        let update = parse(&json!({ "update_id": 2, "callback_query": query }));
        let kind = update.map(|update| update.kind);
        assert!(
            matches!(kind, Some(UpdateKind::CallbackQuery(_))),
            "{kind:?}"
        );
        assert!(parse(&json!({ "update_id": 3, "strange": {} })).is_none());
    }
}
