//! Bytes -> what a handler takes: JSON body, query string, language, desk, checked texts.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use utoipa::ToSchema;

use super::error::Error;
use crate::knowledge::{DeskId, KnowledgeBase, Language};

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        if !is_json(request.headers()) {
            let given = request.headers().get(header::CONTENT_TYPE);
            let given =
                given.map(|value| format!("`{}`", String::from_utf8_lossy(value.as_bytes())));
            let given = given.unwrap_or_else(|| "missing".to_owned());
            return Err(Error::UnsupportedMediaType(given));
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Error::BodyTooLarge,
            status => Error::Status(status),
        })?;
        let text = std::str::from_utf8(&bytes);
        let text = text.map_err(|error| Error::InvalidJson(format!("it is not UTF-8, {error}")))?;
        // serde takes an array for an object with its keys in order; the API does not.
        if text.trim_start().starts_with('[') {
            let message = "it is an array, expected an object".to_owned();
            return Err(Error::InvalidBody(message));
        }
        serde_json::from_str(text).map(Self).map_err(|error| {
            let message = error.to_string();
            match error.classify() {
                Category::Data => Error::InvalidBody(message),
                Category::Io | Category::Syntax | Category::Eof => Error::InvalidJson(message),
            }
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The query string.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        // The decoder would put U+FFFD for what is not UTF-8, and so change what was asked.
        if !is_utf8(parts.uri.query().unwrap_or_default()) {
            let message = "it is not UTF-8 once percent-decoded".to_owned();
            return Err(Error::InvalidParameters(message));
        }
        let query = Query::try_from_uri(&parts.uri);
        let Query(value) = query.map_err(|rejection| {
            let text = rejection.body_text();
            let message = text.strip_prefix("Failed to deserialize query string: ");
            Error::InvalidParameters(message.unwrap_or(&text).to_owned())
        })?;
        Ok(Self(value))
    }
}

/// Tells whether a text is UTF-8 once percent-decoded.
fn is_utf8(encoded: &str) -> bool {
    let bytes = encoded.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = encoded.get(at + 1..at + 3);
        let number = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match number {
            Some(number) if *byte == b'%' => {
                decoded.push(number);
                at += 3;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    std::str::from_utf8(&decoded).is_ok()
}

/// The language of everything that is not an answer.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum LanguageTag {
    /// Japanese.
    Ja,
    /// English.
    En,
}

/// The language that the client's `accept-language` prefers; Japanese if it says nothing of use.
pub(super) struct Accepted(Language);

impl Accepted {
    /// Returns what was asked for, or what the client accepts.
    pub(super) fn or(&self, asked: Option<LanguageTag>) -> Language {
        match asked {
            Some(LanguageTag::Ja) => Language::Japanese,
            Some(LanguageTag::En) => Language::English,
            None => self.0,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Accepted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let header = parts.headers.get(header::ACCEPT_LANGUAGE);
        let header = header.and_then(|value| value.to_str().ok());
        Ok(Self(preferred(header.unwrap_or_default())))
    }
}

/// Reads `accept-language` (RFC 9110, 12.5.4).
fn preferred(header: &str) -> Language {
    let mut best = (Language::default(), 0.0);
    for range in header.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let Some(language) = Language::from_tag(tag) else {
            continue;
        };
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let weight = weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
        if weight > best.1 {
            best = (language, weight);
        }
    }
    best.0
}

/// Takes a text of 1 to `longest` characters that is not only spaces.
pub(super) fn checked_text<'a>(
    name: &'static str,
    text: &'a str,
    longest: usize,
) -> Result<&'a str, Error> {
    let length = text.chars().count();
    let is_blank = text.chars().all(char::is_whitespace);
    if is_blank || length > longest {
        return Err(Error::TextLength {
            name,
            length: if is_blank { 0 } else { length },
            longest,
        });
    }
    Ok(text)
}

/// Finds a desk that a request names.
pub(super) fn known_desk<'a>(
    id: Option<&str>,
    knowledge: &'a KnowledgeBase,
) -> Result<Option<&'a DeskId>, Error> {
    let Some(id) = id else {
        return Ok(None);
    };
    if let Some(desk) = knowledge.desk(id) {
        return Ok(Some(&desk.id));
    }
    let known = knowledge.desks.iter().map(|desk| format!("`{}`", desk.id));
    Err(Error::UnknownDesk {
        id: id.chars().take(48).collect(),
        known: known.collect::<Vec<_>>().join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_of_the_highest_weight_is_taken() {
        for (header, tag) in [
            ("", "ja"),
            ("en", "en"),
            ("en-US,en;q=0.9", "en"),
            ("ja,en-US;q=0.9", "ja"),
            ("en;q=0.5, ja;q=0.8", "ja"),
            ("fr, en;q=0.3", "en"),
            ("fr", "ja"),
            ("en;q=0", "ja"),
            ("en;q=x, *", "ja"),
            ("enm", "ja"),
        ] {
            assert_eq!(preferred(header).tag(), tag, "{header}");
        }
    }

    #[test]
    fn a_query_string_must_be_utf8() {
        assert!(is_utf8("q=%E4%BC%9A&limit=5%"));
        assert!(is_utf8("q=会%4"));
        assert!(!is_utf8("q=%FF"));
        assert!(!is_utf8("q=%E4%BC"));
    }

    #[test]
    fn characters_count_and_not_bytes() {
        assert!(checked_text("q", &"会".repeat(500), 500).is_ok());
        assert!(checked_text("q", &"会".repeat(501), 500).is_err());
        assert!(checked_text("q", " \u{3000}\n", 500).is_err());
        assert!(checked_text("q", "！？", 500).is_ok());
    }
}
