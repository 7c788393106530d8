//! An opened model: a text -> its embedding.

use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::error::Error;
use crate::folder::{MODEL, model_path};
use crate::model_file::ModelFile;
use crate::network::Network;
use crate::pieces::PieceTree;
use crate::sentencepiece::{self, Replacements, Tokenizer};
use crate::table::DIMENSIONS;
use crate::vector::Vector;

/// Longer texts are truncated: questions are shorter, and a long text begins with its subject.
const MAX_TEXT_CHARS: usize = 600;

/// Most truncated texts have at most one piece per character, plus begin, end and a leading space.
/// The exceptions are characters that NFKC expands, such as `㌖` or `ﷺ` (18 letters).
const MAX_PIECES: usize = MAX_TEXT_CHARS + 3;

/// An opened model; threads can share it.
#[derive(Debug)]
pub struct Model {
    id: String,
    tokenizer: Tokenizer,
    network: Network,
}

impl Model {
    /// Number of dimensions of an embedding.
    pub const DIMENSIONS: usize = DIMENSIONS;

    /// Opens the model of a folder; `None` if none is installed there.
    ///
    /// Reads about 40 MB into memory and verifies their checksum.
    ///
    /// # Errors
    /// [`Error`] if the file cannot be read, is damaged, or has another format version.
    pub fn open(models: &Path) -> Result<Option<Self>, Error> {
        let path = model_path(models);
        let Some(file) = ModelFile::open(&path)? else {
            return Ok(None);
        };
        let model = Self::read(file).map_err(Error::unusable(&path))?;
        Ok(Some(model))
    }

    fn read(file: ModelFile) -> Result<Self, &'static str> {
        // Verified while the tokenizer is read: each takes some tens of milliseconds.
        let (verified, tokenizer) = thread::scope(|scope| {
            let verifying = scope.spawn(|| file.verify());
            let tokenizer = Self::read_tokenizer(&file);
            let verified = verifying.join();
            (
                verified.unwrap_or_else(|panic| resume_unwind(panic)),
                tokenizer,
            )
        });
        verified?;
        let (tokenizer, pieces) = tokenizer?;
        Ok(Self {
            id: format!("{MODEL}-{}", hex::encode(&file.digest()[..6])),
            tokenizer,
            network: Network::read(file, pieces)?,
        })
    }

    /// Reads the tokenizer; returns the size of its vocabulary, too.
    fn read_tokenizer(file: &ModelFile) -> Result<(Tokenizer, usize), &'static str> {
        let units = file.words("replace.units")?;
        let texts = file.section("replace.texts")?.to_vec();
        let tree = PieceTree::read(
            file.section("pieces.labels")?.to_vec(),
            file.words("pieces.children")?,
            file.words("pieces.numbers")?,
        )?;
        let pieces = file.section("table.parts")?.len();
        let scores = file.floats("pieces.scores", pieces)?;
        let unknown_score = file.floats("unknown.score", 1)?[0];
        let replacements = Replacements::new(units, texts);
        let tokenizer = Tokenizer::new(replacements, tree, scores, unknown_score)?;
        Ok((tokenizer, pieces))
    }

    /// Returns the name and a short digest of the model file, a key for caches of embeddings.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Embeds texts on all cores, in their order.
    #[must_use]
    pub fn embed(&self, texts: &[&str]) -> Vec<Vector> {
        let next = AtomicUsize::new(0);
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let workers = workers.min(texts.len());
        // Each worker takes one text at a time, because their lengths differ.
        let work = || {
            let mut embedded = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(text) = texts.get(index) else {
                    return embedded;
                };
                embedded.push((index, self.embed_one(text)));
            }
        };
        let mut all = thread::scope(|scope| {
            let others: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
            let mut all = work();
            for other in others {
                // A missing vector would shift all later ones to the wrong text.
                all.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            all
        });
        all.sort_by_key(|(index, _)| *index);
        all.into_iter().map(|(_, vector)| vector).collect()
    }

    /// Embeds one text.
    #[must_use]
    pub fn embed_one(&self, text: &str) -> Vector {
        Vector::new(&self.embed_exact(text))
    }

    /// Embeds one text without rounding: a vector of length one, or zeros for a text without
    /// content.
    ///
    /// Takes some tenths of a millisecond for a question. Only the first 600 characters are read.
    #[must_use]
    pub fn embed_exact(&self, text: &str) -> Vec<f32> {
        let end = text.char_indices().nth(MAX_TEXT_CHARS);
        let text = end.map_or(text, |(end, _)| &text[..end]);
        let mut pieces = self.tokenizer.pieces(text);
        if pieces.is_empty() {
            return vec![0.0; DIMENSIONS];
        }
        if pieces.len() > MAX_PIECES {
            pieces.truncate(MAX_PIECES - 1);
            pieces.push(sentencepiece::END);
        }
        self.network.embed(&pieces)
    }
}
