//! Settings that protect the service: connections, rates, proxies, keys of integrators.
//!
//! Invariant: no error contains a key.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use super::{Secret, Sources, trimmed};

/// Keys of integrators with budgets of their own.
const API_KEYS: &str = "MADOGUCHI_API_KEYS";

/// The value that trusts no proxy.
const NO_PROXY: &str = "none";

/// Least number of characters of a key; a shorter one can be guessed.
const MIN_KEY_CHARS: usize = 16;

/// Greatest rate and burst.
const MAX_RATE: u32 = 1_000_000;

/// Settings that protect the service.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Proxies in front of the service, as networks (CIDR) separated by commas; `none` for none
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "MADOGUCHI_TRUSTED_PROXIES",
        value_name = "NETWORKS",
        default_value = "127.0.0.0/8,::1/128",
        value_parser = Networks::from_str
    )]
    pub trusted_proxies: Networks,

    /// Open connections at most; the oldest idle one makes room for another
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "MADOGUCHI_MAX_CONNECTIONS",
        value_name = "NUMBER",
        default_value = "4096",
        value_parser = clap::value_parser!(u32).range(8..)
    )]
    pub max_connections: u32,

    /// Open connections of one address at most; proxies have no limit of their own
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "MADOGUCHI_MAX_CONNECTIONS_PER_CLIENT",
        value_name = "NUMBER",
        default_value = "256",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub max_connections_per_client: u32,

    /// Questions of one address: per second, or per second/at once; `off` for no limit
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "MADOGUCHI_RATE_ASK",
        value_name = "RATE",
        default_value = "20/60",
        value_parser = Allowance::from_str
    )]
    pub rate_ask: Allowance,

    /// The same for suggestions while typing
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "MADOGUCHI_RATE_SUGGEST",
        value_name = "RATE",
        default_value = "20/60",
        value_parser = Allowance::from_str
    )]
    pub rate_suggest: Allowance,

    /// The same for searches over the API
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "MADOGUCHI_RATE_SEARCH",
        value_name = "RATE",
        default_value = "20/60",
        value_parser = Allowance::from_str
    )]
    pub rate_search: Allowance,

    /// The same for verdicts on answers
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "MADOGUCHI_RATE_FEEDBACK",
        value_name = "RATE",
        default_value = "20/60",
        value_parser = Allowance::from_str
    )]
    pub rate_feedback: Allowance,

    /// The same for pages and the other routes
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "MADOGUCHI_RATE_PAGES",
        value_name = "RATE",
        default_value = "20/60",
        value_parser = Allowance::from_str
    )]
    pub rate_pages: Allowance,
}

/// Networks in CIDR notation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Networks(pub Vec<IpNet>);

impl FromStr for Networks {
    type Err = InvalidLimit;

    fn from_str(text: &str) -> Result<Self, InvalidLimit> {
        if text.trim() == NO_PROXY {
            return Ok(Self(Vec::new()));
        }
        let parts = text.split(',').map(str::trim);
        let parts = parts.filter(|part| !part.is_empty()).map(|part| {
            let network = part.parse::<IpNet>();
            let network = network.or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| InvalidLimit::Network(part.to_owned()))
        });
        parts.collect::<Result<_, _>>().map(Self)
    }
}

/// The requests that a client may make: per second, and at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance(pub Option<(u32, u32)>);

impl FromStr for Allowance {
    type Err = InvalidLimit;

    fn from_str(text: &str) -> Result<Self, InvalidLimit> {
        /// Requests at once for each request per second, if they are not given.
        const BURST_SECONDS: u32 = 3;
        let text = text.trim();
        if matches!(text, "off" | "0") {
            return Ok(Self(None));
        }
        let number = |text: &str| {
            let number = text.trim().parse().ok();
            let number = number.filter(|number| (1..=MAX_RATE).contains(number));
            number.ok_or(InvalidLimit::Rate)
        };
        let rate = match text.split_once('/') {
            Some((rate, burst)) => (number(rate)?, number(burst)?),
            None => number(text).map(|rate| (rate, rate.saturating_mul(BURST_SECONDS)))?,
        };
        Ok(Self(Some(rate)))
    }
}

/// A key of an integrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The name in the log.
    pub name: String,
    /// The key.
    pub key: Secret,
    /// Its budget.
    pub rate: Allowance,
}

impl ApiKey {
    /// The budget of a key without a rate.
    const DEFAULT_RATE: Allowance = Allowance(Some((100, 300)));

    /// Reads the keys: a line `name:key` or `name:key:rate` for each; blank lines and lines that
    /// start with `#` are ignored.
    ///
    /// # Errors
    /// [`InvalidLimit`] for the first line that cannot be used.
    pub fn from_sources(sources: &Sources) -> Result<Vec<Self>, InvalidLimit> {
        Self::read(|name| sources.value(name))
    }

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Vec<Self>, InvalidLimit> {
        let text = trimmed(value(API_KEYS)).unwrap_or_default();
        let lines = text.lines().map(str::trim).zip(1..);
        let lines = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
        let mut keys: Vec<Self> = Vec::new();
        for (line, number) in lines {
            let key = Self::parse(line).ok_or(InvalidLimit::ApiKey(number))?;
            let is_known = |other: &Self| other.name == key.name || other.key == key.key;
            if keys.iter().any(is_known) {
                return Err(InvalidLimit::SameApiKey(number));
            }
            keys.push(key);
        }
        Ok(keys)
    }

    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.splitn(3, ':').map(str::trim);
        let (name, key) = (parts.next()?, parts.next()?);
        let is_visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        let is_usable = !name.is_empty() && is_visible && key.len() >= MIN_KEY_CHARS;
        let rate = parts.next().map(Allowance::from_str).transpose().ok()?;
        is_usable.then(|| Self {
            name: name.to_owned(),
            key: Secret(key.to_owned()),
            rate: rate.unwrap_or(Self::DEFAULT_RATE),
        })
    }
}

/// The reason why a limit is refused. The command line adds the flag and the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLimit {
    /// Not a network.
    #[error(
        "`{0}` is not a network, expected networks in CIDR notation separated by commas, for example `--trusted-proxies 10.0.0.0/8,fd00::/8`, or `none` (MADOGUCHI_TRUSTED_PROXIES is the same setting)"
    )]
    Network(String),
    /// Not a rate.
    #[error(
        "expected requests per second from 1 to {MAX_RATE}, if needed with the number at once, for example `20` or `20/60`, or `off` for no limit"
    )]
    Rate,
    /// Not a line of a key. The line is not shown.
    #[error(
        "MADOGUCHI_API_KEYS cannot be used in line {0}, expected `name:key` or `name:key:rate` with a key of at least {MIN_KEY_CHARS} visible ASCII characters without `:`, for example `crm:` and the output of `openssl rand -hex 32`, and a rate such as `100/300` or `off`"
    )]
    ApiKey(usize),
    /// Two lines with one name or one key.
    #[error(
        "MADOGUCHI_API_KEYS repeats in line {0} a name or a key, expected another one for each integrator"
    )]
    SameApiKey(usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_networks_or_addresses() {
        let networks = |text: &str| {
            let networks = Networks::from_str(text).expect(text).0;
            let texts = networks.iter().map(ToString::to_string);
            texts.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(networks("10.0.0.0/8, fd00::/8,"), "10.0.0.0/8 fd00::/8");
        assert_eq!(networks("192.0.2.1"), "192.0.2.1/32");
        assert_eq!(networks("none"), "");
        for wrong in ["10.0.0.0/33", "proxy", "10.0.0.0/8 10.1.0.0/16"] {
            let refused = Networks::from_str(wrong);
            assert_eq!(refused, Err(InvalidLimit::Network(wrong.to_owned())));
        }
    }

    #[test]
    fn a_rate_is_a_number_or_two_or_off() {
        for (text, rate) in [
            ("20/60", Some((20, 60))),
            (" 5 ", Some((5, 15))),
            ("off", None),
            ("0", None),
        ] {
            assert_eq!(Allowance::from_str(text), Ok(Allowance(rate)), "{text}");
        }
        for wrong in ["", "-1", "20/0", "20/", "1.5", "20/60/3", "1000001"] {
            assert_eq!(Allowance::from_str(wrong), Err(InvalidLimit::Rate));
        }
    }

    #[test]
    fn keys_are_lines_and_never_shown() {
        let read = |text: &str| ApiKey::read(|_| Some(text.to_owned()));
        let keys = read(
            "# integrators\ncrm:0123456789abcdef\n\nbatch:fedcba9876543210:off\nsite:hidden-0123456789:5/9",
        );
        let keys = keys.expect("keys");
        assert!(!format!("{keys:?}").contains("hidden"), "{keys:?}");
        let rates = keys.iter().map(|key| (key.name.as_str(), key.rate.0));
        let expected = [
            ("crm", Some((100, 300))),
            ("batch", None),
            ("site", Some((5, 9))),
        ];
        assert!(rates.eq(expected));
        for wrong in [
            "hidden",
            "crm:short-hidden",
            ":0123456789abcdef",
            "a:hidden 0123456789",
            "a:0123456789abcdef:x",
        ] {
            let refused = read(&format!("\n{wrong}")).expect_err(wrong);
            // The value is trimmed first.
            assert_eq!(refused, InvalidLimit::ApiKey(1));
            assert!(!refused.to_string().contains("hidden"));
        }
        let twice = read("a:0123456789abcdef\nb:0123456789abcdef");
        assert_eq!(twice, Err(InvalidLimit::SameApiKey(2)));
    }
}
