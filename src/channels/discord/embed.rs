//! Messages with embeds, within Discord's limits.
//!
//! Invariants: an answer that is too long for an embed continues in the next embed or message;
//! titles, footers and the content above are cut at Discord's limits; buttons are under the last
//! message; no message pings a member.

use serde_json::{Value, json};
use serenity::builder::{
    CreateActionRow, CreateAllowedMentions, CreateEmbed, CreateEmbedAuthor, CreateEmbedFooter,
    CreateInteractionResponseMessage,
};
use serenity::model::channel::Message;

use super::text::Text;
use crate::channels::bot::split::truncated;

/// Length limit of the content of a message.
const MAX_CONTENT_CHARS: usize = 2_000;

/// Length limit of the description of an embed; Discord accepts 4,096.
pub(super) const MAX_DESCRIPTION_CHARS: usize = 4_000;

/// Length limit of the title of an embed and of the name of its author.
const MAX_TITLE_CHARS: usize = 256;

/// Length limit of the footer of an embed.
const MAX_FOOTER_CHARS: usize = 2_048;

/// Length limit of the texts of all embeds of a message together.
const MAX_EMBED_CHARS: usize = 6_000;

/// Maximum number of embeds in a message.
const MAX_EMBEDS: usize = 10;

/// The flag of a message that is visible to one member only.
const EPHEMERAL: u64 = 1 << 6;

/// A message to send.
#[derive(Debug, Clone, Default)]
pub(super) struct Page {
    pub(super) content: String,
    pub(super) embeds: Vec<CreateEmbed>,
    pub(super) rows: Vec<CreateActionRow>,
    pub(super) is_ephemeral: bool,
}

impl Page {
    /// Makes a message with Markdown as its content.
    pub(super) fn of(content: &str) -> Self {
        Self {
            content: truncated(content, MAX_CONTENT_CHARS),
            ..Self::default()
        }
    }

    /// Makes the response to an interaction.
    pub(super) fn response(self) -> CreateInteractionResponseMessage {
        let is_ephemeral = self.is_ephemeral;
        self.update().ephemeral(is_ephemeral)
    }

    /// Makes the update that replaces a message; its visibility does not change.
    pub(super) fn update(self) -> CreateInteractionResponseMessage {
        CreateInteractionResponseMessage::new()
            .content(self.content)
            .embeds(self.embeds)
            .components(self.rows)
            .allowed_mentions(CreateAllowedMentions::new())
    }

    /// Makes the body of a message, as a reply to another if there is one.
    pub(super) fn body(&self, reply_to: Option<&Message>) -> Value {
        let mut body = json!({
            "content": self.content,
            "embeds": self.embeds,
            "components": self.rows,
            "allowed_mentions": { "parse": [], "replied_user": false },
        });
        if self.is_ephemeral {
            body["flags"] = json!(EPHEMERAL);
        }
        if let Some(message) = reply_to {
            body["message_reference"] = json!({
                "message_id": message.id, "channel_id": message.channel_id,
                "fail_if_not_exists": false,
            });
        }
        body
    }
}

/// An embed of any length.
#[derive(Debug, Clone, Default)]
pub(super) struct Card {
    pub(super) author: Option<String>,
    pub(super) title: Option<String>,
    pub(super) url: Option<String>,
    pub(super) text: Text,
    pub(super) footer: Option<String>,
}

impl Card {
    fn embeds(&self) -> Vec<(usize, CreateEmbed)> {
        let mut parts = self.text.parts(MAX_DESCRIPTION_CHARS);
        if parts.is_empty() {
            parts.push(String::new());
        }
        let last = parts.len() - 1;
        let embeds = parts.into_iter().enumerate().map(|(index, part)| {
            let mut length = part.chars().count();
            let mut embed = CreateEmbed::new();
            if !part.is_empty() {
                embed = embed.description(part);
            }
            let mut shortened = |text: &Option<String>, is_shown: bool, limit: usize| {
                let text = truncated(text.as_ref().filter(|_| is_shown)?, limit);
                length += text.chars().count();
                Some(text)
            };
            let is_first = index == 0;
            if let Some(author) = shortened(&self.author, is_first, MAX_TITLE_CHARS) {
                embed = embed.author(CreateEmbedAuthor::new(author));
            }
            if let Some(title) = shortened(&self.title, is_first, MAX_TITLE_CHARS) {
                embed = embed.title(title);
            }
            if let Some(footer) = shortened(&self.footer, index == last, MAX_FOOTER_CHARS) {
                embed = embed.footer(CreateEmbedFooter::new(footer));
            }
            if let Some(url) = self.url.as_ref().filter(|_| is_first) {
                embed = embed.url(url);
            }
            (length, embed)
        });
        embeds.collect()
    }
}

/// Puts cards into as few messages as possible: the content in the first, the rows in the last.
pub(super) fn pages(
    content: &str,
    cards: &[Card],
    rows: Vec<CreateActionRow>,
    is_ephemeral: bool,
) -> Vec<Page> {
    let mut pages = vec![Page::of(content)];
    let mut length = 0;
    for (added, embed) in cards.iter().flat_map(Card::embeds) {
        let is_full = pages.last().is_some_and(|page| {
            page.embeds.len() >= MAX_EMBEDS
                || !page.embeds.is_empty() && length + added > MAX_EMBED_CHARS
        });
        if is_full {
            pages.push(Page::default());
            length = 0;
        }
        if let Some(page) = pages.last_mut() {
            page.embeds.push(embed);
            length += added;
        }
    }
    if let Some(page) = pages.last_mut() {
        page.rows = rows;
    }
    for page in &mut pages {
        page.is_ephemeral = is_ephemeral;
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_too_long_continues_in_further_messages() {
        let mut card = Card {
            title: Some("題".repeat(300)),
            footer: Some("脚".repeat(3_000)),
            ..Card::default()
        };
        for _ in 0..6 {
            card.text.block("あ".repeat(3_000));
        }
        let pages = pages(&"a".repeat(3_000), &[card], Vec::new(), true);
        assert!(pages[0].content.len() < MAX_CONTENT_CHARS + 3);
        let mut shown = 0;
        for page in &pages {
            assert!(page.is_ephemeral && !page.embeds.is_empty());
            let embeds = serde_json::to_value(&page.embeds).expect("JSON");
            let mut length = 0;
            for embed in embeds.as_array().expect("embeds") {
                let count = |text: &Value| text.as_str().map_or(0, |text| text.chars().count());
                assert!(count(&embed["title"]) <= 256 && count(&embed["description"]) <= 4_096);
                length += count(&embed["title"]) + count(&embed["description"]);
                length += count(&embed["footer"]["text"]);
                shown += count(&embed["description"]);
            }
            assert!(length <= MAX_EMBED_CHARS, "{length}");
        }
        assert_eq!(shown, 18_000);
    }
}
