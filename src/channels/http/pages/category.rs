//! `GET /desks/{id}/{category}`: the entries of one category of a desk.
//!
//! The address holds the category's name, so it stays when entries are added, moved or removed.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};

use super::breadcrumbs::Trail;
use super::categories::{Category, categories, category_path, entries_of};
use super::contact::desk_card;
use super::entry_lists::entry_list;
use super::japanese::with_japanese;
use super::layout::{Layout, not_found, respond};
use super::search_form::search_form;
use super::view::View;
use crate::knowledge::{Desk, Sentence};

/// Renders the page of a category.
pub(super) async fn category(
    path: Result<Path<(String, String)>, PathRejection>,
    view: View,
    headers: HeaderMap,
) -> Response {
    let (id, name) = path.map(|Path(path)| path).unwrap_or_default();
    let name = name.trim_end_matches('/');
    let Some(desk) = view.knowledge().desk(&id) else {
        return not_found(&headers, &view);
    };
    let all = categories(&entries_of(&view, desk));
    let Some((name, entries)) = all
        .iter()
        .find(|(known, _)| known.trim_end_matches('/') == name)
    else {
        return not_found(&headers, &view);
    };
    let language = view.visit.language;
    let programme = desk.programme.get(language);
    let (heading, heading_language) = desk.category_title(name, language);
    let values = [
        ("category", heading),
        ("programme", programme),
        ("count", &entries.len().to_string()),
    ];
    let description = view.text_with(Sentence::CategoryDescription, &values);
    let trail = Trail::to_category(&view, desk, name);
    let points = view.assistant.contact_points(desk, language, view.now);
    let main = html! {
        (trail.html(&view))
        h1 lang=(heading_language.tag()) { (heading) }
        @if heading != *name { p.original lang="ja" { (name) } }
        p.note { (with_japanese(language, &description)) }
        (search_form(&view, "", Some(desk)))
        (entry_list(&view, entries))
        (other_categories(&view, desk, name, &all))
        (desk_card(&view, desk, &points))
    };
    // Desks may have categories of the same name.
    let title = format!("{heading} | {programme}");
    let page = Layout {
        title: Some(&title),
        description: &description,
        path: &category_path(&desk.id, name),
        is_listed: true,
        structured: trail.structured(&view),
        desk: Some(&desk.id),
        main,
        ..Layout::default()
    };
    respond(&headers, &view, &page)
}

fn other_categories(view: &View, desk: &Desk, name: &str, all: &[Category<'_>]) -> Markup {
    html! {
        @if all.len() > 1 {
            section.related {
                h2 { (view.text(Sentence::OtherCategories)) }
                ul.entries {
                    @for (other, entries) in all.iter().filter(|(other, _)| *other != name) {
                        @let (title, own) = desk.category_title(other, view.visit.language);
                        li {
                            a href=(view.link(&category_path(&desk.id, other), &[])) {
                                span lang=(own.tag()) { (title) } " (" (entries.len()) ")"
                            }
                        }
                    }
                }
            }
        }
    }
}
