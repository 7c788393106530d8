//! Builds the dictionary that `src/lib.rs` embeds.
//!
//! Input: the data files of lindera-ipadic 0.3.0, `metadata.json`, `extra.csv`. Output:
//! `$OUT_DIR/ipadic/` in the format of the pinned lindera-dictionary, and the variable
//! `LINDERA_WORKDIR`, in which `embedded_dictionary!` looks for it.
//!
//! The current packages of lindera contain no dictionary; they download one during the build. The
//! last package with a dictionary is from 2020, in a format that current versions do not read.
//! Therefore the build converts it to MeCab's text files first:
//!
//! 1. [`source`] finds the old files,
//! 2. [`legacy`] reads them,
//! 3. [`mecab`] writes them as text, [`extra`] adds the words of this project,
//! 4. lindera-dictionary builds the dictionary from the text.
//!
//! Invariant: equal inputs give equal bytes. Rows keep their order, so that ties between words of
//! equal cost are resolved as in IPADIC.

#[path = "build/bytes.rs"]
mod bytes;
#[path = "build/extra.rs"]
mod extra;
#[path = "build/legacy.rs"]
mod legacy;
#[path = "build/mecab.rs"]
mod mecab;
#[path = "build/source.rs"]
mod source;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use anyhow::{Context, Result};
use lindera_dictionary::builder::DictionaryBuilder;
use lindera_dictionary::dictionary::metadata::Metadata;

use bytes::DataFile;
use legacy::Legacy;

/// Files that trigger a rebuild. The old data files are not listed: Cargo.toml pins their version and
/// Cargo.lock their checksum, and clearing cargo's cache must not trigger a rebuild.
const INPUTS: [&str; 5] = [
    "Cargo.toml",
    "build.rs",
    "build",
    "metadata.json",
    "extra.csv",
];

fn main() -> ExitCode {
    let Err(error) = run() else {
        return ExitCode::SUCCESS;
    };
    // Not `{error:?}`, which prints a backtrace after the hints if backtraces are enabled.
    eprintln!("error: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("caused by: {cause}");
    }
    ExitCode::FAILURE
}

fn run() -> Result<()> {
    for input in INPUTS {
        print_instruction(&format!("rerun-if-changed={input}"));
    }
    let manifest_dir = folder_from_env("CARGO_MANIFEST_DIR")?;
    let out_dir = folder_from_env("OUT_DIR")?;

    build(&manifest_dir, &out_dir).context("cannot build the embedded dictionary")?;

    print_instruction(&format!("rustc-env=LINDERA_WORKDIR={}", out_dir.display()));
    Ok(())
}

/// Builds `out_dir/ipadic` from the crate in `manifest_dir`.
fn build(manifest_dir: &Path, out_dir: &Path) -> Result<()> {
    let metadata = load_metadata(&manifest_dir.join("metadata.json"))?;

    // An interrupted build may have left incomplete folders.
    let text = out_dir.join("text");
    let dictionary = out_dir.join("ipadic");
    recreate(&text)?;
    recreate(&dictionary)?;

    write_text(manifest_dir, &text)?;
    DictionaryBuilder::new(metadata)
        .build_dictionary(&text, &dictionary)
        .with_context(|| {
            format!(
                "lindera-dictionary rejects the text files in `{}`, which are kept for inspection\n\
                 hint: if `extra.csv` was changed, undo the change and build again",
                text.display()
            )
        })?;
    fs::remove_dir_all(&text).with_context(|| cannot("remove", &text))
}

/// Writes the input of the builder into the folder `text`.
fn write_text(manifest_dir: &Path, text: &Path) -> Result<()> {
    let legacy = Legacy::load(&source::locate(manifest_dir)?)?;
    mecab::write(&legacy, text)?;
    extra::copy(&manifest_dir.join("extra.csv"), text, &legacy.matrix)
}

fn load_metadata(path: &Path) -> Result<Metadata> {
    let file = DataFile::read(path)?;
    Metadata::load(&file.bytes).with_context(|| {
        format!(
            "`{}` is not the metadata of a dictionary\nhint: restore the file from version control",
            path.display()
        )
    })
}

/// Creates `folder`, or empties it.
fn recreate(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| cannot("remove", folder))
        }
        _ => fs::create_dir_all(folder).with_context(|| cannot("create", folder)),
    }
}

fn cannot(verb: &str, folder: &Path) -> String {
    format!(
        "cannot {verb} the folder `{}`\nhint: check its permissions and the free disk space, \
         or run `cargo clean -p madoguchi-dictionary`",
        folder.display()
    )
}

fn folder_from_env(name: &str) -> Result<PathBuf> {
    env::var_os(name).map(PathBuf::from).with_context(|| {
        format!("the variable `{name}` is not set\nhint: start this program through `cargo build`")
    })
}

fn print_instruction(instruction: &str) {
    println!("cargo::{instruction}");
}
