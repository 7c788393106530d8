//! The listening sockets: one that systemd hands over, or those that the settings name.

use std::net::SocketAddr;

use anyhow::Context;
use listenfd::ListenFd;
use tokio::net::TcpListener;

use crate::settings::Settings;

/// Returns the socket for members: the one that systemd listens on (`LISTEN_FDS`), so that no
/// connection is refused while the service restarts; without one, listens on `--listen`.
///
/// # Errors
/// An address that cannot be used, or sockets of another kind or number.
pub(super) async fn public(settings: &Settings) -> anyhow::Result<TcpListener> {
    match inherited()? {
        Some(listener) => {
            tracing::info!("listening on the socket of the service manager: --listen is ignored");
            Ok(listener)
        }
        None => listen(settings.listen, "--listen", "MADOGUCHI_LISTEN").await,
    }
}

/// Listens on the address for operators, if there is one.
///
/// # Errors
/// An address that cannot be used.
pub(super) async fn admin(settings: &Settings) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = settings.admin_listen else {
        return Ok(None);
    };
    let listener = listen(address, "--admin-listen", "MADOGUCHI_ADMIN_LISTEN").await?;
    Ok(Some(listener))
}

/// Listens on the address of the staff desk.
///
/// # Errors
/// An address that cannot be used.
pub(super) async fn staff(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| {
        format!(
            "cannot listen on `{address}` (MADOGUCHI_STAFF_LISTEN), expected an address of this machine with a free port, for example `127.0.0.1:8082`"
        )
    })
}

fn inherited() -> anyhow::Result<Option<TcpListener>> {
    const EXPECTED: &str = "expected one socket with an IP address and a port, for example `ListenStream=127.0.0.1:8080` in madoguchi.socket";
    let mut sockets = ListenFd::from_env();
    let count = sockets.len();
    anyhow::ensure!(
        count <= 1,
        "cannot use {count} sockets of the service manager, {EXPECTED}"
    );
    let socket = sockets.take_tcp_listener(0).with_context(|| {
        format!("cannot use the socket of the service manager (LISTEN_FDS), {EXPECTED}")
    })?;
    let Some(socket) = socket else {
        return Ok(None);
    };
    socket
        .set_nonblocking(true)
        .context("cannot use the socket of the service manager")?;
    Ok(Some(TcpListener::from_std(socket)?))
}

async fn listen(address: SocketAddr, flag: &str, variable: &str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| {
        format!(
            "cannot listen on `{address}`, expected an address of this machine with a free port, for example `{flag} 127.0.0.1:8081` (or {variable})"
        )
    })
}
