//! Browsing by buttons: categories, and the questions of each, a page at a time.
//!
//! Invariant: a category is named by its first entry's id, so that a button leads to the same
//! category when others come or go.

use super::html::{Html, Tag};
use super::keyboard::{self, Press, Rows, button};
use super::respond::{Outgoing, Responder};
use crate::channels::bot::browse::{self, Category};
use crate::knowledge::{EntryId, Sentence};

/// Categories on a page.
const CATEGORIES: usize = 20;

/// Questions on a page.
const QUESTIONS: usize = 10;

/// Lists the categories, from one on.
pub(super) fn list(responder: &Responder<'_>, from: usize) -> Outgoing {
    let categories = browse::categories(responder.knowledge, responder.today(), responder.language);
    let page = categories.iter().skip(from).take(CATEGORIES);
    let page = page.map(|Category { label, first }| {
        vec![button(label.clone(), &Press::Category(first.id.clone(), 0))]
    });
    let mut rows: Rows = page.collect();
    let turn = |from| Press::Topics(from);
    rows.extend(pages(responder, from, CATEGORIES, categories.len(), turn));
    let mut html = Html::default();
    html.text(&responder.render(Sentence::ChooseCategory, &[]));
    Outgoing {
        html,
        keyboard: keyboard::markup(rows),
    }
}

/// Lists the questions of an entry's category, from one on; `None` if it is not shown any more.
pub(super) fn category(responder: &Responder<'_>, id: &EntryId, from: usize) -> Option<Outgoing> {
    let knowledge = responder.knowledge;
    let (named, entries) = browse::in_category(knowledge, responder.today(), id)?;
    let page = entries.iter().skip(from).take(QUESTIONS);
    let page = page.map(|entry| {
        let press = Press::Entry(entry.id.clone());
        vec![button(entry.question.clone(), &press)]
    });
    let mut rows: Rows = page.collect();
    let turn = |from| Press::Category(id.clone(), from);
    rows.extend(pages(responder, from, QUESTIONS, entries.len(), turn));
    let back = responder.render(Sentence::CommandTopics, &[]);
    rows.push(vec![button(back, &Press::Topics(0))]);
    let mut html = Html::default();
    html.tagged(Tag::Bold, &named.category);
    html.end_line();
    html.text(browse::programme(knowledge, named, responder.language).unwrap_or_default());
    Some(Outgoing {
        html,
        keyboard: keyboard::markup(rows),
    })
}

/// Makes the buttons that turn the page.
fn pages(
    responder: &Responder<'_>,
    from: usize,
    length: usize,
    total: usize,
    turn: impl Fn(usize) -> Press,
) -> Option<Vec<teloxide::types::InlineKeyboardButton>> {
    let turns = browse::turns(from, length, total).into_iter();
    let row = turns.map(|(sentence, from)| button(responder.render(sentence, &[]), &turn(from)));
    let row: Vec<_> = row.collect();
    (!row.is_empty()).then_some(row)
}
