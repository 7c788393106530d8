//! Lists of entries as links, and the entries that a desk features.

use maud::{Markup, html};

use super::view::View;
use crate::knowledge::{Desk, Entry};

/// Renders entries as a list of links.
pub(super) fn entry_list(view: &View, entries: &[&Entry]) -> Markup {
    let language = view.visit.language;
    html! {
        ul.entries {
            @for entry in entries {
                li {
                    a href=(view.entry_link(entry.id.as_str())) lang=(entry.title_language(language).tag()) {
                        (entry.title(language))
                    }
                }
            }
        }
    }
}

/// Returns the entries that staff feature; without a choice of theirs, those that members asked for most
/// often lately, filled up with the first ones.
pub(super) fn featured<'a>(view: &'a View, desk: &Desk) -> Vec<&'a Entry> {
    let knowledge = view.knowledge();
    let defaults = knowledge.featured(desk, view.today);
    if !desk.featured.is_empty() {
        return defaults;
    }
    let shown = |id: &String| {
        let entry = knowledge.entry(id);
        entry.filter(|entry| entry.is_valid_on(view.today))
    };
    let popular = view.popular.iter().filter_map(shown);
    let mut featured: Vec<&Entry> = popular.filter(|entry| entry.desk == desk.id).collect();
    for entry in &defaults {
        if !featured.iter().any(|known| known.id == entry.id) {
            featured.push(entry);
        }
    }
    featured.truncate(defaults.len());
    featured
}
