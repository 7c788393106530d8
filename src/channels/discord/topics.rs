//! Browsing by menus: categories, and the questions of each, a page at a time.

use serenity::builder::{CreateActionRow, CreateButton};
use serenity::model::application::ButtonStyle;

use super::components::{MOST_OPTIONS, Press, button, menu};
use super::embed::{Card, Page, pages};
use super::markdown::escape;
use super::turn::Responder;
use crate::channels::bot::browse;
use crate::knowledge::{EntryId, Sentence};

/// Lists the categories, from one on.
pub(super) fn list(responder: &Responder<'_>, from: usize) -> Page {
    let today = responder.today();
    let categories = browse::categories(responder.knowledge, today, responder.language);
    let page = categories.iter().skip(from).take(MOST_OPTIONS);
    let options = page.map(|category| {
        let press = Press::Category(0, category.first.id.clone());
        (category.label.as_str(), press)
    });
    let heading = responder.render(Sentence::ChooseCategory, &[]);
    let mut rows: Vec<CreateActionRow> = menu("topics", &heading, options).into_iter().collect();
    let turn = turns(responder, from, categories.len(), Press::Topics);
    rows.extend((!turn.is_empty()).then_some(CreateActionRow::Buttons(turn)));
    Page {
        rows,
        ..Page::of(&escape(&heading))
    }
}

/// Lists the questions of an entry's category, from one on; `None` if it is not shown any more.
pub(super) fn category(responder: &Responder<'_>, id: &EntryId, from: usize) -> Option<Page> {
    let knowledge = responder.knowledge;
    let (named, entries) = browse::in_category(knowledge, responder.today(), id)?;
    let page = entries.iter().skip(from).take(MOST_OPTIONS);
    let options = page.map(|entry| (entry.question.as_str(), Press::Entry(0, entry.id.clone())));
    let heading = responder.render(Sentence::AskPlaceholder, &[]);
    let heading = browse::programme(knowledge, named, responder.language)
        .map_or(heading, |programme| {
            format!("{} · {programme}", named.category)
        });
    let mut rows: Vec<CreateActionRow> = menu("questions", &heading, options).into_iter().collect();
    let mut buttons = turns(responder, from, entries.len(), |from| {
        Press::Category(from, id.clone())
    });
    buttons.push(button(
        &responder.render(Sentence::CommandTopics, &[]),
        &Press::Topics(0),
        ButtonStyle::Secondary,
    ));
    rows.push(CreateActionRow::Buttons(buttons));
    // A menu shows only the beginning of a question.
    let lines = entries.iter().skip(from).take(MOST_OPTIONS);
    let lines = lines.map(|entry| format!("- {}", escape(&entry.question).replace('\n', " ")));
    let mut card = Card {
        title: Some(escape(&heading)),
        ..Card::default()
    };
    card.text.block(lines.collect::<Vec<_>>().join("\n"));
    let mut pages = pages("", &[card], Vec::new(), false);
    pages.truncate(1);
    let page = pages.pop()?;
    Some(Page { rows, ..page })
}

/// Makes the buttons that turn the page.
fn turns(
    responder: &Responder<'_>,
    from: usize,
    total: usize,
    press: impl Fn(usize) -> Press,
) -> Vec<CreateButton> {
    let turns = browse::turns(from, MOST_OPTIONS, total).into_iter();
    let buttons = turns.map(|(sentence, from)| {
        let label = responder.render(sentence, &[]);
        button(&label, &press(from), ButtonStyle::Secondary)
    });
    buttons.collect()
}
