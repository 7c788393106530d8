//! `GET /entries/{id}`: the page of an entry; with `.md` appended, its Markdown.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, PreEscaped, html};
use serde_json::{Value, json};

use super::contact::desk_card;
use super::desk::{Step, breadcrumbs, steps, structured_trail};
use super::home::entry_list;
use super::layout::{Layout, not_found, respond};
use super::view::View;
use crate::channels::http::etag;
use crate::knowledge::{Entry, EntryId, Language, Sentence};

/// Longest description in the metadata, in characters; search engines truncate longer ones.
const MAX_DESCRIPTION_CHARS: usize = 110;

/// Renders the page of an entry.
pub(super) async fn entry(
    id: Result<Path<String>, PathRejection>,
    view: View,
    headers: HeaderMap,
) -> Response {
    let id = id.map(|Path(id)| id).unwrap_or_default();
    let (id, is_markdown) = match id.strip_suffix(".md") {
        Some(id) => (id, true),
        None => (id.as_str(), false),
    };
    let id = EntryId::parse(id).ok();
    let Some((_, entry)) = id.and_then(|id| view.knowledge().shown(&id, view.today)) else {
        return not_found(&headers, &view);
    };
    if is_markdown {
        let text = markdown(&view, entry);
        return etag::respond(&headers, "text/markdown; charset=utf-8", text.into_bytes());
    }
    let path = format!("/entries/{}", entry.id);
    let description = shortened(&entry.answer.text);
    let page = Layout {
        title: Some(&entry.question),
        description: &description,
        path: &path,
        is_listed: true,
        structured: Some(structured(&view, entry)),
        desk: Some(&entry.desk),
        main: main(&view, entry),
        ..Layout::default()
    };
    respond(&headers, &view, &page)
}

fn main(view: &View, entry: &Entry) -> Markup {
    let language = view.visit.language;
    html! {
        (breadcrumbs(view, &trail(view, entry)))
        article.entry {
            h1 lang="ja" { (entry.question) }
            @if language == Language::English {
                p.note { (view.text(Sentence::AnswerLanguage)) }
            }
            (answer_html(entry))
            p.source { (source(view, entry)) }
        }
        (contact_of(view, entry))
        (related(view, entry))
    }
}

/// Renders the answer's HTML, which was sanitized when the knowledge was loaded.
pub(super) fn answer_html(entry: &Entry) -> Markup {
    html! {
        div.answer lang="ja" { (PreEscaped(&entry.answer.html)) }
    }
}

/// Renders the programme and the category of an entry.
pub(super) fn place(view: &View, entry: &Entry) -> Markup {
    let desk = view.knowledge().desk(entry.desk.as_str());
    html! {
        @if let Some(desk) = desk {
            span lang=(view.visit.language.tag()) { (desk.programme.get(view.visit.language)) }
            " › "
        }
        span lang="ja" { (entry.category) }
    }
}

/// Describes the source of the answer.
pub(super) fn source(view: &View, entry: &Entry) -> String {
    let values = [
        ("document", entry.source.document.as_str()),
        ("section", entry.source.section.as_str()),
    ];
    view.text_with(Sentence::Source, &values)
}

/// Renders the contact point that the answer names.
pub(super) fn contact_of(view: &View, entry: &Entry) -> Markup {
    let contact = entry.contact.as_ref();
    let named = contact.and_then(|id| view.knowledge().contact_point(id.as_str()));
    html! {
        @if let Some((desk, named)) = named {
            @let points = view.assistant.contact_points(desk, view.visit.language, view.now);
            @let points: Vec<_> = points.into_iter().filter(|point| point.id == named.id).collect();
            (desk_card(view, desk, &points))
        }
    }
}

fn related(view: &View, entry: &Entry) -> Markup {
    let related = view.knowledge().related(entry, view.today);
    html! {
        @if !related.is_empty() {
            section.related {
                h2 { (view.text(Sentence::Related)) }
                (entry_list(view, &related))
            }
        }
    }
}

/// Returns the steps from the start page to an entry.
fn trail(view: &View, entry: &Entry) -> Vec<Step> {
    let desk = view.knowledge().desk(entry.desk.as_str());
    desk.map_or_else(Vec::new, |desk| {
        steps(view, desk, &entry.category, Some(&entry.question))
    })
}

/// Returns the entry as JSON-LD of type `FAQPage`, and its breadcrumbs (schema.org).
fn structured(view: &View, entry: &Entry) -> Value {
    let page = json!({
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "inLanguage": "ja",
        "mainEntity": [{
            "@type": "Question",
            "name": entry.question,
            "acceptedAnswer": { "@type": "Answer", "text": entry.answer.html },
        }],
    });
    match structured_trail(view, &trail(view, entry)) {
        Some(trail) => json!([page, trail]),
        None => page,
    }
}

fn markdown(view: &View, entry: &Entry) -> String {
    let source = source(view, entry);
    format!(
        "# {}\n\n{}\n\n{source}\n",
        entry.question, entry.answer.source
    )
}

fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(MAX_DESCRIPTION_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
