//! A file that a script of our pages sends as the body of a request.
//!
//! A form with a file would need a parser of multipart bodies, for one page.
//!
//! Invariant: as with [`super::member::Posted`], a handler that takes an [`Uploaded`] runs only if the
//! request came from a page of ours and has the CSRF token of the session, here in a header.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderName;

use super::failure::{Failure, Kind};
use super::member::{Member, has_csrf, is_from_own_page};
use super::state::Staff;

/// The header with the CSRF token.
const CSRF_HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// Longest file, in bytes.
pub(super) const MAX_FILE_BYTES: usize = 5 * 1024 * 1024;

/// A file that a member sent.
pub(super) struct Uploaded {
    pub(super) member: Member,
    pub(super) bytes: Bytes,
}

impl FromRequest<Arc<Staff>> for Uploaded {
    type Rejection = Failure;

    async fn from_request(request: Request, staff: &Arc<Staff>) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let member = Member::from_request_parts(&mut parts, staff).await?;
        if !is_from_own_page(&parts.headers, staff.app.public_url.as_deref()) {
            return Err(member.fail(Kind::OtherOrigin));
        }
        let csrf = parts.headers.get(CSRF_HEADER);
        if !has_csrf(csrf.map_or(b"", |value| value.as_bytes()), &member.csrf) {
            return Err(member.fail(Kind::Csrf));
        }
        let request = Request::from_parts(parts, body);
        match Bytes::from_request(request, staff).await {
            Ok(bytes) => Ok(Self { member, bytes }),
            Err(_) => Err(member.fail(Kind::LargeFile)),
        }
    }
}
