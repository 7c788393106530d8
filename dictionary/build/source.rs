//! Finds the unpacked package lindera-ipadic 0.3.0.
//!
//! Input: the folder of this crate. Output: the folder with the old data files.
//!
//! The package has no `links` key, so cargo does not pass its location to build scripts; `cargo
//! metadata` prints it. The nested cargo uses the same lock file, downloads and source replacement.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, io};

use anyhow::{Context, Result, bail};
use serde_json::Value;

const PACKAGE: &str = "lindera-ipadic";
const VERSION: &str = "0.3.0";

const HINT: &str = "hint: run `cargo fetch --locked` once with a network connection and without \
                    `--target`, which would exclude this package; then build again";

/// Returns the folder with `dict.fst` and the other data files.
pub(crate) fn locate(manifest_dir: &Path) -> Result<PathBuf> {
    let metadata = cargo_metadata(manifest_dir).with_context(|| {
        format!("cannot locate `{PACKAGE}` {VERSION} with `cargo metadata`\n{HINT}")
    })?;
    let manifest = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == PACKAGE && package["version"] == VERSION)
        .and_then(|package| package["manifest_path"].as_str())
        .with_context(|| {
            format!(
                "`cargo metadata` does not list `{PACKAGE}` {VERSION}\nhint: it must stay in \
                 `{}`, under [target.'cfg(any())'.build-dependencies]",
                manifest_dir.join("Cargo.toml").display()
            )
        })?;
    let package_folder = Path::new(manifest).with_file_name("");
    let folder = package_folder.join(PACKAGE);
    if !folder.is_dir() {
        bail!(
            "`{}` is missing, expected the data files of `{PACKAGE}` {VERSION} there\n\
             hint: delete `{}` and run `cargo fetch --locked` to unpack it again",
            folder.display(),
            package_folder.display()
        );
    }
    Ok(folder)
}

/// Runs `cargo metadata`, which also downloads missing packages of the lock file.
fn cargo_metadata(manifest_dir: &Path) -> Result<Value> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(&cargo)
        .args(["metadata", "--format-version=1", "--locked"])
        .arg("--manifest-path")
        .arg(manifest_dir.join("Cargo.toml"))
        .output()
        .with_context(|| format!("cannot start `{}`", cargo.display()))?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(message.trim().to_owned()))
            .with_context(|| format!("`cargo metadata` failed, {}", output.status));
    }
    serde_json::from_slice(&output.stdout).context("the output of `cargo metadata` is not JSON")
}
