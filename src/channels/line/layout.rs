//! [`View`]s -> the messages of one reply.
//!
//! Invariants: a reply has at most [`MAX_MESSAGES`] messages; a view of sentences alone is a text, in which
//! LINE links addresses and numbers, and any other a Flex message; the quick replies are at the last
//! message, the only place where LINE shows them, and the buttons of the views before are rows in them.

use serde_json::{Value, json};

use super::event::button_data;
use super::flex::{self, Style};
use super::{answer, quick_reply};
use crate::answer::{ContactStatus, Draft, Part, Reply};
use crate::channels::bot::{Content, Press, Turn, View};
use crate::channels::url::encode;
use crate::knowledge::{Entry, Sentence};

/// Maximum number of messages in a reply.
const MAX_MESSAGES: usize = 5;

/// Length limit of a text, in UTF-16 units.
const MAX_TEXT_UNITS: usize = 5_000;

/// Length limit of the JSON of a carousel; LINE accepts 50 kB.
const MAX_CAROUSEL_BYTES: usize = 48_000;

/// Number of bubbles in a carousel; LINE accepts 12.
const CAROUSEL_BUBBLES: usize = 3;

/// Lays out views; `event` is the number of the event that they answer, and `public_url` the address of
/// the help centre.
pub(super) fn layout(
    views: &[View<'_>],
    turn: &Turn<'_>,
    event: u64,
    public_url: Option<&str>,
) -> Vec<Value> {
    let mut messages = Vec::new();
    let mut last = None;
    for (index, view) in (0..).zip(views) {
        let layout = Layout {
            turn,
            public_url,
            // Each answer is rated by itself.
            answer: event.wrapping_add(index),
            depth: view.depth,
        };
        let is_last = index + 1 == views.len() as u64;
        let buttons = if is_last {
            Vec::new()
        } else {
            layout.rows(view)
        };
        messages.extend(layout.messages(view, buttons));
        last = quick_reply::of(view, layout.answer);
    }
    let mut messages = fitting(messages);
    if let (Some(message), Some(items)) = (messages.last_mut(), last) {
        message["quickReply"] = items;
    }
    messages
}

/// Makes the text messages that say the same as other messages.
pub(super) fn plain(messages: &[Value]) -> Vec<Value> {
    let texts: Vec<String> = messages.iter().map(flex::plain_of).collect();
    let mut plain = self::texts(&texts.join("\n\n"));
    plain.truncate(MAX_MESSAGES);
    let items = messages.last().and_then(|last| last.get("quickReply"));
    if let (Some(last), Some(items)) = (plain.last_mut(), items) {
        last["quickReply"] = items.clone();
    }
    plain
}

/// Makes text messages of a text of any length.
pub(super) fn texts(text: &str) -> Vec<Value> {
    flex::cut(text, MAX_TEXT_UNITS, char::len_utf16)
        .into_iter()
        .map(|part| json!({ "type": "text", "text": part }))
        .collect()
}

/// Puts an answer that is too long for the messages of a reply into carousels.
fn fitting(messages: Vec<Value>) -> Vec<Value> {
    if messages.len() <= MAX_MESSAGES {
        return messages;
    }
    let mut fitting: Vec<Value> = Vec::new();
    let mut components = Vec::new();
    for mut message in messages {
        match message["contents"]["body"]["contents"].as_array_mut() {
            Some(body) => components.append(body),
            None => {
                fitting.extend(carousels(std::mem::take(&mut components)));
                fitting.push(message);
            }
        }
    }
    fitting.extend(carousels(components));
    if fitting.len() > MAX_MESSAGES {
        tracing::warn!(
            messages = fitting.len(),
            hint = "shorten the answer, or divide the entry",
            "LINE: answer longer than a reply, its end is not sent"
        );
        fitting.truncate(MAX_MESSAGES);
    }
    fitting
}

fn carousels(components: Vec<Value>) -> Vec<Value> {
    let bubbles = flex::bubbles(components, MAX_CAROUSEL_BYTES / CAROUSEL_BUBBLES);
    let carousels = bubbles
        .chunks(CAROUSEL_BUBBLES)
        .map(|bubbles| flex::message(json!({ "type": "carousel", "contents": bubbles })));
    carousels.collect()
}

/// Lays out one view.
struct Layout<'a> {
    turn: &'a Turn<'a>,
    public_url: Option<&'a str>,
    answer: u64,
    depth: u8,
}

impl Layout<'_> {
    fn messages(&self, view: &View<'_>, buttons: Vec<Value>) -> Vec<Value> {
        let mut components = match &view.content {
            Content::Text(text) if buttons.is_empty() => return texts(text),
            Content::Text(text) => flex::texts(text, Style::Body),
            Content::Reply(reply) => {
                if let Some(text) = sentences(reply).filter(|_| buttons.is_empty()) {
                    return texts(&text);
                }
                self.reply(reply)
            }
            Content::Help { text, commands } => {
                let rows = commands.iter().map(|(word, description)| {
                    flex::row(&format!("{word}　{description}"), flex::say(word))
                });
                flex::texts(text, Style::Body)
                    .into_iter()
                    .chain(rows)
                    .collect()
            }
            Content::Categories { heading, page } => {
                let rows = page.iter().map(|category| {
                    let press = Press::Category(0, category.first.id.clone());
                    self.row(&category.label, &press)
                });
                flex::texts(heading, Style::Heading)
                    .into_iter()
                    .chain(rows)
                    .collect()
            }
            Content::Questions {
                category,
                programme,
                page,
            } => {
                let mut components = flex::texts(category, Style::Heading);
                components.extend(flex::texts(programme.unwrap_or_default(), Style::Small));
                components.extend(page.iter().map(|entry| self.entry_row(entry)));
                components
            }
        };
        components.extend(buttons);
        flex::bubbles(components, flex::MAX_BUBBLE_BYTES)
            .into_iter()
            .map(flex::message)
            .collect()
    }

    fn reply(&self, reply: &Reply<'_>) -> Vec<Value> {
        let mut components = Vec::new();
        for part in &reply.parts {
            match part {
                Part::Asked(heading) => components.extend(flex::texts(heading, Style::Heading)),
                Part::Sentence(text) => components.extend(flex::texts(text, Style::Body)),
                Part::Entry(entry, source) => components.extend(self.entry(entry, source)),
                Part::Choices(choices) => {
                    components.extend(choices.iter().map(|(number, entry)| {
                        let press = Press::Entry(self.depth, entry.id.clone());
                        let title = entry.title(self.turn.language);
                        self.row(&format!("{number}. {title}"), &press)
                    }));
                }
                Part::Contacts(desks) => {
                    for (heading, points) in desks {
                        components.extend(contacts(heading, points));
                    }
                }
                Part::Related(heading, entries) if !entries.is_empty() => {
                    components.push(flex::separator());
                    components.extend(flex::texts(heading, Style::Heading));
                    components.extend(entries.iter().map(|entry| self.entry_row(entry)));
                }
                // No entries; a quick reply.
                Part::Related(..) | Part::NoneOfThese(..) => {}
                Part::Draft(heading, draft, _) => components.extend(self.draft(heading, draft)),
            }
        }
        components
    }

    fn entry(&self, entry: &Entry, source: &str) -> Vec<Value> {
        let mut components = vec![flex::separator()];
        components.extend(flex::texts(&entry.question, Style::Title));
        components.extend(answer::blocks(&entry.answer.blocks()));
        components.extend(flex::texts(source, Style::Small));
        let Some(public_url) = self.public_url else {
            return components;
        };
        let page = format!("{public_url}/entries/{}", entry.id);
        let share = format!("https://line.me/R/share?text={}", encode(&page));
        for (sentence, url) in [(Sentence::EntryPage, page), (Sentence::ShareOnLine, share)] {
            let label = self.turn.render(sentence, &[]);
            let action = flex::open(&url, &label);
            components.extend(action.map(|action| flex::link(&label, action)));
        }
        components
    }

    /// Shows a draft, with a button that copies it: a member cannot select text of a Flex message.
    fn draft(&self, heading: &str, draft: &Draft) -> Vec<Value> {
        let mut components = vec![flex::separator()];
        components.extend(flex::texts(heading, Style::Heading));
        let mut text = flex::texts(&draft.subject, Style::Small);
        text.extend(flex::texts(&draft.body, Style::Body));
        components.extend(flex::grounded(text));
        let label = self.turn.render(Sentence::DraftCopy, &[]);
        let copy = flex::copy(&draft.body, &label);
        components.extend(copy.map(|action| flex::link(&format!("📋 {label}"), action)));
        components
    }

    /// Makes rows of the buttons of a view.
    fn rows(&self, view: &View<'_>) -> Vec<Value> {
        let buttons = view.buttons.iter().flatten();
        let rows = buttons.map(|button| self.row(&button.label, &button.press));
        let mut rows: Vec<Value> = rows.collect();
        if !rows.is_empty() {
            rows.insert(0, flex::separator());
        }
        rows
    }

    fn entry_row(&self, entry: &Entry) -> Value {
        let press = Press::Entry(self.depth, entry.id.clone());
        self.row(entry.title(self.turn.language), &press)
    }

    fn row(&self, label: &str, press: &Press) -> Value {
        let data = button_data(press, self.answer);
        flex::row(label, flex::press(&data, label, None))
    }
}

/// Returns the sentences of a reply that has nothing else.
fn sentences(reply: &Reply<'_>) -> Option<String> {
    let sentences = reply.parts.iter().map(|part| match part {
        Part::Sentence(text) => Some(text.as_str()),
        _ => None,
    });
    let sentences: Option<Vec<&str>> = sentences.collect();
    Some(sentences?.join("\n\n"))
}

fn contacts(heading: &str, points: &[ContactStatus]) -> Vec<Value> {
    let mut components = vec![flex::separator()];
    components.extend(flex::texts(heading, Style::Heading));
    for point in points {
        let action = point
            .url
            .as_deref()
            .and_then(|url| flex::open(url, &point.label));
        let mut value = match action {
            Some(action) if action["type"] == "clipboard" => {
                vec![flex::link(&format!("📋 {}", point.value), action)]
            }
            Some(action) => vec![flex::link(&point.value, action)],
            None => flex::texts(&point.value, Style::Body),
        };
        if let Some(hours) = &point.hours {
            value.extend(flex::texts(&hours.text, Style::Small));
            value.extend(flex::texts(&hours.status, Style::Small));
        }
        components.extend(flex::labelled(&point.label, value));
    }
    components
}
