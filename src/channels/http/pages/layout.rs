//! The layout of every page: head, navigation, footer, the widget.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use super::assets::{ICON, STYLE};
use super::brand::{logo_origin, logo_url};
use super::offers::offers;
use super::search_form::search_form;
use super::view::{View, wants_html, with_language};
use crate::channels::http::error::Error;
use crate::channels::http::etag;
use crate::channels::http::layers::{NO_FEATURES, PERMISSIONS_POLICY};
use crate::knowledge::brand::Logo;
use crate::knowledge::{DeskId, Language, Sentence};

/// The content type of every page.
const HTML: &str = "text/html; charset=utf-8";

/// Content security policy: pages load files and call the API of this host only; inline scripts and
/// styles are refused.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

/// The content of one page and the metadata of its head.
#[derive(Default)]
pub(super) struct Layout<'a> {
    /// The title; `None` on the start page, which uses the help centre's name.
    pub(super) title: Option<&'a str>,
    /// The summary for search engines.
    pub(super) description: &'a str,
    /// The path, without the query string.
    pub(super) path: &'a str,
    /// Query parameters that identify the page, without the language.
    pub(super) parameters: &'a [(&'a str, &'a str)],
    /// Whether search engines may index it.
    pub(super) is_listed: bool,
    /// JSON-LD for search engines (schema.org).
    pub(super) structured: Option<Value>,
    /// The desk of the page, whose questions the launcher offers.
    pub(super) desk: Option<&'a DeskId>,
    /// Whether the page omits the widget's launcher.
    pub(super) hides_launcher: bool,
    /// The path of an additional script.
    pub(super) script: Option<String>,
    /// The content of `<main>`.
    pub(super) main: Markup,
}

/// Responds with a page, or with 304 if the browser has it.
pub(super) fn respond(request: &HeaderMap, view: &View, page: &Layout<'_>) -> Response {
    let html = render(view, page).into_string();
    with_policy(view, etag::respond(request, HTML, html.into_bytes()))
}

/// Responds with 404: an HTML page for browsers, an RFC 9457 problem document for other clients.
pub(super) fn not_found(request: &HeaderMap, view: &View) -> Response {
    if !wants_html(request) {
        return Error::Status(StatusCode::NOT_FOUND).into_response();
    }
    let title = view.text(Sentence::PageNotFound);
    let advice = view.text(Sentence::PageNotFoundAdvice);
    let page = Layout {
        title: Some(&title),
        description: &advice,
        path: "/",
        main: html! {
            h1 { (title) }
            p { (advice) }
            (search_form(view, "", None))
            (offers(view, None))
        },
        ..Layout::default()
    };
    let html = render(view, &page).into_string();
    let kind = [
        (header::CONTENT_TYPE, HTML),
        (header::CACHE_CONTROL, "no-store"),
    ];
    with_policy(view, (StatusCode::NOT_FOUND, kind, html).into_response())
}

fn with_policy(view: &View, mut response: Response) -> Response {
    let headers = response.headers_mut();
    let logo = logo_origin(&view.knowledge().brand);
    let policy = logo.and_then(|origin| {
        let images = format!("img-src 'self' {origin}");
        HeaderValue::from_str(&POLICY.replace("img-src 'self'", &images)).ok()
    });
    let policy = policy.unwrap_or(HeaderValue::from_static(POLICY));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(NO_FEATURES));
    response
}

fn render(view: &View, page: &Layout<'_>) -> Markup {
    let language = view.visit.language;
    let site = view.site();
    let brand = &view.knowledge().brand;
    let icon = match brand.logo {
        Some(Logo::Svg(_)) => view.path("/brand.svg"),
        _ => view.path(&ICON.path),
    };
    let title = match page.title {
        Some(title) => format!("{title} | {site}"),
        None => site.clone(),
    };
    html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                title { (title) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                (metadata(view, page, &title, &site))
                link rel="icon" type="image/svg+xml" href=(icon);
                link rel="stylesheet" href=(view.path(&STYLE.path));
                @if brand.accents().is_some() {
                    link rel="stylesheet" href=(view.path("/brand.css"));
                }
                script type="module" src=(view.path("/widget.js")) {}
                @if let Some(script) = &page.script {
                    script type="module" src=(view.path(script)) {}
                }
                @if let Some(data) = &page.structured {
                    script type="application/ld+json" { (PreEscaped(for_script(data))) }
                }
            }
            body {
                a.skip href="#content" { (view.text(Sentence::SkipToContent)) }
                (site_header(view, page))
                main #content tabindex="-1" { (page.main) }
                footer {
                    ul {
                        li { a href=(view.link("/contact", &[])) { (view.text(Sentence::ContactTitle)) } }
                        @for link in &brand.links {
                            li { a href=(link.url) { (link.label.get(language)) } }
                        }
                        @if let Some(url) = &brand.privacy {
                            li { a href=(url) { (view.text(Sentence::Privacy)) } }
                        }
                    }
                    // Only on paper.
                    p.printed { (site) " " (view.public_url.as_deref().unwrap_or_default()) (page.path) " " (view.date(view.today)) }
                }
                @if !page.hides_launcher {
                    madoguchi-widget language=(language.tag()) desk=[page.desk] {}
                }
            }
        }
    }
}

/// Renders the description, canonical and alternate addresses, and the Open Graph preview.
fn metadata(view: &View, page: &Layout<'_>, title: &str, site: &str) -> Markup {
    let visit = &view.visit;
    let own = visit.is_language_given.then_some(visit.language);
    // Without a configured address there are none: the `Host` header of a request may be forged.
    let url = |origin: &str, language| {
        let path = with_language(page.path, page.parameters, language);
        format!("{origin}{path}")
    };
    let origin = view.public_url.as_deref();
    let locale = match visit.language {
        Language::Japanese => "ja_JP",
        Language::English => "en_US",
    };
    html! {
        meta name="description" content=(page.description);
        @if page.is_listed {
            @if let Some(origin) = origin {
                link rel="canonical" href=(url(origin, own));
                link rel="alternate" hreflang="ja" href=(url(origin, Some(Language::Japanese)));
                link rel="alternate" hreflang="en" href=(url(origin, Some(Language::English)));
                link rel="alternate" hreflang="x-default" href=(url(origin, None));
            }
        } @else {
            meta name="robots" content="noindex";
        }
        meta property="og:title" content=(title);
        meta property="og:description" content=(page.description);
        meta property="og:type" content=(if page.title.is_some() { "article" } else { "website" });
        @if let Some(origin) = origin {
            meta property="og:url" content=(url(origin, own));
        }
        meta property="og:site_name" content=(site);
        meta property="og:locale" content=(locale);
    }
}

fn site_header(view: &View, page: &Layout<'_>) -> Markup {
    let organisation = view.knowledge().brand.organisation.as_ref();
    let other = match view.visit.language {
        Language::Japanese => Language::English,
        Language::English => Language::Japanese,
    };
    let switch = with_language(&view.path(page.path), page.parameters, Some(other));
    html! {
        header {
            nav aria-label=(view.text(Sentence::Navigation)) {
                a.site href=(view.link("/", &[])) {
                    @if let Some(logo) = logo_url(view) { img src=(logo) alt=""; }
                    @if let Some(name) = organisation {
                        span.organisation { (name.get(view.visit.language)) } " "
                    }
                    span { (view.text(Sentence::HelpCentre)) }
                }
                ul {
                    li { a href=(view.link("/contact", &[])) { (view.text(Sentence::ContactTitle)) } }
                    li {
                        a href=(switch) lang=(other.tag()) hreflang=(other.tag()) rel="alternate nofollow" {
                            (view.text(Sentence::OtherLanguage))
                        }
                    }
                }
            }
        }
    }
}

/// Serializes JSON so that its texts cannot close the `<script>` element.
fn for_script(data: &Value) -> String {
    let json = data.to_string();
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structured_data_cannot_close_its_script_element() {
        let data = serde_json::json!({ "name": "</script><script>alert(1)&<!--" });
        let written = for_script(&data);
        assert!(!written.contains(['<', '>', '&']), "{written}");
        let read: Value = serde_json::from_str(&written).expect("JSON");
        assert_eq!(read, data);
    }
}
