//! The properties of a request for a page of the staff desk, signed in or not.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use jiff::Timestamp;

use super::session::cookie;
use super::state::Staff;
use crate::answer::Assistant;
use crate::channels::http::base_path;
use crate::channels::http::extract::AcceptedLanguage;
use crate::channels::url::encode;
use crate::knowledge::{KnowledgeBase, Language};

/// The cookie with the language of the pages.
pub(super) const LANGUAGE_COOKIE: &str = "madoguchi_staff_lang";

/// Who looks at a page, and how.
pub(super) struct Visitor {
    pub(super) language: Language,
    /// Whether the URL names the language; a cookie then keeps it.
    pub(super) is_language_given: bool,
    /// The path of the service, empty at the root of a host.
    base: String,
    /// The path of the page within the service.
    pub(super) page: String,
    parameters: Vec<(String, String)>,
    /// Whether the browser came by https.
    pub(super) is_secure: bool,
    pub(super) assistant: Arc<Assistant>,
    pub(super) now: Timestamp,
    /// The name and the CSRF token of the member that is signed in.
    pub(super) signed_in: Option<(String, String)>,
}

impl FromRequestParts<Arc<Staff>> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, staff: &Arc<Staff>) -> Result<Self, Infallible> {
        let app = &staff.app;
        let parameters = Query::try_from_uri(&parts.uri);
        let parameters: Vec<(String, String)> =
            parameters.map(|Query(list)| list).unwrap_or_default();
        let given = parameters.iter().find(|(name, _)| name == "lang");
        let given = given.and_then(|(_, tag)| Language::from_tag(tag));
        let kept = cookie(&parts.headers, LANGUAGE_COOKIE);
        let kept = kept.and_then(|tag| Language::from_tag(&tag));
        let accepted = AcceptedLanguage::from_request_parts(parts, staff).await?;
        let public_url = app.public_url.as_deref();
        let proto = parts.headers.get("x-forwarded-proto");
        // Any client can send the header.
        let is_forwarded = app.trusted_proxies.sent(&parts.extensions)
            && proto.is_some_and(|scheme| scheme == "https");
        Ok(Self {
            language: given.or(kept).unwrap_or_else(|| accepted.or(None)),
            is_language_given: given.is_some(),
            base: base_path(public_url).to_owned(),
            page: parts.uri.path().to_owned(),
            parameters,
            is_secure: is_forwarded || public_url.is_some_and(|url| url.starts_with("https://")),
            assistant: app.assistant(),
            now: app.now(),
            signed_in: None,
        })
    }
}

impl Visitor {
    /// Returns the text in the language of the page.
    pub(super) fn say<'a>(&self, ja: &'a str, en: &'a str) -> &'a str {
        match self.language {
            Language::Japanese => ja,
            Language::English => en,
        }
    }

    /// Returns a parameter of the query string.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns whether a page asks for its numbers again by itself.
    pub(super) fn is_live(&self) -> bool {
        self.parameter("live").is_some()
    }

    /// Returns the path of a page or file below the base path of the service.
    pub(super) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Returns the path of a page with parameters.
    pub(super) fn link(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let mut link = self.path(path);
        for (index, (name, value)) in parameters.iter().enumerate() {
            link.push(if index == 0 { '?' } else { '&' });
            link.push_str(name);
            link.push('=');
            link.extend(encode(value));
        }
        link
    }

    /// Returns the path of this page in another language.
    pub(super) fn in_language(&self, language: Language) -> String {
        let own = self.parameters.iter().filter(|(name, _)| name != "lang");
        let own = own.map(|(name, value)| (name.as_str(), value.as_str()));
        let parameters: Vec<(&str, &str)> = own.chain([("lang", language.tag())]).collect();
        self.link(&self.page, &parameters)
    }

    pub(super) fn knowledge(&self) -> &KnowledgeBase {
        self.assistant.knowledge()
    }

    /// Returns a time as staff read it.
    pub(super) fn time(&self, time: Timestamp) -> String {
        let zoned = time.to_zoned(self.knowledge().time_zone());
        zoned.strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// Returns a cookie for all pages of the staff desk.
    pub(super) fn cookie(&self, name: &str, value: &str, seconds: i64) -> String {
        let path = self.path("/staff");
        let secure = if self.is_secure { "; Secure" } else { "" };
        format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
    }
}
