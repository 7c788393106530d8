//! Texts -> directions of meaning, by a model in the process or by a server.
//!
//! Texts with the same meaning point the same way, whatever their words. `builtin` is the model in
//! the process, `server` speaks to anything with OpenAI's `POST /v1/embeddings`, `cache` keeps on
//! disk what was embedded. Invariants: without a model nothing here is used; whatever fails here
//! leaves the search by words as it is.

mod cache;
mod vector;

pub mod builtin;
pub mod server;

use std::collections::HashSet;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use builtin::BuiltIn;
use cache::{Cache, Key};
use server::Server;
pub use vector::{Vector, Vectors};

/// How often the log says how far embedding is.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Texts that are embedded before what there is is safe from a fault.
const PART: usize = 512;

/// What turns texts into directions.
pub enum Encoder {
    /// A model in the process.
    BuiltIn(Box<BuiltIn>),
    /// A server.
    Server(Server),
}

/// An encoder, and what it does about texts that it has not embedded yet.
#[derive(Clone)]
pub struct Embedding {
    /// The encoder.
    pub encoder: Arc<Encoder>,
    /// What to do about texts that are not on disk from earlier.
    pub missing: Missing,
}

/// What to do about texts that were not embedded earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Embed them, which takes up to some milliseconds each.
    Embed,
    /// Do without meaning for now.
    DoWithout,
}

impl Encoder {
    /// Names the model and all that its vectors depend on.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::BuiltIn(encoder) => encoder.id().to_owned(),
            Self::Server(server) => server.id(),
        }
    }

    /// Embeds a question; `None` if a server does not answer before its deadline.
    pub async fn embed_question(&self, question: &str) -> Option<Vector> {
        let values = match self {
            Self::BuiltIn(encoder) => encoder.encode(question),
            Self::Server(server) => server.begin(question).wait()?,
        };
        Some(Vector::new(&values))
    }

    /// Embeds a question with the model in the process; `None` for a server.
    #[must_use]
    pub fn embed_in_process(&self, question: &str) -> Option<Vector> {
        match self {
            Self::BuiltIn(encoder) => Some(Vector::new(&encoder.encode(question))),
            Self::Server(_) => None,
        }
    }

    /// Returns whether embedding a question means to wait for a server.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        matches!(self, Self::Server(_))
    }

    /// Embeds texts of the knowledge, in their order. What a folder has from earlier is not
    /// embedded again, and what is new is kept there. `None` if some are missing and to be done
    /// without.
    ///
    /// # Errors
    /// [`server::Error`] if a server gives no usable answer.
    pub fn embed(
        &self,
        texts: &[&str],
        folder: Option<&Path>,
        if_missing: Missing,
    ) -> Result<Option<Vectors>, server::Error> {
        let id = self.id();
        let path = folder.map(|folder| cache::path(folder, &id));
        let earlier = path.as_deref().map(|path| cache::read(path, &id));
        let mut earlier = earlier.unwrap_or_default();
        let keys: Vec<Key> = texts.iter().map(|text| cache::key(text)).collect();
        let mut missing: Vec<(Key, &str)> = Vec::new();
        let mut is_missing = HashSet::new();
        for (key, text) in keys.iter().zip(texts) {
            if !earlier.places.contains_key(key) && is_missing.insert(*key) {
                missing.push((*key, text));
            }
        }
        if !missing.is_empty() && if_missing == Missing::DoWithout {
            return Ok(None);
        }
        for part in missing.chunks(PART) {
            let new: Vec<&str> = part.iter().map(|(_, text)| *text).collect();
            let new = match self.encode(&new) {
                Ok(new) => new,
                Err(error) => {
                    // What was embedded and paid for is not embedded again.
                    keep(
                        path.as_deref(),
                        &id,
                        &earlier.keys(),
                        &earlier.vectors,
                        &earlier,
                    );
                    return Err(error);
                }
            };
            let part = part.iter().map(|(key, _)| *key).zip(&new);
            if !earlier.extend(part) {
                // The model behind the name is another one now.
                earlier = Cache::default();
                let all = self.encode(texts)?;
                earlier.extend(keys.iter().copied().zip(&all));
                break;
            }
        }
        let mut vectors = Vectors::default();
        for key in &keys {
            let place = earlier.places.get(key);
            let is_whole = place.is_some_and(|place| vectors.push_from(&earlier.vectors, *place));
            debug_assert!(is_whole, "every text was embedded");
        }
        if let Self::Server(server) = self {
            // Its next answers are held against these; a server that was asked just now has made
            // them, so there is nothing to refuse yet.
            let _ = server.expect_dimensions(vectors.dimensions());
        }
        if !missing.is_empty() {
            keep(path.as_deref(), &id, &keys, &vectors, &earlier);
        }
        Ok(Some(vectors))
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Vector>, server::Error> {
        match self {
            Self::BuiltIn(encoder) => Ok(in_parallel(texts, encoder)),
            Self::Server(server) => {
                let mut told = Instant::now();
                let total = texts.len();
                let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
                let encoded = server.encode_passages(&texts, &mut |done| {
                    if told.elapsed() >= TELL_EVERY {
                        told = Instant::now();
                        tracing::info!(done, total, "embedding the knowledge");
                    }
                })?;
                Ok(encoded.iter().map(|values| Vector::new(values)).collect())
            }
        }
    }
}

/// Writes vectors to disk; failing to, they are made again at the next start.
fn keep(path: Option<&Path>, id: &str, keys: &[Key], vectors: &Vectors, earlier: &Cache) {
    let Some(path) = path else {
        return;
    };
    if let Err(error) = cache::write(path, id, keys, vectors, earlier) {
        tracing::warn!(
            %error,
            hint = "name a folder that can be written by --index or MADOGUCHI_INDEX",
            "embeddings are not kept and will be made at every start"
        );
    }
}

/// Encodes on every core; a text at a time, as their lengths differ.
fn in_parallel(texts: &[&str], encoder: &BuiltIn) -> Vec<Vector> {
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let work = |is_first: bool| {
        let mut told = Instant::now();
        let mut encoded = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(text) = texts.get(place) else {
                return encoded;
            };
            encoded.push((place, Vector::new(&encoder.encode(text))));
            if is_first && told.elapsed() >= TELL_EVERY {
                told = Instant::now();
                tracing::info!(done = place, total = texts.len(), "embedding the knowledge");
            }
        }
    };
    let mut all = thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|_| scope.spawn(|| work(false))).collect();
        let mut all = work(true);
        for other in others {
            // A text without its vector would give every later text another's.
            all.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        all
    });
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, vector)| vector).collect()
}
