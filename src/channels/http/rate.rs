//! Rate limit per client address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use tower::ServiceBuilder;
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};

use super::error::Error;

/// Number of requests after which addresses with a full allowance are dropped from the table.
const SWEEP_INTERVAL_REQUESTS: u32 = 4_096;

/// The requests that one address may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The sustained rate; at least 1.
    pub per_second: u32,
    /// The number of requests at once; at least 1.
    pub burst: u32,
}

impl Default for Rate {
    /// Allows an office behind one address to search while typing.
    fn default() -> Self {
        Self {
            per_second: 20,
            burst: 60,
        }
    }
}

impl Rate {
    /// Applies the limit to every route of a router.
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
            let earlier = requests.fetch_add(1, Ordering::Relaxed);
            if earlier % SWEEP_INTERVAL_REQUESTS == SWEEP_INTERVAL_REQUESTS - 1 {
                limiter.retain_recent();
            }
            next.run(request)
        };
        let limit = GovernorLayer::new(config).error_handler(|error| {
            let wait = match error {
                GovernorError::TooManyRequests { wait_time, .. } => wait_time,
                GovernorError::UnableToExtractKey | GovernorError::Other { .. } => 0,
            };
            // `wait_time` is rounded down to whole seconds, which would be too early.
            let retry_after = wait.saturating_add(1);
            Error::TooManyRequests { retry_after }.into_response()
        });
        let layers = ServiceBuilder::new().layer(from_fn(sweep)).layer(limit);
        router.layer(layers)
    }
}

/// Identifies clients by address.
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

/// Finds the address of a client behind proxies.
///
/// Any client can send `x-forwarded-for`, so only peers in a private network are trusted. The
/// outermost trusted proxy appended the last public address.
fn client(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !is_private(peer) {
        return peer;
    }
    let values = headers.get_all("x-forwarded-for").into_iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let addresses = values.flat_map(|value| value.split(','));
    let addresses: Vec<&str> = addresses.collect();
    // From the nearest hop; entries beyond a malformed one are not trustworthy.
    let hops = addresses.iter().rev().map_while(|address| parse(address));
    let mut public = hops.filter(|address| !is_private(*address));
    public.next().unwrap_or(peer)
}

/// Parses an address; some proxies append the port.
fn parse(address: &str) -> Option<IpAddr> {
    let address = address.trim();
    let with_port = || address.parse::<SocketAddr>().ok();
    let without_port = address.parse().ok();
    without_port.or_else(|| with_port().map(|address| address.ip()))
}

/// Returns whether an address belongs to this host or a private network.
pub(super) fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

/// Returns the IPv6 /64 network of an address, which belongs to one subscriber; IPv4 unchanged.
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
    fn forwarded_addresses_are_trusted_only_from_private_peers() {
        for (peer, forwarded, expected) in [
            ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
            ("127.0.0.1", "203.0.113.7:443", "203.0.113.7"),
            (
                "10.0.0.2",
                "198.51.100.1, 203.0.113.7, 10.0.0.3",
                "203.0.113.7",
            ),
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("127.0.0.1", "unknown", "127.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().expect("a header"));
            let peer = peer.parse().expect("an address");
            assert_eq!(client(peer, &headers).to_string(), expected, "{forwarded}");
        }
    }

    #[test]
    fn all_addresses_of_an_ipv6_subscriber_count_as_one_client() {
        let network_of = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network_of("::ffff:203.0.113.7"), "203.0.113.7");
    }
}
