//! Embeddings of texts, from the built-in model or from an embeddings server, with a cache on disk.
//!
//! Texts of similar meaning have a high cosine similarity even without common words. The built-in
//! model is the crate `encoder/`; `server` is a client of OpenAI's `POST /v1/embeddings`; `cache`
//! keeps the embeddings of the knowledge on disk.
//!
//! Invariant: if there is no encoder, or it fails, keyword search is unaffected.

mod cache;

pub mod server;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use madoguchi_encoder::Model;
pub use madoguchi_encoder::{Vector, Vectors};

use cache::{Cache, Key};
use server::Server;

/// Interval of the log lines that report progress.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(5);

/// Texts per chunk; a failure loses at most one chunk.
const CHUNK_TEXTS: usize = 512;

/// Turns texts into embeddings.
pub enum Encoder {
    /// The built-in model.
    BuiltIn(Box<Model>),
    /// An embeddings server.
    Server(Server),
}

/// An encoder, and the treatment of texts that are not in the cache.
#[derive(Clone)]
pub struct Embedding {
    /// The encoder.
    pub encoder: Arc<Encoder>,
    /// The treatment of texts that are not in the cache.
    pub missing: Missing,
}

/// The treatment of texts that are not in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Embed them, which takes up to some milliseconds each.
    Embed,
    /// Use no embeddings at all if any text is missing; a later call can embed them.
    Skip,
}

impl Encoder {
    /// Identifies the model and everything else that its embeddings depend on.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::BuiltIn(model) => model.id().to_owned(),
            Self::Server(server) => server.id(),
        }
    }

    /// Embeds a question; `None` if a server fails or does not answer before its deadline.
    ///
    /// May be polled on any executor: the request runs on the runtime of the server's client.
    pub async fn embed_question(&self, text: &str) -> Option<Vector> {
        match self {
            Self::BuiltIn(model) => Some(model.embed_one(text)),
            Self::Server(server) => {
                let values = server.embed_question(text).await?;
                Some(Vector::new(&values))
            }
        }
    }

    /// Embeds a question with the built-in model; `None` if the encoder is a server.
    #[must_use]
    pub fn embed_in_process(&self, text: &str) -> Option<Vector> {
        match self {
            Self::BuiltIn(model) => Some(model.embed_one(text)),
            Self::Server(_) => None,
        }
    }

    /// Embeds texts of the knowledge, in their order. Texts in the cache of `folder` are not
    /// embedded again; new ones are added to it. `None` if texts are missing and to be skipped.
    ///
    /// Blocks the calling thread, which must not be a worker of a runtime.
    ///
    /// # Errors
    /// [`server::Error`] if a server returns no usable answer.
    pub fn embed(
        &self,
        texts: &[&str],
        folder: Option<&Path>,
        missing: Missing,
    ) -> Result<Option<Vectors>, server::Error> {
        let id = self.id();
        let path = folder.map(|folder| cache::path(folder, &id));
        let cached = path.as_deref().map(|path| cache::read(path, &id));
        let mut cached = cached.unwrap_or_default();
        let keys: Vec<Key> = texts.iter().map(|text| cache::key(text)).collect();
        let mut is_new = HashSet::new();
        let new = keys.iter().copied().zip(texts.iter().copied());
        let new = new.filter(|(key, _)| !cached.indices.contains_key(key) && is_new.insert(*key));
        let new: Vec<(Key, &str)> = new.collect();
        if !new.is_empty() && missing == Missing::Skip {
            return Ok(None);
        }
        let mut reported = Instant::now();
        let mut done = 0;
        for chunk in new.chunks(CHUNK_TEXTS) {
            let chunk_texts: Vec<&str> = chunk.iter().map(|(_, text)| *text).collect();
            let vectors = match self.embed_uncached(&chunk_texts) {
                Ok(vectors) => vectors,
                Err(error) => {
                    // Keeps the finished chunks: a server may charge for each text.
                    let (keys, vectors) = (cached.keys(), &cached.vectors);
                    store(path.as_deref(), &id, &keys, vectors, &cached);
                    return Err(error);
                }
            };
            if !cached.extend(chunk.iter().map(|(key, _)| *key).zip(&vectors)) {
                // Other dimensions: the model on the server has changed, and the cache is stale.
                cached = Cache::default();
                let vectors = self.embed_uncached(texts)?;
                cached.extend(keys.iter().copied().zip(&vectors));
                break;
            }
            done += chunk.len();
            if reported.elapsed() >= PROGRESS_INTERVAL {
                reported = Instant::now();
                tracing::info!(done, total = new.len(), "embedding the knowledge");
            }
        }
        let mut vectors = Vectors::default();
        for key in &keys {
            let index = cached.indices.get(key);
            let is_cached = index.is_some_and(|index| vectors.push_from(&cached.vectors, *index));
            debug_assert!(is_cached, "every text was embedded");
        }
        if let Self::Server(server) = self {
            // Already set if the server was just used.
            let _ = server.expect_dimensions(vectors.dimensions());
        }
        if !new.is_empty() {
            store(path.as_deref(), &id, &keys, &vectors, &cached);
        }
        Ok(Some(vectors))
    }

    fn embed_uncached(&self, texts: &[&str]) -> Result<Vec<Vector>, server::Error> {
        match self {
            Self::BuiltIn(model) => Ok(model.embed(texts)),
            Self::Server(server) => {
                let vectors = server.embed_passages(texts)?;
                Ok(vectors.iter().map(|values| Vector::new(values)).collect())
            }
        }
    }
}

/// Writes the cache; a failure is only logged, since the texts can be embedded again.
fn store(path: Option<&Path>, id: &str, keys: &[Key], vectors: &Vectors, cached: &Cache) {
    let Some(path) = path else {
        return;
    };
    if let Err(error) = cache::write(path, id, keys, vectors, cached) {
        tracing::warn!(
            %error,
            hint = "set --index or MADOGUCHI_INDEX to a writable folder",
            "embeddings not cached: they will be computed again at every start"
        );
    }
}
