//! How many requests an address may make.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};

use super::error::Error;

/// After this many requests, addresses that have been quiet are forgotten.
const SWEEP_EVERY: u32 = 4_096;

/// Requests that one address may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In the long run, each second; at least 1.
    pub per_second: u32,
    /// At once; at least 1.
    pub burst: u32,
}

impl Default for Rate {
    /// Generous enough for an office behind one address that searches while typing.
    fn default() -> Self {
        Self {
            per_second: 20,
            burst: 60,
        }
    }
}

impl Rate {
    /// Limits every route of a router.
    pub(super) fn limit<S: Clone + Send + Sync + 'static>(self, router: Router<S>) -> Router<S> {
        let config = GovernorConfigBuilder::default()
            .key_extractor(ClientAddress)
            .period(Duration::from_secs(1) / self.per_second.max(1))
            .burst_size(self.burst.max(1))
            .finish();
        let Some(config) = config else {
            return router;
        };
        let limiter = Arc::clone(config.limiter());
        let requests = Arc::new(AtomicU32::new(0));
        let sweep = move |request: Request, next: Next| {
            if requests.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
                limiter.retain_recent();
            }
            next.run(request)
        };
        let limit = GovernorLayer::new(config).error_handler(|error| {
            let wait = match error {
                GovernorError::TooManyRequests { wait_time, .. } => wait_time,
                GovernorError::UnableToExtractKey | GovernorError::Other { .. } => 0,
            };
            // The wait is rounded down to whole seconds; a client that comes back then is early.
            let retry_after = wait.saturating_add(1);
            Error::TooManyRequests { retry_after }.into_response()
        });
        router.layer(limit).layer(from_fn(sweep))
    }
}

/// Tells clients apart by their address.
#[derive(Debug, Clone, Copy)]
struct ClientAddress;

impl KeyExtractor for ClientAddress {
    type Key = IpAddr;

    fn extract<T>(&self, request: &axum::http::Request<T>) -> Result<IpAddr, GovernorError> {
        let info = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
        Ok(network(client(peer, request.headers())))
    }
}

/// Finds the client behind a proxy. The header is believed only if a neighbour sends it, since
/// anybody can write one; of several addresses the last that is no neighbour's is what the
/// outermost proxy saw.
fn client(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !is_neighbour(peer) {
        return peer;
    }
    let values = headers.get_all("x-forwarded-for").into_iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let addresses = values.flat_map(|value| value.split(','));
    // From the nearest hop on; behind one that cannot be read, anything may have been written.
    let addresses: Vec<&str> = addresses.collect();
    let read = addresses.iter().rev().map_while(|address| parse(address));
    let mut distant = read.filter(|address| !is_neighbour(*address));
    distant.next().unwrap_or(peer)
}

/// Reads an address with or without a port: some proxies write one.
fn parse(address: &str) -> Option<IpAddr> {
    let address = address.trim();
    let with_port = || {
        address
            .parse::<SocketAddr>()
            .ok()
            .map(|address| address.ip())
    };
    address.parse().ok().or_else(with_port)
}

pub(super) fn is_neighbour(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

/// One subscriber has a whole IPv6 /64, and counts once.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_neighbour_is_believed_about_whom_it_speaks_for() {
        let client_of = |peer: &str, forwarded: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().expect("a header"));
            client(peer.parse().expect("an address"), &headers).to_string()
        };
        assert_eq!(client_of("127.0.0.1", "203.0.113.7"), "203.0.113.7");
        assert_eq!(
            client_of("10.0.0.2", "198.51.100.1, 203.0.113.7, 10.0.0.3"),
            "203.0.113.7"
        );
        assert_eq!(client_of("203.0.113.9", "198.51.100.1"), "203.0.113.9");
        assert_eq!(client_of("127.0.0.1", "unknown"), "127.0.0.1");
    }

    #[test]
    fn an_ipv6_subscriber_counts_once() {
        let network_of = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network_of("::ffff:203.0.113.7"), "203.0.113.7");
    }
}
