//! The help centre: server-rendered pages that work without JavaScript.
//!
//! Invariants: `maud` escapes all text, except the HTML of answers, which `knowledge::Markdown`
//! sanitizes, and JSON-LD, which `layout` escapes; pages load nothing from other hosts.

mod contact;
mod demo;
mod entry;
mod feeds;
mod home;
mod layout;
mod search;
mod view;

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::AppState;
use super::assets::{Asset, IMMUTABLE};
use super::error::Error;

/// A file under `/assets/`, with its content hash in the name.
struct PageAsset {
    path: String,
    asset: Asset,
}

impl PageAsset {
    fn new(name: &str, extension: &str, content_type: &'static str, content: &[u8]) -> Self {
        let asset = Asset::new(content_type, content.to_vec());
        let path = format!("/assets/{name}-{}.{extension}", asset.hash());
        Self { path, asset }
    }
}

static STYLE: LazyLock<PageAsset> = LazyLock::new(|| {
    let style = include_bytes!("style.css");
    PageAsset::new("style", "css", "text/css; charset=utf-8", style)
});

static DEMO: LazyLock<PageAsset> = LazyLock::new(|| {
    let script = include_bytes!("demo.js");
    PageAsset::new("demo", "js", "text/javascript; charset=utf-8", script)
});

static ICON: LazyLock<PageAsset> =
    LazyLock::new(|| PageAsset::new("icon", "svg", "image/svg+xml", include_bytes!("icon.svg")));

/// Returns the routes of all pages.
pub(super) fn router() -> Router<Arc<AppState>> {
    Router::new()
        .route("/", get(home::home))
        .route("/entries/{id}", get(entry::entry))
        .route("/search", get(search::search))
        .route("/contact", get(contact::contact))
        .route("/demo", get(demo::demo))
        .route("/llms.txt", get(feeds::llms))
        .route("/sitemap.xml", get(feeds::sitemap))
        .route("/robots.txt", get(feeds::robots))
        .route("/assets/{file}", get(asset))
        .fallback(fallback)
}

/// Serves a file under its hashed name.
async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("/assets/{file}");
    match [&STYLE, &DEMO, &ICON]
        .iter()
        .find(|asset| asset.path == path)
    {
        Some(asset) => asset.asset.respond(&headers, IMMUTABLE),
        None => Error::Status(StatusCode::NOT_FOUND).into_response(),
    }
}

/// Responds to paths without a route.
async fn fallback(view: view::View, headers: HeaderMap) -> Response {
    layout::not_found(&headers, &view)
}
