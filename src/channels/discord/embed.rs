//! Replies and entries -> messages with embeds, within Discord's limits.
//!
//! Invariants: of an answer's text, what does not fit into an embed goes on in the next, and what
//! does not fit into a message in a further one; titles, footers and the content above are cut at
//! Discord's limits. Buttons stand under the last message. Nobody is ever pinged.

use serde_json::{Value, json};
use serenity::builder::{
    CreateActionRow, CreateAllowedMentions, CreateEmbed, CreateEmbedAuthor, CreateEmbedFooter,
    CreateInteractionResponseMessage,
};
use serenity::model::channel::Message;

use super::markdown::{Text, code, cut, escape, is_web, link, uncode};
use crate::answer::{ContactStatus, Draft, Reply};
use crate::knowledge::Entry;

/// Longest content of a message, in characters.
const LONGEST_CONTENT: usize = 2_000;

/// Longest description of an embed that is used, in characters; Discord takes 4,096.
const LONGEST_DESCRIPTION: usize = 4_000;

/// Longest title of an embed and name of its author, in characters.
const LONGEST_TITLE: usize = 256;

/// Longest footer of an embed, in characters.
const LONGEST_FOOTER: usize = 2_048;

/// Most characters in all embeds of a message.
const LONGEST_EMBEDS: usize = 6_000;

/// Most embeds in a message.
const MOST_EMBEDS: usize = 10;

/// Shown to the member alone.
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
    /// Makes it of text that is Markdown already.
    pub(super) fn of(content: &str) -> Self {
        Self {
            content: cut(content, LONGEST_CONTENT),
            ..Self::default()
        }
    }

    /// Makes it the answer to an interaction.
    pub(super) fn response(self) -> CreateInteractionResponseMessage {
        let is_ephemeral = self.is_ephemeral;
        self.update().ephemeral(is_ephemeral)
    }

    /// Puts it in place of a message, whose visibility stays.
    pub(super) fn update(self) -> CreateInteractionResponseMessage {
        CreateInteractionResponseMessage::new()
            .content(self.content)
            .embeds(self.embeds)
            .components(self.rows)
            .allowed_mentions(CreateAllowedMentions::new())
    }

    /// Makes it the body of a message; one that answers another names it.
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

/// What is to be an embed.
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
        let mut parts = self.text.parts(LONGEST_DESCRIPTION);
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
            if let Some(author) = self.author.as_ref().filter(|_| index == 0) {
                let author = cut(author, LONGEST_TITLE);
                length += author.chars().count();
                embed = embed.author(CreateEmbedAuthor::new(author));
            }
            if let Some(title) = self.title.as_ref().filter(|_| index == 0) {
                let title = cut(title, LONGEST_TITLE);
                length += title.chars().count();
                embed = embed.title(title);
            }
            if let Some(url) = self.url.as_ref().filter(|_| index == 0) {
                embed = embed.url(url);
            }
            if let Some(footer) = self.footer.as_ref().filter(|_| index == last) {
                let footer = cut(footer, LONGEST_FOOTER);
                length += footer.chars().count();
                embed = embed.footer(CreateEmbedFooter::new(footer));
            }
            (length, embed)
        });
        embeds.collect()
    }
}

/// Puts cards into as few messages as it takes; the content is in the first, the rows in the last.
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
            page.embeds.len() >= MOST_EMBEDS
                || !page.embeds.is_empty() && length + added > LONGEST_EMBEDS
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

/// Lays out a reply, and the entry that it gives, whose page is at `url`.
pub(super) fn cards(
    reply: &Reply,
    entry: Option<&Entry>,
    url: Option<String>,
    draft: Option<&Draft>,
) -> Vec<Card> {
    let mut cards = Vec::new();
    if let Some(entry) = entry {
        cards.push(self::entry(entry, reply.source.clone(), url));
    }
    if !reply.choices.is_empty() {
        // A button shows only the beginning of a question.
        let numbered = (1..).zip(&reply.choices);
        let lines = numbered.map(|(number, choice)| {
            let question = escape(&choice.question).replace('\n', " ");
            format!("{number}. {question}")
        });
        let mut card = Card::default();
        card.text.block(lines.collect::<Vec<_>>().join("\n"));
        cards.push(card);
    }
    cards.extend(contacts(&reply.contacts));
    if let (Some((heading, _)), Some(draft)) = (&reply.draft, draft) {
        cards.push(self::draft(heading, draft));
    }
    cards
}

fn entry(entry: &Entry, source: Option<String>, url: Option<String>) -> Card {
    let mut card = Card {
        title: Some(escape(&entry.question)),
        url,
        footer: source,
        ..Card::default()
    };
    card.text.answer(&entry.answer.blocks());
    card
}

/// Lays out contact points under the headings of their desks.
pub(super) fn contacts(contacts: &[(String, Vec<ContactStatus>)]) -> Option<Card> {
    let mut card = Card::default();
    for (heading, points) in contacts {
        let mut lines = vec![format!("**{}**", escape(heading).replace("**", ""))];
        for point in points {
            let url = point.url.as_deref().filter(|url| is_web(url));
            let value = match url {
                Some(url) => link(&point.value, url),
                None => escape(&point.value),
            };
            lines.push(format!("{}: {value}", escape(&point.label)));
            if let Some(hours) = &point.hours {
                lines.push(escape(&hours.text));
                if !hours.status.is_empty() {
                    lines.push(format!("**{}**", escape(&hours.status).replace("**", "")));
                }
            }
        }
        card.text.block(lines.join("\n"));
    }
    (!contacts.is_empty()).then_some(card)
}

/// Lays out a draft, so that [`read_draft`] finds it again.
fn draft(heading: &str, draft: &Draft) -> Card {
    let mut card = Card {
        author: Some(draft.subject.clone()),
        title: Some(escape(heading)),
        ..Card::default()
    };
    card.text.block(code(&draft.body));
    card
}

/// Reads the draft that a message shows.
pub(super) fn read_draft(message: &Message) -> Option<Draft> {
    let mut embeds = message.embeds.iter().rev();
    embeds.find_map(|embed| {
        Some(Draft {
            subject: embed.author.as_ref()?.name.clone(),
            body: uncode(embed.description.as_deref()?)?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_goes_on_in_further_messages() {
        let mut card = Card {
            title: Some("題".repeat(300)),
            footer: Some("脚".repeat(3_000)),
            ..Card::default()
        };
        for _ in 0..6 {
            card.text.block("あ".repeat(3_000));
        }
        let pages = pages(&"a".repeat(3_000), &[card], Vec::new(), true);
        assert!(pages[0].content.len() < LONGEST_CONTENT + 3);
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
            assert!(length <= LONGEST_EMBEDS, "{length}");
        }
        assert_eq!(shown, 18_000);
    }
}
