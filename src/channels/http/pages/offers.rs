//! What a page without a result offers: questions that are often asked, and the desks.

use maud::{Markup, html};

use super::categories::entries_of;
use super::entry_lists::{entry_list, featured};
use super::view::View;
use crate::knowledge::{Desk, Entry, Sentence};

/// Maximum number of questions.
const MAX_ENTRIES: usize = 6;

/// Renders questions of one desk or, taking turns, of all desks, and links to the desks.
pub(super) fn offers(view: &View, desk: Option<&Desk>) -> Markup {
    let desks = view.knowledge().desks.iter();
    let desks: Vec<&Desk> = match desk {
        Some(desk) => vec![desk],
        None => desks.collect(),
    };
    let by_desk: Vec<Vec<&Entry>> = desks.iter().map(|desk| featured(view, desk)).collect();
    let longest = by_desk.iter().map(Vec::len).max().unwrap_or_default();
    let turns = (0..longest).flat_map(|turn| by_desk.iter().filter_map(move |own| own.get(turn)));
    let entries: Vec<&Entry> = turns.copied().take(MAX_ENTRIES).collect();
    html! {
        @if !entries.is_empty() {
            section.featured {
                h2 { (view.text(Sentence::Featured)) }
                (entry_list(view, &entries))
            }
        }
        @if desk.is_none() { (desk_links(view, &desks)) }
    }
}

/// Renders links to the pages of desks that have entries, and to the contact points.
fn desk_links(view: &View, desks: &[&Desk]) -> Markup {
    html! {
        section.related {
            h2 { (view.text(Sentence::BrowseDesks)) }
            ul.entries {
                @for desk in desks.iter().filter(|desk| !entries_of(view, desk).is_empty()) {
                    li {
                        a href=(view.link(&format!("/desks/{}", desk.id), &[])) {
                            (desk.programme.get(view.visit.language))
                        }
                    }
                }
                li { a href=(view.link("/contact", &[])) { (view.text(Sentence::ContactTitle)) } }
            }
        }
    }
}
