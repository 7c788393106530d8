//! The process: parses the command line, starts the log and the traces, runs one command, prints its
//! error.

use std::io::{IsTerminal, stderr};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use madoguchi::cli::{self, Cli, Traces};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

fn main() -> ExitCode {
    let started = Instant::now();
    let cli = Cli::from_arguments();
    let language = cli.tool_language();
    // The panic's message is not logged: it may quote a member's question.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic: the current request or command failed");
    }));
    let traces = match cli.traces() {
        Ok(traces) => traces,
        Err(error) => return cli::report_failure(&error, language),
    };
    let layer = traces.as_ref().map(Traces::layer);
    let done = start_logs(cli.log_level(), layer).and_then(|()| cli.run(started));
    if let Some(traces) = traces {
        traces.stop();
    }
    done.unwrap_or_else(|error| cli::report_failure(&error, language))
}

/// The layer that collects spans for the traces.
type TraceLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Libraries whose log is dropped, because it contains tokens and members' words. The channels log
/// all errors that matter to an operator.
const SILENCED_CRATES: [&str; 5] = [
    "serenity",
    "twilight_gateway",
    "twilight_gateway_queue",
    "tokio_websockets",
    "rustls",
];

/// Logs to stderr: coloured text on a terminal, else one JSON object per line. Spans are also collected
/// for the traces, if there are any.
///
/// `RUST_LOG` sets the levels. Invariants: no question is logged at `info` or above, and no token
/// at any level, whatever `RUST_LOG` is.
fn start_logs(level: LevelFilter, traces: Option<TraceLayer>) -> anyhow::Result<()> {
    let directives = std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_default();
    let filter = EnvFilter::builder()
        .with_default_directive(level.into())
        .parse(&directives)
        .with_context(|| {
            format!("cannot use RUST_LOG=`{directives}`, expected levels such as `info`, or `warn,madoguchi=debug`")
        })?;
    // Tantivy's `info` lines do not concern operators.
    let filter = if directives.is_empty() {
        filter.add_directive("tantivy=warn".parse()?)
    } else {
        filter
    };
    let silenced = filter_fn(|metadata| {
        let crate_name = metadata.target().split(':').next().unwrap_or_default();
        !SILENCED_CRATES.contains(&crate_name)
    });
    let logs = tracing_subscriber::fmt::layer().with_writer(stderr);
    let logs = if stderr().is_terminal() {
        let is_colored = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        logs.with_target(false).with_ansi(is_colored).boxed()
    } else {
        logs.json().flatten_event(true).boxed()
    };
    let logs = logs.with_filter(filter.and(silenced));
    tracing_subscriber::registry()
        .with(traces)
        .with(logs)
        .init();
    Ok(())
}
