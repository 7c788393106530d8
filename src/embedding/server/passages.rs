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

/// How often a batch is sent before it is given up.
const MOST_ATTEMPTS: u32 = 5;

/// The same if there is no connection: a server that is not there is seldom there in a moment, and
/// people wait for the commands that embed.
const MOST_CONNECTIONS: u32 = 2;

/// A text of so many characters is not too long for any model; it is refused for another reason.
const SHORT: usize = 64;

/// The first wait after a batch was lost; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Longest wait that the server may ask for; whoever loads knowledge would think it hangs.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Embeds texts, batch by batch; tells how many are done.
///
/// A batch that is refused in a way that may be for its length is sent in halves, and a text that
/// is refused alone is cut in half, as is from then on every text that is longer: the beginning of
/// a text says best what it is about.
pub(super) fn encode(
    shared: &Arc<Shared>,
    runtime: &Handle,
    prefix: &str,
    texts: &[String],
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<Vec<f32>>, Fault> {
    let mut vectors = Vec::with_capacity(texts.len());
    let mut size = BATCH;
    let mut longest = usize::MAX;
    while vectors.len() < texts.len() {
        let rest = &texts[vectors.len()..];
        let batch = &rest[..size.min(rest.len())];
        let cut = |text: &String| text.chars().take(longest).collect::<String>();
        let batch: Vec<String> = batch.iter().map(cut).collect();
        let fault = match encode_batch(shared, runtime, prefix, &batch) {
            Ok(batch) => {
                vectors.extend(batch);
                progress(vectors.len());
                size = (size * 2).min(BATCH);
                continue;
            }
            Err(fault) => fault,
        };
        let characters = batch.iter().map(|text| text.chars().count()).max();
        let characters = characters.unwrap_or_default();
        if !fault.may_be_length() || batch.len() == 1 && characters <= SHORT {
            return Err(fault);
        }
        if batch.len() > 1 {
            size = batch.len() / 2;
        } else {
            longest = characters / 2;
            tracing::warn!(
                cause = %fault,
                characters = longest,
                hint = "let the server cut what is too long for the model, or use a model that takes longer texts",
                "a text of the knowledge is too long for the embeddings server; of such texts the beginning alone is embedded"
            );
        }
    }
    Ok(vectors)
}

/// Embeds the texts of one batch.
fn encode_batch(
    shared: &Arc<Shared>,
    runtime: &Handle,
    prefix: &str,
    batch: &[String],
) -> Result<Vec<Vec<f32>>, Fault> {
    let prefixed = |text: &String| Cow::Owned(format!("{prefix}{text}"));
    let prefixed: Vec<Cow<'_, str>> = batch.iter().map(prefixed).collect();
    let body = wire::request(&shared.model, &prefixed);
    let answer = insist(shared, runtime, &body)?;
    // Read here: the runtime's one thread has questions to attend to.
    let vectors = wire::response(&answer, batch.len())?;
    shared.check_dimensions(&vectors)?;
    Ok(vectors)
}

/// Sends a batch, again where that may help.
fn insist(shared: &Arc<Shared>, runtime: &Handle, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut wait = FIRST_WAIT;
    let mut attempt = 1;
    loop {
        let fault = match send(shared, runtime, body.to_vec()) {
            Ok(answer) => return Ok(answer),
            Err(fault) => fault,
        };
        let asked_for = fault.retry_after().unwrap_or_default();
        let most_attempts = if matches!(fault, Fault::Unreachable(_)) {
            MOST_CONNECTIONS
        } else {
            MOST_ATTEMPTS
        };
        if attempt >= most_attempts || !fault.is_passing() || asked_for > LONGEST_WAIT {
            return Err(fault);
        }
        let rest = wait.max(asked_for);
        tracing::debug!(cause = %fault, seconds = rest.as_secs_f32(), "a batch is sent again");
        thread::sleep(rest);
        wait *= 2;
        attempt += 1;
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
