//! Buttons: what they carry, and which an answer has.
//!
//! Invariant: a button carries ids and numbers only, in at most 64 bytes, so that it
//! means the same after a restart and says nothing about a member.

use teloxide::types::{
    CopyTextButton, InlineKeyboardButton, InlineKeyboardButtonKind, InlineKeyboardMarkup,
};

use crate::answer::{Choice, ContactStatus, Reply};
use crate::knowledge::{ContactKind, DeskId, Entry, EntryId, Language, Messages, Sentence};

/// Longest data of a button, in bytes.
#[cfg(test)]
const LONGEST_DATA: usize = 64;

/// Longest text that a button copies, in UTF-16 units.
const LONGEST_COPY: usize = 256;

/// What a press of a button asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Press {
    /// An entry's answer.
    Entry(EntryId),
    /// Nothing more: the answer of this entry helped.
    Helpful(EntryId),
    /// More: the answer of this entry did not help.
    NotHelpful(EntryId),
    /// All desks.
    Desks,
    /// One desk.
    Desk(DeskId),
    /// The categories, from one on.
    Topics(usize),
    /// The questions of an entry's category, from one on.
    Category(EntryId, usize),
}

impl Press {
    /// Writes it for a button.
    fn data(&self) -> String {
        match self {
            Self::Entry(id) => format!("e:{id}"),
            Self::Helpful(id) => format!("y:{id}"),
            Self::NotHelpful(id) => format!("n:{id}"),
            Self::Desks => "d".to_owned(),
            Self::Desk(id) => format!("d:{id}"),
            Self::Topics(from) => format!("t:{from}"),
            Self::Category(id, from) => format!("c:{id}:{from}"),
        }
    }

    /// Reads what a button carried; `None` if it is none of this version's.
    pub(super) fn parse(data: &str) -> Option<Self> {
        if data == "d" {
            return Some(Self::Desks);
        }
        let (kind, rest) = data.split_once(':')?;
        let entry = |id: &str| EntryId::parse(id).ok();
        match kind {
            "e" => entry(rest).map(Self::Entry),
            "y" => entry(rest).map(Self::Helpful),
            "n" => entry(rest).map(Self::NotHelpful),
            "d" => DeskId::parse(rest).ok().map(Self::Desk),
            "t" => rest.parse().ok().map(Self::Topics),
            "c" => {
                let (id, from) = rest.split_once(':')?;
                Some(Self::Category(entry(id)?, from.parse().ok()?))
            }
            _ => None,
        }
    }

    /// Returns the entry that it is about.
    pub(super) fn entry(&self) -> Option<&EntryId> {
        match self {
            Self::Entry(id) | Self::Helpful(id) | Self::NotHelpful(id) | Self::Category(id, _) => {
                Some(id)
            }
            Self::Desks | Self::Desk(_) | Self::Topics(_) => None,
        }
    }
}

/// Rows of buttons.
pub(super) type Rows = Vec<Vec<InlineKeyboardButton>>;

/// Makes a button.
pub(super) fn button(label: impl Into<String>, press: &Press) -> InlineKeyboardButton {
    InlineKeyboardButton::callback(label, press.data())
}

/// Puts rows together; Telegram takes no keyboard without any.
pub(super) fn markup(rows: Rows) -> Option<InlineKeyboardMarkup> {
    (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows))
}

/// Makes the buttons of a reply, and of the entry that it gives.
pub(super) fn reply(
    reply: &Reply,
    entry: Option<&Entry>,
    messages: &Messages,
    language: Language,
) -> Option<InlineKeyboardMarkup> {
    let label = |sentence| messages.render(sentence, language, &[]);
    let mut rows: Rows = Vec::new();
    for (number, choice) in (1..).zip(&reply.choices) {
        let press = Press::Entry(choice.id.clone());
        rows.push(vec![button(
            format!("{number}. {}", choice.question),
            &press,
        )]);
    }
    if let Some((_, related)) = &reply.related {
        rows.extend(choices(related));
    }
    for (_, points) in &reply.contacts {
        rows.extend(copies(points));
    }
    if let Some((_, draft)) = &reply.draft {
        rows.extend(copy(label(Sentence::DraftCopy), draft));
    }
    if let Some(entry) = entry {
        rows.push(vec![
            button(
                label(Sentence::HelpfulYes),
                &Press::Helpful(entry.id.clone()),
            ),
            button(
                label(Sentence::HelpfulNo),
                &Press::NotHelpful(entry.id.clone()),
            ),
        ]);
        let desk = Press::Desk(entry.desk.clone());
        rows.push(vec![button(label(Sentence::ShowContact), &desk)]);
    } else if !reply.choices.is_empty() {
        rows.push(vec![button(label(Sentence::ShowContact), &Press::Desks)]);
    }
    markup(rows)
}

/// Makes a button for each entry.
pub(super) fn choices(choices: &[Choice]) -> Rows {
    let button = |choice: &Choice| {
        let press = Press::Entry(choice.id.clone());
        vec![self::button(choice.question.clone(), &press)]
    };
    choices.iter().map(button).collect()
}

/// Makes a button that copies for each telephone number and e-mail address.
pub(super) fn copies(points: &[ContactStatus]) -> Rows {
    let can_copy =
        |point: &&ContactStatus| matches!(point.kind, ContactKind::Telephone | ContactKind::Email);
    let points = points.iter().filter(can_copy);
    points
        .filter_map(|point| copy(format!("📋 {} {}", point.label, point.value), &point.value))
        .collect()
}

/// Makes a button that copies a text, if it is not too long for one.
fn copy(label: String, text: &str) -> Option<Vec<InlineKeyboardButton>> {
    let units = text.encode_utf16().count();
    let text = text.to_owned();
    (1..=LONGEST_COPY).contains(&units).then(|| {
        vec![InlineKeyboardButton::copy_text_button(
            label,
            CopyTextButton { text },
        )]
    })
}

/// Takes away the buttons that ask whether an answer helped; `None` if there are none.
pub(super) fn without_verdict(markup: &InlineKeyboardMarkup) -> Option<InlineKeyboardMarkup> {
    let is_verdict = |button: &InlineKeyboardButton| match &button.kind {
        InlineKeyboardButtonKind::CallbackData(data) => matches!(
            Press::parse(data),
            Some(Press::Helpful(_) | Press::NotHelpful(_))
        ),
        _ => false,
    };
    let rows = markup.inline_keyboard.iter();
    let left: Rows = rows
        .filter(|row| !row.iter().any(is_verdict))
        .cloned()
        .collect();
    (left.len() < markup.inline_keyboard.len()).then(|| InlineKeyboardMarkup::new(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_press_fits_a_button_and_is_read_again() {
        let id = EntryId::parse(&"x".repeat(48)).expect("an id");
        let desk = DeskId::parse(&"x".repeat(48)).expect("an id");
        for press in [
            Press::Entry(id.clone()),
            Press::Helpful(id.clone()),
            Press::NotHelpful(id.clone()),
            Press::Desks,
            Press::Desk(desk),
            Press::Topics(usize::MAX),
            Press::Category(id, 99_999_999),
        ] {
            let data = press.data();
            assert!(data.len() <= LONGEST_DATA, "{data}");
            assert_eq!(Press::parse(&data), Some(press), "{data}");
        }
        for unknown in ["", "x", "e:", "e:解約", "z:a", "c:a", "c:a:b", "t:-1"] {
            assert_eq!(Press::parse(unknown), None, "{unknown}");
        }
    }
}
