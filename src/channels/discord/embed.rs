//! Messages with embeds, within Discord's limits.
//!
//! Invariants: an answer that is too long for an embed continues in the next one, and in further
//! messages; titles, footers and the content above are cut at Discord's limits. Buttons are under
//! the last message. No message pings a member.

use serde_json::{Value, json};
use serenity::builder::{
    CreateActionRow, CreateAllowedMentions, CreateEmbed, CreateEmbedAuthor, CreateEmbedFooter,
    CreateInteractionResponseMessage,
};
use serenity::model::channel::Message;

use super::markdown::{code, escape, is_web, link, uncode};
use super::text::Text;
use crate::answer::{ContactStatus, Draft, Part};
use crate::channels::bot::split::truncated;
use crate::channels::bot::{Content, View};
use crate::knowledge::Entry;

/// Length limit of the content of a message.
const MAX_CONTENT_CHARS: usize = 2_000;

/// Length of the description of an embed; Discord accepts 4,096.
const MAX_DESCRIPTION_CHARS: usize = 4_000;

/// Length limit of the title of an embed and of the name of its author.
const MAX_TITLE_CHARS: usize = 256;

/// Length limit of the footer of an embed.
const MAX_FOOTER_CHARS: usize = 2_048;

/// Length limit of all embeds of a message together.
const MAX_EMBED_CHARS: usize = 6_000;

/// Embeds that a message may have.
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
    /// Makes a message of Markdown.
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
            if let Some(author) = self.author.as_ref().filter(|_| index == 0) {
                let author = truncated(author, MAX_TITLE_CHARS);
                length += author.chars().count();
                embed = embed.author(CreateEmbedAuthor::new(author));
            }
            if let Some(title) = self.title.as_ref().filter(|_| index == 0) {
                let title = truncated(title, MAX_TITLE_CHARS);
                length += title.chars().count();
                embed = embed.title(title);
            }
            if let Some(url) = self.url.as_ref().filter(|_| index == 0) {
                embed = embed.url(url);
            }
            if let Some(footer) = self.footer.as_ref().filter(|_| index == last) {
                let footer = truncated(footer, MAX_FOOTER_CHARS);
                length += footer.chars().count();
                embed = embed.footer(CreateEmbedFooter::new(footer));
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

/// Lays out a message: the content above, and the cards. `public_url` is the scheme and host of
/// the help centre.
pub(super) fn layout(view: &View<'_>, public_url: Option<&str>) -> (String, Vec<Card>) {
    let list = |lines: Vec<String>| {
        let mut card = Card::default();
        card.text.block(lines.join("\n"));
        card
    };
    match &view.content {
        Content::Text(text) | Content::Categories { heading: text, .. } => {
            (escape(text), Vec::new())
        }
        Content::Reply(reply) => {
            let mut content = String::new();
            let mut cards = Vec::new();
            for part in &reply.parts {
                match part {
                    Part::Sentence(text) => content = escape(text),
                    Part::Entry(entry, source) => {
                        cards.push(self::entry(entry, source, public_url))
                    }
                    // A button shows only the beginning of a question.
                    Part::Choices(entries) => {
                        let numbered = (1..).zip(entries);
                        let lines = numbered
                            .map(|(number, entry)| format!("{number}. {}", line(&entry.question)));
                        cards.push(list(lines.collect()));
                    }
                    Part::Contacts(desks) => cards.extend(contacts(desks)),
                    Part::Draft(heading, draft, _) => cards.push(self::draft(heading, draft)),
                    // The heading and the entries are in the menu.
                    Part::Related(..) => {}
                }
            }
            (content, cards)
        }
        Content::Help { text, commands } => {
            let lines = commands
                .iter()
                .map(|(name, description)| format!("`/{name}` {}", escape(description)));
            (escape(text), vec![list(lines.collect())])
        }
        Content::Questions { page, .. } => {
            // A menu shows only the beginning of a question.
            let lines = page
                .iter()
                .map(|entry| format!("- {}", line(&entry.question)));
            let card = Card {
                title: Some(escape(&heading(&view.content))),
                ..list(lines.collect())
            };
            (String::new(), vec![card])
        }
    }
}

/// Returns the heading of a page of questions: the category and the programme.
pub(super) fn heading(content: &Content<'_>) -> String {
    match content {
        Content::Questions {
            category,
            programme: Some(programme),
            ..
        } => format!("{category} · {programme}"),
        Content::Questions { category, .. } => (*category).to_owned(),
        _ => String::new(),
    }
}

/// Escapes text for one line.
fn line(text: &str) -> String {
    escape(text).replace('\n', " ")
}

fn entry(entry: &Entry, source: &str, public_url: Option<&str>) -> Card {
    let mut card = Card {
        title: Some(escape(&entry.question)),
        url: public_url.map(|origin| format!("{origin}/entries/{}", entry.id)),
        footer: Some(source.to_owned()),
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

/// Lays out a draft so that [`read_draft`] can read it.
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
