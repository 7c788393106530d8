//! `GET /assets/{file}`: the files that pages load.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::channels::http::assets::{Asset, IMMUTABLE};
use crate::channels::http::error::Error;

/// A file under `/assets/`, with its content hash in the name.
pub(in crate::channels::http) struct PageAsset {
    /// The path for links.
    pub(in crate::channels::http) path: String,
    asset: Asset,
}

impl PageAsset {
    fn new(name: &str, extension: &str, content_type: &'static str, content: &[u8]) -> Self {
        let asset = Asset::new(content_type, content.to_vec());
        let path = format!("/assets/{name}-{}.{extension}", asset.hash());
        Self { path, asset }
    }
}

/// The style sheet of the pages.
pub(in crate::channels::http) static STYLE: LazyLock<PageAsset> = LazyLock::new(|| {
    let style = include_bytes!("style.css");
    PageAsset::new("style", "css", "text/css; charset=utf-8", style)
});

/// The script of `/demo`.
pub(super) static DEMO: LazyLock<PageAsset> = LazyLock::new(|| {
    let script = include_bytes!("demo.js");
    PageAsset::new("demo", "js", "text/javascript; charset=utf-8", script)
});

/// The script of pages with a draft.
pub(super) static PAGE: LazyLock<PageAsset> = LazyLock::new(|| {
    let script = include_bytes!("page.js");
    PageAsset::new("page", "js", "text/javascript; charset=utf-8", script)
});

/// The icon of the site.
pub(in crate::channels::http) static ICON: LazyLock<PageAsset> =
    LazyLock::new(|| PageAsset::new("icon", "svg", "image/svg+xml", include_bytes!("icon.svg")));

/// The style sheet of the staff desk.
pub(in crate::channels::http) static STAFF_STYLE: LazyLock<PageAsset> = LazyLock::new(|| {
    let style = include_bytes!("../staff/staff.css");
    PageAsset::new("staff", "css", "text/css; charset=utf-8", style)
});

/// The script of the staff desk.
pub(in crate::channels::http) static STAFF_SCRIPT: LazyLock<PageAsset> = LazyLock::new(|| {
    let script = include_bytes!("../staff/staff.js");
    PageAsset::new("staff", "js", "text/javascript; charset=utf-8", script)
});

/// Serves a file under its hashed name.
pub(super) async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("/assets/{file}");
    match [&STYLE, &DEMO, &PAGE, &ICON, &STAFF_STYLE, &STAFF_SCRIPT]
        .iter()
        .find(|asset| asset.path == path)
    {
        Some(asset) => asset.asset.respond(&headers, IMMUTABLE),
        None => Error::Status(StatusCode::NOT_FOUND).into_response(),
    }
}
