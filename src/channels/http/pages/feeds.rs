//! `GET /llms.txt`, `GET /sitemap.xml`, `GET /robots.txt`: machine-readable lists of pages.

use std::fmt::Write;

use axum::http::HeaderMap;
use axum::response::Response;
use maud::{PreEscaped, html};

use super::categories::{categories, category_path, entries_of};
use super::layout::not_found;
use super::view::View;
use crate::channels::http::etag;
use crate::knowledge::Sentence;

const TEXT: &str = "text/plain; charset=utf-8";

/// Lists all entries with links to their Markdown, in the format of llmstxt.org.
pub(super) async fn llms(view: View, headers: HeaderMap) -> Response {
    // Without a configured address, the links are relative.
    let origin = view.public_url.as_deref().unwrap_or_default();
    let mut text = format!("# {}\n", view.text(Sentence::HelpCentre));
    for desk in &view.knowledge().desks {
        let own = entries_of(&view, desk);
        if own.is_empty() {
            continue;
        }
        // Writing to a `String` cannot fail.
        let _ = write!(text, "\n## {}\n\n", desk.programme.get(view.visit.language));
        for entry in own {
            let (id, question, category) = (&entry.id, &entry.question, &entry.category);
            let _ = writeln!(text, "- [{question}]({origin}/entries/{id}.md): {category}");
        }
    }
    let contact = view.text(Sentence::ContactTitle);
    let _ = write!(text, "\n## {contact}\n\n- [{contact}]({origin}/contact)\n");
    etag::respond(&headers, TEXT, text.into_bytes())
}

/// Lists the pages that search engines may index. A sitemap has absolute addresses, so there is none
/// without a configured one.
pub(super) async fn sitemap(view: View, headers: HeaderMap) -> Response {
    let Some(origin) = &view.public_url else {
        return not_found(&headers, &view);
    };
    let xml = html! {
        (PreEscaped(r#"<?xml version="1.0" encoding="UTF-8"?>"#))
        urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {
            @for path in ["/", "/contact"] {
                url { loc { (origin) (path) } }
            }
            @for desk in &view.knowledge().desks {
                url { loc { (origin) "/desks/" (desk.id) } }
                @for (category, _) in categories(&entries_of(&view, desk)) {
                    url { loc { (origin) (category_path(&desk.id, category)) } }
                }
            }
            @for entry in view.knowledge().shown_on(view.today) {
                url { loc { (origin) "/entries/" (entry.id) } }
            }
        }
    };
    let body = xml.into_string().into_bytes();
    etag::respond(&headers, "application/xml; charset=utf-8", body)
}

/// Excludes the API, its documentation and search results from crawling.
pub(super) async fn robots(view: View, headers: HeaderMap) -> Response {
    let mut text = "User-agent: *\n".to_owned();
    for path in ["/api/", "/docs", "/search"] {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "Disallow: {}", view.path(path));
    }
    if let Some(origin) = &view.public_url {
        let _ = writeln!(text, "Sitemap: {origin}/sitemap.xml");
    }
    etag::respond(&headers, TEXT, text.into_bytes())
}
