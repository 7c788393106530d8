//! Files that pages load: compressed once, named by their content, kept by browsers for good.
//!
//! Bytes in, a response in the encoding that the client takes out. Invariant: a hashed path never
//! changes what it serves; the stable path of the widget is asked about again after a while.

use std::io::Write;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::etag;

/// For a path with the content's hash in it.
pub(super) const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// A file in the three encodings.
pub(super) struct Asset {
    content_type: &'static str,
    hash: String,
    plain: Bytes,
    gzip: Bytes,
    brotli: Bytes,
}

impl Asset {
    /// Compresses a file; 50 kB take some 100 ms, so this is done once.
    pub(super) fn new(content_type: &'static str, plain: Vec<u8>) -> Self {
        Self {
            content_type,
            hash: etag::hash(&plain),
            gzip: gzip(&plain).into(),
            brotli: brotli(&plain).into(),
            plain: plain.into(),
        }
    }

    /// Names the content.
    pub(super) fn hash(&self) -> &str {
        &self.hash
    }

    /// Answers with the file, or with 304 if the client has it.
    pub(super) fn respond(&self, request: &HeaderMap, cache_control: &'static str) -> Response {
        let (encoding, bytes) = if accepts(request, "br") {
            (Some("br"), &self.brotli)
        } else if accepts(request, "gzip") {
            (Some("gzip"), &self.gzip)
        } else {
            (None, &self.plain)
        };
        // Each encoding has other bytes, and a strong tag names bytes.
        let tag = format!("\"{}{}\"", self.hash, encoding.unwrap_or_default());
        let kind = [(header::CONTENT_TYPE, self.content_type)];
        let mut response = if etag::has(request, &tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            (kind, Body::from(bytes.clone())).into_response()
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

/// Tells whether a client takes an encoding (RFC 9110, 12.5.3), leaving `*` aside.
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    let values = request.get_all(header::ACCEPT_ENCODING).into_iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let mut listed = values.flat_map(|value| value.split(','));
    listed.any(|listed| {
        let mut parts = listed.split(';').map(str::trim);
        let is_meant = parts.next() == Some(encoding);
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        is_meant && weight.is_none_or(|weight| weight.parse().is_ok_and(|q: f32| q > 0.0))
    })
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default()
}

fn brotli(plain: &[u8]) -> Vec<u8> {
    /// Of the buffers between the encoder and memory, in bytes.
    const BUFFER: usize = 4_096;
    /// The most there is; the window holds the whole file.
    const QUALITY: u32 = 11;
    const WINDOW: u32 = 22;
    let mut compressed = Vec::new();
    {
        let mut encoder = brotli::CompressorWriter::new(&mut compressed, BUFFER, QUALITY, WINDOW);
        let _ = encoder.write_all(plain);
    }
    compressed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_taken_if_it_is_listed_with_some_weight() {
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
