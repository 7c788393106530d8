//! The search form, which works without JavaScript and looks the same on every page.

use maud::{Markup, html};

use super::view::View;
use crate::knowledge::{Desk, Sentence};

/// Renders the form with the line about personal data; it keeps the desk.
pub(super) fn search_form(view: &View, query: &str, desk: Option<&Desk>) -> Markup {
    let label = view.text(Sentence::AskLabel);
    html! {
        form.search action=(view.path("/search")) method="get" role="search" {
            label.hidden for="q" { (label) }
            input #q type="search" name="q" value=(query) maxlength="500" required
                placeholder=(view.text(Sentence::AskPlaceholder)) autocomplete="off" enterkeyhint="search";
            @if view.visit.is_language_given {
                input type="hidden" name="lang" value=(view.visit.language.tag());
            }
            @if let Some(desk) = desk {
                input type="hidden" name="desk" value=(desk.id);
            }
            button type="submit" { (view.text(Sentence::Search)) }
        }
        (notice(view))
    }
}

/// Renders the line about personal data, with the link to the privacy policy.
fn notice(view: &View) -> Markup {
    let brand = &view.knowledge().brand;
    html! {
        @if brand.notice.is_some() || brand.privacy.is_some() {
            p.notice {
                @if let Some(notice) = &brand.notice { (notice.get(view.visit.language)) " " }
                @if let Some(url) = &brand.privacy { a href=(url) { (view.text(Sentence::Privacy)) } }
            }
        }
    }
}
