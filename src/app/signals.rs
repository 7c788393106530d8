//! Signals of the process, and messages to the service manager.
//!
//! SIGTERM drains and stops, SIGINT stops at once, SIGHUP reloads the knowledge.

use std::sync::mpsc::Sender;
use std::time::Duration;

#[cfg(unix)]
use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::reload::Wake;

/// Completes when the service must stop accepting requests.
///
/// After SIGTERM it cancels `draining` and waits for `drain`, so that load balancers send the requests
/// elsewhere before the first one is refused. SIGINT or a second signal ends the wait. Fails at once
/// if the process cannot wait for signals.
#[cfg(unix)]
pub(super) fn shutdown(
    draining: CancellationToken,
    drain: Duration,
) -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for Ctrl-C")?;
    Ok(async move {
        let (signal, drain) = tokio::select! {
            _ = terminate.recv() => ("SIGTERM", drain),
            _ = interrupt.recv() => ("SIGINT", Duration::ZERO),
        };
        draining.cancel();
        notify(&sd_notify::NotifyState::Stopping);
        if !drain.is_zero() {
            let seconds = drain.as_secs();
            tracing::info!(
                signal,
                seconds,
                "draining: not ready, requests are accepted"
            );
            tokio::select! {
                () = tokio::time::sleep(drain) => {}
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        tracing::info!(signal, "stopping: finishing open requests");
    })
}

/// Completes on Ctrl-C.
#[cfg(not(unix))]
pub(super) fn shutdown(
    draining: CancellationToken,
    _: Duration,
) -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            // Ctrl-C cannot be received, so the service runs until it is killed.
            std::future::pending::<()>().await;
        }
        draining.cancel();
        tracing::info!("stopping: finishing open requests");
    })
}

/// Reloads the knowledge on SIGHUP, even if no file changed.
#[cfg(unix)]
pub(super) fn reload_on_hangup(wake: Sender<Wake>) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangup = signal(SignalKind::hangup()).context("cannot wait for SIGHUP")?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() && wake.send(Wake::Hangup).is_ok() {}
    });
    Ok(())
}

/// Does nothing: this system has no SIGHUP.
#[cfg(not(unix))]
pub(super) fn reload_on_hangup(_: Sender<Wake>) -> anyhow::Result<()> {
    Ok(())
}

/// Reports to systemd that questions are answered: with `Type=notify`, a restart waits for it.
pub(super) fn notify_ready() {
    #[cfg(unix)]
    notify(&sd_notify::NotifyState::Ready);
}

#[cfg(unix)]
fn notify(state: &sd_notify::NotifyState<'_>) {
    // Without systemd (no NOTIFY_SOCKET) this does nothing.
    if let Err(error) = sd_notify::notify(std::slice::from_ref(state)) {
        tracing::warn!(%error, "service manager not notified");
    }
}
