//! The member of the staff that a request comes from, and the fields of a form.
//!
//! Invariant: a handler that takes a [`Posted`] runs only if the form came from a page of ours and has the
//! CSRF token of the session.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use subtle::ConstantTimeEq;

use super::blocking::blocking;
use super::failure::{Failure, Kind};
use super::overview::Overview;
use super::session::{COOKIE, cookie, find, look_up};
use super::state::Staff;
use super::visitor::Visitor;
use crate::records::Error;

/// The field with the CSRF token.
pub(super) const CSRF_FIELD: &str = "csrf";

/// A member who is signed in.
pub(super) struct Member {
    visitor: Visitor,
    pub(super) staff: Arc<Staff>,
    /// The name.
    pub(super) name: String,
    /// The CSRF token of the session.
    pub(super) csrf: String,
    /// The token of the session.
    pub(super) token: String,
}

/// The fields of a form, in their order; several may have the same name.
#[derive(Debug, Default)]
pub(super) struct Fields(pub(super) Vec<(String, String)>);

/// A form that a member sent.
pub(super) struct Posted {
    pub(super) member: Member,
    pub(super) fields: Fields,
}

impl Deref for Member {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl Member {
    /// Describes why a page cannot be shown.
    pub(super) fn fail(&self, kind: Kind) -> Failure {
        Failure::new(&self.visitor, kind)
    }

    /// Describes a failure of the database.
    pub(super) fn database_failed(&self, error: &Error) -> Failure {
        self.fail(Kind::database(error))
    }

    /// Returns what members asked lately; `None` if it was never computed yet.
    pub(super) async fn overview(&self) -> Result<Option<Arc<Overview>>, Failure> {
        let (cache, desk) = (&self.staff.overview, &self.staff.desk);
        let overview = cache.get(desk, &self.assistant, self.now).await;
        overview.map_err(|error| self.database_failed(&error))
    }

    /// Returns the positions of the entries near a text, the nearest first.
    pub(super) async fn near(&self, text: &str) -> Vec<usize> {
        let (assistant, now) = (Arc::clone(&self.assistant), self.now);
        let text = text.to_owned();
        let hits = blocking(move || assistant.suggest_entries(&text, None, now)).await;
        hits.into_iter().map(|(index, _)| index).collect()
    }

    /// Adds an action of the member to the log.
    pub(super) async fn log(&self, action: &str, detail: &str) -> Result<(), Failure> {
        let logged = self.staff.log(&self.name, action, detail, self.now).await;
        logged.map_err(|error| self.database_failed(&error))
    }
}

impl FromRequestParts<Arc<Staff>> for Member {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, staff: &Arc<Staff>) -> Result<Self, Failure> {
        let Ok(mut visitor) = Visitor::from_request_parts(parts, staff).await;
        let refused = |visitor: &Visitor, kind| Err(Failure::new(visitor, kind));
        let Some(token) = cookie(&parts.headers, COOKIE) else {
            return refused(&visitor, Kind::SignedOut);
        };
        let session = match staff.desk.database().await {
            // A page that renews itself does not show that a person is there: it does not prolong the session.
            Ok(database) => match visitor.is_live() {
                true => look_up(&database, &token, visitor.now).await,
                false => find(&database, &token, visitor.now).await,
            },
            Err(error) => Err(error),
        };
        let session = match session {
            Ok(session) => session,
            Err(error) => return refused(&visitor, Kind::database(&error)),
        };
        let proxy_user = user_of_proxy(staff, parts);
        // Without a proxy, only the users of the settings have sessions: one may have been removed since.
        let is_same = |member: &str| match (&proxy_user, &staff.user_header) {
            (Some(user), _) => user == member,
            (None, Some(_)) => true,
            (None, None) => staff.is_user(member),
        };
        let Some(session) = session.filter(|session| is_same(&session.member)) else {
            return refused(&visitor, Kind::SignedOut);
        };
        visitor.signed_in = Some((session.member.clone(), session.csrf.clone()));
        Ok(Self {
            visitor,
            staff: Arc::clone(staff),
            name: session.member,
            csrf: session.csrf,
            token,
        })
    }
}

/// Returns the user that a trusted proxy has signed in.
pub(super) fn user_of_proxy(staff: &Staff, parts: &Parts) -> Option<String> {
    /// Longest name of a user, in characters.
    const MAX_USER_CHARS: usize = 80;
    let header = staff.user_header.as_ref()?;
    // Any other client can send the header.
    if !staff.app.trusted_proxies.sent(&parts.extensions) {
        return None;
    }
    // Two values: the proxy appended its own to that of the client.
    let mut values = parts.headers.get_all(header).into_iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    let user = str::from_utf8(value.as_bytes()).ok()?.trim().to_owned();
    let is_name = !user.is_empty() && user.chars().count() <= MAX_USER_CHARS;
    is_name.then_some(user)
}

impl FromRequest<Arc<Staff>> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, staff: &Arc<Staff>) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let member = Member::from_request_parts(&mut parts, staff).await?;
        if !is_from_own_page(&parts.headers, staff.app.public_url.as_deref()) {
            return Err(member.fail(Kind::OtherOrigin));
        }
        let request = Request::from_parts(parts, body);
        let fields = match read_form(request).await {
            Ok(fields) => fields,
            Err(kind) => return Err(member.fail(kind)),
        };
        if !has_csrf(fields.text(CSRF_FIELD).as_bytes(), &member.csrf) {
            return Err(member.fail(Kind::Csrf));
        }
        Ok(Self { member, fields })
    }
}

/// Compares a CSRF token with that of a session, in constant time.
pub(super) fn has_csrf(sent: &[u8], csrf: &str) -> bool {
    sent.ct_eq(csrf.as_bytes()).into()
}

/// Reads a form.
pub(super) async fn read_form(request: Request) -> Result<Fields, Kind> {
    match Form::<Vec<(String, String)>>::from_request(request, &()).await {
        Ok(Form(fields)) => Ok(Fields(fields)),
        Err(rejection) => Err(match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => Kind::TooLarge,
            _ => Kind::NoForm,
        }),
    }
}

impl Fields {
    /// Returns the first value of a field; empty without one.
    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Returns the values of a field.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let found = self.0.iter().filter(move |(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Returns whether a form was sent by a page of this host. Browsers always say so; other programs that do
/// not are refused.
pub(super) fn is_from_own_page(headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin") {
        return false;
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else {
        return false;
    };
    let host = origin.split_once("://").map(|(_, host)| host);
    let is_of_host = host.is_some() && host == text(header::HOST.as_str());
    // A proxy may not pass the name of the host on.
    let of_service = public_url.map(|url| {
        let start = url.find("://").map_or(0, |scheme| scheme + 3);
        let end = url[start..].find('/');
        &url[..end.map_or(url.len(), |end| start + end)]
    });
    is_of_host || of_service == Some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forms_of_our_own_pages_are_accepted() {
        let accepted = |headers: &[(&'static str, &str)], public_url| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, value.parse().expect("a header"));
            }
            is_from_own_page(&map, public_url)
        };
        let host = ("host", "faq.example");
        let site = |site| ("sec-fetch-site", site);
        let origin = |origin| ("origin", origin);
        for (headers, expected) in [
            (&[host, origin("https://faq.example")][..], true),
            (
                &[host, origin("http://faq.example"), site("same-origin")],
                true,
            ),
            (
                &[host, origin("https://faq.example"), site("same-site")],
                false,
            ),
            (
                &[host, origin("https://faq.example"), site("cross-site")],
                false,
            ),
            (&[host, origin("https://evil.example")], false),
            (&[host, origin("https://faq.example.evil.example")], false),
            (&[host, origin("https://faq.example:8443")], false),
            (&[host, origin("null")], false),
            (&[host], false),
            (&[origin("https://faq.example")], false),
        ] {
            assert_eq!(accepted(headers, None), expected, "{headers:?}");
        }
        // A proxy that names its own upstream.
        let proxied = [("host", "127.0.0.1:8080"), origin("https://faq.example")];
        assert!(!accepted(&proxied, None));
        assert!(accepted(&proxied, Some("https://faq.example/help")));
        assert!(!accepted(&proxied, Some("https://other.example")));
    }
}
