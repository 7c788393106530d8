//! The help centre: server-rendered pages that work without JavaScript.
//!
//! Invariants: `maud` escapes all text, except the HTML of answers, which `knowledge::Markdown`
//! sanitizes, and JSON-LD, which `layout` escapes; pages load nothing from other hosts.

pub(super) mod assets;
mod brand;
mod brand_files;
mod breadcrumbs;
mod categories;
mod category;
mod contact;
mod demo;
mod desk;
mod entry;
mod entry_lists;
mod feeds;
mod home;
mod japanese;
mod layout;
mod message;
mod offers;
mod search;
mod search_form;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;

use super::state::AppState;

/// Returns the routes of all pages.
pub(super) fn router() -> Router<Arc<AppState>> {
    Router::new()
        .route("/", get(home::home))
        .route("/desks/{id}", get(desk::desk))
        .route("/desks/{id}/{*category}", get(category::category))
        .route("/entries/{id}", get(entry::entry))
        .route("/search", get(search::search))
        .route("/contact", get(contact::contact))
        .route("/llms.txt", get(feeds::llms))
        .route("/sitemap.xml", get(feeds::sitemap))
        .route("/robots.txt", get(feeds::robots))
        .route("/assets/{file}", get(assets::asset))
        .route("/brand.css", get(brand_files::style))
        .route("/brand.svg", get(brand_files::logo))
        .fallback(fallback)
}

/// Returns the route of the page to try the widget.
pub(super) fn demo_router() -> Router<Arc<AppState>> {
    Router::new().route("/demo", get(demo::demo))
}

/// Responds to paths without a route.
async fn fallback(view: view::View, headers: HeaderMap) -> Response {
    layout::not_found(&headers, &view)
}
