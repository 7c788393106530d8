//! The open connections: bounded overall and per address, the longest idle closed first.
//!
//! Invariant: a connection is registered before it is served and removed when it ends, so the table
//! never holds more than the process may have open.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::channels::metrics::{Closed, Metrics};

/// Age from which a request no longer protects its connection: answers take milliseconds, so an
/// older one waits for its client.
const PROTECTED_REQUEST: Duration = Duration::from_secs(1);

/// An open connection.
pub(super) struct Connection {
    /// The network of the client, or `None` for a proxy, which has no limit of its own.
    client: Option<IpAddr>,
    /// The time of the last event, in milliseconds after the start of the table: accepted, request
    /// received, response ready.
    since: AtomicU64,
    /// Whether a request is being answered.
    is_busy: AtomicBool,
    /// Cancelled when the connection must be closed.
    pub(super) closing: CancellationToken,
}

/// All open connections.
pub(super) struct Connections {
    start: Instant,
    open: Mutex<HashMap<u64, Arc<Connection>>>,
    ids: AtomicU64,
    max_per_client: usize,
    metrics: Arc<Metrics>,
}

/// A registered connection, which is removed when this is dropped.
pub(super) struct Registered {
    id: u64,
    pub(super) connection: Arc<Connection>,
    table: Arc<Connections>,
}

impl Connections {
    pub(super) fn new(max_per_client: usize, metrics: Arc<Metrics>) -> Self {
        Self {
            start: Instant::now(),
            open: Mutex::default(),
            ids: AtomicU64::new(0),
            max_per_client,
            metrics,
        }
    }

    /// Registers a connection. Closes another of the same client if it has too many; `None` if all of
    /// those are in use.
    pub(super) fn register(self: &Arc<Self>, client: Option<IpAddr>) -> Option<Registered> {
        let mut open = self.lock();
        if client.is_some() && open.len() >= self.max_per_client {
            let own = open.values().filter(|other| other.client == client);
            let own = own.filter(|other| !other.closing.is_cancelled());
            if own.clone().count() >= self.max_per_client {
                let oldest = self.oldest(own)?;
                oldest.closing.cancel();
                self.metrics.count_closed(Closed::ClientLimit);
            }
        }
        let connection = Arc::new(Connection {
            client,
            since: AtomicU64::new(self.milliseconds()),
            is_busy: AtomicBool::new(false),
            closing: CancellationToken::new(),
        });
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        open.insert(id, Arc::clone(&connection));
        self.metrics.set_connections(open.len());
        drop(open);
        Some(Registered {
            id,
            connection,
            table: Arc::clone(self),
        })
    }

    /// Closes the connection that has been idle longest; if all are in use, the one whose request is
    /// oldest.
    pub(super) fn close_oldest(&self) {
        let open = self.lock();
        let others = open.values().filter(|other| !other.closing.is_cancelled());
        if let Some(oldest) = self.oldest(others) {
            oldest.closing.cancel();
            self.metrics.count_closed(Closed::TotalLimit);
        }
    }

    /// Closes connections without an event for longer than `age`, for example because the client
    /// does not read its response.
    pub(super) fn close_stalled(&self, age: Duration) {
        let end = self.milliseconds().saturating_sub(age.as_millis() as u64);
        for connection in self.lock().values() {
            let is_stalled = connection.since.load(Ordering::Relaxed) < end;
            if is_stalled && !connection.closing.is_cancelled() {
                connection.closing.cancel();
                self.metrics.count_closed(Closed::Stalled);
            }
        }
    }

    fn oldest<'a>(
        &self,
        connections: impl Iterator<Item = &'a Arc<Connection>>,
    ) -> Option<&'a Arc<Connection>> {
        let now = self.milliseconds();
        let ages = connections.filter_map(|connection| {
            let since = connection.since.load(Ordering::Relaxed);
            let is_busy = connection.is_busy.load(Ordering::Relaxed);
            let is_protected = is_busy && since + PROTECTED_REQUEST.as_millis() as u64 > now;
            (!is_protected).then_some((is_busy, since, connection))
        });
        let oldest = ages.min_by_key(|(is_busy, since, _)| (*is_busy, *since));
        oldest.map(|(.., connection)| connection)
    }

    fn milliseconds(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registered {
    /// Notes that a request was received.
    pub(super) fn begin(&self) {
        self.note(true);
    }

    /// Notes that the response is ready.
    pub(super) fn end(&self) {
        self.note(false);
    }

    fn note(&self, is_busy: bool) {
        let now = self.table.milliseconds();
        self.connection.since.store(now, Ordering::Relaxed);
        self.connection.is_busy.store(is_busy, Ordering::Relaxed);
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut open = self.table.lock();
        open.remove(&self.id);
        self.table.metrics.set_connections(open.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(max_per_client: usize) -> Arc<Connections> {
        Arc::new(Connections::new(max_per_client, Arc::default()))
    }

    fn client(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([203, 0, 113, last]))
    }

    fn is_closing(registered: &Registered) -> bool {
        registered.connection.closing.is_cancelled()
    }

    #[test]
    fn the_connection_that_is_idle_longest_is_closed_first() {
        let table = table(10);
        let open = [1, 2, 3].map(|last| table.register(client(last)).expect("a place"));
        for (connection, since) in open.iter().zip([20, 10, 0]) {
            connection.connection.since.store(since, Ordering::Relaxed);
        }
        open[2].begin();
        table.close_oldest();
        assert!(is_closing(&open[1]));
        table.close_oldest();
        assert!(is_closing(&open[0]));
        // A request that was just received protects its connection.
        table.close_oldest();
        assert!(!is_closing(&open[2]));
    }

    #[test]
    fn a_client_with_too_many_connections_loses_its_own() {
        let table = table(2);
        let other = table.register(client(1)).expect("a place");
        let first = table.register(client(2)).expect("a place");
        let second = table.register(client(2)).expect("a place");
        first.connection.since.store(0, Ordering::Relaxed);
        second.connection.since.store(1, Ordering::Relaxed);
        let third = table.register(client(2)).expect("a place");
        assert!(is_closing(&first) && !is_closing(&second) && !is_closing(&other));
        second.begin();
        third.begin();
        assert!(table.register(client(2)).is_none());
        // A proxy has no limit of its own.
        let proxies = [0; 4].map(|_| table.register(None).expect("a place"));
        assert!(!proxies.iter().any(is_closing));
    }

    #[test]
    fn a_closed_connection_leaves_the_table() {
        let table = table(2);
        let connection = table.register(client(1));
        assert_eq!(table.lock().len(), 1);
        drop(connection);
        assert_eq!(table.lock().len(), 0);
    }
}
