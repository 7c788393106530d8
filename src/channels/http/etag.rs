//! Conditional requests: responses with an `etag`, and 304 if the client's copy is current.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// The content type of successful API responses.
pub(super) const JSON: &str = "application/json";

/// Responds with a body, or with 304 if the client's copy is current.
pub(super) fn respond(request: &HeaderMap, content_type: &'static str, body: Vec<u8>) -> Response {
    // A weak tag, because a layer may compress the body.
    let tag = format!("W/\"{}\"", hash(&body));
    let mut response = if is_current(request, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, content_type)], Body::from(body)).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    let vary = HeaderValue::from_static("accept-language");
    headers.insert(header::VARY, vary);
    // Browsers revalidate each time, so an edited answer shows at once.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Hashes content to 32 hexadecimal digits: the first half of SHA-256.
pub(super) fn hash(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes)[..16])
}

/// Returns whether `if-none-match` lists a tag, weak or strong (RFC 9110, 13.1.2).
pub(super) fn is_current(request: &HeaderMap, tag: &str) -> bool {
    let strong = |tag| str::strip_prefix(tag, "W/").unwrap_or(tag).to_owned();
    let values = request.get_all(header::IF_NONE_MATCH).into_iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let mut listed = values.flat_map(|value| value.split(',')).map(str::trim);
    listed.any(|listed| listed == "*" || strong(listed) == strong(tag))
}
