//! Files that staff download.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Responds with a file; the name is in ASCII.
pub(super) fn download(name: &str, content_type: &'static str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, bytes).into_response()
}
