//! What a member sees and can tap of the messages that the bot sent.

use serde_json::Value;

/// The messages of one reply or push.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) chat: String,
    pub(crate) messages: Vec<Value>,
    /// The ids of the messages.
    pub(crate) ids: Vec<String>,
    pub(crate) is_push: bool,
}

impl Sent {
    /// The visible text.
    pub(crate) fn text(&self) -> String {
        let mut texts = Vec::new();
        for message in &self.messages {
            collect_texts(message, &mut texts);
        }
        texts.join("\n")
    }

    /// The actions, of the messages and of the quick replies.
    pub(crate) fn actions(&self) -> Vec<Value> {
        let mut actions = Vec::new();
        for message in &self.messages {
            collect_actions(message, &mut actions);
        }
        actions
    }

    /// The addresses that can be opened, and the texts that can be copied.
    pub(crate) fn links(&self) -> Vec<String> {
        let actions = self.actions().into_iter();
        let links = actions.filter_map(|action| {
            let link = action["uri"].as_str().or(action["clipboardText"].as_str());
            Some(link?.to_owned())
        });
        links.collect()
    }

    /// The data of the buttons as they were sent.
    pub(crate) fn data(&self) -> Vec<String> {
        let actions = self.actions().into_iter();
        actions
            .filter_map(|action| Some(action["data"].as_str()?.to_owned()))
            .collect()
    }

    /// The data of the buttons without the numbers of the answers.
    pub(crate) fn presses(&self) -> Vec<String> {
        let data = self.data().into_iter();
        data.map(|data| data.split('@').next().unwrap_or_default().to_owned())
            .collect()
    }

    /// The data of the first button that begins so.
    #[track_caller]
    pub(crate) fn press(&self, beginning: &str) -> String {
        let data = self.data();
        let found = data.iter().find(|data| data.starts_with(beginning));
        found
            .unwrap_or_else(|| panic!("no button `{beginning}` in {data:?}"))
            .clone()
    }

    /// The labels of the quick replies.
    pub(crate) fn quick_replies(&self) -> Vec<String> {
        let items = self
            .messages
            .iter()
            .filter_map(|message| message["quickReply"]["items"].as_array());
        let labels = items
            .flatten()
            .filter_map(|item| item["action"]["label"].as_str());
        labels.map(str::to_owned).collect()
    }

    #[track_caller]
    pub(crate) fn assert_shows(&self, words: &str) {
        let text = self.text();
        assert!(text.contains(words), "`{words}` is not in:\n{text}");
    }
}

fn collect_texts(value: &Value, texts: &mut Vec<String>) {
    if value["type"] == "text" && value["contents"].is_array() {
        let spans = value["contents"].as_array().into_iter().flatten();
        let spans: Vec<&str> = spans.filter_map(|span| span["text"].as_str()).collect();
        texts.push(spans.concat());
        return;
    }
    if value["type"] == "text" {
        texts.extend(value["text"].as_str().map(str::to_owned));
    }
    for key in ["contents", "header", "body", "footer"] {
        match &value[key] {
            Value::Array(inner) => inner.iter().for_each(|part| collect_texts(part, texts)),
            inner @ Value::Object(_) => collect_texts(inner, texts),
            _ => {}
        }
    }
}

fn collect_actions(value: &Value, actions: &mut Vec<Value>) {
    match value {
        Value::Array(inner) => inner.iter().for_each(|part| collect_actions(part, actions)),
        Value::Object(object) => {
            for (key, inner) in object {
                if key == "action" {
                    actions.push(inner.clone());
                } else {
                    collect_actions(inner, actions);
                }
            }
        }
        _ => {}
    }
}
