//! What changes rarely: an `etag`, and 304 to whoever has it already.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// Answers with a body, or with 304 if the client has it.
pub(super) fn respond(request: &HeaderMap, kind: &'static str, body: Vec<u8>) -> Response {
    // Weak, as the body may be compressed on its way out.
    let tag = format!("W/\"{}\"", hash(&body));
    let mut response = if has(request, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, kind)], Body::from(body)).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    let vary = HeaderValue::from_static("accept-language");
    headers.insert(header::VARY, vary);
    // Kept by browsers and asked about each time: an edited answer shows at once.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Names a content by 32 hexadecimal digits.
pub(super) fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let digits = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
    digits.collect()
}

/// Tells whether `if-none-match` lists a tag, weak or strong (RFC 9110, 13.1.2).
pub(super) fn has(request: &HeaderMap, tag: &str) -> bool {
    let strong = |tag| str::strip_prefix(tag, "W/").unwrap_or(tag).to_owned();
    let values = request.get_all(header::IF_NONE_MATCH).into_iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let mut listed = values.flat_map(|value| value.split(',')).map(str::trim);
    listed.any(|listed| listed == "*" || strong(listed) == strong(tag))
}
