//! `GET /desks/{id}`: the help centre of one desk, with its entries, search and contact points.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::contact::desk_card;
use super::home::desk_entries;
use super::layout::{Layout, not_found, respond, search_form};
use super::view::View;
use crate::knowledge::{Desk, Entry, Sentence};

/// Renders the page of a desk.
pub(super) async fn desk(
    id: Result<Path<String>, PathRejection>,
    view: View,
    headers: HeaderMap,
) -> Response {
    let id = id.map(|Path(id)| id).unwrap_or_default();
    let Some(desk) = view.knowledge().desk(&id) else {
        return not_found(&headers, &view);
    };
    let language = view.visit.language;
    let title = desk.programme.get(language);
    let values = [("programmes", title)];
    let description = view.text_with(Sentence::HelpCentreDescription, &values);
    let entries = view.knowledge().shown_on(view.today);
    let entries: Vec<&Entry> = entries.filter(|entry| entry.desk == desk.id).collect();
    let points = view.assistant.contact_points(desk, language, view.now);
    let trail = [(title.to_owned(), None)];
    let main = html! {
        (breadcrumbs(&view, &trail))
        section.hero {
            h1 { (title) }
            p { (description) }
            madoguchi-widget placement="inline" compact desk=(desk.id) language=(language.tag()) {
                (search_form(&view, "", Some(desk), Sentence::Send))
            }
        }
        section.desk {
            h2.hidden { (view.text(Sentence::HelpCentre)) }
            (desk_entries(&view, desk, &entries))
        }
        (desk_card(&view, desk, &points))
    };
    let path = format!("/desks/{}", desk.id);
    let page = Layout {
        title: Some(title),
        description: &description,
        path: &path,
        is_listed: true,
        structured: structured_trail(&view, &trail),
        hides_launcher: true,
        main,
        ..Layout::default()
    };
    respond(&headers, &view, &page)
}

/// A step of the breadcrumbs: its name, and the path of its page unless it is this page.
pub(super) type Step = (String, Option<String>);

/// Returns the steps to an entry or a category: the desk, the category and the title.
pub(super) fn steps(view: &View, desk: &Desk, category: &str, title: Option<&str>) -> Vec<Step> {
    let programme = desk.programme.get(view.visit.language).to_owned();
    let home = view.link(&format!("/desks/{}", desk.id), &[]);
    let parameters = [("desk", desk.id.as_str()), ("category", category)];
    let list = title.map(|_| view.link("/search", &parameters));
    let mut steps = vec![(programme, Some(home)), (category.to_owned(), list)];
    steps.extend(title.map(|title| (title.to_owned(), None)));
    steps
}

/// Renders the way from the start page to this page.
pub(super) fn breadcrumbs(view: &View, steps: &[Step]) -> Markup {
    html! {
        nav.place aria-label=(view.text(Sentence::Breadcrumbs)) {
            ol {
                li { a href=(view.link("/", &[])) { (view.text(Sentence::HelpCentre)) } }
                @for (name, path) in steps {
                    li {
                        @match path {
                            Some(path) => a href=(path) { (name) },
                            None => span aria-current="page" { (name) }
                        }
                    }
                }
            }
        }
    }
}

/// Returns the breadcrumbs as JSON-LD (schema.org); their addresses are absolute, so there are none
/// without a configured address.
pub(super) fn structured_trail(view: &View, steps: &[Step]) -> Option<Value> {
    let url = view.public_url.as_deref()?;
    // The paths of links begin with the base path, which the address ends in.
    let origin = url.strip_suffix(&view.path("")).unwrap_or(url);
    let home = (view.text(Sentence::HelpCentre), Some(view.link("/", &[])));
    let items = std::iter::once(&home).chain(steps).zip(1..);
    let items = items.map(|((name, path), position)| {
        let mut item = json!({ "@type": "ListItem", "position": position, "name": name });
        if let Some(path) = path {
            item["item"] = format!("{origin}{path}").into();
        }
        item
    });
    Some(json!({
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": items.collect::<Vec<_>>(),
    }))
}
