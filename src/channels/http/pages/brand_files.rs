//! `GET /brand.css`, `GET /brand.svg`: the colours and the logo of the organisation.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use super::brand::colors;
use super::layout::not_found;
use super::view::View;
use crate::channels::http::etag;
use crate::knowledge::brand::Logo;

/// A logo may contain styles and nothing that runs.
const LOGO_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// Serves the colours.
pub(super) async fn style(view: View, headers: HeaderMap) -> Response {
    match colors(&view.knowledge().brand) {
        Some(style) => etag::respond(&headers, "text/css; charset=utf-8", style.into_bytes()),
        None => not_found(&headers, &view),
    }
}

/// Serves the logo.
pub(super) async fn logo(view: View, headers: HeaderMap) -> Response {
    let Some(Logo::Svg(svg)) = &view.knowledge().brand.logo else {
        return not_found(&headers, &view);
    };
    let mut response = etag::respond(&headers, "image/svg+xml", svg.clone().into_bytes());
    let policy = HeaderValue::from_static(LOGO_POLICY);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
