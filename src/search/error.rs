//! Errors of opening and building the index. Questions cause none.

use std::path::PathBuf;

/// An error of the search.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The dictionary or the lexicon's words cannot be used.
    #[error("cannot use the dictionary")]
    Dictionary(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The index cannot be built or read.
    #[error("cannot use the index")]
    Index(#[from] tantivy::TantivyError),
    /// The weights of `calibration.toml` are not those of the model.
    #[error("cannot use `calibration.toml`: {0}")]
    Weights(#[from] super::WeightError),
    /// The index folder cannot be written.
    #[error("cannot write to the index folder `{}`", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The I/O error.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    pub(super) fn dictionary(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Dictionary(source.into())
    }
}
