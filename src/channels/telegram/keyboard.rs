//! The buttons under a message.

use teloxide::types::{
    CopyTextButton, InlineKeyboardButton, InlineKeyboardButtonKind, InlineKeyboardMarkup,
};

use crate::answer::{ContactStatus, Part};
use crate::channels::bot::{Button, Content, Press, View};
use crate::knowledge::{ContactKind, Entry};

/// Length limit of the text that a button copies.
const MAX_COPY_UNITS: usize = 256;

/// Rows of buttons.
type Rows = Vec<Vec<InlineKeyboardButton>>;

/// Makes the keyboard of a message; `None` without buttons, since Telegram rejects an empty one.
/// `copy_draft` is the label of the button that copies a draft.
pub(super) fn of(view: &View<'_>, copy_draft: &str) -> Option<InlineKeyboardMarkup> {
    let mut rows: Rows = match &view.content {
        Content::Text(_) | Content::Help { .. } => Vec::new(),
        Content::Reply(reply) => {
            let parts = reply.parts.iter();
            let rows = parts.flat_map(|part| part_rows(part, view, copy_draft));
            rows.collect()
        }
        Content::Categories { page, .. } => {
            let press = |first: &Entry| Press::Category(0, first.id.clone());
            let categories = page.iter();
            categories
                .map(|category| vec![button(&category.label, &press(category.first))])
                .collect()
        }
        Content::Questions { page, .. } => entries(page, view),
    };
    let navigation = view.buttons.iter().map(|row| {
        let row = row.iter();
        row.map(|Button { label, press }| button(label, press))
            .collect()
    });
    rows.extend(navigation);
    (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows))
}

fn part_rows(part: &Part<'_>, view: &View<'_>, copy_draft: &str) -> Rows {
    match part {
        Part::Asked(_) | Part::Sentence(_) | Part::Entry(..) | Part::NoneOfThese(..) => Vec::new(),
        Part::Choices(choices) => {
            let choices = choices.iter().map(|(number, entry)| {
                let press = Press::Entry(view.depth, entry.id.clone());
                let title = entry.title(view.language);
                vec![button(&format!("{number}. {title}"), &press)]
            });
            choices.collect()
        }
        Part::Related(_, related) => entries(related, view),
        Part::Contacts(desks) => {
            let points = desks.iter().flat_map(|(_, points)| points);
            points.filter_map(copy_contact).collect()
        }
        Part::Draft(_, draft, _) => copy(copy_draft.to_owned(), &draft.body)
            .into_iter()
            .collect(),
    }
}

fn button(label: &str, press: &Press) -> InlineKeyboardButton {
    InlineKeyboardButton::callback(label, press.encode())
}

fn entries(entries: &[&Entry], view: &View<'_>) -> Rows {
    let button = |entry: &&Entry| {
        let press = Press::Entry(view.depth, entry.id.clone());
        vec![self::button(entry.title(view.language), &press)]
    };
    entries.iter().map(button).collect()
}

/// Makes a button that copies a telephone number or an e-mail address.
fn copy_contact(point: &ContactStatus) -> Option<Vec<InlineKeyboardButton>> {
    let can_copy = matches!(point.kind, ContactKind::Telephone | ContactKind::Email);
    let label = format!("📋 {} {}", point.label, point.value);
    copy(label, &point.value).filter(|_| can_copy)
}

/// Makes a button that copies a text, if the text is not too long.
fn copy(label: String, text: &str) -> Option<Vec<InlineKeyboardButton>> {
    let units = text.encode_utf16().count();
    let text = text.to_owned();
    (1..=MAX_COPY_UNITS).contains(&units).then(|| {
        vec![InlineKeyboardButton::copy_text_button(
            label,
            CopyTextButton { text },
        )]
    })
}

/// Removes the buttons that rate the answer; `None` if there are none.
pub(super) fn without_verdict(markup: &InlineKeyboardMarkup) -> Option<InlineKeyboardMarkup> {
    let is_verdict = |button: &InlineKeyboardButton| match &button.kind {
        InlineKeyboardButtonKind::CallbackData(data) => {
            Press::decode(data).is_some_and(|press| press.is_verdict())
        }
        _ => false,
    };
    let rows = markup.inline_keyboard.iter();
    let left: Rows = rows
        .filter(|row| !row.iter().any(is_verdict))
        .cloned()
        .collect();
    (left.len() < markup.inline_keyboard.len()).then(|| InlineKeyboardMarkup::new(left))
}
