//! One request to an OpenAI-compatible chat server: instructions -> the text of the answer.
//!
//! Only `draft-variants` uses it; no answer to a member is ever generated.
//!
//! Invariants: an answer takes at most [`MAX_ANSWER_BYTES`] of memory; the key is sent to the configured
//! address only, so redirects are not followed.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use reqwest::Client;
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::json;

use crate::settings::Draft;

/// Limit of an answer; phrasings take some kilobytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Time limit of a request: a large model on a small machine takes a minute.
const TIMEOUT: Duration = Duration::from_secs(180);

/// A client of one chat server.
pub(super) struct Chat {
    client: Client,
    url: String,
    draft: Draft,
}

#[derive(Deserialize)]
struct Answer {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
}

impl Chat {
    pub(super) fn new(draft: Draft) -> anyhow::Result<Self> {
        let mut builder = Client::builder()
            .user_agent(concat!("madoguchi/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .timeout(TIMEOUT);
        let host = draft.url.split('/').nth(2).unwrap_or_default();
        if host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]") {
            builder = builder.no_proxy();
        }
        let client = builder.build().context("cannot use TLS")?;
        let url = match draft.url.ends_with("/chat/completions") {
            true => draft.url.clone(),
            false => format!("{}/chat/completions", draft.url),
        };
        Ok(Self { client, url, draft })
    }

    /// Asks the model.
    ///
    /// # Errors
    /// The server cannot be reached, refuses, or answers in another form.
    pub(super) async fn ask(&self, instructions: &str, subject: &str) -> anyhow::Result<String> {
        let body = json!({
            "model": self.draft.model,
            "messages": [
                { "role": "system", "content": instructions },
                { "role": "user", "content": subject },
            ],
        });
        let mut request = self.client.post(&self.url).json(&body);
        if let Some(key) = &self.draft.key {
            request = request.bearer_auth(key.expose());
        }
        let url = &self.url;
        let sent = request.send().await;
        let mut response = sent.with_context(|| {
            format!("cannot reach the chat server at `{url}`, check MADOGUCHI_DRAFT_URL")
        })?;
        let status = response.status();
        if !status.is_success() {
            let setting = match status.as_u16() {
                401 | 403 => "MADOGUCHI_DRAFT_KEY",
                _ => "MADOGUCHI_DRAFT_URL and MADOGUCHI_DRAFT_MODEL",
            };
            bail!("the chat server at `{url}` answers {status}, check {setting}");
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.context("the answer was cut off")? {
            bytes.extend_from_slice(&chunk);
            ensure!(
                bytes.len() <= MAX_ANSWER_BYTES,
                "the answer of the chat server at `{url}` is longer than {MAX_ANSWER_BYTES} bytes"
            );
        }
        let answer: Answer = serde_json::from_slice(&bytes).with_context(|| {
            format!(
                "`{url}` does not answer as OpenAI's `chat/completions`, check MADOGUCHI_DRAFT_URL"
            )
        })?;
        let text = answer.choices.into_iter().next();
        let text = text.and_then(|choice| choice.message.content);
        text.context("the chat server gave an empty answer")
    }
}
