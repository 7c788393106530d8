//! Settings of the embeddings server: [`Sources`] -> [`Embeddings`] or [`InvalidEmbeddings`].
//!
//! Invariant: no error contains the key, or a URL that may contain a password.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Secret, Sources, parse_origin, trimmed};

/// Address of the embeddings server; without it no server is used.
const EMBEDDINGS_URL: &str = "MADOGUCHI_EMBEDDINGS_URL";
/// Name of the model on the server.
const EMBEDDINGS_MODEL: &str = "MADOGUCHI_EMBEDDINGS_MODEL";
/// Key of the server, if it needs one.
const EMBEDDINGS_KEY: &str = "MADOGUCHI_EMBEDDINGS_KEY";
/// Prefix that the model expects before a question.
const EMBEDDINGS_QUERY_PREFIX: &str = "MADOGUCHI_EMBEDDINGS_QUERY_PREFIX";
/// Prefix that the model expects before a text of the knowledge.
const EMBEDDINGS_PASSAGE_PREFIX: &str = "MADOGUCHI_EMBEDDINGS_PASSAGE_PREFIX";
/// Deadline of a question in milliseconds.
const EMBEDDINGS_DEADLINE: &str = "MADOGUCHI_EMBEDDINGS_DEADLINE";

/// Permitted deadlines in milliseconds: no server answers faster, and Discord allows three seconds for
/// a complete answer.
const DEADLINE_RANGE: RangeInclusive<u64> = 10..=2_000;

/// Settings of the embeddings server. Not available as flags, because other users of the machine can
/// read command lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embeddings {
    /// The base URL, such as `http://127.0.0.1:11434/v1`, or the full one that ends in
    /// `/embeddings`.
    pub url: String,
    /// Name of the model on the server.
    pub model: String,
    /// Key of the server.
    pub key: Option<Secret>,
    /// Prefix of a question; often empty.
    pub query_prefix: String,
    /// Prefix of a text of the knowledge; often empty.
    pub passage_prefix: String,
    /// Deadline of a question, 150 ms if `None`.
    pub deadline: Option<Duration>,
}

impl Embeddings {
    /// Reads the settings; `None` without a URL.
    ///
    /// # Errors
    /// [`InvalidEmbeddings`] for invalid values and for combinations that contradict each other.
    pub fn from_sources(sources: &Sources) -> Result<Option<Self>, InvalidEmbeddings> {
        Self::read(|name| sources.value(name))
    }

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, InvalidEmbeddings> {
        let trimmed = |name| trimmed(value(name));
        let prefix = |name| {
            value(name)
                .map(|value| unquoted(&value))
                .unwrap_or_default()
        };
        let model = trimmed(EMBEDDINGS_MODEL);
        let key = trimmed(EMBEDDINGS_KEY);
        let query_prefix = prefix(EMBEDDINGS_QUERY_PREFIX);
        let passage_prefix = prefix(EMBEDDINGS_PASSAGE_PREFIX);
        let deadline = trimmed(EMBEDDINGS_DEADLINE);
        let Some(url) = trimmed(EMBEDDINGS_URL) else {
            let has_prefix = !query_prefix.is_empty() || !passage_prefix.is_empty();
            return if model.is_some() || key.is_some() || has_prefix || deadline.is_some() {
                Err(InvalidEmbeddings::WithoutUrl)
            } else {
                Ok(None)
            };
        };
        if url.contains(['@', '?', '#']) {
            return Err(InvalidEmbeddings::UrlSecret);
        }
        if !is_base(&url) {
            return Err(InvalidEmbeddings::Url(url));
        }
        let model = model.ok_or(InvalidEmbeddings::WithoutModel)?;
        let is_visible = |key: &String| key.bytes().all(|byte| byte.is_ascii_graphic());
        if !key.as_ref().is_none_or(is_visible) {
            return Err(InvalidEmbeddings::Key);
        }
        let deadline = deadline.map(|text| milliseconds(&text).ok_or(text));
        let deadline = deadline.transpose().map_err(InvalidEmbeddings::Deadline)?;
        Ok(Some(Self {
            url,
            model,
            key: key.map(Secret),
            query_prefix,
            passage_prefix,
            deadline,
        }))
    }
}

/// Parses a prefix: removes quotes around it and replaces `\n` by a line break. The trailing space
/// matters to the model, but editors and readers of environment files remove it unless it is quoted;
/// some readers then keep the quotes.
fn unquoted(text: &str) -> String {
    let within = |quote| text.trim().strip_prefix(quote)?.strip_suffix(quote);
    let text = within('"').or_else(|| within('\'')).unwrap_or(text);
    text.replace("\\n", "\n")
}

/// Parses a deadline.
fn milliseconds(text: &str) -> Option<Duration> {
    let milliseconds = text.parse().ok()?;
    let fits = DEADLINE_RANGE.contains(&milliseconds);
    fits.then(|| Duration::from_millis(milliseconds))
}

/// Returns whether a text consists of scheme, host and optionally a path.
pub(super) fn is_base(text: &str) -> bool {
    let scheme = ["https://", "http://"];
    let scheme = scheme.into_iter().find(|scheme| text.starts_with(scheme));
    let Some((scheme, rest)) = scheme.map(|scheme| text.split_at(scheme.len())) else {
        return false;
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/-_.~%".contains(c);
    parse_origin(&format!("{scheme}{host}")).is_some() && path.chars().all(allowed)
}

/// The settings of the embeddings server are invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmbeddings {
    /// Settings that need a URL, without one.
    #[error(
        "MADOGUCHI_EMBEDDINGS_MODEL, _KEY, _DEADLINE, _QUERY_PREFIX and _PASSAGE_PREFIX need MADOGUCHI_EMBEDDINGS_URL; set it to the address of the server, for example `http://127.0.0.1:11434/v1`, or remove them"
    )]
    WithoutUrl,
    /// A URL without a model.
    #[error(
        "MADOGUCHI_EMBEDDINGS_URL needs MADOGUCHI_EMBEDDINGS_MODEL; set it to the name of the model on the server, for example `bge-m3`"
    )]
    WithoutModel,
    /// Not a URL of scheme, host and path.
    #[error(
        "MADOGUCHI_EMBEDDINGS_URL is `{0}`, expected scheme, lower-case host and an optional path, for example `http://127.0.0.1:11434/v1`"
    )]
    Url(String),
    /// A URL that may contain a password or a key. The error does not show it.
    #[error(
        "MADOGUCHI_EMBEDDINGS_URL has a user name, a query or a fragment, expected scheme, host and an optional path, for example `http://127.0.0.1:11434/v1`; set a key in MADOGUCHI_EMBEDDINGS_KEY"
    )]
    UrlSecret,
    /// A key that no header can contain. The error does not show it.
    #[error(
        "MADOGUCHI_EMBEDDINGS_KEY cannot be used, expected visible ASCII characters without spaces, for example `sk-0123456789abcdef`"
    )]
    Key,
    /// Not a permitted deadline.
    #[error(
        "MADOGUCHI_EMBEDDINGS_DEADLINE is `{0}`, expected milliseconds from {min} to {max}, for example `300`",
        min = DEADLINE_RANGE.start(),
        max = DEADLINE_RANGE.end()
    )]
    Deadline(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embeddings(values: &[(&str, &str)]) -> Result<Option<Embeddings>, InvalidEmbeddings> {
        let find = |name: &str| {
            let mut values = values.iter();
            let found = values.find(|(key, _)| name == format!("MADOGUCHI_EMBEDDINGS_{key}"));
            found.map(|(_, value)| (*value).to_owned())
        };
        Embeddings::read(find)
    }

    const URL: (&str, &str) = ("URL", "http://127.0.0.1:11434/v1");
    const MODEL: (&str, &str) = ("MODEL", "bge-m3");

    #[test]
    fn settings_that_contradict_each_other_are_rejected() {
        assert_eq!(embeddings(&[]), Ok(None));
        assert_eq!(embeddings(&[("URL", " "), ("KEY", "")]), Ok(None));
        let minimal = embeddings(&[URL, MODEL]).expect("settings");
        let minimal = minimal.expect("a server");
        assert_eq!((&*minimal.url, &*minimal.model), (URL.1, MODEL.1));
        assert_eq!(minimal.key, None);
        assert_eq!(embeddings(&[URL]), Err(InvalidEmbeddings::WithoutModel));
        for alone in [
            MODEL,
            ("KEY", "k"),
            ("QUERY_PREFIX", "q"),
            ("PASSAGE_PREFIX", "p"),
            ("DEADLINE", "300"),
        ] {
            let refused = embeddings(&[alone]);
            assert_eq!(refused, Err(InvalidEmbeddings::WithoutUrl), "{alone:?}");
        }
    }

    #[test]
    fn a_url_has_scheme_host_and_path_only() {
        for right in [
            "http://localhost:11434",
            "https://a.example/",
            "https://a.example/api/v1/embeddings",
            "http://[::1]:8080/v1",
        ] {
            let read = embeddings(&[("URL", right), MODEL]).expect(right);
            assert_eq!(read.map(|read| read.url).as_deref(), Some(right));
        }
        for wrong in [
            "127.0.0.1:11434",
            "ftp://a.example",
            "http://",
            "https:///v1",
            "https://a.example/v 1",
        ] {
            let refused = embeddings(&[("URL", wrong), MODEL]);
            assert_eq!(refused, Err(InvalidEmbeddings::Url(wrong.to_owned())));
        }
        for secret in [
            "https://me:hidden@a.example/v1",
            "https://a.example/v1?key=hidden",
        ] {
            let refused = embeddings(&[("URL", secret), MODEL]).expect_err(secret);
            assert_eq!(refused, InvalidEmbeddings::UrlSecret);
            assert!(!refused.to_string().contains("hidden"));
        }
    }

    #[test]
    fn a_key_is_never_shown() {
        let read = embeddings(&[URL, MODEL, ("KEY", " hidden-key\n")]);
        let read = read.expect("settings").expect("a server");
        assert_eq!(read.key.as_ref().map(Secret::expose), Some("hidden-key"));
        assert!(!format!("{read:?}").contains("hidden"), "{read:?}");
        for wrong in ["hidden key", "hidden\nkey", "鍵"] {
            let refused = embeddings(&[URL, MODEL, ("KEY", wrong)]);
            assert_eq!(refused, Err(InvalidEmbeddings::Key));
        }
    }

    #[test]
    fn a_deadline_is_a_number_of_milliseconds() {
        let deadline = |text| {
            let read = embeddings(&[URL, MODEL, ("DEADLINE", text)])?;
            Ok(read.expect("a server").deadline)
        };
        assert_eq!(deadline(" 300 "), Ok(Some(Duration::from_millis(300))));
        assert_eq!(deadline(""), Ok(None));
        for wrong in ["9", "2001", "-1", "1.5", "150ms", "1e3"] {
            let refused = Err(InvalidEmbeddings::Deadline(wrong.to_owned()));
            assert_eq!(deadline(wrong), refused);
        }
    }

    #[test]
    fn a_trailing_space_of_a_prefix_is_kept() {
        for (value, expected) in [
            ("query: ", "query: "),
            ("\"query: \"", "query: "),
            ("'query: ' ", "query: "),
            ("検索クエリ: ", "検索クエリ: "),
            (r"Instruct: answer\nQuery:", "Instruct: answer\nQuery:"),
            ("\"", "\""),
            ("", ""),
        ] {
            let read = embeddings(&[URL, MODEL, ("QUERY_PREFIX", value)]);
            let read = read.expect("settings").expect("a server");
            assert_eq!(read.query_prefix, expected);
            assert_eq!(read.passage_prefix, "");
        }
    }
}
