//! Deployment settings: flags, environment and configuration file.
//!
//! A flag overrides its variable, a variable the file, the file the default; the defaults work in a
//! fresh clone.
//! Invariant: a value that cannot be used is refused before anything starts, and the message
//! names the setting, the value, the expected form and an example that works.

mod discord;
mod draft;
mod embeddings;
mod limits;
mod line;
mod mcp;
mod records;
mod sources;
mod staff;
mod telegram;
mod traces;

use std::fmt;
use std::net::{SocketAddr, SocketAddrV6};
use std::path::PathBuf;

pub use discord::{Discord, InvalidDiscord};
pub use draft::{Draft, InvalidDraft};
pub use embeddings::{Embeddings, InvalidEmbeddings};
pub use limits::{Allowance, ApiKey, InvalidLimit, Limits, Networks};
pub use line::{InvalidLine, Line};
pub use mcp::{InvalidMcp, Mcp};
pub use records::{InvalidRecords, Records, RecordsUrl};
pub use sources::{CONFIG_VARIABLE, InForce, InvalidSource, Source, Sources};
pub use staff::{InvalidStaff, Staff};
pub use telegram::{InvalidTelegram, Telegram};
pub use traces::{InvalidTraces, Traces};

/// Longest drain, in seconds; process managers wait for a few minutes at most.
const MAX_DRAIN_SECONDS: i64 = 300;

/// Greatest number of days for which records are kept: a hundred years.
const MAX_RECORDS_DAYS: i64 = 36_500;

/// The settings of a deployment.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// Address that `serve` listens on
    #[arg(
        long,
        global = true,
        env = "MADOGUCHI_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8080",
        value_parser = parse_listen
    )]
    pub listen: SocketAddr,

    /// Folder with the knowledge: entries, desks, messages
    #[arg(
        long,
        global = true,
        env = "MADOGUCHI_KNOWLEDGE",
        value_name = "FOLDER",
        default_value = "knowledge"
    )]
    pub knowledge: PathBuf,

    /// Folder for the index; created if missing, safe to delete
    #[arg(
        long,
        global = true,
        env = "MADOGUCHI_INDEX",
        value_name = "FOLDER",
        default_value = "index"
    )]
    pub index: PathBuf,

    /// Folder for models of semantic search; see `madoguchi model`
    #[arg(
        long,
        global = true,
        env = "MADOGUCHI_MODELS",
        value_name = "FOLDER",
        default_value = "models"
    )]
    pub models: PathBuf,

    /// Origins of web pages that may call the API, separated by commas; `*` for all
    #[arg(
        long,
        global = true,
        env = "MADOGUCHI_ALLOWED_ORIGINS",
        value_name = "ORIGINS",
        default_value = "",
        hide_default_value = true,
        value_parser = parse_origins
    )]
    pub allowed_origins: Origins,

    /// Public scheme, host and path, for links from other places; by default those of each request
    #[arg(
        long,
        global = true,
        env = "MADOGUCHI_PUBLIC_URL",
        value_name = "URL",
        value_parser = parse_public_url
    )]
    pub public_url: Option<String>,

    /// Seconds for which browsers use https only, such as 31536000; 0 for no such header
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "MADOGUCHI_HSTS",
        value_name = "SECONDS",
        default_value = "0"
    )]
    pub hsts: u32,

    /// Another address for /metrics, /api/v1/explain, /docs and /demo, with everything else, too
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "MADOGUCHI_ADMIN_LISTEN",
        value_name = "ADDRESS:PORT",
        value_parser = parse_listen
    )]
    pub admin_listen: Option<SocketAddr>,

    /// Routes that are not served, of metrics, explain, docs, demo, mcp; separated by commas
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "MADOGUCHI_CLOSED_ROUTES",
        value_name = "NAMES",
        default_value = "",
        hide_default_value = true,
        value_parser = parse_routes
    )]
    pub closed_routes: ClosedRoutes,

    /// Database for what was asked: `sqlite://FILE`, `postgres://…`, or `off`
    #[arg(
        long,
        global = true,
        env = "MADOGUCHI_RECORDS",
        hide_env_values = true,
        value_name = "URL",
        default_value = "sqlite://data/records.db"
    )]
    pub records: RecordsUrl,

    /// Days after which records are deleted, all but their counts; 0 keeps them
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "MADOGUCHI_RECORDS_DAYS",
        value_name = "DAYS",
        default_value = "180",
        value_parser = clap::value_parser!(u32).range(..=MAX_RECORDS_DAYS)
    )]
    pub records_days: u32,

    /// Seconds after SIGTERM in which requests are still accepted while /readyz reports 503
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "MADOGUCHI_DRAIN",
        value_name = "SECONDS",
        default_value = "3",
        value_parser = clap::value_parser!(u32).range(..=MAX_DRAIN_SECONDS)
    )]
    pub drain: u32,

    /// Limits of clients.
    #[command(flatten)]
    pub limits: Limits,

    /// The configuration file, and the settings without a flag.
    #[arg(skip)]
    pub sources: Sources,
}

/// A secret value; its `Debug` output hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Returns the value.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The secret that answer ids are signed with.
const SECRET: &str = "MADOGUCHI_SECRET";

impl Secret {
    /// Reads the secret that answer ids are signed with; `None` if it is not set.
    ///
    /// # Errors
    /// [`InvalidSetting::Secret`] if it can be guessed.
    pub fn from_sources(sources: &Sources) -> Result<Option<Self>, InvalidSetting> {
        const MIN_SECRET_BYTES: usize = 16;
        let secret = trimmed(sources.value(SECRET));
        if secret
            .as_ref()
            .is_some_and(|secret| secret.len() < MIN_SECRET_BYTES)
        {
            return Err(InvalidSetting::Secret);
        }
        Ok(secret.map(Self))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

/// The routes that may be closed.
const CLOSABLE_ROUTES: [&str; 5] = ["metrics", "explain", "docs", "demo", "mcp"];

/// Names of routes that are not served.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClosedRoutes(Vec<String>);

impl ClosedRoutes {
    /// Returns whether a route is closed.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|closed| closed == name)
    }
}

/// The value that allows every origin.
const ANY_ORIGIN: &str = "*";

/// Origins as browsers send them, such as `https://www.example.jp`, or `*` for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(pub Vec<String>);

/// The reason why a value is refused. The command line adds the flag and the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetting {
    /// Not an address with a port.
    #[error(
        "expected an IP address and a port, for example `--listen 127.0.0.1:8080`, or `0.0.0.0:8080` for every network interface (MADOGUCHI_LISTEN is the same setting)"
    )]
    Listen,
    /// Not an origin.
    #[error(
        "`{0}` is not an origin, expected scheme and host in lower case without a path, or `*`, for example `--allowed-origins https://www.example.jp,https://shop.example.jp` (MADOGUCHI_ALLOWED_ORIGINS is the same setting)"
    )]
    Origin(String),
    /// Not a route that may be closed.
    #[error(
        "`{0}` is not a route that may be closed, expected some of metrics, explain, docs, demo, mcp, for example `--closed-routes explain,demo` (MADOGUCHI_CLOSED_ROUTES is the same setting)"
    )]
    ClosedRoute(String),
    /// Not the address of the service.
    #[error(
        "expected scheme and host in lower case, and a path if the service is not at the root of the host, for example `--public-url https://faq.example.jp` or `https://www.example.jp/faq` (MADOGUCHI_PUBLIC_URL is the same setting)"
    )]
    PublicUrl,
    /// A secret that can be guessed. It is not shown.
    #[error(
        "MADOGUCHI_SECRET is too short, expected at least 16 characters, for example the output of `openssl rand -hex 32`, the same for all replicas"
    )]
    Secret,
}

fn parse_listen(text: &str) -> Result<SocketAddr, InvalidSetting> {
    let text = text.trim();
    // Other host names would need a lookup and may have several addresses.
    let port = text
        .strip_prefix("localhost:")
        .map(|port| format!("127.0.0.1:{port}"));
    let address = port.as_deref().unwrap_or(text).parse();
    address.map_err(|_| InvalidSetting::Listen)
}

fn parse_routes(text: &str) -> Result<ClosedRoutes, InvalidSetting> {
    let names = text.split(',').map(str::trim);
    let names = names.filter(|name| !name.is_empty()).map(|name| {
        let name = name.to_owned();
        match CLOSABLE_ROUTES.contains(&&*name) {
            true => Ok(name),
            false => Err(InvalidSetting::ClosedRoute(name)),
        }
    });
    names.collect::<Result<_, _>>().map(ClosedRoutes)
}

fn parse_public_url(text: &str) -> Result<String, InvalidSetting> {
    parse_url(text).ok_or(InvalidSetting::PublicUrl)
}

/// Parses an origin with a plain path; removes the slash at its end.
fn parse_url(text: &str) -> Option<String> {
    let url = text.trim().trim_end_matches('/');
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let path = url[host..]
        .find('/')
        .map_or(url.len(), |slash| host + slash);
    let (origin, path) = url.split_at(path);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    let is_segment = |segment: &str| {
        let is_relative = matches!(segment, "" | "." | "..");
        !is_relative && segment.chars().all(is_plain)
    };
    let is_path = path.split('/').skip(1).all(is_segment);
    let origin = parse_origin(origin).filter(|_| is_path)?;
    Some(format!("{origin}{path}"))
}

/// Trims the value of a variable; `None` if it is blank.
fn trimmed(value: Option<String>) -> Option<String> {
    let value = value.map(|value| value.trim().to_owned());
    value.filter(|value| !value.is_empty())
}

/// Parses an origin as browsers send it: no path, no upper case.
fn parse_origin(text: &str) -> Option<String> {
    let origin = text.trim_end_matches('/');
    let host = origin.strip_prefix("https://");
    let host = host.or_else(|| origin.strip_prefix("http://"))?;
    let allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | ':');
    let is_address = host.starts_with('[')
        && (host.parse::<SocketAddrV6>().is_ok()
            || format!("{host}:80").parse::<SocketAddrV6>().is_ok());
    let is_host = !host.is_empty() && (is_address || host.chars().all(allowed));
    is_host.then(|| origin.to_owned())
}

fn parse_origins(text: &str) -> Result<Origins, InvalidSetting> {
    let parts = text.split(',').map(str::trim);
    let origins = parts.filter(|part| !part.is_empty()).map(|part| {
        if part == ANY_ORIGIN {
            return Ok(part.to_owned());
        }
        parse_origin(part).ok_or_else(|| InvalidSetting::Origin(part.to_owned()))
    });
    origins.collect::<Result<_, _>>().map(Origins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_a_port() {
        assert!(parse_listen("0.0.0.0:80").is_ok());
        assert!(parse_listen("[::1]:8080").is_ok());
        assert!(parse_listen("localhost:8080").is_ok());
        for wrong in ["", "8080", "127.0.0.1", "example.jp:80", "127.0.0.1:99999"] {
            let refused = parse_listen(wrong);
            assert_eq!(refused, Err(InvalidSetting::Listen), "{wrong}");
        }
    }

    #[test]
    fn the_public_address_may_have_a_path() {
        for (text, expected) in [
            ("https://faq.example.jp", "https://faq.example.jp"),
            (" https://faq.example.jp/ ", "https://faq.example.jp"),
            ("https://example.jp/faq/", "https://example.jp/faq"),
            ("http://[::1]:8080/a/b-c", "http://[::1]:8080/a/b-c"),
        ] {
            assert_eq!(parse_public_url(text).as_deref(), Ok(expected));
        }
        for wrong in [
            "example.jp/faq",
            "https://example.jp//faq",
            "https://example.jp/../faq",
            "https://example.jp/faq?a=b",
            "https://example.jp/よくある質問",
            "https://A.example/faq",
        ] {
            let refused = parse_public_url(wrong);
            assert_eq!(refused, Err(InvalidSetting::PublicUrl), "{wrong}");
        }
    }

    #[test]
    fn origins_have_the_form_that_browsers_send() {
        let origins = parse_origins(" https://a.example, http://localhost:3000 ,,");
        let expected = ["https://a.example", "http://localhost:3000"];
        let expected = expected.map(str::to_owned).to_vec();
        assert_eq!(origins, Ok(Origins(expected)));
        let slash = parse_origins("https://a.example/");
        assert_eq!(slash, Ok(Origins(vec!["https://a.example".to_owned()])));
        assert!(parse_origins("*").is_ok());
        assert_eq!(parse_origins(""), Ok(Origins::default()));
        for right in ["http://[::1]", "http://[::1]:8080"] {
            let origins = parse_origins(right);
            assert_eq!(origins, Ok(Origins(vec![right.to_owned()])));
        }
        let wrongs = [
            "a.example",
            "https://a.example/faq",
            "https://A.example",
            "https://[x]/a?<b>",
        ];
        for wrong in wrongs {
            let refused = parse_origins(wrong);
            assert_eq!(refused, Err(InvalidSetting::Origin(wrong.to_owned())));
        }
    }
}
