//! Static assets: compressed once, addressed by content hash, served in an accepted encoding.
//!
//! Invariant: the content of a hashed path never changes. The widget's path is stable, so it has
//! a short cache lifetime.

use std::io::Write;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{etag, extract};

/// Cache policy for paths that contain the content hash.
pub(super) const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// A file in three encodings.
pub(super) struct Asset {
    content_type: &'static str,
    hash: String,
    plain: Bytes,
    gzip: Bytes,
    brotli: Bytes,
}

impl Asset {
    /// Compresses a file at the highest level, which is slow: call it once per file.
    pub(super) fn new(content_type: &'static str, plain: Vec<u8>) -> Self {
        Self {
            content_type,
            hash: etag::hash(&plain),
            gzip: gzip(&plain).into(),
            brotli: brotli(&plain).into(),
            plain: plain.into(),
        }
    }

    /// Returns the hash of the content.
    pub(super) fn hash(&self) -> &str {
        &self.hash
    }

    /// Responds with the file, or with 304 if the client's copy is current.
    pub(super) fn respond(&self, request: &HeaderMap, cache_control: &'static str) -> Response {
        let (encoding, bytes) = if accepts(request, "br") {
            (Some("br"), &self.brotli)
        } else if accepts(request, "gzip") {
            (Some("gzip"), &self.gzip)
        } else {
            (None, &self.plain)
        };
        // A strong tag identifies bytes, so each encoding has its own.
        let tag = format!("\"{}{}\"", self.hash, encoding.unwrap_or_default());
        let content_type = [(header::CONTENT_TYPE, self.content_type)];
        let mut response = if etag::is_current(request, &tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            (content_type, Body::from(bytes.clone())).into_response()
        };
        let headers = response.headers_mut();
        if let Some(encoding) = encoding {
            let encoding = HeaderValue::from_static(encoding);
            headers.insert(header::CONTENT_ENCODING, encoding);
        }
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, tag);
        }
        let cache_control = HeaderValue::from_static(cache_control);
        headers.insert(header::CACHE_CONTROL, cache_control);
        let vary = HeaderValue::from_static("accept-encoding");
        headers.insert(header::VARY, vary);
        response
    }
}

/// Returns whether a client accepts an encoding (RFC 9110, 12.5.3). Ignores `*`.
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    let values = request.get_all(header::ACCEPT_ENCODING).into_iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let mut listed = values.flat_map(extract::weighted);
    listed.any(|(name, weight)| name == encoding && weight > 0.0)
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    // Writing to a `Vec` cannot fail.
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default()
}

fn brotli(plain: &[u8]) -> Vec<u8> {
    const BUFFER_BYTES: usize = 4_096;
    /// The highest quality.
    const QUALITY: u32 = 11;
    /// The base-2 logarithm of the window size: larger than every asset.
    const WINDOW_BITS: u32 = 22;
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), BUFFER_BYTES, QUALITY, WINDOW_BITS);
    let _ = encoder.write_all(plain);
    encoder.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_accepted_if_it_is_listed_with_a_weight_above_zero() {
        for (header, encoding, expected) in [
            ("gzip, deflate, br", "br", true),
            ("br;q=0.5", "br", true),
            ("br;q=0, gzip", "br", false),
            ("gzip", "br", false),
            ("brotli", "br", false),
            ("", "gzip", false),
        ] {
            let mut request = HeaderMap::new();
            let value = HeaderValue::from_static(header);
            request.insert(header::ACCEPT_ENCODING, value);
            assert_eq!(accepts(&request, encoding), expected, "{header}");
        }
        assert!(!accepts(&HeaderMap::new(), "br"));
    }
}
