//! Settings of the chat server that drafts variants: [`Sources`] -> [`Draft`] or [`InvalidDraft`].
//!
//! Invariant: no error contains the key.

use super::{Secret, Sources, trimmed};

/// Address of the chat server; without it `draft-variants` is off.
const DRAFT_URL: &str = "MADOGUCHI_DRAFT_URL";
/// Name of the model on the server.
const DRAFT_MODEL: &str = "MADOGUCHI_DRAFT_MODEL";
/// Key of the server, if it needs one.
const DRAFT_KEY: &str = "MADOGUCHI_DRAFT_KEY";

/// Settings of the chat server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The base URL, such as `http://127.0.0.1:11434/v1`.
    pub url: String,
    /// Name of the model on the server.
    pub model: String,
    /// Key of the server.
    pub key: Option<Secret>,
}

impl Draft {
    /// Reads the settings; `None` without a URL.
    ///
    /// # Errors
    /// [`InvalidDraft`] for a URL without a model, or a URL that is none.
    pub fn from_sources(sources: &Sources) -> Result<Option<Self>, InvalidDraft> {
        let read = |name| trimmed(sources.value(name));
        let Some(url) = read(DRAFT_URL) else {
            return Ok(None);
        };
        // A password in the URL would be shown in errors.
        let is_url = url.starts_with("http://") || url.starts_with("https://");
        if !is_url || url.contains(['@', '?', '#', ' ']) {
            return Err(InvalidDraft::Url);
        }
        let model = read(DRAFT_MODEL).ok_or(InvalidDraft::WithoutModel)?;
        let key = read(DRAFT_KEY);
        let is_visible = |key: &String| key.bytes().all(|byte| byte.is_ascii_graphic());
        if !key.as_ref().is_none_or(is_visible) {
            return Err(InvalidDraft::Key);
        }
        Ok(Some(Self {
            url: url.trim_end_matches('/').to_owned(),
            model,
            key: key.map(Secret),
        }))
    }
}

/// The settings of the chat server are invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDraft {
    /// Not a URL.
    #[error(
        "MADOGUCHI_DRAFT_URL is not an address of a chat server, expected for example `http://127.0.0.1:11434/v1`, without a password or a query"
    )]
    Url,
    /// A URL without a model.
    #[error(
        "MADOGUCHI_DRAFT_URL needs MADOGUCHI_DRAFT_MODEL; set it to the name of the model on the server"
    )]
    WithoutModel,
    /// A key that no header can hold.
    #[error("MADOGUCHI_DRAFT_KEY has blanks or characters that are not ASCII")]
    Key,
}
