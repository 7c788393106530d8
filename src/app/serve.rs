//! The running service: loads, listens, watches the knowledge folder, stops on a signal.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::bots::Bots;
use super::listen;
use super::live::{self, Shared};
use super::mcp;
use super::records;
use super::signals;
use super::staff;
use crate::channels::http;
use crate::settings::{
    Allowance, ApiKey, Discord, Embeddings, Limits, Line, Mcp, Secret, Settings, Sources, Telegram,
    Traces,
};

/// Serves until SIGTERM or Ctrl-C; `started` is the start time of the process, for the log.
///
/// # Errors
/// Invalid settings or knowledge, or an address in use.
pub fn serve(settings: &Settings, started: Instant) -> anyhow::Result<()> {
    for (name, nearest) in Sources::unknown_variables() {
        tracing::warn!(name, nearest, "unknown variable ignored");
    }
    if let Some(path) = &settings.sources.path {
        tracing::info!(path = %path.display(), "configuration file read");
    }
    check(settings)?;
    let bots = Bots::from_sources(&settings.sources)?;
    let api_keys = ApiKey::from_sources(&settings.sources)?;
    let secret = Secret::from_sources(&settings.sources)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the threads of the service")?;
    let Shared {
        service,
        encoder,
        writer,
        wake,
        index,
    } = live::start(settings, &runtime)?;
    let knowledge = Arc::clone(service.assistant.load().knowledge());
    let served = runtime.block_on(async {
        let listener = listen::public(settings).await?;
        let admin = listen::admin(settings).await?;
        let staff = staff::open(settings, encoder).await?;
        let address = listener.local_addr()?;
        signals::reload_on_hangup(wake)?;
        let drain = Duration::from_secs(settings.drain.into());
        let shutdown = signals::shutdown(service.draining.clone(), drain)?;
        let stop = CancellationToken::new();
        let (bots, routes) = bots.start(settings, &service, &stop)?;
        let server = server(&settings.limits, &service);
        let shared = http::Options {
            rates: rates(&settings.limits),
            api_keys: api_keys.into_iter().map(api_key).collect(),
            secret: secret.map(|secret| secret.expose().to_owned()),
            trusted_proxies: server.trusted_proxies.clone(),
            allowed_origins: settings.allowed_origins.0.clone(),
            public_url: settings.public_url.clone(),
            hsts: settings.hsts,
            ..http::Options::default()
        };
        let staff = match staff {
            Some(desk) => staff::serve(desk, &service, shared.clone(), stop.clone())?,
            None => None,
        };
        let options = http::Options {
            operator_routes: match admin {
                Some(_) => http::OperatorRoutes::CLOSED,
                None => operator_routes(settings),
            },
            staff,
            other_routes: routes,
            mcp: mcp::route(&service, settings, &stop)?,
            ..shared
        };
        if let Some(listener) = admin {
            serve_admin(listener, &service, settings, stop.clone())?;
        }
        let router = http::router(service, options);
        let shutdown = async move {
            shutdown.await;
            stop.cancel();
        };
        tracing::info!(
            address = %address,
            entries = knowledge.entries.len(),
            desks = knowledge.desks.len(),
            index,
            milliseconds = started.elapsed().as_millis() as u64,
            max_connections = server.max_connections,
            "ready"
        );
        signals::notify_ready();
        server.serve(listener, router, shutdown).await?;
        bots.stopped().await;
        if let Some(writer) = writer {
            writer.stop().await;
        }
        tracing::info!("stopped");
        Ok(())
    });
    // Dropping the runtime would wait for a host name that is being looked up.
    runtime.shutdown_background();
    served
}

/// Serves all routes on the address for operators, with connections of its own and without rate
/// limits, so that probes succeed whatever the members do.
fn serve_admin(
    listener: TcpListener,
    service: &http::Service,
    settings: &Settings,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    /// Probes, a scraper and some operators.
    const MAX_CONNECTIONS: usize = 64;
    let server = http::Server {
        max_connections: MAX_CONNECTIONS,
        draining: service.draining.clone(),
        ..http::Server::default()
    };
    let options = http::Options {
        rates: http::Rates::off(),
        operator_routes: operator_routes(settings),
        ..http::Options::default()
    };
    let address = listener.local_addr()?;
    tracing::info!(address = %address, "admin address ready");
    let router = http::router(service.clone(), options);
    tokio::spawn(server.serve(listener, router, stop.cancelled_owned()));
    Ok(())
}

fn operator_routes(settings: &Settings) -> http::OperatorRoutes {
    let closed = &settings.closed_routes;
    http::OperatorRoutes {
        metrics: !closed.contains("metrics"),
        explain: !closed.contains("explain"),
        docs: !closed.contains("docs"),
        demo: !closed.contains("demo"),
    }
}

/// Checks the settings that `serve` reads.
///
/// # Errors
/// The first setting that cannot be used.
pub fn check(settings: &Settings) -> anyhow::Result<()> {
    let sources = &settings.sources;
    Telegram::from_sources(sources)?;
    Discord::from_sources(sources)?;
    Line::from_sources(sources)?;
    Embeddings::from_sources(sources)?;
    ApiKey::from_sources(sources)?;
    Secret::from_sources(sources)?;
    Mcp::from_sources(sources)?;
    records::location(settings)?;
    staff::options(settings, None)?;
    Traces::from_sources(sources)?;
    Ok(())
}

/// Returns the server with the configured bounds, and fewer connections if the system allows fewer.
fn server(limits: &Limits, service: &http::Service) -> http::Server {
    let configured = limits.max_connections as usize;
    let possible = http::raise_descriptor_limit().map(http::connections_below);
    if let Some(possible) = possible.filter(|possible| *possible < configured) {
        tracing::warn!(
            configured,
            possible,
            hint = "raise the limit of open files, for example LimitNOFILE= of systemd",
            "http: fewer connections than configured"
        );
    }
    http::Server {
        max_connections: configured.min(possible.unwrap_or(usize::MAX)),
        max_per_client: limits.max_connections_per_client as usize,
        trusted_proxies: limits.trusted_proxies.0.iter().copied().collect(),
        timeouts: http::Timeouts::default(),
        metrics: Arc::clone(&service.metrics),
        draining: service.draining.clone(),
    }
}

fn rates(limits: &Limits) -> http::Rates {
    http::Rates {
        ask: rate(limits.rate_ask),
        suggest: rate(limits.rate_suggest),
        search: rate(limits.rate_search),
        feedback: rate(limits.rate_feedback),
        pages: rate(limits.rate_pages),
    }
}

fn rate(allowance: Allowance) -> Option<http::Rate> {
    let (per_second, burst) = allowance.0?;
    Some(http::Rate::new(per_second, burst))
}

fn api_key(key: ApiKey) -> http::ApiKey {
    http::ApiKey {
        rate: rate(key.rate),
        key: key.key.expose().to_owned(),
        name: key.name,
    }
}
