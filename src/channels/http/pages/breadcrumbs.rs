//! Breadcrumbs: the way from the start page to a page, for readers and for search engines.
//!
//! Invariant: both show the same steps.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::categories::category_path;
use super::view::View;
use crate::knowledge::{Desk, Language, Sentence};

/// The steps from the start page to a page.
pub(super) struct Trail(Vec<Step>);

struct Step {
    name: String,
    language: Language,
    /// The link to its page; `None` on that page itself.
    link: Option<String>,
}

impl Trail {
    /// Returns the way to the page of a desk.
    pub(super) fn to_desk(view: &View, desk: &Desk) -> Self {
        let home = Step {
            name: view.text(Sentence::HelpCentre),
            language: view.visit.language,
            link: Some(view.link("/", &[])),
        };
        let programme = desk.programme.get(view.visit.language).to_owned();
        Self(vec![home]).step(programme, view.visit.language, None)
    }

    /// Returns the way to the page of a category.
    pub(super) fn to_category(view: &View, desk: &Desk, category: &str) -> Self {
        let desk_page = view.link(&format!("/desks/{}", desk.id), &[]);
        let trail = Self::to_desk(view, desk).linked(desk_page);
        let (title, language) = desk.category_title(category, view.visit.language);
        trail.step(title.to_owned(), language, None)
    }

    /// Returns the way to the page of an entry, whose title has a language of its own.
    pub(super) fn to_entry(
        view: &View,
        desk: &Desk,
        category: &str,
        (title, language): (&str, Language),
    ) -> Self {
        let list = view.link(&category_path(&desk.id, category), &[]);
        let trail = Self::to_category(view, desk, category).linked(list);
        trail.step(title.to_owned(), language, None)
    }

    /// Returns the way to the search of a desk.
    pub(super) fn to_search(view: &View, desk: &Desk) -> Self {
        let desk_page = view.link(&format!("/desks/{}", desk.id), &[]);
        let trail = Self::to_desk(view, desk).linked(desk_page);
        trail.step(view.text(Sentence::Search), view.visit.language, None)
    }

    fn step(mut self, name: String, language: Language, link: Option<String>) -> Self {
        self.0.push(Step {
            name,
            language,
            link,
        });
        self
    }

    /// Makes the last step a link, as further steps follow it.
    fn linked(mut self, link: String) -> Self {
        if let Some(last) = self.0.last_mut() {
            last.link = Some(link);
        }
        self
    }

    /// Renders the steps.
    pub(super) fn html(&self, view: &View) -> Markup {
        html! {
            nav.place aria-label=(view.text(Sentence::Breadcrumbs)) {
                ol {
                    @for Step { name, language, link } in &self.0 {
                        li lang=[(*language != view.visit.language).then_some(language.tag())] {
                            @match link {
                                Some(link) => a href=(link) { (name) },
                                None => span aria-current="page" { (name) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Returns the steps as JSON-LD (schema.org); their addresses are absolute, so there are none
    /// without a configured address.
    pub(super) fn structured(&self, view: &View) -> Option<Value> {
        let url = view.public_url.as_deref()?;
        // The paths of links begin with the base path, which the address ends in.
        let origin = url.strip_suffix(&view.path("")).unwrap_or(url);
        let items = self.0.iter().zip(1..).map(|(step, position)| {
            let name = &step.name;
            let mut item = json!({ "@type": "ListItem", "position": position, "name": name });
            if let Some(link) = &step.link {
                item["item"] = format!("{origin}{link}").into();
            }
            item
        });
        Some(json!({
            "@context": "https://schema.org",
            "@type": "BreadcrumbList",
            "itemListElement": items.collect::<Vec<_>>(),
        }))
    }
}
