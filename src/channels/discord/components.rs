//! Buttons and menus: what they carry, and which an answer has.
//!
//! Invariant: one carries ids and numbers only, in at most 100 characters, so that it means the
//! same after a restart and on every replica, and says nothing about a member.

use serenity::builder::{
    CreateActionRow, CreateButton, CreateSelectMenu, CreateSelectMenuKind, CreateSelectMenuOption,
};
use serenity::model::application::{
    ActionRow, ActionRowComponent, ButtonKind, ButtonStyle, SelectMenu,
};

use super::markdown::{cut, is_web};
use crate::answer::{Choice, ContactStatus, Reply};
use crate::knowledge::{DeskId, Entry, EntryId, Language, Messages, Sentence};

/// Longest label of a button, in characters.
const LONGEST_LABEL: usize = 80;

/// Longest label or placeholder of a menu, in characters.
const LONGEST_OPTION: usize = 100;

/// Longest address of a button, in characters.
const LONGEST_URL: usize = 512;

/// Most options of a menu.
pub(super) const MOST_OPTIONS: usize = 25;

/// Most buttons in a row.
const MOST_BUTTONS: usize = 5;

/// What a press asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Press {
    /// An entry's answer; with how often in a row members were not helped before.
    Entry(u8, EntryId),
    /// Nothing more: the answer of this entry helped.
    Helpful(EntryId),
    /// More: the answer of this entry did not help, after so many others.
    NotHelpful(u8, EntryId),
    /// The answer of this entry, for all to see.
    Share(EntryId),
    /// All desks.
    Desks,
    /// One desk.
    Desk(DeskId),
    /// The categories, from one on.
    Topics(usize),
    /// The questions of an entry's category, from one on.
    Category(usize, EntryId),
    /// The draft to edit, for a desk or for any.
    Draft(Option<DeskId>),
}

impl Press {
    /// Writes it for a button.
    pub(super) fn id(&self) -> String {
        match self {
            Self::Entry(depth, id) => format!("e:{depth}:{id}"),
            Self::Helpful(id) => format!("y:{id}"),
            Self::NotHelpful(depth, id) => format!("n:{depth}:{id}"),
            Self::Share(id) => format!("s:{id}"),
            Self::Desks => "d".to_owned(),
            Self::Desk(id) => format!("d:{id}"),
            Self::Topics(from) => format!("t:{from}"),
            Self::Category(from, id) => format!("c:{from}:{id}"),
            Self::Draft(None) => "m".to_owned(),
            Self::Draft(Some(id)) => format!("m:{id}"),
        }
    }

    /// Reads what a button carried; `None` if it is none of this version's.
    pub(super) fn parse(id: &str) -> Option<Self> {
        let (kind, rest) = id.split_once(':').unwrap_or((id, ""));
        let entry = |id: &str| EntryId::parse(id).ok();
        let numbered = || {
            let (number, id) = rest.split_once(':')?;
            Some((number, entry(id)?))
        };
        match kind {
            "e" => {
                let (depth, id) = numbered()?;
                Some(Self::Entry(depth.parse().ok()?, id))
            }
            "n" => {
                let (depth, id) = numbered()?;
                Some(Self::NotHelpful(depth.parse().ok()?, id))
            }
            "c" => {
                let (from, id) = numbered()?;
                Some(Self::Category(from.parse().ok()?, id))
            }
            "y" => entry(rest).map(Self::Helpful),
            "s" => entry(rest).map(Self::Share),
            "t" => rest.parse().ok().map(Self::Topics),
            "d" if id == "d" => Some(Self::Desks),
            "d" => DeskId::parse(rest).ok().map(Self::Desk),
            "m" if id == "m" => Some(Self::Draft(None)),
            "m" => DeskId::parse(rest).ok().map(|id| Self::Draft(Some(id))),
            _ => None,
        }
    }

    /// Tells whether it asks for a verdict.
    pub(super) fn is_verdict(&self) -> bool {
        matches!(self, Self::Helpful(_) | Self::NotHelpful(..))
    }
}

/// What the buttons of a reply depend on besides it.
pub(super) struct Circumstances<'a> {
    pub(super) messages: &'a Messages,
    pub(super) language: Language,
    /// How often in a row the member was not helped.
    pub(super) depth: u8,
    /// Whether others are there to whom the answer may be shown.
    pub(super) can_share: bool,
    /// The desk that the draft is for, if it is clear.
    pub(super) desk: Option<&'a DeskId>,
}

/// Makes the rows of a reply, and of the entry that it gives.
pub(super) fn reply(
    reply: &Reply,
    entry: Option<&Entry>,
    about: &Circumstances<'_>,
) -> Vec<CreateActionRow> {
    let label = |sentence| about.messages.render(sentence, about.language, &[]);
    let mut rows = Vec::new();
    for (number, choice) in (1..).zip(&reply.choices) {
        let press = Press::Entry(about.depth, choice.id.clone());
        let label = format!("{number}. {}", choice.question);
        let button = button(&label, &press, ButtonStyle::Primary);
        rows.push(CreateActionRow::Buttons(vec![button]));
    }
    if let Some((heading, related)) = &reply.related {
        let options = related.iter().map(|Choice { id, question }| {
            (question.as_str(), Press::Entry(about.depth, id.clone()))
        });
        rows.extend(menu("related", heading, options));
    }
    if let Some(entry) = entry {
        let id = || entry.id.clone();
        let mut buttons = vec![
            button(
                &label(Sentence::HelpfulYes),
                &Press::Helpful(id()),
                ButtonStyle::Success,
            ),
            button(
                &label(Sentence::HelpfulNo),
                &Press::NotHelpful(about.depth, id()),
                ButtonStyle::Secondary,
            ),
            button(
                &label(Sentence::ShowContact),
                &Press::Desk(entry.desk.clone()),
                ButtonStyle::Secondary,
            ),
        ];
        if about.can_share {
            let press = Press::Share(id());
            buttons.push(button(
                &label(Sentence::Share),
                &press,
                ButtonStyle::Secondary,
            ));
        }
        rows.push(CreateActionRow::Buttons(buttons));
    }
    let mut buttons = Vec::new();
    if entry.is_none() && !reply.choices.is_empty() {
        buttons.push(button(
            &label(Sentence::ShowContact),
            &Press::Desks,
            ButtonStyle::Secondary,
        ));
    }
    if reply.draft.is_some() {
        buttons.push(button(
            &label(Sentence::DraftEdit),
            &Press::Draft(about.desk.cloned()),
            ButtonStyle::Primary,
        ));
    }
    buttons.extend(forms(reply.contacts.iter().flat_map(|(_, points)| points)));
    buttons.truncate(MOST_BUTTONS);
    if !buttons.is_empty() {
        rows.push(CreateActionRow::Buttons(buttons));
    }
    rows
}

/// Makes a button for each form on the web.
pub(super) fn forms<'a>(points: impl Iterator<Item = &'a ContactStatus>) -> Vec<CreateButton> {
    let mut urls: Vec<&str> = Vec::new();
    let mut buttons = Vec::new();
    for point in points {
        let url = point.url.as_deref().filter(|url| is_web(url));
        let Some(url) = url.filter(|url| url.chars().count() <= LONGEST_URL) else {
            continue;
        };
        if !urls.contains(&url) {
            urls.push(url);
            buttons.push(CreateButton::new_link(url).label(cut(&point.label, LONGEST_LABEL)));
        }
    }
    buttons.truncate(MOST_BUTTONS);
    buttons
}

/// Makes a button.
pub(super) fn button(label: &str, press: &Press, style: ButtonStyle) -> CreateButton {
    let button = CreateButton::new(press.id()).style(style);
    button.label(cut(label, LONGEST_LABEL))
}

/// Makes a menu; `None` without options.
pub(super) fn menu<'a>(
    id: &str,
    placeholder: &str,
    options: impl Iterator<Item = (&'a str, Press)>,
) -> Option<CreateActionRow> {
    let options = options
        .take(MOST_OPTIONS)
        .map(|(label, press)| CreateSelectMenuOption::new(cut(label, LONGEST_OPTION), press.id()));
    let options: Vec<_> = options.collect();
    if options.is_empty() {
        return None;
    }
    let menu = CreateSelectMenu::new(id, CreateSelectMenuKind::String { options });
    let menu = menu.placeholder(cut(placeholder, LONGEST_OPTION));
    Some(CreateActionRow::SelectMenu(menu))
}

/// Copies the rows of a message without some of its buttons.
pub(super) fn without(
    rows: &[ActionRow],
    is_gone: impl Fn(&Press) -> bool,
) -> Vec<CreateActionRow> {
    let rows = rows.iter().filter_map(|row| {
        let mut buttons = Vec::new();
        for component in &row.components {
            match component {
                ActionRowComponent::Button(button) => {
                    let press = match &button.data {
                        ButtonKind::NonLink { custom_id, .. } => Press::parse(custom_id),
                        _ => None,
                    };
                    if !press.is_some_and(|press| is_gone(&press)) {
                        buttons.push(CreateButton::from(button.clone()));
                    }
                }
                ActionRowComponent::SelectMenu(menu) => return copy(menu),
                _ => {}
            }
        }
        (!buttons.is_empty()).then_some(CreateActionRow::Buttons(buttons))
    });
    rows.collect()
}

fn copy(menu: &SelectMenu) -> Option<CreateActionRow> {
    let options = menu.options.iter().filter_map(|option| {
        let press = Press::parse(&option.value)?;
        Some((option.label.as_str(), press))
    });
    let placeholder = menu.placeholder.as_deref().unwrap_or_default();
    self::menu(menu.custom_id.as_deref()?, placeholder, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_press_fits_a_button_and_is_read_again() {
        let id = EntryId::parse(&"x".repeat(48)).expect("an id");
        let desk = DeskId::parse(&"x".repeat(48)).expect("an id");
        for press in [
            Press::Entry(u8::MAX, id.clone()),
            Press::Helpful(id.clone()),
            Press::NotHelpful(1, id.clone()),
            Press::Share(id.clone()),
            Press::Desks,
            Press::Desk(desk.clone()),
            Press::Topics(usize::MAX),
            Press::Category(usize::MAX, id),
            Press::Draft(None),
            Press::Draft(Some(desk)),
        ] {
            let id = press.id();
            assert!(id.len() <= 100, "{id}");
            assert_eq!(Press::parse(&id), Some(press), "{id}");
        }
        let wrongs = [
            "",
            "x",
            "e:",
            "e:a",
            "e:0:解約",
            "e:999:a",
            "z:a",
            "c:a:b",
            "t:-1",
            "d:",
            "m:",
        ];
        for unknown in wrongs {
            assert_eq!(Press::parse(unknown), None, "{unknown}");
        }
    }
}
