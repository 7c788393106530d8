//! Browsing by buttons: categories, and the questions of each, a page at a time.
//!
//! Invariant: a category is named by its first entry's id, so that a button leads to the same
//! category when others come or go.

use super::html::{Html, Tag};
use super::keyboard::{self, Press, Rows, button};
use super::respond::{Outgoing, Responder};
use crate::knowledge::{Entry, EntryId, Sentence};

/// Categories on a page.
const CATEGORIES: usize = 20;

/// Questions on a page.
const QUESTIONS: usize = 10;

/// Lists the categories, from one on.
pub(super) fn list(responder: &Responder<'_>, from: usize) -> Outgoing {
    let mut firsts: Vec<&Entry> = Vec::new();
    for entry in responder.shown() {
        if !firsts.iter().any(|first| is_same(first, entry)) {
            firsts.push(entry);
        }
    }
    let is_one_desk = firsts.windows(2).all(|pair| pair[0].desk == pair[1].desk);
    let page = firsts.iter().skip(from).take(CATEGORIES).map(|first| {
        let label = match programme(responder, first) {
            Some(programme) if !is_one_desk => format!("{} · {programme}", first.category),
            _ => first.category.clone(),
        };
        vec![button(label, &Press::Category(first.id.clone(), 0))]
    });
    let mut rows: Rows = page.collect();
    let turn = |from| Press::Topics(from);
    rows.extend(pages(responder, from, CATEGORIES, firsts.len(), turn));
    let mut html = Html::default();
    html.text(&responder.render(Sentence::ChooseCategory, &[]));
    Outgoing {
        html,
        keyboard: keyboard::markup(rows),
    }
}

/// Lists the questions of an entry's category, from one on; `None` if it is not shown any more.
pub(super) fn category(responder: &Responder<'_>, id: &EntryId, from: usize) -> Option<Outgoing> {
    let named = responder.shown().find(|entry| entry.id == *id)?;
    let entries: Vec<&Entry> = responder
        .shown()
        .filter(|entry| is_same(named, entry))
        .collect();
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
    html.text(programme(responder, named).unwrap_or_default());
    Some(Outgoing {
        html,
        keyboard: keyboard::markup(rows),
    })
}

fn is_same(one: &Entry, other: &Entry) -> bool {
    one.desk == other.desk && one.category == other.category
}

fn programme<'a>(responder: &Responder<'a>, entry: &Entry) -> Option<&'a str> {
    let desk = responder.knowledge.desk(entry.desk.as_str())?;
    Some(desk.programme.get(responder.language))
}

/// Makes the buttons that turn the page.
fn pages(
    responder: &Responder<'_>,
    from: usize,
    length: usize,
    total: usize,
    turn: impl Fn(usize) -> Press,
) -> Option<Vec<teloxide::types::InlineKeyboardButton>> {
    let mut row = Vec::new();
    if from > 0 {
        let label = responder.render(Sentence::PreviousPage, &[]);
        row.push(button(label, &turn(from.saturating_sub(length))));
    }
    let next = from.saturating_add(length);
    if next < total {
        row.push(button(
            responder.render(Sentence::NextPage, &[]),
            &turn(next),
        ));
    }
    (!row.is_empty()).then_some(row)
}
