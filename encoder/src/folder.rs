//! The models folder: file names, the list of installed models, removal.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::model_file::ModelFile;

/// Name of the only model that can be installed.
pub(crate) const MODEL: &str = "use-multilingual-v3";

/// An installed model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Name of the model.
    pub name: String,
    /// Path of the model file.
    pub path: PathBuf,
    /// Size of the model file.
    pub bytes: u64,
    /// Size of the vocabulary.
    pub pieces: usize,
}

/// Returns the path of the model file.
pub(crate) fn model_path(models: &Path) -> PathBuf {
    models.join(MODEL).with_extension("madoguchi")
}

/// Returns the path of the licence beside a model file.
pub(crate) fn licence_path(model: &Path) -> PathBuf {
    model.with_extension("LICENSE.txt")
}

/// Lists the installed models and verifies their checksums, which reads each file completely.
///
/// # Errors
/// [`Error`] if the folder or a model in it cannot be read, or if a model is damaged.
pub fn list(models: &Path) -> Result<Vec<Installed>, Error> {
    let path = model_path(models);
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

/// Removes a model and its licence; returns the path of the removed model file.
///
/// # Errors
/// [`Error::Unknown`] if no model has this name, [`Error::Write`] if a file cannot be
/// removed.
pub fn remove(models: &Path, name: &str) -> Result<PathBuf, Error> {
    let path = model_path(models);
    if name != MODEL || !path.exists() {
        return Err(Error::Unknown {
            name: name.to_owned(),
            folder: models.to_owned(),
        });
    }
    fs::remove_file(&path).map_err(Error::write(&path))?;
    let licence = licence_path(&path);
    match fs::remove_file(&licence) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::write(&licence)(error)),
        _ => Ok(path),
    }
}
