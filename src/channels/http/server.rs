//! Accepts connections and serves HTTP/1.1 on them, with timeouts and bounds.
//!
//! Invariant: a client that sends nothing, or reads nothing, never keeps others from being served.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use super::client_address::{TrustedProxies, network};
use super::connections::{Connections, Registered};
use crate::channels::metrics::Metrics;
use crate::channels::repeated::Repeated;

/// Time limits of connections.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Time limit for the first byte of a new connection.
    pub first_byte: Duration,
    /// Time limit for the header of a request, from its first byte or from the response before it.
    pub header: Duration,
    /// Time after which a connection without any event is closed: its client does not read.
    pub stalled: Duration,
}

impl Default for Timeouts {
    /// Keeps an unused connection longer than load balancers do (60 s and less), so that they close
    /// it and send no request on a connection that is being closed.
    fn default() -> Self {
        Self {
            first_byte: Duration::from_secs(10),
            header: Duration::from_secs(75),
            stalled: Duration::from_secs(150),
        }
    }
}

/// Interval of looking for stalled connections.
const SWEEP_INTERVAL: Duration = Duration::from_secs(15);

/// Longest header of a request, in bytes; it is held in memory for each connection.
const MAX_HEADER_BYTES: usize = 128 * 1024;

/// Time limit for open connections after the shutdown signal.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(12);

/// Time in which a connection may still send a request when the service stops: it may be on its way.
const LAST_REQUEST_WAIT: Duration = Duration::from_millis(500);

/// Time to wait for a closed connection before another one is closed.
const SLOT_WAIT: Duration = Duration::from_millis(50);

/// Default of [`Server::max_connections`].
pub const MAX_CONNECTIONS: usize = 4_096;

/// Default of [`Server::max_per_client`].
pub const MAX_CONNECTIONS_PER_CLIENT: usize = 256;

/// File descriptors that connections may not use: the index, the knowledge and the bots need them.
const RESERVED_DESCRIPTORS: u64 = 128;

/// Serves HTTP on a listener.
#[derive(Clone)]
pub struct Server {
    /// Upper bound of open connections; with a lower limit of file descriptors it is lower.
    pub max_connections: usize,
    /// Upper bound of open connections of one address, at most half of all. Trusted proxies have none.
    pub max_per_client: usize,
    /// The proxies, whose connections belong to many clients.
    pub trusted_proxies: TrustedProxies,
    /// Time limits.
    pub timeouts: Timeouts,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// While cancelled, the response to each request closes its connection, so that clients move to
    /// other replicas before this one stops.
    pub draining: CancellationToken,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            max_connections: MAX_CONNECTIONS,
            max_per_client: MAX_CONNECTIONS_PER_CLIENT,
            trusted_proxies: TrustedProxies::default(),
            timeouts: Timeouts::default(),
            metrics: Arc::default(),
            draining: CancellationToken::new(),
        }
    }
}

/// Raises the soft limit of open files to the hard limit; returns the limit, `None` if it is unknown.
#[cfg(unix)]
#[must_use]
pub fn raise_descriptor_limit() -> Option<u64> {
    let raised = rlimit::increase_nofile_limit(rlimit::INFINITY);
    let limit = raised.or_else(|error| {
        tracing::warn!(%error, "http: limit of open files not raised");
        rlimit::getrlimit(rlimit::Resource::NOFILE).map(|(soft, _)| soft)
    });
    limit.ok()
}

/// Does nothing: sockets of this system are not files.
#[cfg(not(unix))]
#[must_use]
pub fn raise_descriptor_limit() -> Option<u64> {
    None
}

/// Returns how many connections fit below a limit of file descriptors.
#[must_use]
pub fn connections_below(descriptors: u64) -> usize {
    let reserved = RESERVED_DESCRIPTORS.min(descriptors / 4);
    usize::try_from(descriptors - reserved).unwrap_or(usize::MAX)
}

impl Server {
    /// Serves until `shutdown` resolves, then gives open requests `SHUTDOWN_GRACE` to finish.
    ///
    /// Connections that wait to be accepted at that time are served, too: closing the listener would
    /// reset them, and their clients would see a failure.
    ///
    /// # Errors
    /// None at present; a failure to accept a connection is logged and accepting continues.
    pub async fn serve(
        self,
        listener: TcpListener,
        router: Router,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let stopping = CancellationToken::new();
        let tasks = TaskTracker::new();
        let max_connections = self.max_connections.max(1);
        let max_per_client = self.max_per_client.min(max_connections / 2).max(1);
        let acceptor = Acceptor {
            slots: Arc::new(Semaphore::new(max_connections.min(Semaphore::MAX_PERMITS))),
            connections: Arc::new(Connections::new(max_per_client, Arc::clone(&self.metrics))),
            trusted_proxies: self.trusted_proxies,
            timeouts: self.timeouts,
            router,
            draining: self.draining,
            stopping: stopping.clone(),
            tasks: tasks.clone(),
        };
        tokio::select! {
            () = acceptor.accept_all(&listener) => {}
            () = acceptor.sweep() => {}
            () = shutdown => {}
        }
        if let Err(error) = acceptor.accept_waiting(listener) {
            tracing::debug!(%error, "http: waiting connections dropped");
        }
        stopping.cancel();
        tasks.close();
        if tokio::time::timeout(SHUTDOWN_GRACE, tasks.wait())
            .await
            .is_err()
        {
            let seconds = SHUTDOWN_GRACE.as_secs();
            tracing::warn!(
                seconds,
                "http: open connections dropped after the shutdown grace"
            );
        }
        Ok(())
    }
}

struct Acceptor {
    /// One permit for each connection that may be open.
    slots: Arc<Semaphore>,
    connections: Arc<Connections>,
    trusted_proxies: TrustedProxies,
    timeouts: Timeouts,
    router: Router,
    draining: CancellationToken,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Acceptor {
    async fn accept_all(&self, listener: &TcpListener) {
        let failures = Repeated::default();
        loop {
            let slot = self.slot().await;
            match listener.accept().await {
                Ok((stream, peer)) => self.start(stream, peer, slot),
                // The client closed the connection before it was accepted.
                Err(error) if is_of_connection(&error) => {}
                // Out of file descriptors or memory: closes connections until there is room.
                Err(error) => {
                    if let Some(times) = failures.note() {
                        tracing::error!(%error, times, "http: accepting a connection failed");
                    }
                    drop(slot);
                    self.connections.close_oldest();
                    tokio::time::sleep(SLOT_WAIT).await;
                }
            }
        }
    }

    /// Accepts the connections that the system has completed and the service has not accepted yet,
    /// then closes the listener.
    fn accept_waiting(&self, listener: TcpListener) -> io::Result<()> {
        // tokio may not know yet that connections wait; the system knows.
        let listener = listener.into_std()?;
        while let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            match listener.accept() {
                Ok((stream, peer)) => {
                    stream.set_nonblocking(true)?;
                    self.start(TcpStream::from_std(stream)?, peer, slot);
                }
                Err(error) if is_of_connection(&error) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Waits for a free place; closes idle connections until there is one.
    async fn slot(&self) -> OwnedSemaphorePermit {
        loop {
            let slot = Arc::clone(&self.slots).acquire_owned();
            if let Ok(Ok(slot)) = tokio::time::timeout(SLOT_WAIT, slot).await {
                return slot;
            }
            self.connections.close_oldest();
        }
    }

    fn start(&self, stream: TcpStream, peer: SocketAddr, slot: OwnedSemaphorePermit) {
        let is_proxy = self.trusted_proxies.contains(peer.ip());
        let client = (!is_proxy).then(|| network(peer.ip()));
        let Some(registered) = self.connections.register(client) else {
            return;
        };
        if self.slots.available_permits() == 0 {
            // The next connection finds a free place at once.
            self.connections.close_oldest();
        }
        let router = self.router.clone();
        let (draining, stopping) = (self.draining.clone(), self.stopping.clone());
        let timeouts = self.timeouts;
        self.tasks.spawn(async move {
            let closing = registered.connection.closing.clone();
            tokio::select! {
                () = serve_connection(stream, peer, router, &registered, timeouts, &draining, &stopping) => {}
                () = closing.cancelled() => {}
            }
            // The stream is closed before its place is given to another connection.
            drop(slot);
        });
    }

    async fn sweep(&self) {
        loop {
            tokio::time::sleep(SWEEP_INTERVAL.min(self.timeouts.stalled)).await;
            self.connections.close_stalled(self.timeouts.stalled);
        }
    }
}

/// Serves one connection until the client or a timeout closes it, or until the service stops.
async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    registered: &Registered,
    timeouts: Timeouts,
    draining: &CancellationToken,
    stopping: &CancellationToken,
) {
    // Responses are small; buffering in the kernel would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "http: setting TCP_NODELAY failed");
    }
    // hyper allocates buffers for a connection, so a silent one does not reach it.
    let mut byte = [0];
    let first_byte = tokio::time::timeout(timeouts.first_byte, stream.peek(&mut byte));
    tokio::select! {
        first_byte = first_byte => if !matches!(first_byte, Ok(Ok(1))) {
            return;
        },
        () = last_request(stopping) => return,
    }
    let service = service_fn(|request: Request<Incoming>| {
        registered.begin();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = router.clone().call(request);
        async move {
            let mut response = response.await;
            registered.end();
            if (draining.is_cancelled() || stopping.is_cancelled())
                && let Ok(response) = &mut response
            {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            response
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timeouts.header)
        .max_buf_size(MAX_HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // A shutdown of hyper closes a connection whose request has arrived but was not read yet.
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = last_request(stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "http: connection ended with an error");
    }
}

/// Completes when a connection may no longer send a request.
async fn last_request(stopping: &CancellationToken) {
    stopping.cancelled().await;
    tokio::time::sleep(LAST_REQUEST_WAIT).await;
}

fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_descriptors_are_kept_for_other_files() {
        for (descriptors, connections) in [(64, 48), (256, 192), (1_024, 896), (65_536, 65_408)] {
            assert_eq!(connections_below(descriptors), connections);
        }
    }
}
