//! The context of every page: the visit (language, origin, parameters), assistant and time.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::answer::Assistant;
use crate::channels::http::base_path;
use crate::channels::http::client_address::TrustedProxies;
use crate::channels::http::extract::AcceptedLanguage;
use crate::channels::http::state::AppState;
use crate::channels::url::encode;
use crate::knowledge::{KnowledgeBase, Language, Sentence};

/// Longest host that is accepted, in bytes (RFC 1035, with a port).
const MAX_HOST_BYTES: usize = 260;

/// The properties of a request for a page.
pub(super) struct Visit {
    /// The language of all texts except entries.
    pub(super) language: Language,
    /// Whether the URL contains the language; the links of the page then keep it.
    pub(super) is_language_given: bool,
    /// Scheme and host as the request has them, for the member's own eyes only.
    pub(super) origin: String,
    /// The query string. Unknown parameters are ignored: other sites add tracking parameters.
    parameters: HashMap<String, String>,
}

impl Visit {
    /// Returns a parameter of the query string.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }
}

impl FromRequestParts<Arc<AppState>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &Arc<AppState>,
    ) -> Result<Self, Infallible> {
        let parameters = Query::try_from_uri(&parts.uri);
        let mut parameters: HashMap<String, String> =
            parameters.map(|Query(map)| map).unwrap_or_default();
        for value in parameters.values_mut() {
            value.retain(|character| !is_direction(character));
        }
        let given = parameters.get("lang");
        let given = given.and_then(|tag| Language::from_tag(tag));
        let accepted = AcceptedLanguage::from_request_parts(parts, state).await?;
        let origin = state.public_url.clone();
        Ok(Self {
            language: given.unwrap_or_else(|| accepted.or(None)),
            is_language_given: given.is_some(),
            origin: origin.unwrap_or_else(|| origin_of(parts, &state.trusted_proxies)),
            parameters,
        })
    }
}

/// Returns whether a character is invisible and changes the direction of the text around it, which
/// could make the text of a link to another site misleading (UAX #9).
const fn is_direction(character: char) -> bool {
    matches!(
        character,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    )
}

/// Derives scheme and host from the headers of a request.
fn origin_of(parts: &Parts, proxies: &TrustedProxies) -> String {
    let text = |name| {
        let value = parts.headers.get(name);
        value.and_then(|value| value.to_str().ok())
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    let host = text(header::HOST);
    let host =
        host.filter(|host| (1..=MAX_HOST_BYTES).contains(&host.len()) && host.chars().all(is_part));
    let host = host.unwrap_or("localhost");
    // Any client can send the header.
    let is_secure = proxies.sent(&parts.extensions)
        && parts
            .headers
            .get("x-forwarded-proto")
            .is_some_and(|scheme| scheme == "https");
    let scheme = if is_secure { "https" } else { "http" };
    format!("{scheme}://{host}")
}

/// Returns whether a client accepts HTML, as browsers do.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// A visit together with the current assistant and time.
pub(super) struct View {
    pub(super) assistant: Arc<Assistant>,
    pub(super) visit: Visit,
    /// The configured scheme, host and base path, for search engines.
    pub(super) public_url: Option<String>,
    pub(super) now: Timestamp,
    pub(super) today: Date,
    /// The ids of the entries that members asked for most often lately.
    pub(super) popular: Arc<Vec<String>>,
}

impl FromRequestParts<Arc<AppState>> for View {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &Arc<AppState>,
    ) -> Result<Self, Infallible> {
        let assistant = state.assistant();
        let now = state.now();
        Ok(Self {
            visit: Visit::from_request_parts(parts, state).await?,
            public_url: state.public_url.clone(),
            now,
            today: assistant.today(now),
            popular: state.service.records.popular(),
            assistant,
        })
    }
}

impl View {
    pub(super) fn knowledge(&self) -> &KnowledgeBase {
        self.assistant.knowledge()
    }

    /// Returns a sentence in the language of the visit.
    pub(super) fn text(&self, sentence: Sentence) -> String {
        self.text_with(sentence, &[])
    }

    /// Returns a sentence with placeholders replaced by values.
    pub(super) fn text_with(&self, sentence: Sentence, values: &[(&str, &str)]) -> String {
        let messages = &self.knowledge().messages;
        messages.render(sentence, self.visit.language, values)
    }

    /// Returns the name of the help centre, after that of the organisation if there is one.
    pub(super) fn site(&self) -> String {
        let help_centre = self.text(Sentence::HelpCentre);
        let Some(name) = &self.knowledge().brand.organisation else {
            return help_centre;
        };
        let values = [
            ("organisation", name.get(self.visit.language)),
            ("help_centre", help_centre.as_str()),
        ];
        self.text_with(Sentence::SiteName, &values)
    }

    /// Formats a day.
    pub(super) fn date(&self, date: Date) -> String {
        let (year, month, day) = (date.year(), date.month(), date.day());
        let values = [
            ("year", &*year.to_string()),
            ("month", &*month.to_string()),
            ("month_name", self.month_name(date)),
            ("day", &*day.to_string()),
            ("date", &*date.to_string()),
        ];
        self.text_with(Sentence::FullDate, &values)
    }

    fn month_name(&self, date: Date) -> &str {
        let messages = &self.knowledge().messages;
        messages.month_name(date.month(), self.visit.language)
    }

    /// Returns the path of an entry's page.
    pub(super) fn entry_link(&self, id: &str) -> String {
        self.link(&format!("/entries/{id}"), &[])
    }

    /// Returns the path of a page or file below the base path of the service.
    pub(super) fn path(&self, path: &str) -> String {
        let base = base_path(self.public_url.as_deref());
        format!("{base}{path}")
    }

    /// Returns the link to a page, in the language of the visit.
    pub(super) fn link(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let language = self.visit.is_language_given.then_some(self.visit.language);
        with_language(&self.path(path), parameters, language)
    }
}

/// Appends parameters and a language to a path.
pub(super) fn with_language(
    path: &str,
    parameters: &[(&str, &str)],
    language: Option<Language>,
) -> String {
    let language = language.map(|language| ("lang", language.tag()));
    let mut link = path.to_owned();
    for (index, (name, value)) in parameters.iter().copied().chain(language).enumerate() {
        link.push(if index == 0 { '?' } else { '&' });
        link.push_str(name);
        link.push('=');
        link.extend(encode(value));
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_encode_their_parameters_and_keep_the_language() {
        let link = with_language("/search", &[("q", "会費 & a=b")], Some(Language::English));
        assert_eq!(link, "/search?q=%E4%BC%9A%E8%B2%BB%20%26%20a%3Db&lang=en");
        assert_eq!(with_language("/", &[], None), "/");
    }

    #[test]
    fn an_invalid_host_is_replaced() {
        let request = |host: &str| {
            let request = axum::http::Request::builder().header("host", host);
            request.body(()).map(|request| request.into_parts().0)
        };
        for (host, origin) in [
            ("faq.example:8080", "http://faq.example:8080"),
            ("[::1]:8080", "http://[::1]:8080"),
            ("", "http://localhost"),
            ("\"><script>", "http://localhost"),
            ("a.example/b", "http://localhost"),
        ] {
            let parts = request(host).expect("a request");
            let proxies = TrustedProxies::default();
            assert_eq!(origin_of(&parts, &proxies), origin);
        }
    }
}
