//! `GET /search`: the answer to a question with matching entries, or the entries of a category.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};

use super::contact::desk_card;
use super::entry::{answer_html, contact_of, source};
use super::home::entry_list;
use super::layout::{Layout, respond, search_form};
use super::message::message_html;
use super::view::View;
use crate::answer::{Answer, ContactStatus, Conversation, MAX_QUESTION_CHARS, Outcome, Question};
use crate::channels::http::search::marked;
use crate::channels::http::{AppState, CHANNEL};
use crate::knowledge::{DeskId, Entry, Sentence};
use crate::search::Hit;

/// Number of hits per page.
const PAGE_HITS: usize = 10;

/// Last page that is served; higher numbers show this page.
const MAX_PAGE: usize = 1_000;

/// Renders the search page.
pub(super) async fn search(
    State(state): State<Arc<AppState>>,
    view: View,
    headers: HeaderMap,
) -> Response {
    let visit = &view.visit;
    let query = visit.parameter("q").unwrap_or_default().trim();
    let category = visit.parameter("category").unwrap_or_default();
    let desk = visit.parameter("desk");
    let desk = desk.and_then(|id| view.knowledge().desk(id));
    let desk = desk.map(|desk| &desk.id);
    let number = visit.parameter("page").and_then(|page| page.parse().ok());
    let number: usize = number.unwrap_or(1).clamp(1, MAX_PAGE);

    let mut parameters = vec![("q", query), ("category", category)];
    parameters.extend(desk.map(|desk| ("desk", desk.as_str())));
    parameters.retain(|(_, value)| !value.is_empty());
    let is_too_long = query.chars().count() > MAX_QUESTION_CHARS;
    let (title, found) = if is_too_long {
        let limit = MAX_QUESTION_CHARS.to_string();
        let text = view.text_with(Sentence::TooLong, &[("longest", &limit)]);
        (
            view.text(Sentence::SearchEmpty),
            html! { p role="alert" { (text) } },
        )
    } else if query.is_empty() && category.is_empty() {
        (view.text(Sentence::SearchEmpty), html! {})
    } else if query.is_empty() {
        (category.to_owned(), in_category(&view, category, desk))
    } else {
        let title = view.text_with(Sentence::SearchTitle, &[("query", query)]);
        let question = Question {
            text: query,
            desk,
            language: visit.language,
        };
        let conversation = Conversation::new(view.now);
        let answer = view
            .assistant
            .answer(&question, conversation, view.now)
            .await;
        let page = (number - 1) * PAGE_HITS..number * PAGE_HITS;
        let found = answer.trace.as_ref();
        let found = found.map(|trace| view.assistant.hits_of(trace, desk, page, view.now));
        let (hits, total) = found.map_or((Vec::new(), 0), |found| (found.hits, found.total));
        let answered = (number == 1).then(|| {
            let metrics = &state.service.metrics;
            metrics.count_answer(CHANNEL, answer.outcome.label());
            answer_above(&view, &answer, hits.is_empty())
        });
        let found = html! {
            @if let Some(answered) = answered { (answered) }
            // Without hits, the answer already names a desk.
            @if !hits.is_empty() {
                (hit_list(&view, &hits))
                (pager(&view, &parameters, number, total))
            }
        };
        (title, found)
    };
    let shown = if is_too_long { "" } else { query };
    let main = html! {
        h1 { (title) }
        (search_form(&view, shown))
        (found)
    };
    let page = Layout {
        title: Some(&title),
        description: &title,
        path: "/search",
        parameters: &parameters,
        main,
        ..Layout::default()
    };
    respond(&headers, &view, &page)
}

/// Renders the answer above the hits, the same as in every channel.
fn answer_above(view: &View, answer: &Answer, has_no_hits: bool) -> Markup {
    let entry = answer
        .entry
        .and_then(|index| view.knowledge().entries.get(index));
    html! {
        section.answer-card aria-live="polite" {
            p { (message_html(&answer.message)) }
            @if let Some(entry) = entry {
                h2 lang="ja" { a href=(view.entry_link(entry.id.as_str())) { (entry.question) } }
                (answer_html(entry))
                p.source { (source(view, entry)) }
                (contact_of(view, entry))
            } @else if answer.outcome == Outcome::Suggested && has_no_hits {
                // Suggestions are the first hits, unless they share no word with the question.
                (suggestions(view, answer))
            } @else if answer.outcome == Outcome::Escalated {
                (desks_of(view, answer))
            }
        }
    }
}

fn suggestions(view: &View, answer: &Answer) -> Markup {
    let entries = &view.knowledge().entries;
    let suggested = answer.suggestions.iter();
    let suggested: Vec<&Entry> = suggested
        .filter_map(|(index, _)| entries.get(*index))
        .collect();
    entry_list(view, &suggested)
}

fn desks_of(view: &View, answer: &Answer) -> Markup {
    let Some(escalation) = &answer.escalation else {
        return html! {};
    };
    let points = &escalation.contact_points;
    html! {
        @for desk in &view.knowledge().desks {
            @let own = points.iter().filter(|point| point.desk == desk.id).cloned();
            @let own: Vec<ContactStatus> = own.collect();
            @if !own.is_empty() { (desk_card(view, desk, &own)) }
        }
        details.draft {
            summary { (view.text(Sentence::Draft)) }
            pre { (escalation.draft.body) }
        }
    }
}

fn hit_list(view: &View, hits: &[Hit]) -> Markup {
    let hits = hits.iter().filter_map(|hit| {
        let entry = view.knowledge().entries.get(hit.entry)?;
        Some((hit, entry))
    });
    let hits: Vec<_> = hits.collect();
    html! {
        h2 { (view.text(Sentence::NearEntries)) }
        ol.hits {
            @for (hit, entry) in hits {
                li lang="ja" {
                    h3 { a href=(view.entry_link(entry.id.as_str())) { (marked(&hit.question)) } }
                    p { (marked(&hit.snippet)) }
                    p.place { (entry.category) }
                }
            }
        }
    }
}

fn pager(view: &View, parameters: &[(&str, &str)], number: usize, total: usize) -> Markup {
    let link = |number: usize| {
        let number = number.to_string();
        let mut parameters = parameters.to_vec();
        parameters.push(("page", &number));
        view.link("/search", &parameters)
    };
    html! {
        @if number > 1 || number * PAGE_HITS < total {
            nav.pager aria-label=(view.text(Sentence::Search)) {
                @if number > 1 {
                    a rel="prev" href=(link(number - 1)) { (view.text(Sentence::PreviousPage)) }
                }
                @if number * PAGE_HITS < total {
                    a rel="next" href=(link(number + 1)) { (view.text(Sentence::NextPage)) }
                }
            }
        }
    }
}

fn in_category(view: &View, category: &str, desk: Option<&DeskId>) -> Markup {
    let entries = view.knowledge().shown_on(view.today);
    let entries = entries
        .filter(|entry| entry.category == category)
        .filter(|entry| desk.is_none_or(|desk| entry.desk == *desk));
    let entries: Vec<&Entry> = entries.collect();
    html! {
        @if entries.is_empty() {
            p { (view.text(Sentence::SearchNone)) }
        } @else {
            (entry_list(view, &entries))
        }
    }
}
