//! `GET /entries/{id}`: the page of an entry; with `.md` appended, its Markdown.
//!
//! The page states when its answer is due for review, and asks whether it helped.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, PreEscaped, html};
use serde_json::{Value, json};

use super::assets::PAGE;
use super::breadcrumbs::Trail;
use super::contact::desk_card;
use super::entry_lists::entry_list;
use super::japanese::with_japanese;
use super::layout::{Layout, not_found, respond};
use super::search_form::search_form;
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
        title: Some(entry.title(view.visit.language)),
        description: &description,
        path: &path,
        is_listed: true,
        structured: Some(structured(&view, entry)),
        desk: Some(&entry.desk),
        script: Some(PAGE.path.clone()),
        main: main(&view, entry),
        ..Layout::default()
    };
    respond(&headers, &view, &page)
}

fn main(view: &View, entry: &Entry) -> Markup {
    let language = view.visit.language;
    let title_language = entry.title_language(language);
    html! {
        @if let Some(trail) = trail(view, entry) { (trail.html(view)) }
        article.entry {
            h1 lang=(title_language.tag()) { (entry.title(language)) }
            @if title_language != Language::Japanese {
                p.original lang="ja" { (entry.question) }
            }
            @if language == Language::English {
                p.note { (view.text(Sentence::AnswerLanguage)) }
            }
            (answer_html(entry))
            p.source { (with_japanese(language, &source(view, entry))) }
            (dates(view, entry))
            (copy_button(view))
        }
        (vote(view, entry))
        (contact_of(view, entry))
        (related(view, entry))
        (search_form(view, "", view.knowledge().desk(entry.desk.as_str())))
    }
}

/// Renders the day by which staff confirm the answer again; without one, the day on which its file was
/// saved. Both say what they mean, as neither is the day on which the answer was last confirmed.
fn dates(view: &View, entry: &Entry) -> Markup {
    let saved = view.knowledge().saved.get(&*entry.location.file);
    let (sentence, date) = match (entry.review_by, saved) {
        (Some(review), _) if review < view.today => (Sentence::ReviewOverdue, review),
        (Some(review), _) => (Sentence::ReviewBy, review),
        (None, Some(saved)) => {
            let zone = view.knowledge().time_zone();
            (Sentence::FileSaved, saved.to_zoned(zone).date())
        }
        (None, None) => return html! {},
    };
    html! {
        p.note { (view.text_with(sentence, &[("date", &view.date(date))])) }
    }
}

/// Renders the button that copies the address of the page; a script shows it.
fn copy_button(view: &View) -> Markup {
    html! {
        p.copy {
            button.quiet type="button" hidden data-copy-link data-done=(view.text(Sentence::DraftCopied)) {
                (view.text(Sentence::CopyLink))
            }
        }
    }
}

/// Renders the question whether the answer helped; a script shows it and sends the verdict.
fn vote(view: &View, entry: &Entry) -> Markup {
    let desk = view.link(&format!("/desks/{}", entry.desk), &[]);
    html! {
        section.vote hidden aria-labelledby="helpful"
            data-entry=(entry.id) data-question=(entry.question)
            data-api=(view.path("/api/v1/")) data-link=(view.entry_link("{id}"))
            data-desk={ (desk) "#contact" } data-contact=(view.text(Sentence::ShowContact))
            data-failed=(view.text(Sentence::FailedServer)) {
            p #helpful { (view.text(Sentence::HelpfulQuestion)) }
            button.quiet type="button" value="yes" { (view.text(Sentence::HelpfulYes)) }
            " "
            button.quiet type="button" value="no" { (view.text(Sentence::HelpfulNo)) }
            div role="status" {}
        }
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
        @let (category, language) = view.knowledge().category_title(entry, view.visit.language);
        span lang=(language.tag()) { (category) }
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

/// Returns the way from the start page to an entry.
fn trail(view: &View, entry: &Entry) -> Option<Trail> {
    let desk = view.knowledge().desk(entry.desk.as_str())?;
    let language = view.visit.language;
    let title = (entry.title(language), entry.title_language(language));
    Some(Trail::to_entry(view, desk, &entry.category, title))
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
    match trail(view, entry).and_then(|trail| trail.structured(view)) {
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
