//! The buttons and menus under a message.

use serenity::builder::{
    CreateActionRow, CreateButton, CreateSelectMenu, CreateSelectMenuKind, CreateSelectMenuOption,
};
use serenity::model::application::{
    ActionRow, ActionRowComponent, ButtonKind, ButtonStyle, SelectMenu,
};

use super::markdown::is_web;
use crate::answer::{ContactStatus, Part, Reply};
use crate::channels::bot::split::truncated;
use crate::channels::bot::{Button, Content, Press, Turn, View};
use crate::knowledge::{Entry, Sentence};

/// Length limit of the label of a button.
const MAX_LABEL_CHARS: usize = 80;

/// Length limit of a label or placeholder of a menu.
const MAX_OPTION_CHARS: usize = 100;

/// Length limit of the address of a button.
const MAX_URL_CHARS: usize = 512;

/// Maximum number of options in a menu.
pub(super) const MAX_OPTIONS: usize = 25;

/// Maximum number of buttons in a row.
const MAX_BUTTONS: usize = 5;

/// Makes the rows of a message; `can_share` adds the button that shows the answer to all.
pub(super) fn rows(view: &View<'_>, turn: &Turn<'_>, can_share: bool) -> Vec<CreateActionRow> {
    let mut buttons: Vec<CreateButton> = view.buttons.iter().flatten().map(button).collect();
    let mut rows = Vec::new();
    match &view.content {
        Content::Text(_) | Content::Help { .. } => {}
        Content::Reply(reply) => {
            rows.extend(entry_rows(reply, view));
            if let Some(entry) = reply.entry() {
                if can_share {
                    let share = Press::Share(entry.id.clone());
                    buttons.push(button(&turn.button(Sentence::Share, share)));
                }
                rows.push(CreateActionRow::Buttons(std::mem::take(&mut buttons)));
            }
            for part in &reply.parts {
                if let Part::Draft(_, _, desk) = part {
                    let edit = Press::Draft(desk.clone());
                    buttons.push(button(&turn.button(Sentence::DraftEdit, edit)));
                }
            }
            let desks = reply.parts.iter().filter_map(|part| match part {
                Part::Contacts(desks) => Some(desks),
                _ => None,
            });
            let points = desks.flatten().flat_map(|(_, points)| points);
            buttons.extend(forms(points));
        }
        Content::Categories { heading, page } => {
            let options = page.iter().map(|category| {
                let press = Press::Category(0, category.first.id.clone());
                (category.label.as_str(), press)
            });
            rows.extend(menu("topics", heading, options));
        }
        Content::Questions { page, .. } => {
            let heading = super::layout::heading(&view.content);
            rows.extend(entry_menu("questions", &heading, page, view));
        }
    }
    buttons.truncate(MAX_BUTTONS);
    if !buttons.is_empty() {
        rows.push(CreateActionRow::Buttons(buttons));
    }
    rows
}

/// Makes the rows of the entries that a reply offers.
fn entry_rows(reply: &Reply<'_>, view: &View<'_>) -> Vec<CreateActionRow> {
    let mut rows = Vec::new();
    for part in &reply.parts {
        match part {
            Part::Choices(choices) => {
                for (number, entry) in choices {
                    let button = button(&Button {
                        label: format!("{number}. {}", entry.title(view.language)),
                        press: Press::Entry(view.depth, entry.id.clone()),
                    });
                    rows.push(CreateActionRow::Buttons(vec![button]));
                }
            }
            Part::Related(heading, entries) => {
                rows.extend(entry_menu("related", heading, entries, view));
            }
            Part::Asked(_)
            | Part::Sentence(_)
            | Part::NoneOfThese(..)
            | Part::Entry(..)
            | Part::Contacts(_)
            | Part::Draft(..) => {}
        }
    }
    rows
}

fn entry_menu(
    id: &str,
    heading: &str,
    entries: &[&Entry],
    view: &View<'_>,
) -> Option<CreateActionRow> {
    let options = entries.iter().map(|entry| {
        let press = Press::Entry(view.depth, entry.id.clone());
        (entry.title(view.language), press)
    });
    menu(id, heading, options)
}

/// Makes a button for each web form among contact points.
pub(super) fn forms<'a>(points: impl Iterator<Item = &'a ContactStatus>) -> Vec<CreateButton> {
    let mut urls: Vec<&str> = Vec::new();
    let mut buttons = Vec::new();
    for point in points {
        let url = point.url.as_deref().filter(|url| is_web(url));
        let Some(url) = url.filter(|url| url.chars().count() <= MAX_URL_CHARS) else {
            continue;
        };
        if !urls.contains(&url) {
            urls.push(url);
            let label = truncated(&point.label, MAX_LABEL_CHARS);
            buttons.push(CreateButton::new_link(url).label(label));
        }
    }
    buttons.truncate(MAX_BUTTONS);
    buttons
}

fn button(button: &Button) -> CreateButton {
    let style = match button.press {
        Press::Helpful(_) => ButtonStyle::Success,
        Press::Entry(..) | Press::Draft(_) => ButtonStyle::Primary,
        _ => ButtonStyle::Secondary,
    };
    CreateButton::new(button.press.encode())
        .style(style)
        .label(truncated(&button.label, MAX_LABEL_CHARS))
}

/// Makes a menu; `None` without options.
fn menu<'a>(
    id: &str,
    placeholder: &str,
    options: impl Iterator<Item = (&'a str, Press)>,
) -> Option<CreateActionRow> {
    let options = options.take(MAX_OPTIONS).map(|(label, press)| {
        CreateSelectMenuOption::new(truncated(label, MAX_OPTION_CHARS), press.encode())
    });
    let options: Vec<_> = options.collect();
    if options.is_empty() {
        return None;
    }
    let menu = CreateSelectMenu::new(id, CreateSelectMenuKind::String { options });
    let menu = menu.placeholder(truncated(placeholder, MAX_OPTION_CHARS));
    Some(CreateActionRow::SelectMenu(menu))
}

/// Copies the rows of a message without some of its buttons.
pub(super) fn without(
    rows: &[ActionRow],
    is_removed: impl Fn(&Press) -> bool,
) -> Vec<CreateActionRow> {
    let rows = rows.iter().filter_map(|row| {
        let mut buttons = Vec::new();
        for component in &row.components {
            match component {
                ActionRowComponent::Button(button) => {
                    let press = match &button.data {
                        ButtonKind::NonLink { custom_id, .. } => Press::decode(custom_id),
                        _ => None,
                    };
                    if !press.is_some_and(|press| is_removed(&press)) {
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
        let press = Press::decode(&option.value)?;
        Some((option.label.as_str(), press))
    });
    let placeholder = menu.placeholder.as_deref().unwrap_or_default();
    self::menu(menu.custom_id.as_deref()?, placeholder, options)
}
