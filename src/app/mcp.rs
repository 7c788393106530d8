//! Answers assistants: the route in the service, and the command that an assistant starts.

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::live::{self, Shared};
use crate::channels::{http, mcp};
use crate::settings::{Mcp, Secret, Settings, Sources};

/// Builds the route; `None` if it is closed.
///
/// # Errors
/// A token that cannot be used.
pub(super) fn route(
    service: &http::Service,
    settings: &Settings,
    stop: &CancellationToken,
) -> anyhow::Result<Option<axum::Router>> {
    if settings.closed_routes.contains("mcp") {
        return Ok(None);
    }
    let token = Mcp::from_sources(&settings.sources)?.token;
    let own_origin = settings.public_url.as_deref().and_then(origin);
    let origins = settings.allowed_origins.0.iter().cloned();
    let guard = mcp::Guard {
        token: token.map(|token| token.expose().to_owned()),
        origins: origins.chain(own_origin).collect(),
    };
    let desk = desk(service, settings)?;
    Ok(Some(mcp::route(desk, guard, stop)))
}

/// Answers an assistant over standard input and output, until the input ends.
///
/// # Errors
/// Invalid settings or knowledge, or a client that does not speak the protocol.
pub(crate) fn over_stdio(settings: &Settings) -> anyhow::Result<()> {
    for (name, nearest) in Sources::unknown_variables() {
        tracing::warn!(name, nearest, "unknown variable ignored");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the threads of the service")?;
    let Shared {
        service, writer, ..
    } = live::start(settings, &runtime)?;
    let ended = runtime.block_on(async {
        let handler = mcp::Handler::lasting(desk(&service, settings)?);
        let session = rmcp::serve_server(handler, rmcp::transport::stdio()).await;
        let ended = match session {
            Ok(session) => session.waiting().await.map(|_| ()).map_err(Into::into),
            Err(error) => Err(anyhow::Error::new(error)),
        };
        if let Some(writer) = writer {
            writer.stop().await;
        }
        ended.context("the assistant did not speak the Model Context Protocol")
    });
    // Dropping the runtime would wait for the standard input.
    runtime.shutdown_background();
    ended
}

/// Builds what the tools and resources read.
fn desk(service: &http::Service, settings: &Settings) -> anyhow::Result<mcp::Desk> {
    let secret = Secret::from_sources(&settings.sources)?;
    let options = http::Options {
        public_url: settings.public_url.clone(),
        secret: secret.map(|secret| secret.expose().to_owned()),
        ..http::Options::default()
    };
    Ok(mcp::Desk::new(service.clone(), options))
}

/// Returns the origin of a URL.
fn origin(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    Some(url.origin().ascii_serialization())
}
