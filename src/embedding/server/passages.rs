//! Embeds the texts of the knowledge in batches, with retries.
//!
//! Invariants: the vectors are in the order of the texts, have the same dimensions and length one;
//! embedding fails after a bounded time if the server keeps failing; a text that is too long for the
//! server is truncated, so that the other texts are embedded.

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::fault::Fault;
use super::question::ServerState;
use super::wire;

/// Maximum number of texts in one request; the default limit of text-embeddings-inference.
const BATCH_TEXTS: usize = 32;

/// Time limit of one request; a large model is slow on a CPU.
const BATCH_TIMEOUT: Duration = Duration::from_secs(120);

/// Maximum number of attempts for each batch.
const MAX_ATTEMPTS: u32 = 5;

/// Maximum number of attempts without a connection. An unreachable server rarely becomes reachable
/// within seconds, and CLI commands wait for the result.
const MAX_CONNECT_ATTEMPTS: u32 = 2;

/// Length up to which a rejected text is not truncated: it fits every model, so the server rejects
/// it for another reason.
const MIN_TRUNCATED_CHARS: usize = 64;

/// Delay before the second attempt; it doubles with each further one.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// Maximum `Retry-After` after which a batch is retried. A longer one is a failure, because loading
/// would seem to hang.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// Embeds texts, batch by batch.
pub(super) async fn embed(state: &ServerState, texts: &[String]) -> Result<Vec<Vec<f32>>, Fault> {
    let mut batches = Batches {
        state,
        size: BATCH_TEXTS,
        truncated: 0,
    };
    let mut vectors = Vec::with_capacity(texts.len());
    while vectors.len() < texts.len() {
        let rest = texts[vectors.len()..].iter();
        let batch: Vec<&str> = rest.take(batches.size).map(String::as_str).collect();
        vectors.extend(batches.embed(&batch).await?);
    }
    if batches.truncated > 0 {
        tracing::warn!(
            texts = batches.truncated,
            hint = "let the server truncate texts or use a model with a longer context, then delete the index folder to embed them again",
            "texts truncated for the embeddings server: only their beginnings are embedded"
        );
    }
    Ok(vectors)
}

/// Sends batches and adapts their size.
struct Batches<'a> {
    state: &'a ServerState,
    /// Texts per batch.
    size: usize,
    /// Number of truncated texts.
    truncated: usize,
}

impl Batches<'_> {
    /// Embeds some texts. If the server rejects them, halves the batch; if it rejects a single
    /// text, embeds its first half, which usually states the subject.
    async fn embed(&mut self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Fault> {
        let is_minimal = matches!(texts, [text] if text.chars().count() <= MIN_TRUNCATED_CHARS);
        let fault = match self.send_with_retries(texts, is_minimal).await {
            Err(fault) if fault.may_be_size() && !is_minimal => fault,
            result => return result,
        };
        let before = self.truncated;
        if let [text] = texts {
            tracing::debug!(cause = %fault, "text truncated for the embeddings server");
            let end = text.char_indices().nth(text.chars().count() / 2);
            let half = &text[..end.map_or(text.len(), |(end, _)| end)];
            let vectors = Box::pin(self.embed(&[half])).await;
            // Counts a text once, even if it is halved several times.
            self.truncated = before + 1;
            return vectors;
        }
        let (first, second) = texts.split_at(texts.len() / 2);
        let mut vectors = Box::pin(self.embed(first)).await?;
        vectors.extend(Box::pin(self.embed(second)).await?);
        if self.truncated == before {
            // No text was too long, so the server limits the number of texts.
            self.size = self.size.min(second.len());
        }
        Ok(vectors)
    }

    /// Sends a batch, and again after transient faults. A batch that may be too large is retried
    /// only if it `is_minimal`, otherwise the caller makes it smaller.
    async fn send_with_retries(
        &self,
        texts: &[&str],
        is_minimal: bool,
    ) -> Result<Vec<Vec<f32>>, Fault> {
        let prefix = &self.state.passage_prefix;
        let prefixed = texts
            .iter()
            .map(|text| Cow::Owned(format!("{prefix}{text}")));
        let body = wire::request(&self.state.model, &prefixed.collect::<Vec<_>>());
        let mut delay = RETRY_DELAY;
        let (mut attempts, mut connect_attempts) = (0, 0);
        loop {
            let sent = timeout(BATCH_TIMEOUT, self.state.transport.send(body.clone())).await;
            let fault = match sent.unwrap_or(Err(Fault::Slow)) {
                Ok(answer) => {
                    let vectors = wire::response(&answer, texts.len())?;
                    self.state.check_dimensions(&vectors)?;
                    return Ok(vectors);
                }
                Err(fault) => fault,
            };
            attempts += 1;
            connect_attempts += u32::from(matches!(fault, Fault::Unreachable(_)));
            let is_last = attempts >= MAX_ATTEMPTS || connect_attempts >= MAX_CONNECT_ATTEMPTS;
            let retry_after = fault.retry_after().unwrap_or_default();
            let is_for_size = fault.may_be_size() && !is_minimal;
            if is_last || is_for_size || !fault.is_transient() || retry_after > MAX_RETRY_AFTER {
                return Err(fault);
            }
            let rest = delay.max(retry_after);
            let seconds = rest.as_secs_f32();
            tracing::debug!(cause = %fault, seconds, "embeddings batch failed: retrying");
            sleep(rest).await;
            delay *= 2;
        }
    }
}
