//! A message on Discord -> the question in it.

use serenity::model::channel::{Message, MessageType};

/// The content of a message to the bot.
pub(super) struct Asked {
    /// The text without mentions of the bot; of a forwarded message, the text that is forwarded.
    pub(super) text: String,
    /// The text of another member's message to which the message replies.
    pub(super) replied: Option<String>,
    /// Whether it has an attachment or a sticker.
    pub(super) has_files: bool,
}

impl Asked {
    /// Reads a message; `None` for system messages.
    pub(super) fn read(message: &Message, bot: u64) -> Option<Self> {
        let is_text = matches!(
            message.kind,
            MessageType::Regular | MessageType::InlineReply
        );
        if !is_text {
            return None;
        }
        let mut text = without_mention(&message.content, bot);
        let mut has_files = !message.attachments.is_empty() || !message.sticker_items.is_empty();
        for forwarded in &message.message_snapshots {
            has_files |= !forwarded.attachments.is_empty() || !forwarded.sticker_items.is_empty();
            if text.is_empty() {
                text = without_mention(&forwarded.content, bot);
            }
        }
        let replied = message.referenced_message.as_deref();
        let replied = replied.filter(|replied| replied.author.id.get() != bot);
        let replied = replied.map(|replied| without_mention(&replied.content, bot));
        Some(Self {
            text,
            replied: replied.filter(|text| !text.is_empty()),
            has_files,
        })
    }
}

fn without_mention(text: &str, bot: u64) -> String {
    let text = text.replace(&format!("<@{bot}>"), " ");
    let text = text.replace(&format!("<@!{bot}>"), " ");
    text.trim().to_owned()
}
