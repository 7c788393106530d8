//! The process edge: command line, logs, one command, and the report of its failure.

use std::io::{IsTerminal, stderr};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use madoguchi::cli::{self, Cli};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

fn main() -> ExitCode {
    let started = Instant::now();
    let cli = Cli::from_arguments();
    let language = cli.tool_language();
    // The message of a panic may quote a member's question, so only its place is logged.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic: the request gets an error response");
    }));
    let done = start_logs(cli.log_level()).and_then(|()| cli.run(started));
    done.unwrap_or_else(|error| cli::report_failure(&error, language))
}

/// Libraries whose logs hold tokens and members' questions. The channels log what operators need.
const SILENCED_CRATES: [&str; 3] = ["serenity", "tungstenite", "tokio_tungstenite"];

/// Logs to stderr: text on a terminal, else one JSON object per line. `RUST_LOG` sets the level.
///
/// Invariants: no log line at `info` or above holds a member's question; no log line at any level
/// holds a token.
fn start_logs(level: LevelFilter) -> anyhow::Result<()> {
    let directives = std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_default();
    let filter = EnvFilter::builder()
        .with_default_directive(level.into())
        .parse(&directives)
        .with_context(|| {
            format!("cannot use RUST_LOG=`{directives}`, expected levels such as `info`, or `warn,madoguchi=debug`")
        })?;
    // tantivy's `info` lines are of no use to operators.
    let filter = if directives.is_empty() {
        filter.add_directive("tantivy=warn".parse()?)
    } else {
        filter
    };
    let discreet = filter_fn(|metadata| {
        let crate_name = metadata.target().split(':').next().unwrap_or_default();
        !SILENCED_CRATES.contains(&crate_name)
    });
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr);
    if stderr().is_terminal() {
        let is_colored = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let logs = logs.with_target(false).with_ansi(is_colored);
        logs.finish().with(discreet).init();
    } else {
        let logs = logs.json().flatten_event(true);
        logs.finish().with(discreet).init();
    }
    Ok(())
}
