//! `GET /contact`: all desks with their contact points and current opening status.

use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};

use super::japanese::with_japanese;
use super::layout::{Layout, respond};
use super::view::View;
use crate::answer::{ContactStatus, HoursStatus};
use crate::knowledge::{Desk, Sentence};

/// Renders the contact page.
pub(super) async fn contact(view: View, headers: HeaderMap) -> Response {
    let title = view.text(Sentence::ContactTitle);
    let introduction = view.text(Sentence::ContactIntroduction);
    let main = html! {
        h1 { (title) }
        p { (introduction) }
        @for desk in &view.knowledge().desks {
            (desk_card(&view, desk, &view.assistant.contact_points(desk, view.visit.language, view.now)))
        }
    };
    let page = Layout {
        title: Some(&title),
        description: &introduction,
        path: "/contact",
        is_listed: true,
        main,
        ..Layout::default()
    };
    respond(&headers, &view, &page)
}

/// Renders a desk with some of its contact points.
pub(super) fn desk_card(view: &View, desk: &Desk, points: &[ContactStatus]) -> Markup {
    let language = view.visit.language;
    let name = desk.name.get(language);
    html! {
        section.card {
            h2 { (view.text_with(Sentence::Contact, &[("desk", name)])) }
            p.programme { (desk.programme.get(language)) }
            dl {
                @for point in points {
                    div {
                        dt { (point.label) }
                        dd {
                            @if let Some(url) = &point.url {
                                a href=(url) { (point.value) }
                            } @else {
                                (with_japanese(language, &point.value))
                            }
                            @if let Some(hours) = &point.hours {
                                (hours_of(view, hours))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn hours_of(view: &View, hours: &HoursStatus) -> Markup {
    let (class, label) = if hours.is_open {
        ("badge open", Sentence::OpenNow)
    } else {
        ("badge closed", Sentence::ClosedNow)
    };
    html! {
        " "
        span class=(class) { (view.text(label)) }
        p { (hours.status) }
        p.hours { (view.text(Sentence::HoursLabel)) (hours.text) }
    }
}
