//! The help centre: pages made here from the knowledge, whole without JavaScript.
//!
//! Requests in, HTML out. Invariants: every text goes through `maud`, which escapes it, but for an
//! answer's HTML, which `knowledge::Markdown` made safe, and JSON-LD, which `layout` escapes;
//! nothing is loaded from elsewhere.

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

/// The files that pages load, with the names under which `/assets/` has them.
struct Assets {
    style: Asset,
    demo: Asset,
    icon: Asset,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: Asset::new(
        "text/css; charset=utf-8",
        include_bytes!("style.css").into(),
    ),
    demo: Asset::new(
        "text/javascript; charset=utf-8",
        include_bytes!("demo.js").into(),
    ),
    icon: Asset::new("image/svg+xml", include_bytes!("icon.svg").into()),
});

/// Returns the path of a file, with its content's hash in it.
fn path_of(name: &str, asset: &Asset, ending: &str) -> String {
    format!("/assets/{name}-{}.{ending}", asset.hash())
}

impl Assets {
    fn style_path(&self) -> String {
        path_of("style", &self.style, "css")
    }

    fn demo_path(&self) -> String {
        path_of("demo", &self.demo, "js")
    }

    fn icon_path(&self) -> String {
        path_of("icon", &self.icon, "svg")
    }

    fn find(&self, path: &str) -> Option<&Asset> {
        let assets = [
            (self.style_path(), &self.style),
            (self.demo_path(), &self.demo),
            (self.icon_path(), &self.icon),
        ];
        let mut assets = assets.into_iter();
        Some(assets.find(|(own, _)| own == path)?.1)
    }
}

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
        .fallback(nothing)
}

/// Serves a file under its hashed name.
async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    match ASSETS.find(&format!("/assets/{file}")) {
        Some(asset) => asset.respond(&headers, IMMUTABLE),
        None => Error::Status(StatusCode::NOT_FOUND).into_response(),
    }
}

/// Answers where there is nothing.
async fn nothing(view: view::View, headers: HeaderMap) -> Response {
    layout::not_found(&headers, &view)
}
