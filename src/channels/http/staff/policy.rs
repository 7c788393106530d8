//! The policies of every response of the staff desk.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

use crate::channels::http::layers::{NO_FEATURES, PERMISSIONS_POLICY};

/// Content security policy: files and requests of this host only, no inline scripts or styles, no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds the policies. With the referrer policy of other pages, browsers send no origin with a form.
pub(super) async fn protect(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (PERMISSIONS_POLICY, NO_FEATURES),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
