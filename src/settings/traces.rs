//! Settings of the traces: [`Sources`] -> [`Traces`] or [`InvalidTraces`].
//!
//! Invariant: no error contains a URL that may contain a password.

use super::embeddings::is_base;
use super::sources::OTLP_ENDPOINT;
use super::{Sources, trimmed};

/// Path of the collector's route for traces.
const TRACES_PATH: &str = "/v1/traces";

/// Settings of the traces. The SDK of OpenTelemetry reads its own variables, such as
/// `OTEL_SERVICE_NAME` and `OTEL_EXPORTER_OTLP_HEADERS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traces {
    /// The URL of the collector's route for traces, such as `http://127.0.0.1:4318/v1/traces`.
    pub url: String,
}

impl Traces {
    /// Reads the settings; `None` without the address of a collector.
    ///
    /// # Errors
    /// [`InvalidTraces`] for an address that cannot be used.
    pub fn from_sources(sources: &Sources) -> Result<Option<Self>, InvalidTraces> {
        Self::read(|name| sources.value(name))
    }

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, InvalidTraces> {
        let Some(url) = trimmed(value(OTLP_ENDPOINT)) else {
            return Ok(None);
        };
        if url.contains(['@', '?', '#']) {
            return Err(InvalidTraces::UrlSecret);
        }
        if !is_base(&url) {
            return Err(InvalidTraces::Url(url));
        }
        let base = url.trim_end_matches('/');
        let base = base.strip_suffix(TRACES_PATH).unwrap_or(base);
        let url = format!("{base}{TRACES_PATH}");
        Ok(Some(Self { url }))
    }
}

/// The settings of the traces are invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTraces {
    /// Not a URL of scheme, host and path.
    #[error(
        "MADOGUCHI_OTLP_ENDPOINT (or OTEL_EXPORTER_OTLP_ENDPOINT) is `{0}`, expected scheme, lower-case host and an optional path of a collector for OTLP over HTTP, for example `http://127.0.0.1:4318`"
    )]
    Url(String),
    /// A URL that may contain a password or a key. The error does not show it.
    #[error(
        "MADOGUCHI_OTLP_ENDPOINT (or OTEL_EXPORTER_OTLP_ENDPOINT) has a user name, a query or a fragment, expected scheme, host and an optional path, for example `http://127.0.0.1:4318`; set a key in OTEL_EXPORTER_OTLP_HEADERS"
    )]
    UrlSecret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_collector_has_the_path_of_traces() {
        let read = |text: &str| Traces::read(|_| Some(text.to_owned()));
        for (text, expected) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            (
                "https://a.example/otlp/",
                "https://a.example/otlp/v1/traces",
            ),
            ("https://a.example/v1/traces", "https://a.example/v1/traces"),
        ] {
            let url = read(text).expect(text).map(|traces| traces.url);
            assert_eq!(url.as_deref(), Some(expected));
        }
        assert_eq!(read(" "), Ok(None));
        assert_eq!(
            read("localhost"),
            Err(InvalidTraces::Url("localhost".into()))
        );
        assert_eq!(read("http://a:b@c.example"), Err(InvalidTraces::UrlSecret));
    }
}
