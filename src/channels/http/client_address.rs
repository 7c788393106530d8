//! The address of a client: that of the connection, or the one that trusted proxies report.
//!
//! Invariant: of a header only the entries that trusted proxies wrote are used, read from the right;
//! entries that a client sent are ignored.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, header};
use ipnet::IpNet;

/// Bits of an IPv6 address that identify a subscriber; providers assign a /56 to a household.
const SUBSCRIBER_BITS: u32 = 56;

/// The networks of the proxies in front of the service; by default only this host.
#[derive(Debug, Clone)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl Default for TrustedProxies {
    fn default() -> Self {
        let loopback_v4 = IpNet::new_assert(Ipv4Addr::new(127, 0, 0, 0).into(), 8);
        let loopback_v6 = IpNet::new_assert(Ipv6Addr::LOCALHOST.into(), 128);
        Self::from_iter([loopback_v4, loopback_v6])
    }
}

impl FromIterator<IpNet> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

impl TrustedProxies {
    /// Returns whether an address is that of a proxy.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Returns whether the connection of a request comes from a proxy.
    pub(super) fn sent(&self, extensions: &Extensions) -> bool {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>();
        peer.is_some_and(|peer| self.contains(peer.0.ip()))
    }

    /// Finds the network of the client that sent a request; its requests are counted together.
    pub(super) fn client(&self, extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
        network(self.client_behind(peer, headers))
    }

    fn client_behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.contains(peer) {
            return peer;
        }
        let texts = |name| {
            let values = headers.get_all(name).into_iter();
            values.filter_map(|value| value.to_str().ok())
        };
        let listed = texts(header::HeaderName::from_static("x-forwarded-for"));
        let listed: Vec<&str> = listed.flat_map(|value| value.split(',')).collect();
        let listed = listed
            .iter()
            .rev()
            .map(|hop| parse(hop))
            .collect::<Vec<_>>();
        let elements: Vec<&str> = texts(header::FORWARDED)
            .flat_map(|value| value.split(','))
            .collect();
        let elements = elements.iter().rev().map(|element| forwarded_for(element));
        let elements: Vec<Option<IpAddr>> = elements.collect();
        let hops = match (listed.first(), elements.first()) {
            (Some(_), None) => listed,
            (None, _) => elements,
            (Some(a), Some(b)) if a == b => listed,
            // The proxy writes one of them and passes the other on as the client sent it.
            (Some(_), Some(_)) => return peer,
        };
        // Entries beyond a malformed one are not trustworthy.
        let hops = hops.into_iter().map_while(|hop| hop);
        let mut last = peer;
        for hop in hops {
            last = hop;
            if !self.contains(hop) {
                break;
            }
        }
        last
    }
}

/// Reads the address in `for=` of an element of `forwarded` (RFC 7239).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    let (_, value) = values.next()?;
    parse(value.trim().trim_matches('"'))
}

/// Parses an address; some proxies append the port or put IPv6 into brackets.
fn parse(address: &str) -> Option<IpAddr> {
    let address = address.trim();
    let bare = address
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let without_port = bare.unwrap_or(address).parse().ok();
    let with_port = || address.parse::<SocketAddr>().ok();
    without_port.or_else(|| with_port().map(|address| address.ip()))
}

/// Returns the network of a subscriber: an IPv6 /56, a whole IPv4 address.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << (u128::BITS - SUBSCRIBER_BITS));
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_client(peer: &str, headers: &[(&'static str, &str)], expected: &str) {
        let networks = ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "2001:db8:ffff::/48"];
        let networks = networks.map(|network| network.parse().expect("a network"));
        let proxies = TrustedProxies::from_iter(networks);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a header"));
        }
        let peer = peer.parse().expect("an address");
        let client = proxies.client_behind(peer, &map).to_string();
        assert_eq!(client, expected, "{headers:?}");
    }

    #[test]
    fn headers_are_read_from_the_right_up_to_the_first_address_that_is_no_proxy() {
        let list = "x-forwarded-for";
        assert_client("127.0.0.1", &[], "127.0.0.1");
        assert_client("127.0.0.1", &[(list, "203.0.113.7")], "203.0.113.7");
        assert_client("127.0.0.1", &[(list, "203.0.113.7:443")], "203.0.113.7");
        assert_client("::1", &[(list, "[2001:db8::7]:443")], "2001:db8::7");
        let chain = "198.51.100.1, 203.0.113.7, 10.0.0.3";
        assert_client("10.0.0.2", &[(list, chain)], "203.0.113.7");
        let split = [
            (list, "198.51.100.1"),
            (list, "203.0.113.7"),
            (list, "10.0.0.3"),
        ];
        assert_client("10.0.0.2", &split, "203.0.113.7");
        // Another member of the proxies' network asks.
        assert_client("10.0.0.2", &[(list, "10.0.0.9")], "10.0.0.9");
        // The header of a peer that is no proxy is ignored, also from a private address.
        assert_client("203.0.113.9", &[(list, "198.51.100.1")], "203.0.113.9");
        assert_client("192.168.0.9", &[(list, "198.51.100.1")], "192.168.0.9");
        assert_client("127.0.0.1", &[(list, "unknown")], "127.0.0.1");
        assert_client("127.0.0.1", &[(list, "203.0.113.7, x")], "127.0.0.1");
    }

    #[test]
    fn the_standard_header_is_read_too_and_a_contradiction_is_not_believed() {
        let name = "forwarded";
        let value = "for=198.51.100.1, For=\"[2001:db8::7]:4711\";proto=https;by=10.0.0.3";
        assert_client("127.0.0.1", &[(name, value)], "2001:db8::7");
        let proxied = [(name, "for=203.0.113.7, for=10.0.0.3")];
        assert_client("10.0.0.2", &proxied, "203.0.113.7");
        for hidden in ["for=_hidden", "for=unknown", "proto=https", ""] {
            assert_client("127.0.0.1", &[(name, hidden)], "127.0.0.1");
        }
        let both = |forwarded| [(name, forwarded), ("x-forwarded-for", "203.0.113.7")];
        assert_client("127.0.0.1", &both("for=203.0.113.7"), "203.0.113.7");
        assert_client("127.0.0.1", &both("for=198.51.100.1"), "127.0.0.1");
    }

    #[test]
    fn all_addresses_of_an_ipv6_subscriber_count_as_one_client() {
        let network_of = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(network_of("2001:db8:1:2ab:3:4:5:6"), "2001:db8:1:200::");
        assert_eq!(network_of("2001:db8:1:2cd:3:4:5:6"), "2001:db8:1:200::");
        assert_eq!(network_of("::ffff:203.0.113.7"), "203.0.113.7");
    }

    #[test]
    fn only_this_host_is_a_proxy_by_default() {
        let proxies = TrustedProxies::default();
        for (address, is_proxy) in [
            ("127.0.0.1", true),
            ("127.8.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("10.0.0.1", false),
            ("fe80::1", false),
        ] {
            let address = address.parse().expect("an address");
            assert_eq!(proxies.contains(address), is_proxy, "{address}");
        }
    }
}
