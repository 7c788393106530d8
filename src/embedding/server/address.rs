//! Address of the server: configured URL -> URL of `POST …/embeddings`.
//!
//! Invariant: an [`Address`] contains no user name, password or query, so it may be logged and be
//! part of a cache key.

use std::net::IpAddr;

use reqwest::Url;

/// Last segment of every address.
const EMBEDDINGS: &str = "/embeddings";

/// URL of `POST …/embeddings`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address(Url);

impl Address {
    /// Parses a URL. Appends `/embeddings` to the path, as OpenAI's clients do, unless it ends with
    /// it; an empty path becomes `/v1/embeddings`. Returns `None` unless the URL has the scheme `http`
    /// or `https`, a host, and at most a path: a password or token would appear in logs.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut url: Url = text.trim().parse().ok()?;
        let is_bare = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !is_bare {
            return None;
        }
        let path = url.path().trim_end_matches('/');
        let path = if path.is_empty() {
            format!("/v1{EMBEDDINGS}")
        } else if path.ends_with(EMBEDDINGS) {
            path.to_owned()
        } else {
            format!("{path}{EMBEDDINGS}")
        };
        url.set_path(&path);
        Some(Self(url))
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    /// Returns host, port and path.
    pub(super) fn place(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        let port = self.0.port().map(|port| format!(":{port}"));
        format!("{host}{}{}", port.unwrap_or_default(), self.0.path())
    }

    /// Returns whether the server is on this machine, which no proxy can reach.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host.ends_with(".localhost")
            || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_url_may_be_written_in_several_ways() {
        for (text, expected) in [
            ("http://127.0.0.1:11434", "127.0.0.1:11434/v1/embeddings"),
            ("http://127.0.0.1:11434/", "127.0.0.1:11434/v1/embeddings"),
            ("http://127.0.0.1:11434/v1", "127.0.0.1:11434/v1/embeddings"),
            ("http://localhost:80/v1/", "localhost/v1/embeddings"),
            (
                " https://a.example/v1/embeddings ",
                "a.example/v1/embeddings",
            ),
            ("https://a.example/embeddings/", "a.example/embeddings"),
            (
                "https://a.example/api/openai",
                "a.example/api/openai/embeddings",
            ),
            ("http://[::1]:8080/v1", "[::1]:8080/v1/embeddings"),
        ] {
            let address = Address::parse(text).expect(text);
            assert_eq!(address.place(), expected, "{text}");
        }
    }

    #[test]
    fn an_invalid_url_or_one_with_a_secret_is_rejected() {
        for wrong in [
            "",
            "127.0.0.1:11434",
            "localhost:11434/v1",
            "ftp://a.example",
            "http://",
            "https://user@a.example/v1",
            "https://user:password@a.example/v1",
            "https://a.example/v1?key=abc",
            "https://a.example/v1#x",
        ] {
            assert_eq!(Address::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn loopback_addresses_are_recognised() {
        let is_loopback = |text| Address::parse(text).is_some_and(|a| a.is_loopback());
        for near in [
            "http://127.0.0.1:1",
            "http://127.1.2.3",
            "http://[::1]:1",
            "http://localhost:1",
        ] {
            assert!(is_loopback(near), "{near}");
        }
        for far in ["http://10.0.0.1", "https://a.example", "http://ollama:1"] {
            assert!(!is_loopback(far), "{far}");
        }
    }
}
