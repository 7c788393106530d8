//! Extractors and validation: JSON body, query string, language, desk, texts.

use std::convert::Infallible;
use std::io::Read;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use flate2::read::{GzDecoder, ZlibDecoder};
use percent_encoding::percent_decode_str;
use serde::de::{DeserializeOwned, Error as _, Unexpected};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use utoipa::ToSchema;

use super::error::{Error, quote};
use crate::knowledge::{DeskId, KnowledgeBase, Language};

/// Longest request body, in bytes.
pub(super) const MAX_BODY_BYTES: usize = 16 * 1024;

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

/// A JSON body, or the fields of a form.
///
/// A browser sends a form to another origin without asking that origin first, so a suggestion needs one
/// request and not two.
pub(super) struct JsonOrForm<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonOrForm<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        if !has_essence(request.headers(), |essence| essence == FORM) {
            let Body(value) = Body::from_request(request, state).await?;
            return Ok(Self(value));
        }
        let bytes = read(request, state).await?;
        let text = std::str::from_utf8(&bytes).unwrap_or_default();
        if percent_decode_str(text).decode_utf8().is_err() {
            let message = "it is not UTF-8 once percent-decoded".to_owned();
            return Err(Error::InvalidBody(message));
        }
        // The fields of a form are written as a query string.
        let query = format!("/?{text}").parse();
        let query =
            query.map_err(|_| Error::InvalidBody("it is not an encoded form".to_owned()))?;
        let Query(value) = Query::try_from_uri(&query).map_err(|rejection| {
            let text = rejection.body_text();
            let message = text.strip_prefix("Failed to deserialize query string: ");
            Error::InvalidBody(message.unwrap_or(&text).to_owned())
        })?;
        Ok(Self(value))
    }
}

/// The content type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// Reads and decompresses a body.
async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Error> {
    let encoding = Encoding::of(request.headers())?;
    let bytes = Bytes::from_request(request, state).await;
    let bytes = bytes.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::BodyTooLarge {
            max: MAX_BODY_BYTES,
        },
        status => Error::Status(status),
    })?;
    encoding.decode(bytes)
}

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
        let bytes = read(request, state).await?;
        let text = std::str::from_utf8(&bytes);
        let text = text.map_err(|error| Error::InvalidJson(format!("it is not UTF-8, {error}")))?;
        // Some programs begin UTF-8 with a byte order mark (RFC 8259, 8.1 allows to ignore it).
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        // serde would accept an array as an object with its keys in order.
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

/// The content coding of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Identity,
    Gzip,
    Deflate,
    Brotli,
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Result<Self, Error> {
        let Some(value) = headers.get(header::CONTENT_ENCODING) else {
            return Ok(Self::Identity);
        };
        let name = String::from_utf8_lossy(value.as_bytes());
        match name.trim().to_ascii_lowercase().as_str() {
            "identity" | "" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "deflate" => Ok(Self::Deflate),
            "br" => Ok(Self::Brotli),
            _ => Err(Error::UnsupportedEncoding(quote(&name))),
        }
    }

    /// Decompresses a body; its limit holds for the result, too.
    fn decode(self, bytes: Bytes) -> Result<Bytes, Error> {
        let limit = MAX_BODY_BYTES as u64 + 1;
        let mut decoded = Vec::new();
        let read = match self {
            Self::Identity => return Ok(bytes),
            Self::Gzip => GzDecoder::new(&*bytes)
                .take(limit)
                .read_to_end(&mut decoded),
            Self::Deflate => ZlibDecoder::new(&*bytes)
                .take(limit)
                .read_to_end(&mut decoded),
            Self::Brotli => brotli::Decompressor::new(&*bytes, 4_096)
                .take(limit)
                .read_to_end(&mut decoded),
        };
        if decoded.len() > MAX_BODY_BYTES {
            return Err(Error::BodyTooLarge {
                max: MAX_BODY_BYTES,
            });
        }
        let message = || "it is not compressed as `content-encoding` says".to_owned();
        read.map_err(|_| Error::InvalidJson(message()))?;
        Ok(decoded.into())
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    has_essence(headers, |essence| {
        essence == "application/json"
            || (essence.starts_with("application/") && essence.ends_with("+json"))
    })
}

/// Returns whether the content type without its parameters is an expected one.
fn has_essence(headers: &HeaderMap, is_expected: impl Fn(&str) -> bool) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    is_expected(&essence.to_ascii_lowercase())
}

/// The query string.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        // `Query` would replace invalid UTF-8 by U+FFFD and change the question.
        let query = parts.uri.query().unwrap_or_default();
        if percent_decode_str(query).decode_utf8().is_err() {
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

/// The language of all texts except the entries' own: Japanese for `ja` and its variants such as
/// `ja-JP`, English for every other language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}$", example = "ja-JP")]
pub(super) struct LanguageTag(Language);

/// Greatest number of subtags of a language tag.
const MAX_SUBTAGS: usize = 9;

impl LanguageTag {
    /// Reads a language tag of the usual form (BCP 47).
    fn parse(text: &str) -> Option<Self> {
        let is_subtag = |subtag: &str| {
            (1..=8).contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        let primary = text.split('-').next()?;
        let is_language = (2..=8).contains(&primary.len())
            && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_tag =
            is_language && text.split('-').all(is_subtag) && text.split('-').count() <= MAX_SUBTAGS;
        let language = Language::from_tag(text).unwrap_or(Language::English);
        is_tag.then_some(Self(language))
    }
}

impl<'de> Deserialize<'de> for LanguageTag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            let expected = &"a language tag such as `ja`, `ja-JP` or `en`";
            D::Error::invalid_value(Unexpected::Str(&quote(&text)), expected)
        })
    }
}

/// The language preferred by `accept-language`; Japanese if it lists no supported one.
pub(super) struct AcceptedLanguage(Language);

impl AcceptedLanguage {
    /// Returns the requested language, or the accepted one.
    pub(super) fn or(&self, requested: Option<LanguageTag>) -> Language {
        requested.map_or(self.0, |LanguageTag(language)| language)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AcceptedLanguage {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let header = parts.headers.get(header::ACCEPT_LANGUAGE);
        let header = header.and_then(|value| value.to_str().ok());
        Ok(Self(preferred(header.unwrap_or_default())))
    }
}

/// Chooses the language with the highest weight in `accept-language` (RFC 9110, 12.5.4).
fn preferred(header: &str) -> Language {
    let mut best = (Language::default(), 0.0);
    for (tag, weight) in weighted(header) {
        if let Some(language) = Language::from_tag(tag)
            && weight > best.1
        {
            best = (language, weight);
        }
    }
    best.0
}

/// Splits a header such as `en;q=0.5, ja` into names and quality values (RFC 9110, 12.4.2).
///
/// A missing quality value is 1, an invalid one 0.
pub(super) fn weighted(header: &str) -> impl Iterator<Item = (&str, f32)> {
    header.split(',').map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let weight = weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
        (name, weight)
    })
}

/// Checks that a text has 1 to `max` characters and is not all whitespace.
pub(super) fn checked_text<'a>(
    name: &'static str,
    text: &'a str,
    max: usize,
) -> Result<&'a str, Error> {
    let length = text.chars().count();
    let is_blank = text.chars().all(char::is_whitespace);
    if is_blank || length > max {
        return Err(Error::TextLength {
            name,
            length: if is_blank { 0 } else { length },
            max,
        });
    }
    Ok(text)
}

/// Finds the desk with the id in a request, if any.
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
        id: quote(id),
        known: known.collect::<Vec<_>>().join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_weight_is_chosen() {
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
    fn every_language_is_the_nearest_of_two() {
        let tag = |text| LanguageTag::parse(text).map(|LanguageTag(language)| language.tag());
        for text in ["ja", "ja-JP", "JA-jp", "ja-Latn-JP"] {
            assert_eq!(tag(text), Some("ja"), "{text}");
        }
        for text in ["en", "en-GB", "fr", "zh-Hant-TW", "enm"] {
            assert_eq!(tag(text), Some("en"), "{text}");
        }
        for text in [
            "",
            "j",
            "日本語",
            "ja_JP",
            "ja-",
            "english language",
            "ja-123456789",
        ] {
            assert_eq!(tag(text), None, "{text}");
        }
    }

    #[test]
    fn a_compressed_body_has_the_same_limit() {
        use std::io::Write;
        let gzip = |text: &[u8]| {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text).expect("memory");
            Bytes::from(encoder.finish().expect("memory"))
        };
        let decoded = Encoding::Gzip.decode(gzip(b"{}"));
        assert!(decoded.is_ok_and(|bytes| bytes == "{}"));
        let bomb = Encoding::Gzip.decode(gzip(&[b' '; 10_000_000]));
        assert!(matches!(bomb, Err(Error::BodyTooLarge { .. })));
        let plain = Encoding::Gzip.decode(Bytes::from_static(b"{}"));
        assert!(matches!(plain, Err(Error::InvalidJson(_))));
    }

    #[tokio::test]
    async fn a_query_string_must_be_utf8() {
        for (query, is_valid) in [
            ("q=%E4%BC%9A&limit=5%", true),
            ("q=%E4%BC%9A%4", true),
            ("q=%FF", false),
            ("q=%E4%BC", false),
        ] {
            let request = axum::http::Request::get(format!("/?{query}"));
            let (mut parts, ()) = request.body(()).expect("a request").into_parts();
            type Map = std::collections::HashMap<String, String>;
            let parameters = Parameters::<Map>::from_request_parts(&mut parts, &()).await;
            assert_eq!(parameters.is_ok(), is_valid, "{query}");
        }
    }

    #[test]
    fn the_length_of_a_text_is_counted_in_characters() {
        assert!(checked_text("q", &"会".repeat(500), 500).is_ok());
        assert!(checked_text("q", &"会".repeat(501), 500).is_err());
        assert!(checked_text("q", " \u{3000}\n", 500).is_err());
        assert!(checked_text("q", "！？", 500).is_ok());
    }
}
