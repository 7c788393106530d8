//! `GET /`: the search form and all categories with their entries.

use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};

use super::categories::{categories, category_path, entries_of};
use super::entry_lists::{entry_list, featured};
use super::japanese::with_japanese;
use super::layout::{Layout, respond};
use super::search_form::search_form;
use super::view::View;
use crate::knowledge::{Desk, Entry, Sentence};

/// Maximum number of entries listed per category; a link leads to the others.
const MAX_CATEGORY_ENTRIES: usize = 12;

/// Maximum number of entries of a desk without a list of featured entries.
const MAX_UNFEATURED_ENTRIES: usize = 6;

/// Renders the start page.
pub(super) async fn home(view: View, headers: HeaderMap) -> Response {
    let desks = desks(&view);
    let programmes: Vec<&str> = desks
        .iter()
        .map(|(desk, _)| desk.programme.get(view.visit.language))
        .collect();
    let separator = view.text(Sentence::ListSeparator);
    let programmes = programmes.join(&separator);
    let values = [("programmes", programmes.as_str())];
    let description = view.text_with(Sentence::HelpCentreDescription, &values);
    let main = html! {
        section.hero {
            h1 { (view.text(Sentence::HelpCentre)) }
            p { (description) }
            // The widget replaces the form where JavaScript is enabled.
            madoguchi-widget placement="inline" compact language=(view.visit.language.tag()) {
                (search_form(&view, "", None))
            }
        }
        @for (desk, entries) in &desks {
            (desk_section(&view, desk, entries, desks.len() == 1))
        }
    };
    let page = Layout {
        title: None,
        description: &description,
        path: "/",
        is_listed: true,
        hides_launcher: true,
        main,
        ..Layout::default()
    };
    respond(&headers, &view, &page)
}

/// Lists the desks that have valid entries, with these entries.
fn desks(view: &View) -> Vec<(&Desk, Vec<&Entry>)> {
    let knowledge = view.knowledge();
    let desks = knowledge.desks.iter();
    let desks = desks.map(|desk| (desk, entries_of(view, desk)));
    let desks = desks.filter(|(_, entries): &(_, Vec<_>)| !entries.is_empty());
    desks.collect()
}

/// Renders a desk of the start page: its name, which leads to its own page, and its entries.
fn desk_section(view: &View, desk: &Desk, entries: &[&Entry], is_only: bool) -> Markup {
    let heading = format!("desk-{}", desk.id);
    let path = format!("/desks/{}", desk.id);
    let programme = desk.programme.get(view.visit.language);
    html! {
        section.desk aria-labelledby=(heading) {
            h2.programme-name #(heading) {
                @if is_only { (programme) } @else { a href=(view.link(&path, &[])) { (programme) } }
            }
            (desk_entries(view, desk, entries))
        }
    }
}

/// Renders the featured entries of a desk, and its categories with their entries.
pub(super) fn desk_entries(view: &View, desk: &Desk, entries: &[&Entry]) -> Markup {
    let language = view.visit.language;
    let categories = categories(entries);
    let featured = featured(view, desk);
    html! {
        @if entries.len() > MAX_UNFEATURED_ENTRIES {
            div.featured {
                h3 { (view.text(Sentence::Featured)) }
                (entry_list(view, &featured))
            }
        }
        div.categories {
            @for (category, entries) in &categories {
                div.category {
                    @let (title, own) = desk.category_title(category, language);
                    h3 lang=(own.tag()) {
                        a href=(view.link(&category_path(&desk.id, category), &[])) { (title) }
                    }
                    (entry_list(view, &entries[..entries.len().min(MAX_CATEGORY_ENTRIES)]))
                    @if entries.len() > MAX_CATEGORY_ENTRIES {
                        (all_link(view, desk, category, entries.len()))
                    }
                }
            }
        }
    }
}

fn all_link(view: &View, desk: &Desk, category: &str, count: usize) -> Markup {
    let path = category_path(&desk.id, category);
    let (title, _) = desk.category_title(category, view.visit.language);
    let values = [("category", title), ("count", &count.to_string())];
    let text = view.text_with(Sentence::AllInCategory, &values);
    html! {
        p { a href=(view.link(&path, &[])) { (with_japanese(view.visit.language, &text)) } }
    }
}
