//! The process edge: command line, logs, one command, and what is printed if it fails.

use std::io::{IsTerminal, stderr};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::Parser;
use madoguchi::cli::{self, Cli};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

fn main() -> ExitCode {
    let started = Instant::now();
    let cli = Cli::parse();
    // A panic's words may quote what somebody asked; where it happened is enough to mend it.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panicked; the request is answered with an error");
    }));
    let done = start_logs(cli.log_level()).and_then(|()| cli.run(started));
    done.unwrap_or_else(|error| cli::report_failure(&error))
}

/// Libraries that log what they send and receive, with tokens and members' words in it; whatever of
/// it matters to whoever runs the service, the channels log themselves.
const TALKATIVE: [&str; 3] = ["serenity", "tungstenite", "tokio_tungstenite"];

/// Logs to stderr: for people on a terminal, else one JSON object a line for programs.
/// `RUST_LOG` says how much.
///
/// Invariants: what members ask is logged by nobody at `info` or above, and no token at any level,
/// whatever `RUST_LOG` says.
fn start_logs(level: LevelFilter) -> anyhow::Result<()> {
    let directives = std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_default();
    let filter = EnvFilter::builder()
        .with_default_directive(level.into())
        .parse(&directives)
        .with_context(|| {
            format!("cannot use RUST_LOG=`{directives}`, expected levels such as `info`, or `warn,madoguchi=debug`")
        })?;
    // What tantivy tells at `info` is of no use to whoever runs the service.
    let filter = if directives.is_empty() {
        filter.add_directive("tantivy=warn".parse()?)
    } else {
        filter
    };
    let discreet = filter_fn(|metadata| {
        let crate_name = metadata.target().split(':').next().unwrap_or_default();
        !TALKATIVE.contains(&crate_name)
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
