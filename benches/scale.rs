//! Speed and memory by size of the knowledge, with made-up knowledge. See `benches/README.md`.
//!
//! `cargo bench --bench scale -- --write FOLDER --phrases N` writes such knowledge to a folder, for
//! trying the service with it.

mod made_up;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;

/// The seed of the made-up knowledge; another one makes up other knowledge.
const DEFAULT_SEED: u64 = 1;

#[derive(Debug, clap::Parser)]
struct Arguments {
    /// Write made-up knowledge to this folder, and measure nothing
    #[arg(long, value_name = "FOLDER")]
    write: Option<PathBuf>,
    /// Number of phrases
    #[arg(long, default_value_t = 10_000)]
    phrases: usize,
    /// Seed of the made-up knowledge
    #[arg(long, default_value_t = DEFAULT_SEED)]
    seed: u64,
    /// Passed by `cargo bench`; ignored
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(folder) = &arguments.write {
        return match made_up::write(folder, arguments.phrases, arguments.seed) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("cannot write to `{}`: {error}", folder.display());
                ExitCode::FAILURE
            }
        };
    }
    ExitCode::SUCCESS
}
