//! [`View`] -> the content and the cards of Discord messages.

use serenity::model::channel::Message;

use super::embed::Card;
use super::markdown::{code, escape, is_web, link, uncode};
use crate::answer::{ContactStatus, Draft, Part};
use crate::channels::bot::{Content, View};
use crate::knowledge::Entry;

/// Lays out a view: the content above, and the cards. `public_url` is the scheme and host of the
/// help centre.
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
                    Part::Asked(heading) => {
                        content = format!("**{}**\n", escape(heading).replace("**", ""));
                    }
                    Part::Sentence(text) => content += &escape(text),
                    Part::Entry(entry, source) => {
                        cards.push(self::entry(entry, source, public_url))
                    }
                    // The full questions: a button shows only the beginning.
                    Part::Choices(entries) => {
                        let lines = entries.iter().map(|(number, entry)| {
                            format!("{number}. {}", line(entry.title(view.language)))
                        });
                        cards.push(list(lines.collect()));
                    }
                    Part::Contacts(desks) => cards.extend(contacts(desks)),
                    Part::Draft(heading, draft, _) => cards.push(self::draft(heading, draft)),
                    // On buttons; the heading and the entries are in the menu.
                    Part::NoneOfThese(..) | Part::Related(..) => {}
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
            // The full questions: a menu shows only the beginning.
            let lines = page
                .iter()
                .map(|entry| format!("- {}", line(entry.title(view.language))));
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
