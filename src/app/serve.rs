//! The running service: loads, listens, follows the knowledge folder, stops when told to.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Instant;

use anyhow::Context;
use arc_swap::{ArcSwap, ArcSwapOption};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::bots::Bots;
use super::reload::{self, Live, Wake};
use super::{Asker, load_gated, milliseconds_since, origin_name, read_both};
use crate::answer::Assistant;
use crate::channels::http;
use crate::channels::metrics::Metrics;
use crate::embedding::{Embedding, Encoder, Missing};
use crate::knowledge::Evidence;
use crate::settings::{Embeddings, Settings};

/// Serves until SIGTERM or Ctrl-C; `started` is when the process began, for the log.
///
/// # Errors
/// Whatever keeps it from starting: knowledge that cannot serve, an address in use.
pub fn serve(settings: &Settings, started: Instant) -> anyhow::Result<()> {
    let unsupported = Settings::unsupported();
    if !unsupported.is_empty() {
        let settings = unsupported.join(", ");
        tracing::warn!(settings, "not supported by this version");
    }
    let bots = Bots::from_environment()?;
    Embeddings::from_environment()?;
    // Taken before loading, so that a change meanwhile is noticed.
    let stamp = reload::stamp(&settings.knowledge);
    // A setting that is wrong was refused above; a model that is damaged or of another version
    // must not keep anybody from an answer.
    let (knowledge, found) = read_both(settings, Asker::Member)?;
    let is_damaged = found.is_err();
    let encoder = found.unwrap_or_else(|error| {
        tracing::error!(error = format!("{error:#}"), "questions go by words alone");
        None
    });
    // Nobody waits for texts to be embedded: until they are, the search goes by words.
    let kept = encoder.clone().map(|encoder| Embedding {
        encoder,
        missing: Missing::DoWithout,
    });
    let opened = load_gated(settings, knowledge, kept)?;
    if !is_damaged {
        tell_encoder(encoder.as_deref(), &opened.assistant);
    }
    let metrics = Arc::new(Metrics::new(encoder.clone()));
    let knowledge = Arc::clone(opened.assistant.knowledge());
    let assistant = Arc::new(ArcSwap::from_pointee(opened.assistant));
    let stale = Arc::new(ArcSwapOption::empty());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the threads of the service")?;
    runtime.block_on(async {
        let listener = TcpListener::bind(settings.listen).await.with_context(|| {
            format!(
                "cannot listen on `{}`, expected an address of this machine with a free port, for example `--listen 127.0.0.1:8081` (or MADOGUCHI_LISTEN)",
                settings.listen
            )
        })?;
        let address = listener.local_addr()?;
        let wake = reload::start(Live {
            settings: settings.clone(),
            encoder,
            assistant: Arc::clone(&assistant),
            stale: Arc::clone(&stale),
            stamp,
        })?;
        reload_on_hangup(wake)?;
        let shutdown = shutdown()?;
        let service = http::Service {
            stale,
            metrics,
            ..http::Service::new(assistant)
        };
        let options = http::Options {
            allowed_origins: settings.allowed_origins.0.clone(),
            public_url: settings.public_url.clone(),
            ..http::Options::default()
        };
        let stop = CancellationToken::new();
        let (bots, routes) = bots.start(settings, &service, &stop)?;
        let router = http::router(service, options).merge(routes);
        let shutdown = async move {
            shutdown.await;
            stop.cancel();
        };
        tracing::info!(
            address = %address,
            entries = knowledge.entries.len(),
            desks = knowledge.desks.len(),
            index = origin_name(opened.origin),
            milliseconds = milliseconds_since(started),
            "ready"
        );
        http::serve(listener, router, shutdown).await?;
        bots.stopped().await;
        tracing::info!("stopped");
        Ok(())
    })
}

/// Says what understands meaning, or how to get it.
fn tell_encoder(encoder: Option<&Encoder>, assistant: &Assistant) {
    match encoder {
        Some(encoder) => {
            let model = encoder.id();
            if assistant.searcher().evidence() == Evidence::Words {
                tracing::info!(
                    model,
                    "questions go by words until the knowledge is embedded"
                );
            } else {
                tracing::info!(model, "questions are understood by words and by meaning");
            }
        }
        None => tracing::info!(
            hint = "see `madoguchi model install --help`, or set MADOGUCHI_EMBEDDINGS_URL",
            "questions are understood by words alone; there is no model of meaning"
        ),
    }
}

/// Completes when the process is told to stop. Fails at once if the system cannot tell.
#[cfg(unix)]
fn shutdown() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for Ctrl-C")?;
    Ok(async move {
        let signal = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal, "stopping; requests under way are finished");
    })
}

/// Completes when the process is told to stop.
#[cfg(not(unix))]
fn shutdown() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without signals there is nothing to wait for, and stopping would be worse.
            std::future::pending::<()>().await;
        }
        tracing::info!("stopping; requests under way are finished");
    })
}

/// Loads the knowledge again whenever SIGHUP comes, changed or not.
#[cfg(unix)]
fn reload_on_hangup(wake: Sender<Wake>) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangup = signal(SignalKind::hangup()).context("cannot wait for SIGHUP")?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() && wake.send(Wake::Asked).is_ok() {}
    });
    Ok(())
}

/// There is no SIGHUP here.
#[cfg(not(unix))]
fn reload_on_hangup(_: Sender<Wake>) -> anyhow::Result<()> {
    Ok(())
}
