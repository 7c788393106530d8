//! The texts of the knowledge: many texts -> their vectors, in batches, with patience.
//!
//! Invariants: the vectors are in the order of the texts, all of the same dimension and of length
//! one; a server that fails for good is given up after a bounded time.

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
    let mut vectors = Vec::with_capacity(texts.len());
    for batch in texts.chunks(BATCH) {
        let prefixed = |text: &String| Cow::Owned(format!("{prefix}{text}"));
        let prefixed: Vec<Cow<'_, str>> = batch.iter().map(prefixed).collect();
        let body = wire::request(&shared.model, &prefixed);
        let answer = insist(shared, runtime, &body)?;
        // Read here: the runtime's one thread has questions to attend to.
        let batch = wire::response(&answer, batch.len())?;
        shared.check_dimensions(&batch)?;
        vectors.extend(batch);
        progress(vectors.len());
    }
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
        if attempt >= MOST_ATTEMPTS || !fault.is_passing() || asked_for > LONGEST_WAIT {
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
