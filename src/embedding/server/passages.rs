//! The texts of the knowledge: many texts -> their vectors, in batches, with patience.
//!
//! Invariants: the vectors are in the order of the texts, all of the same dimension and of length
//! one; a server that fails for good is given up after a bounded time; a text that is too long for
//! it is cut instead of keeping all others from being embedded.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;

use super::fault::Fault;
use super::question::Shared;
use super::wire;

/// Texts in one request; what text-embeddings-inference takes by default.
const BATCH: usize = 32;

/// How long one batch may take; a processor alone with a large model is slow.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often a batch is sent at most.
const MOST_ATTEMPTS: u32 = 5;

/// How often there may be no connection: a server that is not there is seldom there in a moment,
/// and people wait for the commands that embed.
const MOST_CONNECTIONS: u32 = 2;

/// A text of so many characters is not too long for any model; it is refused for another reason.
const SHORT: usize = 64;

/// The first wait after a batch was lost; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Longest wait that the server may ask for; whoever loads knowledge would think it hangs.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Embeds texts, batch by batch; tells how many are done.
pub(super) fn encode(
    shared: &Arc<Shared>,
    runtime: &Handle,
    prefix: &str,
    texts: &[String],
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<Vec<f32>>, Fault> {
    let mut batches = Batches {
        shared,
        runtime,
        prefix,
        size: BATCH,
        cut: 0,
    };
    let mut vectors = Vec::with_capacity(texts.len());
    while vectors.len() < texts.len() {
        let rest = &texts[vectors.len()..];
        let batch: Vec<&str> = rest.iter().take(batches.size).map(String::as_str).collect();
        vectors.extend(batches.encode(&batch)?);
        progress(vectors.len());
    }
    if batches.cut > 0 {
        tracing::warn!(
            texts = batches.cut,
            hint = "let the server cut what is too long for the model, or use a model that takes longer texts; then delete the index folder, so that they are embedded anew",
            "of texts that are too long for the embeddings server the beginning alone is embedded"
        );
    }
    Ok(vectors)
}

/// Sends batches.
struct Batches<'a> {
    shared: &'a Arc<Shared>,
    runtime: &'a Handle,
    prefix: &'a str,
    /// Most texts in one.
    size: usize,
    /// Texts that were cut.
    cut: usize,
}

impl Batches<'_> {
    /// Embeds some texts: in halves if they are refused together, and of one that is refused alone
    /// the first half, which says best what it is about.
    fn encode(&mut self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Fault> {
        let is_short = |text: &&str| text.chars().count() <= SHORT;
        let is_least = matches!(texts, [text] if is_short(text));
        let fault = match self.insist(texts, is_least) {
            Err(fault) if fault.may_be_size() && !is_least => fault,
            result => return result,
        };
        if let [text] = texts {
            tracing::debug!(cause = %fault, "a text is cut");
            let half = text.chars().count() / 2;
            let end = text.char_indices().nth(half);
            let before = self.cut;
            let vectors = self.encode(&[&text[..end.map_or(text.len(), |(end, _)| end)]]);
            // A text counts once, however often it is cut.
            self.cut = before + 1;
            return vectors;
        }
        let (first, second) = texts.split_at(texts.len() / 2);
        let before = self.cut;
        let mut vectors = self.encode(first)?;
        vectors.extend(self.encode(second)?);
        if self.cut == before {
            // That they were fewer was enough.
            self.size = self.size.min(second.len());
        }
        Ok(vectors)
    }

    /// Sends a batch, again where that may help. With `is_least` it can neither be divided nor
    /// cut, which otherwise is what to do about a server that may fail for its size.
    fn insist(&self, texts: &[&str], is_least: bool) -> Result<Vec<Vec<f32>>, Fault> {
        let prefixed = texts.iter();
        let prefixed = prefixed.map(|text| Cow::Owned(format!("{}{text}", self.prefix)));
        let prefixed: Vec<Cow<'_, str>> = prefixed.collect();
        let body = wire::request(&self.shared.model, &prefixed);
        let mut wait = FIRST_WAIT;
        let (mut attempts, mut connections) = (0, 0);
        loop {
            let fault = match send(self.shared, self.runtime, body.clone()) {
                Ok(answer) => {
                    // Read here: the runtime's one thread has questions to attend to.
                    let vectors = wire::response(&answer, texts.len())?;
                    self.shared.check_dimensions(&vectors)?;
                    return Ok(vectors);
                }
                Err(fault) => fault,
            };
            attempts += 1;
            connections += u32::from(matches!(fault, Fault::Unreachable(_)));
            let is_final = attempts >= MOST_ATTEMPTS || connections >= MOST_CONNECTIONS;
            let asked_for = fault.retry_after().unwrap_or_default();
            let is_for_size = fault.may_be_size() && !is_least;
            if is_final || is_for_size || !fault.is_passing() || asked_for > LONGEST_WAIT {
                return Err(fault);
            }
            let rest = wait.max(asked_for);
            tracing::debug!(cause = %fault, seconds = rest.as_secs_f32(), "a batch is sent again");
            thread::sleep(rest);
            wait *= 2;
        }
    }
}

/// Sends a batch once and waits for what is answered.
fn send(shared: &Arc<Shared>, runtime: &Handle, body: Vec<u8>) -> Result<Vec<u8>, Fault> {
    let (sender, answer) = sync_channel(1);
    let shared = Arc::clone(shared);
    runtime.spawn(async move {
        let sent = timeout(PATIENCE, shared.caller.send(body)).await;
        // Who asked waits until there is something.
        let _ = sender.send(sent.unwrap_or(Err(Fault::Slow)));
    });
    let ended = |_| Fault::Unreachable("the client has ended".to_owned());
    answer.recv().map_err(ended)?
}
