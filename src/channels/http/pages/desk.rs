//! `GET /desks/{id}`: the help centre of one desk, with its entries, search and contact points.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::html;

use super::breadcrumbs::Trail;
use super::categories::entries_of;
use super::contact::desk_card;
use super::home::desk_entries;
use super::layout::{Layout, not_found, respond};
use super::search_form::search_form;
use super::view::View;
use crate::knowledge::Sentence;

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
    let entries = entries_of(&view, desk);
    // Without entries, the page has the contact points, and nothing to search.
    let is_empty = entries.is_empty();
    let description = match is_empty {
        true => view.text(Sentence::ContactIntroduction),
        false => view.text_with(Sentence::HelpCentreDescription, &values),
    };
    let points = view.assistant.contact_points(desk, language, view.now);
    let trail = Trail::to_desk(&view, desk);
    let main = html! {
        (trail.html(&view))
        section.hero {
            h1 { (title) }
            p { (description) }
            @if !is_empty {
                madoguchi-widget placement="inline" compact desk=(desk.id) language=(language.tag()) {
                    (search_form(&view, "", Some(desk)))
                }
            }
        }
        @if !is_empty {
            section.desk {
                h2.hidden { (view.text(Sentence::HelpCentre)) }
                (desk_entries(&view, desk, &entries))
            }
        }
        div #contact { (desk_card(&view, desk, &points)) }
    };
    let path = format!("/desks/{}", desk.id);
    let page = Layout {
        title: Some(title),
        description: &description,
        path: &path,
        is_listed: true,
        structured: trail.structured(&view),
        hides_launcher: !is_empty,
        main,
        ..Layout::default()
    };
    respond(&headers, &view, &page)
}
